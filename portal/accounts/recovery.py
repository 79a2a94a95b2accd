"""Recovery codes of staff: ten, shown once, each stands in once for the second step."""

import secrets as random
from datetime import datetime

from sqlalchemy import delete, func, select, update

from portal.accounts.secrets import token_index
from portal.accounts.staff_models import RecoveryCode
from portal.audit import service as audit
from portal.core.access import Actor
from portal.core.database import lock_rows, session
from portal.staff.models import Staff

CODES = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0, 1, i, l, o: a code is read from paper."""


def make_codes(actor: Actor, *, now: datetime) -> list[str]:
    """Make ten new codes for oneself and give them, this once; older ones stop working."""
    # Her own row is the one to wait at: of two presses at once the later set alone works.
    session.scalars(lock_rows(select(Staff.id).where(Staff.id == actor.id))).one()
    drop_codes(actor.id)
    codes = ["-".join("".join(random.choice(_LETTERS) for _ in range(4)) for _ in range(3)) for _ in range(CODES)]
    session.add_all(RecoveryCode(staff_id=actor.id, code_index=_index(actor.id, code), made_at=now) for code in codes)
    session.flush()
    audit.record(actor, "recovery_codes_made", now=now, subject=f"staff:{actor.id}")
    return codes


def use_code(actor: Actor, typed: str, *, now: datetime) -> bool:
    """Whether a typed code is one of hers that was not used; it is used up, on record. Two at once: one gets it."""
    used = session.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == actor.id,
            RecoveryCode.code_index == _index(actor.id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    if used is None:
        return False
    reason = f"{codes_left(actor.id)} left"
    audit.record(actor, "recovery_code_used", now=now, subject=f"staff:{actor.id}", reason=reason)
    return True


def codes_left(staff_id: int) -> int:
    """How many of somebody's codes still work."""
    mine = select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session.scalar(mine) or 0


def drop_codes(staff_id: int) -> None:
    """Void all codes of somebody."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))


def _index(staff_id: int, typed: str) -> str:
    return token_index("recovery", f"{staff_id}|{''.join(letter for letter in typed.lower() if letter.isalnum())}")
