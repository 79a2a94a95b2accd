"""Booking, changing, cancelling and marking, with every refusal, on both databases where locks matter."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from portal.booking import offers, service, taking
from portal.booking.models import Appointment, Occupancy
from portal.booking.rules import (
    AlreadyBooked,
    ClosedThatDay,
    MarkedAlready,
    PastTime,
    SlotTaken,
    TooEarlyToMark,
    TooLateToChange,
    TooSoon,
)
from portal.centres.models import Closure, Kind
from portal.clients.models import KeptApart, Restriction
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import on_sqlite, session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.messaging.models import Text
from portal.staff.models import Absence
from portal.web import once
from portal.worklist.models import Task
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book, cancel, change, fresh, mark, number_of, own, settle
from tests.support import make
from tests.support.measures import statements


@pytest.fixture
def desk(either_database, app, travel):
    return at_desk.open_desk()


@pytest.fixture
def small_desk(app, travel):
    """The same on SQLite alone, for what no lock decides."""
    return at_desk.open_desk()


def resources(appointment) -> dict[str, tuple[datetime, datetime]]:
    session.rollback()
    rows = session.scalars(select(Occupancy).where(Occupancy.appointment_id == number_of(appointment)))
    return {row.resource: (row.starts_at, row.ends_at) for row in rows}


def texts(kind: str | None = None) -> list[Text]:
    session.rollback()
    found = session.scalars(select(Text).order_by(Text.id).execution_options(populate_existing=True)).all()
    return [text for text in found if kind in (None, text.kind)]


def tasks(kind: str) -> list[Task]:
    session.rollback()
    return list(session.scalars(select(Task).where(Task.kind == kind)))


def test_a_booking_takes_worker_and_room_with_buffers_and_her_own_time(desk):
    appointment = book(desk, "10:00")
    begin, end = make.london(THURSDAY, "10:00"), make.london(THURSDAY, "10:50")
    assert (appointment.worker_id, appointment.starts_at, appointment.ends_at) == (desk.jo.id, begin, end)
    assert resources(appointment) == {
        f"worker:{desk.jo.id}": (begin, end + timedelta(minutes=10)),
        f"room:{appointment.room_id}": (begin, end + timedelta(minutes=10)),
        f"client:{desk.client.id}": (begin, end),
    }


def test_the_same_request_key_gives_the_same_appointment(desk):  # R38
    first = book(desk, "10:00", request_key="once")
    assert book(desk, "10:00", request_key="once").id == first.id
    assert book(desk, "15:00", request_key="once").id == first.id
    assert len(session.scalars(select(Appointment)).all()) == 1


def test_an_overlapping_start_is_taken_and_nothing_is_left_half_done(desk):
    book(desk, "10:00")
    other = make.client(desk.jo)
    for overlapping in ("09:30", "10:00", "10:30"):
        with pytest.raises(SlotTaken):
            book(desk, overlapping, client=other)
    assert len(session.scalars(select(Appointment)).all()) == 1
    assert book(desk, "11:00", client=other).starts_at == make.london(THURSDAY, "11:00")


def test_with_two_workers_the_second_booking_goes_to_the_other_one(desk):
    book(desk, "10:00")
    priya = make.staff("keyworker", desk.centre, first_name="Priya")
    appointment = book(desk, "10:00", client=make.client(desk.jo))
    assert appointment.worker_id == priya.id
    assert appointment.room_id is not None
    with pytest.raises(SlotTaken):
        book(desk, "10:00", client=make.client(desk.jo))


def test_her_own_worker_comes_first(small_desk):
    priya = make.staff("keyworker", small_desk.centre, first_name="Priya")
    hers = make.client(priya, small_desk.centre)
    assert book(small_desk, "10:00", client=hers).worker_id == priya.id
    assert book(small_desk, "10:00").worker_id == small_desk.jo.id


def test_one_room_holds_one_appointment(app, travel):
    desk = at_desk.open_desk(rooms=1)
    make.staff("keyworker", desk.centre, first_name="Priya")
    book(desk, "10:00")
    with pytest.raises(SlotTaken):
        book(desk, "10:00", client=make.client(desk.jo))


def test_the_database_itself_refuses_an_overlap_that_the_check_would_let_through(desk, monkeypatch):
    book(desk, "10:00")
    other = make.client(desk.jo)
    taken = offers.FreeTime(make.london(THURSDAY, "10:30"), desk.jo.id, None)
    monkeypatch.setattr(offers, "free_at", lambda *args, **kwargs: taken)
    with pytest.raises(SlotTaken):
        book(desk, "10:30", client=other)
    assert len(session.scalars(select(Appointment)).all()) == 1


def test_refusals_of_times_state_their_reason(small_desk, travel):
    travel.to("2026-12-03 10:10")
    with pytest.raises(PastTime):
        book(small_desk, "10:00")
    with pytest.raises(TooSoon):
        book(small_desk, "12:00")
    with pytest.raises(ClosedThatDay):
        book(small_desk, "12:00", THURSDAY + timedelta(days=2))
    with pytest.raises(SlotTaken):
        book(small_desk, "16:30", THURSDAY + timedelta(days=1))
    with pytest.raises(SlotTaken):
        book(small_desk, "12:05", THURSDAY + timedelta(days=1))
    with pytest.raises(SlotTaken):
        book(small_desk, "12:00", THURSDAY + timedelta(days=35))


def test_a_closure_and_an_absence_take_the_time(small_desk):
    with unit_of_work():
        session.add(Closure(centre_id=small_desk.centre.id, starts_on=THURSDAY, ends_on=THURSDAY))
        friday = THURSDAY + timedelta(days=1)
        away = make.london(friday, "09:00"), make.london(friday, "12:00")
        session.add(Absence(staff_id=small_desk.jo.id, starts_at=away[0], ends_at=away[1]))
    with pytest.raises(ClosedThatDay):
        book(small_desk, "10:00")
    with pytest.raises(SlotTaken):
        book(small_desk, "10:00", friday)
    assert book(small_desk, "12:00", friday)


def test_of_a_kind_booked_one_at_a_time_she_has_one_and_staff_may_add_more(desk):
    with unit_of_work():
        session.get(Kind, desk.kind.id).one_at_a_time = True
    first = book(desk, "10:00")
    with pytest.raises(AlreadyBooked) as refusal:
        book(desk, "15:00")
    assert refusal.value.appointment_id == first.id
    assert book(desk, "15:00", actor=desk.jo.actor)


def test_what_staff_booked_does_not_keep_her_from_booking(small_desk):
    book(small_desk, "10:00", actor=small_desk.jo.actor)
    assert book(small_desk, "15:00")


def test_nobody_books_for_a_woman_who_is_not_hers(small_desk):
    stranger = make.client()
    with pytest.raises(NotFound):
        book(small_desk, "10:00", actor=own(stranger))
    with pytest.raises(NotFound):
        book(small_desk, "10:00", actor=make.staff("keyworker", make.centre()).actor)
    with pytest.raises(NotAllowed):
        book(small_desk, "10:00", actor=make.staff("admin").actor)


@pytest.mark.parametrize("facts", [{"kind_id": 999}, {"centre_id": 999}, {"kind_id": 0}, {"centre_id": 2**40}])
def test_a_kind_or_a_centre_that_is_not_there_is_not_found(small_desk, facts):
    with pytest.raises(NotFound):
        book(small_desk, "10:00", **facts)


def test_staff_may_book_at_short_notice_on_any_five_minutes(small_desk, travel):
    travel.to("2026-12-03 10:07")
    with pytest.raises(PastTime):
        book(small_desk, "10:05", actor=small_desk.reception.actor)
    walk_in = book(small_desk, "10:10", actor=small_desk.reception.actor, walk_in=True)
    assert walk_in.walk_in
    assert not texts()


def test_a_worker_who_must_not_know_of_her_is_never_hers(small_desk):  # R29
    priya = make.staff("keyworker", small_desk.centre, first_name="Priya")
    with unit_of_work():
        session.add(Restriction(client_id=small_desk.client.id, staff_id=priya.id, since_at=clock.now()))
    book(small_desk, "10:00", client=make.client(small_desk.jo))
    with pytest.raises(SlotTaken):
        book(small_desk, "10:00")
    with pytest.raises(SlotTaken):
        book(small_desk, "11:00", worker_id=priya.id)


def test_two_women_who_must_not_meet_are_an_hour_apart_in_one_centre(desk):  # R43
    make.staff("keyworker", desk.centre, first_name="Priya")
    other, third = make.client(desk.jo), make.client(desk.jo)
    with unit_of_work():
        pair = sorted([desk.client.id, other.id])
        session.add(KeptApart(one_id=pair[0], other_id=pair[1]))
    book(desk, "11:00")
    for near in ("09:30", "11:00", "12:00", "12:30"):
        with pytest.raises(SlotTaken):
            book(desk, near, client=other)
    assert book(desk, "13:00", client=other)
    assert book(desk, "11:00", client=third)


def test_a_kind_for_her_own_worker_is_not_given_to_another(small_desk):
    kind = make.kind("Review", small_desk.centre, own_keyworker_only=True)
    make.staff("keyworker", small_desk.centre, first_name="Priya")
    book(small_desk, "10:00", client=make.client(small_desk.jo))
    with pytest.raises(SlotTaken):
        book(small_desk, "10:00", kind_id=kind.id)
    assert book(small_desk, "11:00", kind_id=kind.id).worker_id == small_desk.jo.id


def test_a_change_makes_a_new_row_and_frees_the_old_time(desk):
    old = book(desk, "10:00")
    new = change(desk, old, "10:30")
    old = fresh(old)
    assert (old.state, old.starts_at, old.ended_by_kind) == ("superseded", make.london(THURSDAY, "10:00"), "client")
    assert (new.state, new.supersedes_id, new.revision) == ("booked", old.id, 2)
    assert not resources(old)
    assert set(resources(new)) >= {f"worker:{desk.jo.id}", f"client:{desk.client.id}"}
    other = make.client(desk.jo)
    with pytest.raises(SlotTaken):
        book(desk, "10:00", client=other)
    assert book(desk, "09:30", client=other)


def test_a_change_pressed_twice_moves_once(desk):  # R38
    old = book(desk, "10:00")
    new = change(desk, old, "14:00", key="again")
    assert change(desk, old, "14:00", key="again").id == new.id
    with pytest.raises(Stale):
        change(desk, old, "15:00")


def test_a_change_to_a_taken_time_leaves_the_old_one_standing(desk):
    mine = book(desk, "10:00")
    book(desk, "14:00", client=make.client(desk.jo))
    with pytest.raises(SlotTaken):
        change(desk, mine, "14:30")
    assert fresh(mine).stands
    assert resources(mine)


def test_once_it_began_it_cannot_be_changed_or_cancelled_by_her(small_desk, travel):
    appointment = book(small_desk, "10:00")
    travel.to("2026-12-03 10:00")
    with pytest.raises(TooLateToChange):
        change(small_desk, appointment, "14:00")
    with pytest.raises(TooLateToChange):
        cancel(appointment, actor=own(small_desk.client))
    assert cancel(appointment, actor=small_desk.jo.actor, reason="Jo is ill").state == "cancelled"


def test_a_cancelled_time_is_free_again_and_cancelling_twice_is_harmless(desk):
    appointment = book(desk, "10:00")
    assert cancel(appointment, actor=own(desk.client), reason="  ").end_reason is None
    assert cancel(appointment, actor=own(desk.client)).state == "cancelled"
    settle()
    assert not resources(appointment)
    with pytest.raises(Stale):
        change(desk, appointment, "11:00")
    assert book(desk, "10:00", client=make.client(desk.jo))


@pytest.mark.parametrize("reachable", [True, False])
def test_a_whole_booking_asks_the_database_few_things(desk, reachable):
    """Bookings a second stand and fall with this number; without a safe contact one is a person's task."""
    if reachable:
        make.safe_contact(desk.client)
    book(desk, "09:00", actor=desk.jo.actor)
    with statements() as asked:
        book(desk, "10:00", actor=desk.jo.actor)
    assert len(texts()) == 2 and bool(tasks("hold_text")) is not reachable
    # A person's task is due by a working day, so that bank holidays are read too.
    assert len(asked) == (10 if on_sqlite() else 12) + (0 if reachable else 1), asked


