"""Reading sessions, codes and links."""

from datetime import datetime

from sqlalchemy import select

from portal.accounts.models import ClientPasscode, KeptForm, SetupCode, SignedIn, StaffCredential, StaffLink
from portal.accounts.rules import is_over
from portal.accounts.secrets import token_index
from portal.core import crypto
from portal.core.database import session
from portal.staff.models import Staff


def session_by_token(token: str) -> SignedIn | None:
    """The session that a cookie's token opens, ended or not, or None."""
    return session.scalars(select(SignedIn).where(SignedIn.token_index == token_index("session", token))).first()


def live_sessions(kind: str, actor_id: int, now: datetime) -> list[SignedIn]:
    """Someone's sessions that are neither ended nor over, the newest first."""
    rows = session.scalars(
        select(SignedIn)
        .where(SignedIn.actor_kind == kind, SignedIn.actor_id == actor_id, SignedIn.ended_at.is_(None))
        .order_by(SignedIn.started_at.desc())
    )
    return [row for row in rows if not is_over(row.kind, row.seen_at, now)]


def passcode_hash(client_id: int) -> str | None:
    """The hash of a woman's passcode, or None before her set-up."""
    return session.scalar(select(ClientPasscode.passcode_hash).where(ClientPasscode.client_id == client_id))


def has_passcode(client_id: int) -> bool:
    """Whether a woman has set her passcode."""
    return passcode_hash(client_id) is not None


def live_setup_code(client_id: int, now: datetime) -> SetupCode | None:
    """Her newest set-up code that is neither used nor expired."""
    return session.scalars(
        select(SetupCode)
        .where(SetupCode.client_id == client_id, SetupCode.used_at.is_(None), SetupCode.expires_at > now)
        .order_by(SetupCode.id.desc())
        .limit(1)
    ).first()


def staff_password(email: str) -> tuple[int, str] | None:
    """The id and password hash of the active member of staff with this address: one question, whoever she is (R14)."""
    index = crypto.keyring().index("email", email.strip().casefold())
    asked = select(Staff.id, StaffCredential.password_hash).join(StaffCredential, StaffCredential.staff_id == Staff.id)
    row = session.execute(asked.where(Staff.email_index == index, Staff.active)).first()
    return (row[0], row[1]) if row is not None else None


def staff_by_email(email: str) -> Staff | None:
    """The active member of staff with this e-mail address, or None."""
    index = crypto.keyring().index("email", email.strip().casefold())
    return session.scalars(select(Staff).where(Staff.email_index == index, Staff.active)).first()


def credential(staff_id: int) -> StaffCredential | None:
    """How a member of staff signs in, or None before her set-up."""
    return session.get(StaffCredential, staff_id)


def live_staff_link(token: str, now: datetime) -> StaffLink | None:
    """The unused, unexpired set-up link with this token of somebody who works here, or None."""
    return session.scalars(
        select(StaffLink)
        .join(Staff, Staff.id == StaffLink.staff_id)
        .where(
            StaffLink.token_index == token_index("staff_link", token),
            StaffLink.used_at.is_(None),
            StaffLink.expires_at > now,
            Staff.active,
        )
    ).first()


def kept_form(client_id: int, now: datetime) -> KeptForm | None:
    """What she had typed when her last session ended, if it is not too old."""
    return session.scalars(
        select(KeptForm)
        .where(KeptForm.client_id == client_id, KeptForm.expires_at > now)
        .order_by(KeptForm.id.desc())
        .limit(1)
    ).first()
