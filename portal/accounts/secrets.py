"""Hashing of passcodes, passwords and code words: argon2id over a keyed digest; a leaked database is not enough."""

import hashlib
import hmac
import secrets
from functools import lru_cache

from portal.core import crypto


def hash_secret(kind: str, secret: str) -> str:
    """An argon2id hash of a secret (19 MiB, 2 passes: OWASP's password storage advice)."""
    return _hasher().hash(_peppered(kind, secret))


def verify_secret(kind: str, secret: str, hashed: str | None) -> bool:
    """Whether a secret fits its hash; without a hash it takes the same time and says no (R14)."""
    from argon2.exceptions import VerificationError

    # Made by the first try of all, whoever's it is: otherwise the first unknown name would take twice as long.
    nobody = _nobody_s_hash()
    try:
        _hasher().verify(hashed or nobody, _peppered(kind, secret))
    except VerificationError:
        return False
    return hashed is not None


def token_index(kind: str, token: str) -> str:
    """The keyed index under which a random token is stored."""
    return crypto.keyring().index(f"token:{kind}", token)


def new_token() -> str:
    """A random token of 256 bits."""
    return secrets.token_urlsafe(32)


def new_setup_code() -> str:
    """A one-time code of 8 digits that can be read out."""
    return f"{secrets.randbelow(10**8):08}"


def _peppered(kind: str, secret: str) -> bytes:
    return hmac.new(crypto.keyring().index_key, f"{kind}|{secret}".encode(), hashlib.sha256).digest()


@lru_cache(maxsize=1)
def _hasher():
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


@lru_cache(maxsize=1)
def _nobody_s_hash() -> str:
    return _hasher().hash(secrets.token_bytes(32))
