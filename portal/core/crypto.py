"""Sealing of personal columns (XChaCha20-Poly1305, bound to table, column and row) and keyed indexes for look-ups."""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from functools import lru_cache

KEY_BYTES = 32
_KEY_ID_BYTES = 4
_NONCE_BYTES = 24


class CannotOpen(Exception):
    """The sealed value was moved, changed, or sealed with a key that is not in the settings."""


@dataclass(frozen=True)
class Keyring:
    """The field keys, newest first, and the key of the blind indexes."""

    field_keys: tuple[bytes, ...]
    index_key: bytes

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Encrypt with the newest key; the result opens only with the same `bound_to`."""
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

        key, nonce = self.field_keys[0], os.urandom(_NONCE_BYTES)
        return _key_id(key) + nonce + encrypt(plain, bound_to.encode(), nonce, key)

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Decrypt what `seal` made; raises CannotOpen when it was moved or changed, or its key is not here."""
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
        from nacl.exceptions import CryptoError

        key_id, nonce = sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        for key in self.field_keys:
            if _key_id(key) == key_id:
                try:
                    return decrypt(sealed[_KEY_ID_BYTES + _NONCE_BYTES :], bound_to.encode(), nonce, key)
                except (CryptoError, ValueError) as fault:
                    raise CannotOpen(bound_to.split("|")[0]) from fault
        raise CannotOpen(bound_to.split("|")[0])

    def is_newest(self, sealed: bytes) -> bool:
        """Whether a sealed value was made with the newest key (else `flask keys rotate` makes it anew)."""
        return sealed[:_KEY_ID_BYTES] == _key_id(self.field_keys[0])

    @property
    def key_ids(self) -> frozenset[str]:
        """The ids of the field keys, as sealed values carry them."""
        return frozenset(_key_id(key).hex() for key in self.field_keys)

    def index(self, kind: str, value: str) -> str:
        """A keyed, one-way index of a value (32 hex digits), so that it can be looked up but not read."""
        return hmac.new(self.index_key, f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()[:32]

    def key_for(self, purpose: str) -> bytes:
        """A key for one purpose alone, from the index key: it outlives the field keys. No index can give it away.

        An index names its kind before a bar; there is none in what is hashed here.
        """
        return hmac.digest(self.index_key, f"key for {purpose}".encode(), "sha256")


def key_id_of(sealed: bytes) -> str:
    """The id of the field key that sealed a value; it tells nothing about key or value."""
    return sealed[:_KEY_ID_BYTES].hex()


def key_from_text(text: str) -> bytes:
    """Read a key of 32 bytes from URL-safe base64; raises ValueError for anything else."""
    key = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key


@lru_cache(maxsize=16)
def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id|" + key).digest()[:_KEY_ID_BYTES]


_keyring: Keyring | None = None


def use(keyring: Keyring) -> None:
    """Set the keyring of this process."""
    global _keyring
    _keyring = keyring


def keyring() -> Keyring:
    """The keyring of this process; raises RuntimeError before `use` was called."""
    if _keyring is None:
        raise RuntimeError("no keyring: create_app has not run")
    return _keyring
