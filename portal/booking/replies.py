"""Digits that answer an appointment text: coming, another time, a call. They never book, move or cancel (R23)."""

from datetime import datetime

from portal.booking import service
from portal.booking.models import Appointment
from portal.booking.notices import subject_of
from portal.booking.rules import read_digit
from portal.clients.models import Client
from portal.clients.safe_contact import note_sign
from portal.core.database import get_or_none, session
from portal.messaging import inbox, outbox
from portal.messaging.models import IncomingText, Text
from portal.messaging.registry import subject_id
from portal.worklist.rules import next_working_morning
from portal.worklist.service import raise_task

_SAID = {"1": "coming", "2": "change", "3": "call"}
_TASKS = {"change": "change_appointment", "call": "ring_her"}
_OUR_ANSWERS = {"change": "change_asked", "call": "call_asked"}


def answer_waiting(now: datetime) -> int:
    """Take every waiting digit that answers an appointment still to come; gives how many were taken.

    All else is left for messaging, where a person reads it.
    """
    return sum(_take(incoming, now) for incoming in inbox.uninterpreted(now))


def _take(incoming: IncomingText, now: datetime) -> bool:
    digit = read_digit(incoming.body)
    text = inbox.answerable_text(incoming) if digit else None
    appointment = _appointment_of(text, now) if text else None
    if digit is None or text is None or appointment is None:
        return False
    said = _SAID[digit]
    inbox.take(incoming, said, client_id=text.client_id, answers_text_id=text.id, now=now)
    service.answer(appointment, said, now=now)
    note_sign(appointment.client_id, incoming.number, now=now)
    if said in _TASKS:
        _ask_person(appointment, said, now)
    return True


def _appointment_of(text: Text, now: datetime) -> Appointment | None:
    if not text.subject.startswith("appointment:"):
        return None
    appointment = get_or_none(Appointment, subject_id(text.subject))
    usable = (
        appointment is not None
        and appointment.stands
        and appointment.client_id == text.client_id
        and now < appointment.starts_at
    )
    return appointment if usable else None


def _ask_person(appointment: Appointment, said: str, now: datetime) -> None:
    client = session.get_one(Client, appointment.client_id)
    raise_task(
        _TASKS[said],
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=subject_of(appointment),
        due_at=min(next_working_morning(now), appointment.starts_at),
    )
    outbox.queue(
        client.id,
        _OUR_ANSWERS[said],
        subject=subject_of(appointment),
        once=f"{_OUR_ANSWERS[said]}:{appointment.id}:{appointment.revision}",
        now=now,
        not_after_at=appointment.starts_at,
    )
