"""Passkeys of staff (WebAuthn): asking for one, adding, removing, and checking what an authenticator answers."""

import json
import struct
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update

from portal.accounts.secrets import token_index
from portal.accounts.staff_models import Passkey, UsedChallenge
from portal.audit import service as audit
from portal.core import crypto
from portal.core.access import Actor
from portal.core.database import get_or_none, insert_unless_there, lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.core.settings import LOOPBACK_HOSTS, Settings
from portal.staff.models import Staff

CHALLENGE_LIFE = timedelta(minutes=5)
LONGEST_ANSWER = 16_384
MOST_PASSKEYS = 10


class Party(NamedTuple):
    """For whom passkeys are made: the host name that they are bound to, and the origin that asks for them."""

    host: str
    origin: str


class Answer(NamedTuple):
    """What an authenticator sent, read but not yet believed."""

    fields: dict[str, Any]
    credential_index: str
    user_handle: str


def party(settings: Settings) -> Party | None:
    """Where passkeys work, by PORTAL_PUBLIC_URL; None when its host is a number, which no passkey can be bound to.

    The demo answers this machine alone, so there passkeys work as `localhost`, whatever number the address has.
    """
    public = urlsplit(settings.public_url)
    host = public.hostname or ""
    if settings.demo and host in LOOPBACK_HOSTS:
        port = f":{public.port}" if public.port else ""
        return Party("localhost", f"{public.scheme}://localhost{port}")
    if not host or ":" in host or host.replace(".", "").isdigit():
        return None
    return Party(host, f"{public.scheme}://{public.netloc}")


def passkeys_of(staff_id: int) -> list[Passkey]:
    """Somebody's passkeys, the stopped ones too, the oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.id)))


def usable_passkeys(staff_id: int) -> list[Passkey]:
    """The passkeys that somebody can sign in with."""
    return [passkey for passkey in passkeys_of(staff_id) if passkey.stopped_at is None]


def options_to_add(person: Staff, challenge: bytes, at: Party, site_name: str) -> str:
    """What a browser needs to make a passkey, as JSON; authenticators that hold one already are left out."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=at.host,
        rp_name=site_name,
        user_id=_user_handle(person.id).encode(),
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(usable_passkeys(person.id)),
    )
    return webauthn.options_to_json(options)


def options_to_use(staff_id: int | None, challenge: bytes, at: Party) -> str:
    """What a browser needs to use a passkey, as JSON: one of hers, or whichever the browser knows for this site."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(
        rp_id=at.host,
        challenge=challenge,
        allow_credentials=_described(usable_passkeys(staff_id)) if staff_id else None,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def read_answer(typed: str) -> Answer | None:
    """What a browser sent for a passkey, or None when it is nothing of the kind."""
    if len(typed) > LONGEST_ANSWER:
        return None
    try:
        fields = json.loads(typed)
        credential_id, response = fields["id"], fields["response"]
        handle = response.get("userHandle") or ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if not isinstance(credential_id, str) or not isinstance(handle, str):
        return None
    return Answer(fields, _credential_index(credential_id), handle)


def owner_of(answer: Answer) -> int | None:
    """Whose passkey this is said to be, or None for one that nobody has."""
    return session.scalar(select(Passkey.staff_id).where(Passkey.credential_index == answer.credential_index))


def use_challenge(challenge: bytes, *, now: datetime) -> bool:
    """Use a challenge up; False when it was used before. Two at once: one gets it."""
    session.execute(delete(UsedChallenge).where(UsedChallenge.used_at < now - 4 * CHALLENGE_LIFE))
    index = token_index("challenge", challenge.hex())
    taken = insert_unless_there(UsedChallenge, challenge_index=index, used_at=now).returning(UsedChallenge.id)
    return session.scalar(taken) is not None


def add_passkey(person: Staff, answer: Answer, challenge: bytes, at: Party, name: str, *, now: datetime) -> Passkey:
    """Add the passkey that an authenticator made; raises Invalid("passkey", "wrong" | "taken" | "too_many")."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    if len(usable_passkeys(person.id)) >= MOST_PASSKEYS:
        raise Invalid("passkey", "too_many")
    with _Believed():
        made = verify_registration_response(
            credential=answer.fields,
            expected_challenge=challenge,
            expected_rp_id=at.host,
            expected_origin=at.origin,
            require_user_verification=True,
        )
    credential_id = bytes_to_base64url(made.credential_id)
    index = _credential_index(credential_id)
    if session.scalar(select(Passkey.id).where(Passkey.credential_index == index)) is not None:
        raise Invalid("passkey", "taken")
    passkey = Passkey(
        staff_id=person.id,
        credential_index=index,
        credential_id=credential_id,
        public_key=bytes_to_base64url(made.credential_public_key),
        name=" ".join(name.split()) or f"Passkey {len(passkeys_of(person.id)) + 1}",
        sign_count=made.sign_count,
        made_at=now,
    )
    session.add(passkey)
    session.flush()
    audit.record(person.actor, "passkey_added", now=now, subject=f"staff:{person.id}")
    return passkey


