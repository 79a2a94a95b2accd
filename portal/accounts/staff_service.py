"""Changing how staff sign in: set-up by a one-time link, the app, the password, ending somebody's ways in."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from portal.accounts import passkeys, recovery, rules, secrets, service
from portal.accounts.models import SignedIn, StaffCredential, StaffLink
from portal.audit import service as audit
from portal.core.access import Actor
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.staff.models import Staff


def set_up(
    link: StaffLink,
    password: str,
    *,
    code: str,
    add_passkey: Callable[[Staff], object] | None,
    now: datetime,
    real_now: datetime,
) -> list[str]:
    """Set password and second step with a one-time link: a passkey, or the code of a new app; gives recovery codes.

    Everything she signed in with before ends. Raises Invalid("password", …), Invalid("code", "missing" | "wrong"),
    what adding a passkey raises, and NotFound when the link was used meanwhile.
    """
    staff = session.get_one(Staff, link.staff_id)
    fault = rules.password_fault(password, staff.name, staff.email)
    if fault:
        raise Invalid("password", fault)
    step = None if add_passkey else _first_step(link.totp_secret, code, real_now)
    taken = session.scalar(
        update(StaffLink)
        .where(StaffLink.id == link.id, StaffLink.used_at.is_(None))
        .values(used_at=now)
        .returning(StaffLink.id)
    )
    if taken is None:
        raise NotFound("link")
    passkeys.drop_passkeys(staff.id)
    if add_passkey:
        add_passkey(staff)
        service.put_staff_credential(staff, password, None, now=now)
    else:
        service.put_staff_credential(staff, password, link.totp_secret, now=now, last_step=step or 0)
    service.end_all_sessions("staff", staff.id, now=now)
    audit.record(staff.actor, "staff_credential_set", now=now, subject=f"staff:{staff.id}")
    return recovery.make_codes(staff.actor, now=now)


def replace_app(actor: Actor, secret: str, code: str, session_id: int, *, now: datetime, real_now: datetime) -> None:
    """Put a new authenticator app in place of the old one; its first code proves it. Her other sessions end.

    Raises Invalid("code", "missing" | "wrong").
    """
    step = _first_step(secret, code, real_now)
    credential = _credential(actor.id)
    credential.totp_secret, credential.last_step = secret, step
    session.flush()
    service.end_other_sessions(actor, session_id, now=now)
    audit.record(actor, "app_replaced", now=now, subject=f"staff:{actor.id}")


def remove_app(actor: Actor, session_id: int, *, now: datetime) -> None:
    """Take the authenticator app away; her other sessions end. Raises Invalid("app", "last") without a passkey."""
    credential = _credential(actor.id)
    if not passkeys.usable_passkeys(actor.id):
        raise Invalid("app", "last")
    credential.totp_secret = None
    session.flush()
    service.end_other_sessions(actor, session_id, now=now)
    audit.record(actor, "app_removed", now=now, subject=f"staff:{actor.id}")


def change_password(actor: Actor, password: str, session_id: int, *, now: datetime) -> None:
    """Change one's own password; the old one was checked by the caller. Her other sessions end (R17).

    Raises Invalid("new_password", …).
    """
    staff = session.get_one(Staff, actor.id)
    fault = rules.password_fault(password, staff.name, staff.email)
    if fault:
        raise Invalid("new_password", fault)
    credential = _credential(actor.id)
    credential.password_hash, credential.set_at = secrets.hash_secret("password", password), now
    session.flush()
    service.end_other_sessions(actor, session_id, now=now)
    audit.record(actor, "password_changed", now=now, subject=f"staff:{actor.id}")


def end_one_session(actor: Actor, session_id: int, *, now: datetime) -> None:
    """End one of one's own sessions; raises NotFound for somebody else's."""
    row = get_or_none(SignedIn, session_id)
    if row is None or (row.actor_kind, row.actor_id) != (actor.kind, actor.id):
        raise NotFound("session")
    service.end_session(session_id, now=now)


def end_ways_in(staff_id: int, *, now: datetime) -> None:
    """End the sessions and links of somebody who no longer works here (R17)."""
    service.end_all_sessions("staff", staff_id, now=now)
    service.end_staff_links(staff_id, now=now)


def _first_step(secret: str, code: str, real_now: datetime) -> int:
    if not code.strip():
        raise Invalid("code", "missing")
    step = service.totp_step(secret, code, real_now)
    if step is None:
        raise Invalid("code", "wrong")
    return step


def _credential(staff_id: int) -> StaffCredential:
    return session.scalars(lock_rows(select(StaffCredential).where(StaffCredential.staff_id == staff_id))).one()
