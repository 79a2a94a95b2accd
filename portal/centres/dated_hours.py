"""Windows of single dates: on them a centre is open at other times than in its week, or on a bank holiday at all."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import delete

from portal.audit import service as audit
from portal.centres import queries
from portal.centres.models import OpeningHours
from portal.centres.rules import Span
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid, NotFound
from portal.core.week import day_fault

FURTHEST_AHEAD = timedelta(days=730)


def check_date(on: date, now: datetime) -> None:
    """Raise Invalid("on", "past" | "too_far") unless hours can be said for a date."""
    today = clock.london_today(now)
    if on < today:
        raise Invalid("on", "past")
    if on > today + FURTHEST_AHEAD:
        raise Invalid("on", "too_far")


def check_spans(spans: list[Span]) -> None:
    """Raise Invalid("windows", "missing" | "reversed" | "order" | "overlap") unless these are one date's windows."""
    fault = day_fault(spans) if spans else "missing"
    if fault:
        raise Invalid("windows", fault)


def set_on(actor: Actor, centre_id: int, on: date, windows: Iterable[Span], *, now: datetime) -> None:
    """Say when a centre is open on a date, in place of its weekly hours and of what was said of that date before.

    What is booked stays until somebody moves it. Raises as `check_date` and `check_spans`; a centre that is shut all
    day has a closure.
    """
    require(actor, Permission.MANAGE_CENTRES)
    centre, spans = queries.centre(centre_id), list(windows)
    check_date(on, now)
    check_spans(spans)
    _delete(centre.id, on)
    session.add_all(
        OpeningHours(centre_id=centre.id, weekday=on.weekday(), local_from=opens, local_until=closes, only_on=on)
        for opens, closes in spans
    )
    session.flush()
    session.expire(centre, ["hours"])
    audit.record(actor, "hours_of_date_set", now=now, subject=f"centre:{centre.id}", reason=f"{on}")


def remove_on(actor: Actor, centre_id: int, on: date, *, now: datetime) -> None:
    """Let the weekly hours hold again on a date; raises NotFound when nothing was said of it."""
    require(actor, Permission.MANAGE_CENTRES)
    centre = queries.centre(centre_id)
    if on not in centre.dated:
        raise NotFound("hours of a date")
    _delete(centre.id, on)
    session.expire(centre, ["hours"])
    audit.record(actor, "hours_of_date_removed", now=now, subject=f"centre:{centre.id}", reason=f"{on}")


def _delete(centre_id: int, on: date) -> None:
    session.execute(delete(OpeningHours).where(OpeningHours.centre_id == centre_id, OpeningHours.only_on == on))