def passkey_fits(person: Staff, answer: Answer, challenge: bytes, at: Party, *, now: datetime) -> bool:
    """Whether an answer proves that this person's passkey, and she with it, is here.

    A counter that did not go forward means that two hold the same passkey: it is stopped for good, on record.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

    passkey = session.scalars(
        lock_rows(
            select(Passkey).where(
                Passkey.credential_index == answer.credential_index,
                Passkey.staff_id == person.id,
                Passkey.stopped_at.is_(None),
            )
        ).execution_options(populate_existing=True)
    ).first()
    if passkey is None or answer.user_handle not in ("", bytes_to_base64url(_user_handle(person.id).encode())):
        return False
    try:
        with _Believed():
            used = verify_authentication_response(
                credential=answer.fields,
                expected_challenge=challenge,
                expected_rp_id=at.host,
                expected_origin=at.origin,
                credential_public_key=base64url_to_bytes(passkey.public_key),
                # Compared below, when the signature is known to be right: only then is it a copy and not a stranger.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
    except Invalid:
        return False
    if (used.new_sign_count or passkey.sign_count) and used.new_sign_count <= passkey.sign_count:
        passkey.stopped_at, passkey.stopped_why = now, "copy"
        session.flush()
        audit.record(person.actor, "passkey_copy_refused", now=now, subject=f"staff:{person.id}")
        return False
    passkey.sign_count, passkey.used_at = used.new_sign_count, now
    session.flush()
    return True


def remove_passkey(actor: Actor, passkey_id: int, *, has_app: bool, now: datetime) -> None:
    """Take one's own passkey away. Raises NotFound, Invalid("passkey", "last") when nothing else is left."""
    passkey = get_or_none(Passkey, passkey_id)
    if passkey is None or passkey.staff_id != actor.id:
        raise NotFound("passkey")
    others = [other for other in usable_passkeys(actor.id) if other.id != passkey_id]
    if passkey.stopped_at is None and not others and not has_app:
        raise Invalid("passkey", "last")
    session.delete(passkey)
    session.flush()
    audit.record(actor, "passkey_removed", now=now, subject=f"staff:{actor.id}")


def drop_passkeys(staff_id: int) -> None:
    """Take all passkeys of somebody away: she begins anew."""
    session.execute(delete(Passkey).where(Passkey.staff_id == staff_id))


def stop_all_passkeys(*, now: datetime) -> None:
    """Stop every passkey there is, because a backup was put back: removed ones would be back with it."""
    session.execute(
        update(Passkey).where(Passkey.stopped_at.is_(None)).values(stopped_at=now, stopped_why="restored"),
        execution_options={"synchronize_session": False},
    )


class _Believed:
    """Turns whatever is wrong with what an authenticator sent into one refusal."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind, fault: BaseException | None, _trace) -> None:
        from webauthn.helpers.exceptions import WebAuthnException

        odd = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, struct.error, OverflowError)
        if isinstance(fault, odd) and not isinstance(fault, Invalid):
            raise Invalid("passkey", "wrong") from fault


def _described(passkeys: list[Passkey]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id)) for passkey in passkeys]


def _credential_index(credential_id: str) -> str:
    return token_index("passkey", credential_id)


def _user_handle(staff_id: int) -> str:
    """What an authenticator keeps about a person: no name, no number."""
    return crypto.keyring().index("passkey_user", str(staff_id))
