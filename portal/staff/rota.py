"""Reading the duty rota: its shifts, and who is called out now (R25)."""

from datetime import datetime

from sqlalchemy import select

from portal.core import clock
from portal.core.database import session
from portal.staff import rota_rules as rules
from portal.staff.models import Staff
from portal.staff.queries import away_ids
from portal.staff.rota_models import DutyShift


def shifts() -> list[tuple[DutyShift, Staff]]:
    """Every shift of the duty rota with whose it is, through the week; those of people who left are no shifts."""
    statement = (
        select(DutyShift, Staff)
        .join(Staff, Staff.id == DutyShift.staff_id)
        .where(Staff.active)
        .order_by(DutyShift.weekday, DutyShift.local_from, DutyShift.position)
    )
    return [(shift, person) for shift, person in session.execute(statement)]


def on_duty(now: datetime) -> list[Staff]:
    """Who is on duty now, who is called first first; who left or is away is left out (R25)."""
    away = away_ids(now)
    local = clock.london(now)
    found = [
        (shift.position, shift.id, person)
        for shift, person in shifts()
        if rules.stands_at(_as_shift(shift), local.weekday(), local.time()) and person.id not in away
    ]
    return list({person.id: person for *_, person in sorted(found, key=lambda each: each[:2])}.values())


def week_of_duty() -> list[rules.Shift]:
    """The duty rota as its rules take it."""
    return [_as_shift(shift) for shift, _ in shifts()]


def _as_shift(shift: DutyShift) -> rules.Shift:
    return rules.Shift(shift.weekday, shift.local_from, shift.local_until, shift.position, shift.staff_id)
