"""The reminders that come only if she wants them: 7 days before, and on the same morning.

The one of the day before comes in any case, so these are never told by a person: where they may not go, they are not.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.booking.models import Appointment
from portal.booking.rules import REMINDER_USELESS, WEEK_BEFORE, SafeHours, same_morning_time, week_before_time
from portal.clients.models import Client, SafeContact
from portal.clients.queries import has_opted_out, whom_it_is
from portal.clients.rules import Hold, contact_holds, next_safe_time, read_safe_hours
from portal.core import clock
from portal.core.database import get_or_none
from portal.messaging.queries import contact_facts


class Extra(NamedTuple):
    """A reminder to choose: its kind of text, the column that says if she wants it, its time, how long it is of use."""

    kind: str
    wanted: str
    time: Callable[[SafeHours, datetime, datetime, datetime], datetime | None]
    useful_until: Callable[[datetime], datetime]


def _that_day(starts_at: datetime) -> datetime:
    return clock.london_midnight(clock.london_today(starts_at) - WEEK_BEFORE + timedelta(days=1))


EXTRA = {
    "week_before": Extra("appointment_reminder_week", "reminds_week_before", week_before_time, _that_day),
    "same_morning": Extra(
        "appointment_reminder_morning", "reminds_same_morning", same_morning_time, lambda at: at - REMINDER_USELESS
    ),
}


def due_extras(
    appointment: Appointment, client: Client, contact: SafeContact | None, now: datetime
) -> Iterator[tuple[str, datetime, datetime]]:
    """Which of them she wants for an appointment and can have today: name, when it goes, until when it is of use."""
    if contact is None:
        return
    for which, extra in EXTRA.items():
        if not getattr(contact, extra.wanted):
            continue
        send_at = extra.time(
            read_safe_hours(contact.safe_hours or []), appointment.starts_at, appointment.booked_at, now
        )
        until = extra.useful_until(appointment.starts_at)
        if send_at is not None and _can_go(client, contact, send_at, until):
            yield which, send_at, until


def still_wanted(which: str, appointment_id: int, now: datetime) -> bool:
    """Whether she still wants one of them, and it can still go in time as her record stands now."""
    appointment = get_or_none(Appointment, appointment_id)
    if appointment is None or not appointment.stands or now >= appointment.starts_at:
        return False
    extra, whom = EXTRA[which], whom_it_is(appointment.client_id)
    if whom.contact is None or not getattr(whom.contact, extra.wanted):
        return False
    return _can_go(whom.client, whom.contact, now, extra.useful_until(appointment.starts_at))


def _can_go(client: Client, contact: SafeContact, at: datetime, until: datetime) -> bool:
    opted_out = contact.number is not None and has_opted_out(contact.number)
    holds = contact_holds(
        contact_facts(contact),
        at,
        opted_out=opted_out,
        unread_answer=False,
        open_record=True,
        nothing_before_on=client.nothing_before_on,
    )
    if not set(holds) <= {Hold.PAUSED, Hold.OUTSIDE_HOURS}:
        return False
    next_at = next_safe_time(read_safe_hours(contact.safe_hours or []), max(at, contact.pause_until or at))
    return next_at is not None and next_at < until
