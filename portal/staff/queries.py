"""Reading who works here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import aliased

from portal.core.access import Role
from portal.core.database import get_or_none, one_of, session
from portal.core.errors import NotFound
from portal.staff import rules
from portal.staff.models import Absence, CentreCover, Staff

COVERING = (Role.KEYWORKER, Role.MANAGER)
"""The roles that can have a caseload, and so can cover for somebody who has one."""


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
    statement = select(Staff).where(Staff.active, Staff.role.in_(COVERING), Staff.id.in_(covering))
    return sorted(session.scalars(statement), key=lambda found: found.name.casefold())


def managers() -> list[Staff]:
    """The active managers."""
    return list(session.scalars(select(Staff).where(Staff.active, Staff.role == Role.MANAGER).order_by(Staff.id)))


def admins() -> list[Staff]:
    """The active admins."""
    return list(session.scalars(select(Staff).where(Staff.active, Staff.role == Role.ADMIN).order_by(Staff.id)))


def possible_covers(absent: Staff) -> list[Staff]:
    """Who can cover for somebody: the active keyworkers and managers of her centres, herself aside, by name."""
    return [found for found in keyworkers(absent.centre_ids) if found.id != absent.id]


def absences(staff_id: int, now: datetime) -> list[Absence]:
    """Somebody's absences that are not over, the next first."""
    return absences_of([staff_id], now).get(staff_id, [])


def absences_of(staff_ids: Iterable[int], now: datetime) -> dict[int, list[Absence]]:
    """The absences of some people that are not over, the next first, in one query."""
    found: dict[int, list[Absence]] = {}
    statement = select(Absence).where(Absence.staff_id.in_(list(staff_ids)), Absence.ends_at > now)
    for absence in session.scalars(statement.order_by(Absence.starts_at)):
        found.setdefault(absence.staff_id, []).append(absence)
    return found


@dataclass(frozen=True)
class Away:
    """Somebody who is away until `until`, and who covers for her; None when nobody does."""

    person: Staff
    until: datetime
    cover: Staff | None


def cover_for(staff_id: int, now: datetime) -> Staff | None:
    """Who looks after the threads and tasks of somebody who is away; None when she is here, or nobody covers.

    Where her cover is away too, that person's own cover does, and no further.
    """
    return _covers([staff_id], now).get(staff_id)


def away_ids(now: datetime) -> set[int]:
    """The ids of those who are away."""
    return set(session.scalars(_away(now)))


def is_away(staff_id: int, now: datetime) -> bool:
    """Whether somebody is away."""
    return session.scalar(_away(now).where(Absence.staff_id == staff_id).limit(1)) is not None


def is_away_within(staff_id: int, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether somebody is away in a part of a span of time."""
    within = (Absence.staff_id == staff_id, Absence.starts_at < ends_at, Absence.ends_at > starts_at)
    return session.scalar(select(Absence.id).where(*within).limit(1)) is not None


def away_among(staff_ids: Iterable[int | None], now: datetime) -> dict[int, Away]:
    """Those of some people who are away, by id, with who covers for each."""
    ids = {staff_id for staff_id in staff_ids if staff_id is not None}
    ends = select(Absence.staff_id, func.max(Absence.ends_at)).where(*_running(now), Absence.staff_id.in_(ids))
    until = {row[0]: row[1] for row in session.execute(ends.group_by(Absence.staff_id))}
    absent = session.scalars(select(Staff).where(Staff.id.in_(until))).all() if until else []
    covers = _covers(until, now) if until else {}
    return {found.id: Away(found, until[found.id], covers.get(found.id)) for found in absent}


def covering(staff_id: int, now: datetime) -> dict[int, Away]:
    """For whom somebody covers at this moment, by id."""
    return away_among(session.scalars(looked_after_by(staff_id, now)), now)


def looked_after_by(staff_id: int, now: datetime) -> Select[int]:
    """The ids of those for whom somebody covers at this moment: `cover_for` the other way round, as a subselect."""
    first, second = aliased(Absence), aliased(Absence)
    counts = _counting(now)
    direct = select(first.staff_id).where(first.id.in_(counts), first.covered_by == staff_id)
    further = (
        select(first.staff_id)
        .join(second, second.staff_id == first.covered_by)
        .where(
            first.id.in_(counts),
            first.covered_by.in_(_able()),
            second.id.in_(counts),
            second.covered_by == staff_id,
        )
    )
    theirs = union(direct, further).subquery()
    is_here = select(Staff.id).where(Staff.id == staff_id, Staff.id.in_(_able()), Staff.id.not_in(_away(now)))
    return select(theirs.c.staff_id).where(is_here.exists())


def _covers(staff_ids: Iterable[int], now: datetime) -> dict[int, Staff]:
    """Who covers for each of some people, in three queries; those without are left out."""
    named = select(Absence.staff_id, Absence.covered_by).where(Absence.id.in_(_counting(now)))
    named_by = {row[0]: row[1] or 0 for row in session.execute(named)}
    if not named_by:
        return {}
    able = {found.id: found for found in session.scalars(select(Staff).where(Staff.id.in_(_able())))}
    away = away_ids(now)
    found = {staff_id: rules.cover_of(staff_id, named_by, able, away) for staff_id in staff_ids}
    return {staff_id: able[cover] for staff_id, cover in found.items() if cover is not None}


def _counting(now: datetime) -> Select:
    """Of each person who is away, the absence that says who covers: the newest one that names somebody."""
    running = select(func.max(Absence.id)).where(*_running(now), Absence.covered_by.is_not(None))
    return running.group_by(Absence.staff_id)


def _away(now: datetime) -> Select[int]:
    return select(Absence.staff_id).where(*_running(now))


def _running(now: datetime) -> tuple:
    return (Absence.starts_at <= now, Absence.ends_at > now)


def _able() -> Select[int]:
    return select(Staff.id).where(Staff.active, one_of(Staff.role, COVERING))
