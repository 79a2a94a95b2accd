"""One-off hours: on a date somebody can be booked at other times than in her week, or at a centre where she is not.

They replace her weekly hours of that day at every centre, so that one page says all of a day. Not being there at all is
an absence.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import delete, select

from portal.audit import service as audit
from portal.centres.dated_hours import check_date, check_spans
from portal.centres.rules import Span
from portal.core import clock
from portal.core.access import Actor, Permission, can
from portal.core.database import session
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.staff.models import Staff, WorkingHours
from portal.staff.queries import COVERING, person


def coming(staff_ids: Iterable[int], now: datetime) -> dict[int, dict[tuple[date, int], list[Span]]]:
    """The one-off hours of some people from today on: by person, then by date and centre, in order."""
    found: dict[int, dict[tuple[date, int], list[Span]]] = {}
    statement = select(WorkingHours).where(
        WorkingHours.staff_id.in_(list(staff_ids)), WorkingHours.only_on >= clock.london_today(now)
    )
    for row in session.scalars(statement.order_by(WorkingHours.only_on, WorkingHours.local_from)):
        if row.only_on is not None:
            days = found.setdefault(row.staff_id, {})
            days.setdefault((row.only_on, row.centre_id), []).append((row.local_from, row.local_until))
    return found


def may_set(actor: Actor, found: Staff) -> bool:
    """Whether an actor says somebody's one-off hours: a keyworker or manager her own, a manager those of her centres'
    people, an admin everybody's.
    """
    if can(actor, Permission.MANAGE_PEOPLE):
        return True
    if actor.is_staff and actor.id == found.id:
        return actor.role in COVERING
    return can(actor, Permission.TRANSFER_CLIENTS) and bool(actor.centres & set(found.centre_ids))


def set_on(actor: Actor, staff_id: int, centre_id: int, on: date, windows: Iterable[Span], *, now: datetime) -> None:
    """Say when somebody can be booked at a centre on a date, in place of what was said of both before.

    Raises NotAllowed, NotFound for a centre that she does not cover, Invalid as `check_date` and `check_spans`, and
    Invalid("windows", "elsewhere") where it overlaps her one-off hours of that date at another centre.
    """
    found, spans = _whom(actor, staff_id), list(windows)
    if centre_id not in found.centre_ids:
        raise NotFound("centre")
    check_date(on, now)
    check_spans(spans)
    for row in found.hours:
        other_centre = row.only_on == on and row.centre_id != centre_id
        if other_centre and any(opens < row.local_until and row.local_from < closes for opens, closes in spans):
            raise Invalid("windows", "elsewhere")
    _delete(staff_id, centre_id, on)
    session.add_all(
        WorkingHours(
            staff_id=staff_id,
            centre_id=centre_id,
            weekday=on.weekday(),
            local_from=opens,
            local_until=closes,
            only_on=on,
        )
        for opens, closes in spans
    )
    session.flush()
    session.expire(found, ["hours"])
    audit.record(actor, "one_off_hours_set", now=now, subject=f"staff:{staff_id}", reason=f"{on} at {centre_id}")


def remove_on(actor: Actor, staff_id: int, centre_id: int, on: date, *, now: datetime) -> None:
    """Take one-off hours away; when none is left of that date, her weekly hours hold again. Raises NotFound."""
    found = _whom(actor, staff_id)
    if not any((row.only_on, row.centre_id) == (on, centre_id) for row in found.hours):
        raise NotFound("one-off hours")
    _delete(staff_id, centre_id, on)
    session.expire(found, ["hours"])
    audit.record(actor, "one_off_hours_removed", now=now, subject=f"staff:{staff_id}", reason=f"{on} at {centre_id}")


def _whom(actor: Actor, staff_id: int) -> Staff:
    found = person(staff_id)
    if not may_set(actor, found):
        raise NotAllowed("one-off hours")
    return found


def _delete(staff_id: int, centre_id: int, on: date) -> None:
    session.execute(
        delete(WorkingHours).where(
            WorkingHours.staff_id == staff_id, WorkingHours.centre_id == centre_id, WorkingHours.only_on == on
        )
    )
