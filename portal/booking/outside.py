"""Who is booked at a time that the centre's or her worker's hours of that day do not hold any more."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from portal.booking import availability, openings, queries
from portal.booking.models import Appointment, AppointmentState
from portal.booking.queries import Booked
from portal.centres.rules import Span
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session


class Outside(NamedTuple):
    """A centre's windows on a date, the coming appointments that lie outside, and how many this actor cannot open."""

    spans: Sequence[Span]
    listed: list[Booked]
    hidden: int


def outside(actor: Actor, centre_id: int, on: date, now: datetime) -> Outside:
    """The appointments of a day that its hours do not hold; never one of a woman of whom the actor must not know (R29).

    Absences are not looked at: whoever notes one has them in the diary.
    """
    week = openings.week(0, centre_id, on)
    spans = week.centre.on(on)
    open_at = availability.windows(on, spans)
    ids = {
        one.id
        for one in _booked(actor, centre_id, on, now)
        if not _inside(one, open_at) or not _inside(one, availability.windows(on, week.worker(one.worker_id).on(on)))
    }
    listed = [one for one in queries.day_board(actor, [centre_id], on) if one.appointment.id in ids]
    return Outside(spans, listed, len(ids) - len(listed))


def _booked(actor: Actor, centre_id: int, on: date, now: datetime) -> Sequence[Appointment]:
    restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    statement = select(Appointment).where(
        Appointment.centre_id == centre_id,
        Appointment.state == AppointmentState.BOOKED,
        Appointment.starts_at >= max(now, clock.london_midnight(on)),
        Appointment.starts_at < clock.london_midnight(on + timedelta(days=1)),
        Appointment.client_id.not_in(restricted),
    )
    return session.scalars(statement).all()


def _inside(one: Appointment, windows: list[availability.Interval]) -> bool:
    return any(opens <= one.starts_at and one.ends_at <= closes for opens, closes in windows)
