"""Outcomes in the field's words: whose reason, R46, the kind follow-up, which still wait."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.booking import attendance, outcomes
from portal.booking.models import Appointment
from portal.booking.outcome_rules import OFFERS, REASONS, outcome_fault, reasons_open
from portal.booking.rules import MarkedAlready, TooEarlyToMark, TooLateToChange
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.diversion.queries import report_for
from portal.messaging.models import Text
from portal.worklist.models import Task
from tests.booking import desk as at_desk
from tests.booking.desk import book, fresh, own
from tests.diversion import referrals
from tests.support import make


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk()


def record(actor, appointment, **values):
    facts = {"attendance": "no", "happened": False, "reason_class": "service", "offered": "not_yet"}
    with unit_of_work():
        return outcomes.record_outcome(actor, at_desk.number_of(appointment), now=clock.now(), **(facts | values))


def press(actor, appointment, mark: str):
    with unit_of_work():
        return attendance.mark(actor, at_desk.number_of(appointment), attendance=mark, now=clock.now())


def follow_ups() -> list[Task]:
    session.remove()
    return list(session.scalars(select(Task).where(Task.kind == outcomes.FOLLOW_UP).order_by(Task.id)))


def reminded_by_text(appointment, state: str, **values) -> None:
    facts = {
        "client_id": appointment.client_id, "kind": "appointment_reminder", "subject": f"appointment:{appointment.id}",
        "once": f"r{appointment.id}{state}", "state": state, "send_at": clock.now(), "wanted_at": clock.now(),
    }  # fmt: skip
    with unit_of_work():
        session.add(Text(**(facts | values)))


def reminded_by_person(appointment, done: str, closed_at) -> None:
    with unit_of_work():
        session.add(
            Task(
                kind="reminder_by_person", client_id=appointment.client_id, subject=f"appointment:{appointment.id}",
                once=f"p{appointment.id}{done}", raised_at=clock.now(), due_at=clock.now(), closed_at=closed_at,
                done=done,
            )
        )  # fmt: skip


@given(
    st.sampled_from(["", "yes", "late", "no", "gone"]), st.sampled_from([None, True, False]),
    st.sampled_from(["", *REASONS, "x"]), st.sampled_from(["", *OFFERS, "x"]), st.booleans(),
)  # fmt: skip
def test_a_missed_one_without_a_reminder_carries_only_the_services_reason(came, happened, reason, offered, reminded):
    """R46, whatever else is said; and what stands is always whole."""
    if outcome_fault(came, happened, reason, offered, reminded) is None:
        assert came in ("yes", "late", "no") and happened is not None
        if came == "no":
            assert happened is False
            assert reminded or reason == "service"
        if not happened:
            assert reason in REASONS and offered in OFFERS


def test_every_reason_is_open_to_some_outcome():
    assert {reason for came, told in product(("yes", "no"), (True, False)) for reason in reasons_open(came, told)} == (
        set(REASONS)
    )


@pytest.mark.parametrize("reason", ["hers_acceptable", "hers_not", "safety"])
def test_without_a_reminder_no_other_reason_is_taken(desk, travel, reason):  # R46
    appointment = book(desk, "10:00")
    travel.to("2026-12-03 11:00")
    with pytest.raises(Invalid) as refusal:
        record(desk.jo.actor, appointment, reason_class=reason)
    assert (refusal.value.field, refusal.value.reason) == ("reason_class", "not_reminded")
    assert outcomes.outcome_of(appointment.id) is None
    assert record(desk.jo.actor, appointment, reason_class="service").reason_class == "service"


@pytest.mark.parametrize(
    ("state", "counts"),
    [("reached", True), ("handed_over", False), ("held", False), ("not_delivered", False), ("skipped", False),
     ("unknown", False)],
)  # fmt: skip
def test_only_a_text_that_reached_her_is_a_reminder(desk, state, counts):  # R46
    appointment = book(desk, "10:00")
    reminded_by_text(appointment, state)
    assert outcomes.was_reminded(appointment) is counts


def test_another_text_or_another_appointments_reminder_is_none(desk):  # R46
    appointment = book(desk, "10:00")
    reminded_by_text(appointment, "reached", kind="appointment_booked")
    reminded_by_text(appointment, "reached", once="x", subject=f"appointment:{appointment.id}1")
    assert not outcomes.was_reminded(appointment)


@pytest.mark.parametrize(
    ("done", "counts"),
    [("rang_her", True), ("told_in_person", True), ("answered_by_text", True), ("could_not_reach", False),
     ("not_needed", False), ("changed_booking", False), ("", False)],
)  # fmt: skip
def test_a_person_reminded_her_only_if_she_says_so(desk, done, counts):  # R46
    appointment = book(desk, "10:00")
    reminded_by_person(appointment, done, clock.now())
    assert outcomes.was_reminded(appointment) is counts


def test_a_reminder_noted_after_it_began_is_none(desk):  # R46
    appointment = book(desk, "10:00")
    reminded_by_person(appointment, "rang_her", appointment.starts_at)
    assert not outcomes.was_reminded(appointment)


def test_a_missed_appointment_makes_a_kind_task_and_no_report_and_no_text(desk, travel):
    referrals.referral(desk.client)
    appointment = book(desk, "10:00")
    before, texts = report_for(desk.client, clock.now()), session.query(Text).count()
    travel.to("2026-12-03 11:00")
    press(desk.reception.actor, appointment, "no")
    press(desk.reception.actor, appointment, "no")
    assert report_for(desk.client, clock.now()) == before
    assert session.query(Text).count() == texts
    client_id, jo_id = desk.client.id, desk.jo.id
    (task,) = follow_ups()
    assert (task.client_id, task.owner_id, task.closed_at) == (client_id, jo_id, None)
    assert clock.london(task.due_at).date() == date(2026, 12, 4)


def test_the_task_goes_when_she_did_come_or_was_offered_what_comes_next(desk, travel):
    appointment, jo, sam = book(desk, "10:00"), desk.jo.actor, desk.reception.actor
    travel.to("2026-12-03 11:00")
    press(sam, appointment, "no")
    press(sam, appointment, "undo")
    assert [task.done for task in follow_ups()] == ["not_needed"]
    record(jo, appointment, offered="a_call")
    assert [task.done for task in follow_ups()] == ["not_needed", ""]
    record(jo, appointment, offered="another_time")
    assert [task.done for task in follow_ups()] == ["not_needed", "offered_next"]


def test_an_outcome_recorded_again_is_the_newest_and_undoing_the_mark_takes_it_away(desk, travel):
    appointment, sam = book(desk, "10:00"), desk.reception.actor
    travel.to("2026-12-03 11:00")
    record(desk.jo.actor, appointment)
    record(desk.jo.actor, appointment, attendance="late", happened=True, reason_class="hers_not")
    outcome = outcomes.outcome_of(appointment.id)
    assert (outcome.happened, outcome.reason_class) == (True, "")
    assert fresh(appointment).attendance == "late"
    press(sam, appointment, "undo")
    assert outcomes.outcome_of(at_desk.number_of(appointment)) is None


def test_not_before_it_began_not_by_the_desk_not_once_it_was_moved(desk, travel):
    appointment = book(desk, "10:00")
    with pytest.raises(TooEarlyToMark):
        record(desk.jo.actor, appointment)
    travel.to("2026-12-03 11:00")
    with pytest.raises(NotAllowed):
        record(desk.reception.actor, appointment)
    with pytest.raises(NotFound):
        record(make.staff("keyworker", make.centre()).actor, appointment)
    with unit_of_work():
        session.execute(update(Appointment).values(state="superseded"))
    with pytest.raises(Stale):
        record(desk.jo.actor, appointment)


def test_what_waits_for_an_outcome_is_counted_for_its_worker_and_her_manager(desk, travel):
    manager = make.staff("manager", desk.centre)
    other = make.staff("keyworker", desk.centre)
    missed = book(desk, "10:00")
    came = book(desk, "12:00", client=make.client(desk.jo))
    travel.to("2026-12-04 11:00")
    assert outcomes.count_without_outcome(desk.jo.actor, clock.now()) == 2
    assert outcomes.count_without_outcome(manager.actor, clock.now()) == 2
    assert outcomes.count_without_outcome(other.actor, clock.now()) == 0
    press(desk.reception.actor, missed, "no")
    press(desk.reception.actor, came, "yes")
    assert [row.appointment.id for row in outcomes.without_outcome(desk.jo.actor, clock.now())] == [missed.id]
    record(desk.jo.actor, missed)
    assert outcomes.count_without_outcome(desk.jo.actor, clock.now()) == 0


def test_of_whom_a_worker_must_not_know_nothing_is_counted(desk, travel):  # R29
    book(desk, "10:00")
    with unit_of_work():
        session.add(Restriction(client_id=desk.client.id, staff_id=desk.jo.id, since_at=clock.now()))
    travel.to("2026-12-04 11:00")
    assert outcomes.count_without_outcome(desk.jo.actor, clock.now()) == 0


def test_she_goes_from_expected_to_gone_and_back_step_by_step(desk, travel):
    appointment, sam = book(desk, "10:00"), desk.reception.actor
    travel.to("2026-12-03 09:55")
    seen = []
    for mark in ("arrived", "in", "gone", "undo", "undo", "undo", "undo"):
        press(sam, appointment, mark)
        seen.append(attendance.standing(fresh(appointment)))
    assert seen == ["arrived", "in", "gone", "in", "arrived", "expected", "expected"]
    row = fresh(appointment)
    assert (row.arrived_at, row.went_in_at, row.left_at, row.attendance) == (None, None, None, "")


def test_who_came_late_waits_too_and_stays_late_when_she_goes_in(desk, travel):
    appointment, sam = book(desk, "10:00"), desk.reception.actor
    travel.to("2026-12-03 09:55")
    with pytest.raises(TooEarlyToMark):
        press(sam, appointment, "here_late")
    travel.to("2026-12-03 10:20")
    press(sam, appointment, "here_late")
    press(sam, appointment, "here_late")
    assert attendance.standing(fresh(appointment)) == "arrived"
    press(sam, appointment, "in")
    row = fresh(appointment)
    assert (attendance.standing(row), row.attendance) == ("in", "late")
    with pytest.raises(MarkedAlready):
        press(sam, appointment, "here_late")


def test_nobody_goes_in_on_another_day_or_after_she_was_marked_missing(desk, travel):
    appointment, sam = book(desk, "10:00"), desk.reception.actor
    with pytest.raises(TooEarlyToMark):
        press(sam, appointment, "in")
    travel.to("2026-12-03 11:00")
    press(sam, appointment, "no")
    for mark in ("in", "gone", "here_late"):
        with pytest.raises(MarkedAlready):
            press(sam, appointment, mark)


def test_she_says_that_she_will_be_late_once_on_the_day_only(desk, travel):
    woman = own(desk.client)

    def say(key: str) -> None:
        with unit_of_work():
            attendance.say_late(woman, request_key=key, now=clock.now())

    appointment, sam, jo = book(desk, "10:00"), desk.reception.actor, desk.jo.actor
    with pytest.raises(NotFound):
        say("k1")
    travel.to("2026-12-03 09:40")
    say("k2")
    say("k2")
    assert fresh(appointment).answer == "late"
    press(sam, appointment, "arrived")
    with pytest.raises(TooLateToChange):
        say("k3")
    with pytest.raises(NotFound), unit_of_work():
        attendance.say_late(jo, request_key="k4", now=clock.now())


def test_a_day_of_a_clock_change_is_her_london_day(desk, travel):
    sunday = date(2027, 3, 28)
    travel.to("2027-03-27 23:30")
    with unit_of_work():
        session.add(
            Appointment(
                client_id=desk.client.id, kind_id=desk.kind.id, centre_id=desk.centre.id, worker_id=desk.jo.id,
                starts_at=make.london(sunday, "00:30"), ends_at=make.london(sunday, "00:30") + timedelta(minutes=50),
                booked_by_kind="staff", booked_by_id=desk.jo.id, booked_at=clock.now(),
            )
        )  # fmt: skip
    with pytest.raises(NotFound), unit_of_work():
        attendance.say_late(own(desk.client), request_key="k1", now=clock.now())
    travel.to("2027-03-28 00:05")
    with unit_of_work():
        assert attendance.say_late(own(desk.client), request_key="k2", now=clock.now()).answer == "late"
