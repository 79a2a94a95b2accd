"""Reading who works here."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, select

from portal.core import clock
from portal.core.access import Role
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.staff import rules as rota
from portal.staff.models import Absence, CentreCover, DutyShift, Staff


def people(*, active_only: bool = False) -> list[Staff]:
    """Everybody who works here, by name; those who left last."""
    statement = select(Staff).where(Staff.active) if active_only else select(Staff)
    return sorted(session.scalars(statement), key=lambda person: (not person.active, person.name.casefold()))


def person(staff_id: int) -> Staff:
    """The member of staff with this id; raises NotFound."""
    found = get_or_none(Staff, staff_id)
    if found is None:
        raise NotFound("staff")
    return found


def first_names(staff_ids: Iterable[int | None]) -> dict[int, str]:
    """First names by id, in one query."""
    ids = {staff_id for staff_id in staff_ids if staff_id is not None}
    return {found.id: found.first_name for found in session.scalars(select(Staff).where(Staff.id.in_(ids)))}


def keyworkers(centre_ids: Iterable[int]) -> list[Staff]:
    """The active keyworkers and managers who cover any of these centres, by name: who can have a caseload there."""
    covering = select(CentreCover.staff_id).where(CentreCover.centre_id.in_(list(centre_ids)))
    statement = select(Staff).where(
        Staff.active, Staff.role.in_([Role.KEYWORKER, Role.MANAGER]), Staff.id.in_(covering)
    )
    return sorted(session.scalars(statement), key=lambda found: found.name.casefold())


def absences(staff_id: int, now: datetime) -> list[Absence]:
    """Somebody's absences that are not over, the next first."""
    statement = select(Absence).where(Absence.staff_id == staff_id, Absence.ends_at > now)
    return list(session.scalars(statement.order_by(Absence.starts_at)))


def cover_for(staff_id: int, now: datetime) -> Staff | None:
    """Who looks after the threads and tasks of somebody who is away now, or None."""
    return session.scalars(
        select(Staff)
        .join(Absence, Absence.covered_by == Staff.id)
        .where(Absence.staff_id == staff_id, Absence.starts_at <= now, Absence.ends_at > now, Staff.active)
        .order_by(Absence.id)
        .limit(1)
    ).first()


def covered_ids(staff_id: int, now: datetime) -> Select[int]:
    """The ids of those whose tasks somebody looks after now, because they are away."""
    return select(Absence.staff_id).where(
        Absence.covered_by == staff_id, Absence.starts_at <= now, Absence.ends_at > now
    )


def away_ids(now: datetime) -> set[int]:
    """The ids of those who are away now."""
    return set(session.scalars(select(Absence.staff_id).where(Absence.starts_at <= now, Absence.ends_at > now)))


def managers() -> list[Staff]:
    """The active managers."""
    return list(session.scalars(select(Staff).where(Staff.active, Staff.role == Role.MANAGER).order_by(Staff.id)))


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
        if rota.stands_at(_as_shift(shift), local.weekday(), local.time()) and person.id not in away
    ]
    return list({person.id: person for *_, person in sorted(found, key=lambda each: each[:2])}.values())


def week_of_duty() -> list[rota.Shift]:
    """The duty rota as its rules take it."""
    return [_as_shift(shift) for shift, _ in shifts()]


def _as_shift(shift: DutyShift) -> rota.Shift:
    return rota.Shift(shift.weekday, shift.local_from, shift.local_until, shift.position, shift.staff_id)