def test_a_form_sent_again_is_led_to_its_appointment_and_a_key_of_another_form_to_none(small_desk):  # R38
    appointment = book(small_desk, "10:00", request_key="pressed")
    assert book(small_desk, "14:00", request_key="pressed").id == appointment.id
    with unit_of_work():
        once.claim(own(small_desk.client), "other-form", now=clock.now(), makes="portal_messages:7")
    with pytest.raises(NotFound):
        book(small_desk, "14:00", request_key="other-form")
    assert len(texts("appointment_booked")) == 1


def test_how_she_may_be_reached_is_what_stands_once_nobody_else_can_book(desk):  # R18
    record = make.safe_contact(desk.client)
    with unit_of_work():
        whom = taking.whom_to_book_for(desk.jo.actor, desk.client.id)
        at = offers.place(whom.client, desk.kind.id, desk.centre.id, by_staff=True)
        assert taking.lock(at, whom).contact.id == record.id


def test_staff_cancel_with_a_reason_that_is_kept_sealed(small_desk):  # R32
    appointment = book(small_desk, "10:00")
    with pytest.raises(Invalid):
        cancel(appointment, actor=small_desk.reception.actor, reason=" ")
    cancel(appointment, actor=small_desk.reception.actor, reason="Boiler broken")
    stored = fresh(appointment)
    assert stored.end_reason == "Boiler broken"
    assert b"Boiler" not in stored._end_reason


