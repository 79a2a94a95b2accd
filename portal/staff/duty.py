"""Changing the duty rota: who is called out when, and in which order (R25)."""

from collections.abc import Iterable
from datetime import datetime, time

from portal.audit import service as audit
from portal.core.access import Actor, Permission, Role, require
from portal.core.database import get_or_none, session
from portal.core.errors import Invalid, NotFound
from portal.core.week import LAST_MINUTE
from portal.staff.models import Staff
from portal.staff.rota import week_of_duty
from portal.staff.rota_models import DutyShift
from portal.staff.rota_rules import Shift, overlap

POSITIONS = (1, 2, 3)
ON_CALL = (Role.KEYWORKER, Role.MANAGER)
"""Roles that can be on duty: those who may read what a woman wrote."""


def add_shifts(
    actor: Actor,
    *,
    days: Iterable[int],
    from_hour: int,
    until_hour: int,
    position: int,
    staff_id: int,
    now: datetime,
) -> None:
    """Put somebody on the rota on some weekdays, whole hours of London wall time; 24 is midnight.

    Raises Invalid("days", "missing"), Invalid("until_hour", "before_start"), Invalid("staff_id", "unknown" | "twice"),
    Invalid("position", "unknown" | "taken") where somebody else stands already.
    """
    require(actor, Permission.EDIT_ROTA)
    chosen = sorted(set(days))
    if not chosen or not set(chosen) <= set(range(7)):
        raise Invalid("days", "missing")
    if not 0 <= from_hour < until_hour <= 24:
        raise Invalid("until_hour", "before_start")
    if position not in POSITIONS:
        raise Invalid("position", "unknown")
    person = get_or_none(Staff, staff_id)
    if person is None or not person.active or person.role not in ON_CALL:
        raise Invalid("staff_id", "unknown")
    until = LAST_MINUTE if until_hour == 24 else time(until_hour)
    for wanted in (Shift(day, time(from_hour), until, position, staff_id) for day in chosen):
        _refuse_overlap(wanted)
        shift = DutyShift(
            staff_id=staff_id, weekday=wanted.day, local_from=wanted.begins, local_until=until, position=position
        )
        session.add(shift)
        session.flush()
        audit.record(actor, "duty_shift_added", now=now, subject=f"staff:{staff_id}", reason=f"shift:{shift.id}")


def remove_shift(actor: Actor, shift_id: int, *, now: datetime) -> None:
    """Take a shift off the rota; raises NotFound."""
    require(actor, Permission.EDIT_ROTA)
    shift = get_or_none(DutyShift, shift_id)
    if shift is None:
        raise NotFound("shift")
    session.delete(shift)
    audit.record(actor, "duty_shift_removed", now=now, subject=f"staff:{shift.staff_id}", reason=f"shift:{shift_id}")


def _refuse_overlap(wanted: Shift) -> None:
    for other in week_of_duty():
        if not overlap(wanted, other):
            continue
        if other.staff_id == wanted.staff_id:
            raise Invalid("staff_id", "twice")
        if other.position == wanted.position:
            raise Invalid("position", "taken")
