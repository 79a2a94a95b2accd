"""Planning reminders: always the day before; 7 days before and on the same morning only if she wants them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.booking.extra_reminders import EXTRA, due_extras
from portal.booking.models import Appointment, AppointmentState
from portal.booking.notices import ask_person_to_remind, ask_to_recheck, person_reminds_once, subject_of
from portal.booking.rules import REMINDER_USELESS, WEEK_BEFORE, needs_reminder
from portal.booking.texts import REMINDER
from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import must_be_asked, safe_contacts
from portal.clients.rules import Hold, contact_holds, read_safe_hours
from portal.clients.safe_times import REMINDER_DAYS_BACK, reminder_time
from portal.core import clock
from portal.core.database import session
from portal.messaging import outbox
from portal.messaging.models import Text
from portal.messaging.queries import contact_facts
from portal.worklist.models import Task

DAY_BEFORE = "day_before"
_PASSING = (Hold.PAUSED, Hold.OUTSIDE_HOURS)


def plan_due(now: datetime) -> int:
    """Want the reminders that are due to be wanted for appointments of the next days; gives how many were wanted.

    Where no text can go in time, and where her phone or home does not stay the same, a person gets the task of
    reminding her (R19), once.
    """
    coming = _coming(now)
    contacts = safe_contacts(client.id for _, client in coming)
    asked = _persons_asked(appointment for appointment, _ in coming)
    known = _wanted_before(appointment for appointment, _ in coming)
    wanted = 0
    for appointment, client in coming:
        contact = contacts.get(client.id)
        if _is_near(appointment, now) and needs_reminder(appointment.starts_at, appointment.booked_at):
            has_text = _once(DAY_BEFORE, appointment) in known
            send_at = None if has_text else _send_at(appointment, client, contact, now)
            if send_at is not None:
                _want(appointment, DAY_BEFORE, send_at, appointment.starts_at - REMINDER_USELESS, now)
                wanted += 1
            needs_person = _is_unsteady(contact) or (send_at is None and not has_text)
            if needs_person and appointment.id not in asked:
                _ask_person(appointment, client, contact, now)
        for which, send_at, not_after_at in due_extras(appointment, client, contact, now):
            if _once(which, appointment) not in known:
                _want(appointment, which, send_at, not_after_at, now)
                wanted += 1
    return wanted


def _coming(now: datetime) -> list[tuple[Appointment, Client]]:
    until = clock.london_midnight(clock.london_today(now) + WEEK_BEFORE + timedelta(days=1))
    rows = session.execute(
        select(Appointment, Client)
        .join(Client, Client.id == Appointment.client_id)
        .where(
            Appointment.state == AppointmentState.BOOKED,
            Appointment.starts_at > now + REMINDER_USELESS,
            Appointment.starts_at < until,
            Client.state == ClientState.OPEN,
        )
        .order_by(Appointment.starts_at)
    )
    return [(appointment, client) for appointment, client in rows]


def _is_near(appointment: Appointment, now: datetime) -> bool:
    days = clock.london_today(appointment.starts_at) - clock.london_today(now)
    return days <= timedelta(days=REMINDER_DAYS_BACK)


def _is_unsteady(contact: SafeContact | None) -> bool:
    """Whether a text alone may not find her: reminders did nothing for people without a home of their own."""
    return contact is not None and (contact.stable_phone is False or contact.stable_home is False)


def _persons_asked(appointments: Iterable[Appointment]) -> set[int]:
    """For which appointments a person was asked before, whether she has done it yet or not."""
    coming = {person_reminds_once(appointment): appointment for appointment in appointments}
    ids = {appointment.client_id for appointment in coming.values()}
    asked = select(Task.once).where(Task.client_id.in_(ids), Task.once.in_(coming))
    return {coming[once].id for once in session.scalars(asked)}


def _wanted_before(appointments: Iterable[Appointment]) -> set[str]:
    keys = [_once(which, appointment) for appointment in appointments for which in (DAY_BEFORE, *EXTRA)]
    return set(session.scalars(select(Text.once).where(Text.once.in_(keys))))


def _send_at(appointment: Appointment, client: Client, contact: SafeContact | None, now: datetime) -> datetime | None:
    """When the text of the day before goes, or None when only a person can remind her."""
    if contact is None:
        return None
    send_at = reminder_time(read_safe_hours(contact.safe_hours or []), appointment.starts_at, appointment.booked_at)
    if send_at is None:
        return None
    send_at = max(send_at, now)
    holds = contact_holds(
        contact_facts(contact),
        send_at,
        opted_out=False,
        unread_answer=False,
        open_record=True,
        nothing_before_on=client.nothing_before_on,
    )
    return send_at if set(holds) <= set(_PASSING) else None


def _ask_person(appointment: Appointment, client: Client, contact: SafeContact | None, now: datetime) -> None:
    ask_person_to_remind(appointment, client, now)
    if contact is not None and must_be_asked(contact, appointment.starts_at):
        ask_to_recheck(client, now)


def _once(which: str, appointment: Appointment) -> str:
    return f"reminder:{which}:{appointment.id}:{appointment.revision}"


def _want(appointment: Appointment, which: str, send_at: datetime, not_after_at: datetime, now: datetime) -> None:
    outbox.queue(
        appointment.client_id,
        EXTRA[which].kind if which in EXTRA else REMINDER,
        subject=subject_of(appointment),
        once=_once(which, appointment),
        now=now,
        send_at=send_at,
        not_after_at=not_after_at,
    )