def test_each_change_is_told_once_and_older_texts_are_skipped(small_desk):
    make.safe_contact(small_desk.client)
    appointment = book(small_desk, "10:00")
    moved = change(small_desk, appointment, "14:00")
    cancel(moved, actor=own(small_desk.client))
    settle()
    assert [(text.kind, text.state, text.subject) for text in texts()] == [
        ("appointment_booked", "skipped", f"appointment:{appointment.id}"),
        ("appointment_changed", "skipped", f"appointment:{moved.id}"),
        ("appointment_cancelled", "waiting", f"appointment:{moved.id}"),
    ]


def test_a_booking_beyond_the_check_again_date_makes_two_tasks_at_once(small_desk):  # R18
    make.safe_contact(small_desk.client, check_again_on=THURSDAY)
    book(small_desk, "10:00", THURSDAY - timedelta(days=1))
    assert not tasks("recheck_safe_contact")
    assert not tasks("reminder_by_person")
    appointment = book(small_desk, "10:00", actor=small_desk.jo.actor)
    assert [task.owner_id for task in tasks("recheck_safe_contact")] == [small_desk.jo.id]
    (person,) = tasks("reminder_by_person")
    assert person.subject == f"appointment:{appointment.id}"
    assert person.due_at == make.london(THURSDAY - timedelta(days=1), "10:00")
    cancel(appointment, actor=own(small_desk.client))
    settle()
    assert tasks("reminder_by_person")[0].closed_at is not None
    assert tasks("recheck_safe_contact")[0].closed_at is None


