"""Planning reminders, and what every text about an appointment says and whether it is still wanted."""

from datetime import datetime, timedelta

from sqlalchemy import String, cast, exists, literal, select

from portal.booking.models import Appointment, AppointmentState
from portal.booking.notices import PERSON_REMINDS, ask_person_to_remind, subject_of
from portal.booking.rules import (
    REMINDER_DAYS_BACK,
    REMINDER_USELESS,
    SafeHours,
    needs_reminder,
    reminder_time,
)
from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import safe_contacts
from portal.clients.rules import read_safe_hours
from portal.core import clock
from portal.core.database import get_or_none, session
from portal.messaging import outbox, registry
from portal.messaging.models import Text
from portal.staff.models import Staff
from portal.worklist.models import Task

REMINDER = "appointment_reminder"
_ANSWERABLE = ("appointment_booked", "appointment_changed", REMINDER)
_OUR_ANSWERS = {"change_asked": "change", "call_asked": "call"}


def plan_due(now: datetime) -> int:
    """Want a reminder for every appointment of the next days that has none; gives how many were wanted.

    Where no text can go in time, a person gets the task of reminding her (R19).
    """
    waiting = _without_reminder(now)
    contacts = safe_contacts({client.id for _, client in waiting})
    asked = _persons_asked([appointment for appointment, _ in waiting])
    wanted = 0
    for appointment, client in waiting:
        if not needs_reminder(appointment.starts_at, appointment.booked_at):
            continue
        send_at = _send_at(appointment, contacts.get(client.id), now)
        if send_at is None and appointment.id not in asked:
            ask_person_to_remind(appointment, client, now)
        elif send_at is not None:
            _want(appointment, send_at, now)
            wanted += 1
    return wanted


def register_texts() -> None:
    """Tell messaging about the texts of this room."""
    for kind in _ANSWERABLE:
        registry.register(kind, still_wanted=_is_coming, facts=_facts, offers_replies=True)
    registry.register("appointment_cancelled", still_wanted=_is_cancelled, facts=_facts)
    for kind, answer in _OUR_ANSWERS.items():
        registry.register(kind, still_wanted=_has_answered(answer), facts=_facts, answers_her=True)


def _without_reminder(now: datetime) -> list[tuple[Appointment, Client]]:
    until = clock.london_midnight(clock.london_today(now) + timedelta(days=REMINDER_DAYS_BACK + 1))
    has_text = exists().where(
        Text.subject == literal("appointment:") + cast(Appointment.id, String), Text.kind == REMINDER
    )
    rows = session.execute(
        select(Appointment, Client)
        .join(Client, Client.id == Appointment.client_id)
        .where(
            Appointment.state == AppointmentState.BOOKED,
            Appointment.starts_at > now + REMINDER_USELESS,
            Appointment.starts_at < until,
            Client.state == ClientState.OPEN,
            ~has_text,
        )
        .order_by(Appointment.starts_at)
    )
    return [(appointment, client) for appointment, client in rows]


def _persons_asked(appointments: list[Appointment]) -> set[int]:
    """For which appointments a person was asked before, whether she has done it yet or not."""
    subjects = {subject_of(appointment): appointment.id for appointment in appointments}
    asked = select(Task.subject).where(Task.kind == PERSON_REMINDS, Task.subject.in_(subjects))
    return {subjects[subject] for subject in session.scalars(asked)}


def _send_at(appointment: Appointment, contact: SafeContact | None, now: datetime) -> datetime | None:
    if contact is None or not contact.may_text or contact.proved_at is None or not contact.number:
        return None
    send_at = reminder_time(hours_of(contact), appointment.starts_at, appointment.booked_at)
    if send_at is None or clock.london_today(max(send_at, now)) >= contact.check_again_on:
        return None
    return max(send_at, now)


def hours_of(contact: SafeContact) -> SafeHours:
    """Her safe hours as the rules read them."""
    return read_safe_hours(contact.safe_hours or [])


def _want(appointment: Appointment, send_at: datetime, now: datetime) -> None:
    outbox.queue(
        appointment.client_id,
        REMINDER,
        subject=subject_of(appointment),
        once=f"reminder:day_before:{appointment.id}:{appointment.revision}",
        now=now,
        send_at=send_at,
        not_after_at=appointment.starts_at - REMINDER_USELESS,
    )


def _facts(appointment_id: int) -> dict[str, object]:
    appointment = get_or_none(Appointment, appointment_id)
    if appointment is None:
        return {}
    worker = session.get(Staff, appointment.worker_id)
    return {"starts_at": appointment.starts_at, "worker": worker.first_name if worker else ""}


def _is_coming(appointment_id: int, now: datetime) -> bool:
    appointment = get_or_none(Appointment, appointment_id)
    return appointment is not None and appointment.stands and now < appointment.starts_at


def _is_cancelled(appointment_id: int, now: datetime) -> bool:
    appointment = get_or_none(Appointment, appointment_id)
    return appointment is not None and appointment.state == AppointmentState.CANCELLED and now < appointment.starts_at


def _has_answered(answer: str):
    def still_wanted(appointment_id: int, now: datetime) -> bool:
        appointment = get_or_none(Appointment, appointment_id)
        return appointment is not None and appointment.stands and appointment.answer == answer

    return still_wanted
