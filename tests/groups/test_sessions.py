"""Cancelling, moving and giving away sessions: each woman told once, or rung; agreeing with a closed day."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.booking import closing
from portal.booking import service as booking
from portal.booking.models import Appointment, AppointmentState, Occupancy
from portal.booking.rules import ClosedThatDay, SlotTaken, TooLateToChange
from portal.clients.models import AvoidedWorker, Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups import courses, leaving, queries, sessions
from portal.groups.models import GroupSession
from portal.groups.rules import CourseOver
from portal.messaging.models import Text
from portal.worklist.models import Task
from tests.groups import courses as at
from tests.support import make


@pytest.fixture
def house(app, travel):
    """A course of three with Rose, whom a text reaches, and Mia, whom none does."""
    house = at.open_house()
    house.mia = make.client(house.jo, house.centre, called_name="Mia")
    make.safe_contact(house.rose)
    house.course = at.course(house)
    at.join(house.course, house.rose)
    at.join(house.course, house.mia)
    house.first, house.second, house.third = sittings(house)
    with unit_of_work():
        for text in session.scalars(select(Text)):
            session.delete(text)
        for task in session.scalars(select(Task)):
            session.delete(task)
    return house


def sittings(house) -> list[GroupSession]:
    return queries.staff_course(house.sam.actor, house.course.id, clock.now()).sessions


def texts(client) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Text.kind).where(Text.client_id == client.id).order_by(Text.id)))


def rings() -> list[int]:
    session.expire_all()
    open_ones = select(Task.client_id).where(Task.kind == closing.RING, Task.closed_at.is_(None))
    return list(session.scalars(open_ones))


def standing(client) -> list[Appointment]:
    session.expire_all()
    statement = select(Appointment).where(Appointment.client_id == client.id, Appointment.state == "booked")
    return list(session.scalars(statement.order_by(Appointment.starts_at)))


def test_cancelling_one_session_tells_each_once_and_rings_whom_no_text_reaches(house):
    for _ in range(2):
        with unit_of_work():
            sessions.cancel_session(house.sam.actor, house.first.id, reason="No heating", now=clock.now())
    assert texts(house.rose) == ["appointment_cancelled"]
    assert rings() == [house.mia.id]
    assert len(standing(house.rose)) == len(standing(house.mia)) == 2
    taken = select(Occupancy.resource).where(Occupancy.starts_at < house.first.ends_at, Occupancy.session_id > 0)
    assert session.scalars(taken).all() == []
    assert len(sittings(house)) == 2
    assert queries.free_places(house.course.id, clock.now()) == 4


def test_ending_a_course_tells_of_all_in_one_text(house):
    with pytest.raises(Invalid), unit_of_work():
        sessions.end_course(house.sam.actor, house.course.id, reason=" ", now=clock.now())
    for _ in range(2):
        with unit_of_work():
            sessions.end_course(house.sam.actor, house.course.id, reason="Jo leaves", now=clock.now())
    assert texts(house.rose) == ["appointments_cancelled"]
    assert rings() == [house.mia.id]
    assert standing(house.rose) == standing(house.mia) == []
    assert session.scalars(select(Occupancy)).all() == []
    with pytest.raises((CourseOver, NotFound)):
        at.join(house.course, make.client(house.jo, house.centre))


def test_a_session_moves_for_all_and_each_appointment_is_superseded(house):
    was = [one.id for one in (standing(house.rose)[0], standing(house.mia)[0])]
    wanted = make.london(at.THURSDAY, "14:00")
    with unit_of_work():
        moved = sessions.move_session(house.sam.actor, house.first.id, starts_at=wanted, now=clock.now())
    assert moved.lost == 0
    assert standing(house.rose)[0].starts_at == wanted
    assert [session.get(Appointment, number).state for number in was] == [AppointmentState.SUPERSEDED] * 2
    assert standing(house.rose)[0].supersedes_id == was[0]
    assert texts(house.rose) == ["appointment_changed"]
    assert rings() == [house.mia.id]
    at.talk(house, at.THURSDAY, "10:00", worker=house.jo)
    with pytest.raises(SlotTaken), unit_of_work():
        at_ten = make.london(at.THURSDAY, "10:00")
        sessions.move_session(house.sam.actor, house.first.id, starts_at=at_ten, now=clock.now())
    with pytest.raises(ClosedThatDay), unit_of_work():
        on_saturday = make.london(at.THURSDAY + timedelta(days=2), "10:00")
        sessions.move_session(house.sam.actor, house.first.id, starts_at=on_saturday, now=clock.now())
    assert standing(house.rose)[1].starts_at == wanted


def test_who_cannot_come_at_the_new_time_is_told_that_it_is_cancelled_for_her(house):
    ana = make.staff("keyworker", house.centre, first_name="Ana")
    at.talk(house, at.THURSDAY, "14:00", worker=ana)
    wanted = make.london(at.THURSDAY, "14:00")
    with unit_of_work():
        moved = sessions.move_session(house.sam.actor, house.first.id, starts_at=wanted, now=clock.now())
    assert moved.lost == 1
    assert texts(house.rose) == ["appointment_booked", "appointment_cancelled"]
    assert standing(house.mia)[0].starts_at == wanted


def test_a_session_that_has_begun_stays_as_it_is(house, travel):
    travel.to("2026-12-03 10:01")
    for act in (
        lambda: sessions.cancel_session(house.sam.actor, house.first.id, reason="x", now=clock.now()),
        lambda: sessions.move_session(
            house.sam.actor, house.first.id, starts_at=make.london(at.THURSDAY, "15:00"), now=clock.now()
        ),
    ):
        with pytest.raises(TooLateToChange), unit_of_work():
            act()


def test_a_colleague_stands_in_but_for_no_woman_who_avoids_her(house):  # R29
    ana = make.staff("keyworker", house.centre, first_name="Ana")
    with unit_of_work():
        session.add(Restriction(client_id=house.rose.id, staff_id=ana.id, since_at=clock.now()))
    with unit_of_work():
        given = sessions.stand_in(
            house.sam.actor, house.first.id, worker_id=ana.id, room_id=house.room.id, now=clock.now()
        )
    assert given.lost == 1
    assert [one.worker_id for one in standing(house.mia)] == [ana.id, house.jo.id, house.jo.id]
    assert [one.session_id for one in standing(house.rose)] == [house.second.id, house.third.id]
    assert texts(house.rose) == ["appointment_cancelled"]
    assert texts(house.mia) == []
    at.talk(house, at.THURSDAY, "10:00", worker=house.jo)
    with pytest.raises(SlotTaken):
        at.talk(house, at.THURSDAY, "10:00", worker=ana, client=make.client(house.jo, house.centre))


def test_what_she_took_back_a_moment_ago_is_never_with_a_stand_in_who_must_not_know(house):  # R29
    ana, hers = make.staff("keyworker", house.centre, first_name="Ana"), standing(house.rose)[0].id
    with unit_of_work():
        session.add(Restriction(client_id=house.rose.id, staff_id=ana.id, since_at=clock.now()))
    with unit_of_work():
        booking.cancel(at.own(house.rose), hers, reason="", now=clock.now())
    with unit_of_work():
        sessions.stand_in(house.sam.actor, house.first.id, worker_id=ana.id, room_id=None, now=clock.now())
    with pytest.raises(Stale), unit_of_work():
        leaving.come_after_all(at.own(house.rose), hers, now=clock.now())
    session.rollback()
    assert session.get(Appointment, hers).worker_id == house.jo.id


def test_a_woman_who_joins_later_is_not_put_with_a_stand_in_she_avoids(house):  # R29
    ana, liv = make.staff("keyworker", house.centre, first_name="Ana"), make.client(house.jo, house.centre)
    with unit_of_work():
        session.add(AvoidedWorker(client_id=liv.id, staff_id=ana.id))
        sessions.stand_in(house.sam.actor, house.first.id, worker_id=ana.id, room_id=None, now=clock.now())
    made = at.join(house.course, liv)
    assert [one.id for one in made.not_had] == [house.first.id]


def close(house):
    with unit_of_work():
        return closing.close_day(
            house.sam.actor, centre_id=house.centre.id, worker_id=None, on=at.THURSDAY, now=clock.now()
        )


def test_a_closed_day_lists_the_group_and_cancelling_it_settles_that_list(house):
    closed = close(house)
    found = closing.hits(house.sam.actor, closed)
    assert [hit.state for hit in found] == ["to_move", "to_move"]
    assert closing.proposals(found, clock.now()) == {}
    with unit_of_work():
        listed = sessions.cancel_session(house.sam.actor, house.first.id, reason="Flood", now=clock.now())
    assert listed.id == closed.id
    states = {hit.booked.client.called_name: hit.state for hit in closing.hits(house.sam.actor, closed)}
    assert states == {"Rose": "waiting", "Mia": "ring"}
    assert texts(house.rose) == ["appointment_cancelled"]
    assert rings() == [house.mia.id]


def test_a_closed_day_lists_the_group_and_moving_it_settles_that_list(house):
    closed = close(house)
    wanted = make.london(at.THURSDAY + timedelta(days=1), "14:00")
    with unit_of_work():
        sessions.move_session(house.sam.actor, house.first.id, starts_at=wanted, now=clock.now())
    found = closing.hits(house.sam.actor, closed)
    assert {hit.new.starts_at for hit in found} == {wanted}
    assert {hit.state for hit in found} == {"waiting", "ring"}
    with unit_of_work():
        closing.rang(house.sam.actor, next(hit.row.id for hit in found if hit.state == "ring"), now=clock.now())
    assert rings() == []


def test_nothing_of_a_closed_day_can_be_given_to_a_course(house):
    close(house)
    plan = at.plan(house, at="14:00", times=1)
    assert [date.why for date in courses.dates(house.sam.actor, plan, clock.now())] == ["closed"]