def test_marks_follow_each_other_and_the_same_mark_again_changes_nothing(small_desk, travel):
    appointment = book(small_desk, "10:00")
    reception = small_desk.reception.actor
    with pytest.raises(TooEarlyToMark):
        mark(appointment, "arrived", actor=reception)
    arrived_at = travel.to("2026-12-03 09:50")
    with pytest.raises(TooEarlyToMark):
        mark(appointment, "no", actor=reception)
    mark(appointment, "arrived", actor=reception)
    travel.forward(minutes=3)
    assert mark(appointment, "arrived", actor=reception).arrived_at == arrived_at
    mark(appointment, "yes", actor=reception)
    with pytest.raises(MarkedAlready) as refusal:
        mark(appointment, "late", actor=small_desk.jo.actor)
    assert refusal.value.mark == "yes"
    undone = mark(appointment, "undo", actor=reception)
    assert (undone.attendance, undone.arrived_at, undone.marked_by) == ("", None, None)
    travel.to("2026-12-03 10:20")
    assert mark(appointment, "no", actor=reception).attendance == "no"


def test_an_unknown_mark_and_a_woman_marking_herself_are_refused(small_desk, travel):
    appointment = book(small_desk, "10:00")
    with pytest.raises(Invalid):
        mark(appointment, "x" * 10_000, actor=small_desk.reception.actor)
    with pytest.raises(NotAllowed):
        mark(appointment, "yes", actor=own(small_desk.client))
    elsewhere = make.staff("receptionist", make.centre())
    with pytest.raises(NotFound):
        mark(appointment, "yes", actor=elsewhere.actor)


def test_when_she_is_here_reception_is_asked_to_have_her_contact_checked(small_desk, travel):  # R18
    appointment = book(small_desk, "10:00")
    travel.to("2026-12-03 09:55")
    mark(appointment, "arrived", actor=small_desk.reception.actor)
    (task,) = tasks("recheck_safe_contact_at_desk")
    assert task.centre_id == small_desk.centre.id


def test_a_restricted_member_of_staff_cannot_touch_her_appointment(small_desk):  # R29
    appointment = book(small_desk, "10:00")
    with unit_of_work():
        session.add(Restriction(client_id=small_desk.client.id, staff_id=small_desk.reception.id, since_at=clock.now()))
    for act in (
        lambda actor: cancel(appointment, actor=actor, reason="x"),
        lambda actor: mark(appointment, "no", actor=actor),
    ):
        with pytest.raises(NotFound):
            act(small_desk.reception.actor)


def test_on_the_clock_change_sundays_an_appointment_keeps_its_wall_time_and_its_length(app, travel):
    travel.to("2027-03-20 10:00")
    desk = at_desk.open_desk()
    with unit_of_work():
        for hours in (session.merge(desk.centre).hours, session.merge(desk.jo).hours):
            hours[0].weekday, hours[0].local_from = 6, time(0)
    sunday = date(2027, 3, 28)
    appointment = book(desk, "00:30", sunday)
    assert clock.london(appointment.ends_at).time() == time(2, 20)
    with pytest.raises(SlotTaken):
        book(desk, "02:00", sunday, client=make.client(desk.jo))


def test_the_system_is_no_booker(small_desk):
    with pytest.raises(NotFound):
        service.queries.appointment_for(Actor("staff", 1), 1)
