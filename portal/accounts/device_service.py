"""Naming and setting up devices, and what happens at a desk: locking, unlocking, changing person (R17)."""

import json
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from portal.accounts import secrets
from portal.accounts.device_models import Device, KeptStaffForm
from portal.accounts.devices import DESK, KIOSK
from portal.accounts.models import SignedIn
from portal.accounts.queries import session_by_token
from portal.accounts.rules import KEPT_FORM_LIFE, WORKING_DAY, read_passcode
from portal.audit import service as audit
from portal.centres.models import Centre
from portal.core.access import SYSTEM, Actor, Permission, can, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.staff.models import Staff

CODE_LIFE = timedelta(minutes=10)
LONGEST_KEPT = 20_000


def devices(actor: Actor) -> list[Device]:
    """The devices in use that somebody may set up: an admin all, others those of the centres they cover."""
    require(actor, Permission.SET_UP_DEVICES)
    named = select(Device).where(Device.revoked_at.is_(None)).order_by(Device.centre_id, Device.name, Device.id)
    if not can(actor, Permission.NAME_DEVICES):
        named = named.where(Device.centre_id.in_(actor.centres))
    return list(session.scalars(named))


def device(actor: Actor, device_id: int) -> Device:
    """One of `devices`; raises NotFound."""
    found = next((one for one in devices(actor) if one.id == device_id), None)
    if found is None:
        raise NotFound("device")
    return found


def name_device(actor: Actor, *, kind: str, name: str, centre_id: int, now: datetime) -> Device:
    """Name a desk or a kiosk; no browser is it yet. Raises Invalid("kind" | "centre_id", "unknown")."""
    require(actor, Permission.NAME_DEVICES)
    if kind not in (DESK, KIOSK):
        raise Invalid("kind", "unknown")
    centre = get_or_none(Centre, centre_id)
    if centre is None or centre.archived:
        raise Invalid("centre_id", "unknown")
    made = Device(kind=kind, name=name, centre_id=centre_id, made_by=actor.id, made_at=now)
    session.add(made)
    session.flush()
    audit.record(actor, "device_named", now=now, subject=f"device:{made.id}", reason=kind)
    return made


def make_code(actor: Actor, device_id: int, *, now: datetime) -> str:
    """A code with which a browser becomes this device, once and within ten minutes; an earlier one stops working."""
    found = device(actor, device_id)
    code = secrets.new_setup_code()
    found.code_index, found.code_expires_at = _code_index(code), now + CODE_LIFE
    audit.record(actor, "device_code_made", now=now, subject=f"device:{found.id}")
    session.flush()
    return code


def take_code(code: str, *, now: datetime) -> tuple[Device, str] | None:
    """The device that a code sets up and its new token, or None for a code that is wrong, used or too old."""
    index = _code_index(read_passcode(code))
    asked = select(Device).where(Device.code_index == index, Device.code_expires_at > now, Device.revoked_at.is_(None))
    found = session.scalars(lock_rows(asked)).first()
    if found is None:
        return None
    found.code_index = found.code_expires_at = None
    audit.record(SYSTEM, "device_set_up", now=now, subject=f"device:{found.id}", reason="code")
    return found, _pair(found, now)


def take_here(actor: Actor, device_id: int, session_id: int, *, now: datetime) -> tuple[Device, str]:
    """Make the browser of a signed-in session this desk; raises NotFound, also for a kiosk, where nobody signs in."""
    found = device(actor, device_id)
    if found.kind != DESK:
        raise NotFound("device")
    token = _pair(found, now, but=session_id)
    session.execute(update(SignedIn).where(SignedIn.id == session_id).values(device_id=found.id))
    audit.record(actor, "device_set_up", now=now, subject=f"device:{found.id}", reason="here")
    return found, token


def revoke(actor: Actor, device_id: int, *, now: datetime) -> None:
    """End a device at once, with everybody's session on it; raises NotFound."""
    require(actor, Permission.NAME_DEVICES)
    found = device(actor, device_id)
    found.revoked_at, found.token_index, found.code_index = now, None, None
    _end_sessions(found.id, now)
    audit.record(actor, "device_ended", now=now, subject=f"device:{found.id}")


