"""Reading who works here."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal.core.access import Role
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.staff.models import Absence, CentreCover, Staff


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
