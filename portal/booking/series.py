"""Repeating appointments, booked as one act: every so many weeks at the same London wall time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.audit import service as audit
from portal.booking import by_itself, notices, offers, taking
from portal.booking.models import Appointment
from portal.booking.rules import NotOffered
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.errors import Invalid

MOST_TIMES, MOST_WEEKS = 26, 8


@dataclass(frozen=True)
class Series:
    """What came of booking several: the appointments made, and the dates that cannot be had."""

    booked: list[Appointment]
    not_had: list[date]


def book_series(
    actor: Actor,
    *,
    client_id: int,
    kind_id: int,
    centre_id: int,
    worker_id: int | None,
    first_on: date,
    local_at: time,
    every_weeks: int,
    times: int,
    now: datetime,
) -> Series:
    """Book the dates that can be had, with one worker where one is named; she is told of the first alone.

    Raises NotFound, Invalid("times" | "every_weeks", "range"), Invalid("first_on", "none") when no date can be had.
    """
    require(actor, Permission.BOOK_FOR_CLIENT)
    for field, number, most in (("times", times, MOST_TIMES), ("every_weeks", every_weeks, MOST_WEEKS)):
        if not 1 <= number <= most:
            raise Invalid(field, "range")
    today = clock.london_today(now)
    if not today <= first_on <= today + timedelta(days=offers.STAFF_FURTHEST_DAYS):
        raise Invalid("first_on", "none")
    whom = taking.whom_to_book_for(actor, client_id)
    at = offers.place(whom.client, kind_id, centre_id, worker_id=worker_id, by_staff=True)
    # Everything that any of the dates might take is held at once, so that no lock is asked for out of order.
    whom = taking.lock(at, whom)
    series = Series([], [])
    for number in range(times):
        on = first_on + timedelta(weeks=every_weeks * number)
        try:
            free = offers.free_at(at, clock.from_london(on, local_at), now=now)
        except NotOffered:
            series.not_had.append(on)
            continue
        appointment = taking.add(actor, at, free, now)
        series.booked.append(appointment)
        by_itself.keep_usual(actor, at, whom.client, appointment, now)
        subject = notices.subject_of(appointment)
        audit.record(actor, "appointment_booked", now=now, client_id=client_id, subject=subject, reason="series")
        notices.mind_silence(appointment, whom, now)
    if not series.booked:
        raise Invalid("first_on", "none")
    notices.tell(series.booked[0], "appointment_booked", now, whom)
    return series
