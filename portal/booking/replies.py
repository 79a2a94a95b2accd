"""Texts about an appointment: digits that answer ours, "late" and "cannot come" on the day.

They make a state and a task; they never book, move or cancel (R23).
"""

from datetime import datetime, timedelta

from portal.booking import queries, service
from portal.booking.models import Appointment
from portal.booking.notices import subject_of
from portal.booking.rules import read_digit
from portal.clients.models import Client
from portal.clients.safe_contact import note_sign
from portal.core.database import get_or_none, session
from portal.messaging import inbox, outbox, phrase_book
from portal.messaging.models import IncomingText, Text
from portal.messaging.phrases import OF_THE_DAY, PRESSING, PhraseBook, meaning_of
from portal.messaging.registry import subject_id
from portal.messaging.rules import thread_subject
from portal.worklist.mornings import next_working_morning
from portal.worklist.service import raise_task

_SAID = {"1": "coming", "2": "change", "3": "call"}
_TASKS = {"change": "change_appointment", "call": "ring_her"}
_OUR_ANSWERS = {"change": "change_asked", "call": "call_asked"}

SOON = timedelta(minutes=30)
"""How soon her worker reads what she wrote about an appointment of today."""
LEAST_NOTICE = timedelta(minutes=5)


def answer_waiting(now: datetime) -> int:
    """Take every waiting text about an appointment still to come; gives how many were taken.

    All else is left for messaging, where a person reads it.
    """
    waiting = inbox.uninterpreted(now)
    book = phrase_book.current() if waiting else None
    return sum(_take_digit(incoming, now) or _take_words(incoming, book, now) for incoming in waiting)


def _take_words(incoming: IncomingText, book: PhraseBook | None, now: datetime) -> bool:
    """ "Late" or "cannot come" on the day: the state for the board, and her words for her worker (R25, R28).

    A text that may also tell of a risk, or asks for no more, keeps its place among those.
    """
    found = meaning_of(incoming.body, book)
    said = next((meaning for meaning in found if meaning in OF_THE_DAY), None)
    client = inbox.only_holder(incoming) if said else None
    appointment = queries.of_the_day(client.id, incoming.received_at) if client else None
    if said is None or client is None or appointment is None or inbox.is_frozen(incoming, client):
        return False
    service.answer(appointment, said.value, now=now)
    if any(meaning in PRESSING for meaning in found):
        return False
    inbox.take(incoming, said, client_id=client.id, now=now)
    raise_task(
        "incoming_text",
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=thread_subject(client.id),
        due_at=max(now + LEAST_NOTICE, min(now + SOON, appointment.starts_at)),
    )
    return True


def _take_digit(incoming: IncomingText, now: datetime) -> bool:
    digit = read_digit(incoming.body)
    text = inbox.answerable_text(incoming) if digit else None
    appointment = _appointment_of(text, now) if text else None
    if digit is None or text is None or appointment is None:
        return False
    if inbox.is_frozen(incoming, session.get_one(Client, text.client_id)):
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
