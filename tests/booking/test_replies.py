"""Texts about appointments: digits and words that come back, what they do, and all that they never do (R23)."""

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


@pytest.fixture
def today(desk, travel):
    """The day of an appointment at 14:30; it is a quarter to twelve."""
    desk.contact = make.safe_contact(desk.client)
    desk.appointment = book(desk, "14:30")
    travel.to("2026-12-03 11:45")
    return desk


def due() -> list[tuple[str, object, int | None]]:
    session.rollback()
    return [(task.kind, task.due_at, task.owner_id) for task in session.scalars(select(Task).order_by(Task.id))]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sorry running late x", "late"),
        ("the bus is late", "late"),
        ("I can't make it today", "cannot_come"),
        ("Running late, actually I cannot come", "cannot_come"),
        ("deri hobe apa", "late"),
        ("ሎሚ ክመጽእ ኣይክእልን", "cannot_come"),
    ],
)
def test_words_of_the_day_show_as_a_state_and_are_her_workers_task_soon(today, travel, body, said):  # R25, R28
    assert answer(today, body) == 1
    assert fresh(today.appointment).answer == said
    assert due() == [("incoming_text", travel.now + timedelta(minutes=30), today.jo.id)]
    incoming = session.scalars(select(IncomingText)).one()
    assert (incoming.meaning, incoming.client_id, incoming.read_at) == (said, today.client.id, None)


def test_the_words_are_due_before_she_should_be_there_and_never_in_the_past(today, travel):
    travel.to("2026-12-03 14:10")
    answer(today, "running late")
    assert due()[0][1] == make.london(travel.now.date(), "14:30")
    travel.to("2026-12-03 14:40")
    answer(today, "still late sorry running late")
    assert due()[0][1] == make.london(travel.now.date(), "14:30"), "one task for one conversation"
    with unit_of_work():
        session.delete(session.scalars(select(Task)).one())
    answer(today, "nearly there running late")
    assert due()[0][1] == travel.now + timedelta(minutes=5)


@pytest.mark.parametrize("body", ["running late", "I cannot come"])
def test_nothing_is_cancelled_or_moved_by_words(today, body):  # R23
    before = fresh(today.appointment)
    facts = before.state, before.starts_at, before.revision, before.attendance
    answer(today, body)
    after = fresh(today.appointment)
    assert (after.state, after.starts_at, after.revision, after.attendance) == facts
    assert len(session.scalars(select(Appointment)).all()) == 1
    assert not our_answers()


@pytest.mark.parametrize("day", ["2026-12-02 16:00", "2026-12-03 15:20", "2026-12-04 09:00"])
def test_on_another_day_or_when_it_is_over_they_are_words_for_a_person(today, travel, day):
    travel.to(day)
    assert answer(today, "I cannot come") == 0
    assert fresh(today.appointment).answer == ""


def test_the_next_one_of_the_day_is_meant_and_never_one_that_she_came_to(today, travel):
    travel.to("2026-12-01 10:00")
    first, last = book(today, "09:00"), book(today, "16:00")
    travel.to("2026-12-03 11:45")
    answer(today, "running late")
    assert [fresh(one).answer for one in (first, today.appointment, last)] == ["", "late", ""]
    with unit_of_work():
        session.get(Appointment, today.appointment.id).arrived_at = travel.now
    answer(today, "cannot come later")
    assert [fresh(one).answer for one in (first, today.appointment, last)] == ["", "late", "cannot_come"]


def test_a_text_that_may_tell_of_a_risk_too_is_left_for_the_inbox(today):  # R25
    assert answer(today, "he's here, I can't come") == 0
    assert fresh(today.appointment).answer == "cannot_come"
    assert not tasks()


def test_words_from_a_number_that_is_not_hers_alone_change_no_state(today, travel):  # R23
    comes_in("running late", "+447700900999")
    with unit_of_work():
        assert replies.answer_waiting(clock.now()) == 0
    with unit_of_work():
        asked_who = session.scalars(select(IncomingText)).one()
        asked_who.number, asked_who.number_index = today.contact.number, today.contact.number_index
        asked_who.meaning, asked_who.interpreted_at = "who_is_this", travel.now
    assert answer(today, "running late") == 0, "somebody there asked who we are"
    make.safe_contact(make.client(today.jo), number=today.contact.number)
    assert answer(today, "running late") == 0
    assert fresh(today.appointment).answer == ""