def present(device_id: int, now: datetime) -> list[tuple[SignedIn, Staff]]:
    """Who signed in at a desk today and has not signed out, the last one seen first."""
    open_ones = (
        select(SignedIn, Staff)
        .join(Staff, Staff.id == SignedIn.actor_id)
        .where(
            SignedIn.device_id == device_id,
            SignedIn.kind == "staff",
            SignedIn.ended_at.is_(None),
            SignedIn.started_at > now - WORKING_DAY,
            Staff.active,
        )
        .order_by(SignedIn.seen_at.desc(), SignedIn.id.desc())
    )
    found: dict[int, tuple[SignedIn, Staff]] = {}
    for row, person in session.execute(open_ones):
        found.setdefault(person.id, (row, person))
    return list(found.values())


def lock(actor: Actor, session_id: int, *, now: datetime) -> None:
    """Lock a session at once: until it is unlocked it opens nothing."""
    session.execute(update(SignedIn).where(SignedIn.id == session_id).values(locked_at=now))
    audit.record(actor, "desk_locked", now=now)


def unlock(row: SignedIn, person: Staff, *, now: datetime, changed: bool) -> str | None:
    """Open a locked session again under a new token, which it gives; None when the session has ended meanwhile.

    A password alone opened it: the second step that was given before it locked proves nothing about who is here now.
    """
    token = secrets.new_token()
    opened = session.scalar(
        update(SignedIn)
        .where(SignedIn.id == row.id, SignedIn.ended_at.is_(None))
        .values(token_index=secrets.token_index("session", token), locked_at=None, seen_at=now, stepped_up_at=None)
        .returning(SignedIn.id)
    )
    if opened is None:
        return None
    done = "desk_changed_person" if changed else "desk_unlocked"
    audit.record(person.actor, done, now=now, subject=f"device:{row.device_id}")
    return token


def put_aside(row: SignedIn, by: Actor, *, now: datetime) -> None:
    """Somebody signs in at a desk where a session is open: another's is locked and stays, her own older one ends."""
    own = row.actor_id == by.id
    values = {"ended_at": now} if own else {"locked_at": now}
    session.execute(update(SignedIn).where(SignedIn.id == row.id, SignedIn.ended_at.is_(None)).values(values))


def end_older(device_id: int, actor: Actor, *, now: datetime) -> None:
    """Whoever signs in anew at a desk has one session there."""
    session.execute(
        update(SignedIn)
        .where(SignedIn.device_id == device_id, SignedIn.actor_id == actor.id, SignedIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def keep_typed(session_id: int, path: str, fields: list[tuple[str, str]], *, now: datetime) -> None:
    """Keep what was typed when a session had locked, sealed, for half an hour; too much is not kept."""
    typed = {"path": path, "fields": [list(field) for field in fields]}
    if not fields or len(json.dumps(typed)) > LONGEST_KEPT:
        return
    drop_kept(session_id)
    session.add(KeptStaffForm(session_id=session_id, typed=typed, expires_at=now + KEPT_FORM_LIFE))
    session.flush()


def kept_form(session_id: int, now: datetime) -> KeptStaffForm | None:
    """What was typed when this session had locked, or when one before it was over, if it is not too old."""
    kept = select(KeptStaffForm).where(KeptStaffForm.session_id == session_id, KeptStaffForm.expires_at > now)
    return session.scalars(kept).first()


def hand_on_kept(actor: Actor, token: str, *, now: datetime) -> None:
    """What a member of staff had typed in a session before is hers in the one that begins (R38); the newest alone."""
    hers = select(SignedIn.id).where(SignedIn.actor_kind == "staff", SignedIn.actor_id == actor.id)
    kept = select(KeptStaffForm).where(KeptStaffForm.session_id.in_(hers), KeptStaffForm.expires_at > now)
    newest = session.scalars(kept.order_by(KeptStaffForm.id.desc()).limit(1)).first()
    begun = session_by_token(token)
    if newest is not None and begun is not None:
        newest.session_id = begun.id
        session.flush()


def drop_kept(session_id: int) -> None:
    """Throw away what was typed."""
    session.execute(delete(KeptStaffForm).where(KeptStaffForm.session_id == session_id))


def _pair(found: Device, now: datetime, *, but: int = 0) -> str:
    """One browser is a device: the one before stops being it, and nobody stays signed in there `but` who is here."""
    token = secrets.new_token()
    found.token_index, found.paired_at = secrets.token_index("device", token), now
    _end_sessions(found.id, now, but=but)
    session.flush()
    return token


def _end_sessions(device_id: int, now: datetime, *, but: int = 0) -> None:
    on_it = (SignedIn.device_id == device_id, SignedIn.id != but, SignedIn.ended_at.is_(None))
    session.execute(update(SignedIn).where(*on_it).values(ended_at=now))


def _code_index(code: str) -> str:
    return secrets.token_index("device_code", code)
