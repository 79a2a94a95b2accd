"""Digits that come back by text: what they do, and all that they never do (R23)."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.booking import replies
from portal.booking.models import Appointment
from portal.core import clock, crypto
from portal.core.database import session, unit_of_work
from portal.messaging.models import IncomingText, Text
from portal.worklist.models import Task
from tests.booking import desk as at_desk
from tests.booking.desk import book, cancel, change, fresh, own
from tests.support import make

_sids = itertools.count(1)


@pytest.fixture
def desk(either_database, app, travel):
    return at_desk.open_desk()


@pytest.fixture
def asked(desk):
    """An appointment whose text has reached her and told her that she may answer."""
    desk.contact = make.safe_contact(desk.client)
    desk.appointment = book(desk, "14:30")
    text_reached()
    return desk


def text_reached(**values) -> None:
    with unit_of_work():
        text = session.scalars(select(Text).order_by(Text.id.desc()).limit(1)).one()
        text.state, text.sent_at, text.offers_replies = "reached", clock.now(), True
        for name, value in values.items():
            setattr(text, name, value)


def comes_in(body: str, number: str) -> IncomingText:
    with unit_of_work():
        incoming = IncomingText(
            gateway_sid=f"SM{next(_sids)}",
            number=number,
            number_index=crypto.keyring().index("phone", number),
            body=body,
            received_at=clock.now(),
        )
        session.add(incoming)
    return incoming


def answer(desk, body: str) -> int:
    comes_in(body, desk.contact.number)
    with unit_of_work():
        return replies.answer_waiting(clock.now())


def tasks() -> list[tuple[str, int | None]]:
    session.rollback()
    return [(task.kind, task.owner_id) for task in session.scalars(select(Task).order_by(Task.id))]


def our_answers() -> list[str]:
    session.rollback()
    kinds = session.scalars(select(Text.kind).order_by(Text.id))
    return [kind for kind in kinds if kind in ("change_asked", "call_asked")]


@pytest.mark.parametrize("body", ["1", " 1. ", "١"])
def test_one_marks_her_as_coming(asked, body):  # R22
    assert answer(asked, body) == 1
    stored = fresh(asked.appointment)
    assert (stored.answer, stored.answered_at) == ("coming", clock.now())
    assert not tasks()
    assert not our_answers()


def test_two_makes_a_task_for_her_worker_and_tells_her(asked):
    answer(asked, "2")
    assert fresh(asked.appointment).answer == "change"
    assert tasks() == [("change_appointment", asked.jo.id)]
    assert our_answers() == ["change_asked"]


def test_three_makes_a_task_to_ring_her(asked):
    answer(asked, "3")
    assert fresh(asked.appointment).answer == "call"
    assert tasks() == [("ring_her", asked.jo.id)]
    assert our_answers() == ["call_asked"]


def test_the_same_answer_again_makes_nothing_twice(asked):
    assert (answer(asked, "2"), answer(asked, "2")) == (1, 1)
    assert tasks() == [("change_appointment", asked.jo.id)]
    assert our_answers() == ["change_asked"]
    with unit_of_work():
        assert replies.answer_waiting(clock.now()) == 0


@pytest.mark.parametrize("body", ["1", "2", "3"])
def test_no_answer_ever_books_moves_or_cancels(asked, body):  # R23
    before = fresh(asked.appointment)
    facts = before.state, before.starts_at, before.revision
    answer(asked, body)
    after = fresh(asked.appointment)
    assert (after.state, after.starts_at, after.revision) == facts
    assert len(session.scalars(select(Appointment)).all()) == 1


@pytest.mark.parametrize("body", ["4", "yes", "STOP", "I can't come", "1 or 2?", "1" * 1000, "😀"])
def test_anything_else_is_left_for_a_person(asked, body):
    assert answer(asked, body) == 0
    session.rollback()
    assert session.scalars(select(IncomingText)).one().interpreted_at is None


def test_a_number_of_two_women_is_left_for_a_person(asked):  # R23
    make.safe_contact(make.client(asked.jo), number=asked.contact.number)
    assert answer(asked, "1") == 0
    assert fresh(asked.appointment).answer == ""


def test_an_unknown_number_is_left_for_a_person(asked):
    comes_in("1", "+447700900999")
    with unit_of_work():
        assert replies.answer_waiting(clock.now()) == 0


def test_an_answer_to_what_was_cancelled_or_is_over_is_left_for_a_person(asked, travel):
    cancel(asked.appointment, actor=own(asked.client))
    assert answer(asked, "1") == 0
    second = book(asked, "10:00")
    text_reached(subject=f"appointment:{second.id}", kind="appointment_booked")
    travel.to("2026-12-03 10:00")
    assert answer(asked, "1") == 0


def test_an_answer_to_the_old_time_of_a_moved_appointment_is_left_for_a_person(asked):
    change(asked, asked.appointment, "10:00")
    assert answer(asked, "1") == 0
    assert all(each.answer == "" for each in session.scalars(select(Appointment)))


def test_an_answer_after_a_week_is_left_for_a_person(asked, travel):
    text_reached(sent_at=travel.now - timedelta(days=8))
    assert answer(asked, "1") == 0


def test_a_later_answer_counts(asked):
    answer(asked, "3")
    answer(asked, "1")
    assert fresh(asked.appointment).answer == "coming"


def test_a_digit_that_answers_us_is_a_sign_that_the_number_is_hers(asked, travel):  # R18
    before = asked.contact.sign_at
    later = travel.forward(hours=2)
    answer(asked, "hello")
    session.rollback()
    assert session.scalars(select(make.SafeContact.sign_at)).one() == before, "words may be anybody's"
    answer(asked, "1")
    session.rollback()
    assert session.scalars(select(make.SafeContact.sign_at)).one() == later
