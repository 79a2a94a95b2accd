"""Places in a course: the lowest free number, an appointment for each session, one notice, leaving and undoing it."""

from datetime import time, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.booking import cancelling
from portal.booking import service as booking
from portal.booking.models import Appointment, AppointmentState, Occupancy
from portal.booking.rules import FixedTime, SlotTaken
from portal.centres.models import Closure, OpeningHours, bank_holidays
from portal.clients.models import AvoidedCentre, AvoidedWorker, BookingNeeds, KeptApart, Restriction
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups import courses, leaving, queries, rules, service
from portal.groups.models import Course, GroupSession, Place
from portal.groups.rules import CourseBegun, CourseFull, CourseOver, NoDateForHer, PlacesTaken
from portal.messaging.models import Text
from portal.staff.models import Absence, WorkingHours
from tests.groups import courses as at
from tests.support import make


@pytest.fixture
def house(app, travel):
    return at.open_house()


def hers(client, state=AppointmentState.BOOKED):
    """Her appointments in a state, by time."""
    session.expire_all()
    statement = select(Appointment).where(Appointment.client_id == client.id, Appointment.state == state)
    return session.scalars(statement.order_by(Appointment.starts_at)).all()


def texts(client) -> list[tuple[str, str]]:
    session.expire_all()
    return [(text.kind, text.subject) for text in session.scalars(select(Text).where(Text.client_id == client.id))]


def test_joining_gives_a_place_and_an_appointment_for_each_session_and_tells_once(house):
    course = at.course(house)
    made = at.join(course, house.rose)
    assert len(made.appointments) == 3
    assert made.not_had == []
    assert [one.session_id is not None and one.worker_id == house.jo.id for one in hers(house.rose)] == [True] * 3
    assert texts(house.rose) == [("appointment_booked", f"appointment:{made.appointments[0].id}")]
    assert queries.free_places(course.id, clock.now()) == 5
    taken = session.scalars(select(Occupancy.resource).where(Occupancy.appointment_id.is_not(None))).all()
    assert set(taken) == {f"client:{house.rose.id}"}


def test_pressed_twice_is_one_place(house):  # R38
    course = at.course(house)
    for _ in range(2):
        at.join(course, house.rose, key="same")
    at.join(course, house.rose, key="another")
    assert len(hers(house.rose)) == 3
    assert len(texts(house.rose)) == 1
    assert queries.free_places(course.id, clock.now()) == 5


def test_a_full_course_takes_nobody_and_a_freed_place_is_the_lowest(house):
    course = at.course(house, places=2)
    ana, mia, liv = (make.client(house.jo, house.centre) for _ in range(3))
    at.join(course, ana)
    at.join(course, mia)
    with pytest.raises(CourseFull):
        at.join(course, house.rose)
    assert isinstance(queries.joinable(house.rose, course.id, clock.now()), CourseFull)
    at.leave(course, ana)
    with pytest.raises(CourseFull):  # for 90 seconds the place is kept, so that a slip can be undone
        at.join(course, house.rose)
    at.settle()
    at.join(course, liv)
    assert queries.place_of(course.id, liv.id).number == 1


def test_the_database_itself_refuses_a_place_too_many(house):
    course = at.course(house, places=1)
    at.join(course, house.rose)
    other = make.client(house.jo, house.centre)
    for number in (1, 2):
        with pytest.raises(IntegrityError), unit_of_work():
            session.add(
                Place(course_id=course.id, of_places=1, number=number, client_id=other.id, joined_at=clock.now(),
                      joined_by_kind="client", joined_by_id=other.id)
            )  # fmt: skip
    with pytest.raises(IntegrityError), unit_of_work():
        session.execute(update(Course).where(Course.id == course.id).values(places=0))


def test_dates_on_which_she_has_something_else_are_left_out(house):
    course = at.course(house)
    second = at.THURSDAY + timedelta(weeks=1)
    at.talk(house, second, "10:30", worker=ana(house))
    made = at.join(course, house.rose)
    assert [clock.london_today(one.starts_at) for one in made.not_had] == [second]
    assert len(made.appointments) == 2
    assert queries.free_places(course.id, clock.now()) == 5


def ana(house):
    """Another worker there."""
    return make.staff("keyworker", house.centre, first_name="Ana")


def test_a_course_of_which_she_can_come_to_nothing_is_not_joined(app, travel):
    house = at.open_house()
    course = at.course(house, times=1)
    at.talk(house, at.THURSDAY, "10:30", worker=ana(house))
    with pytest.raises(NoDateForHer):
        at.join(course, house.rose)
    assert queries.free_places(course.id, clock.now()) == 6


def test_late_joining_is_as_the_course_says(house, travel):
    strict, lenient = at.course(house), at.course(house, at="14:00", join_late=True)
    travel.to("2026-12-04 10:00")
    with pytest.raises(CourseBegun):
        at.join(strict, house.rose)
    assert len(at.join(lenient, house.rose).appointments) == 2
    travel.to("2026-12-20 10:00")
    with pytest.raises(CourseOver):
        at.join(lenient, make.client(house.jo, house.centre))


NEEDS_OF_ROOMS = ("step_free", "quiet_room", "child_corner")


@pytest.mark.parametrize("why", ["restricted", "avoided", "centre", *NEEDS_OF_ROOMS, "kept_apart", "staff_only"])
def test_what_must_be_kept_from_her_is_not_there_for_her(house, why):  # R29, R43
    course = at.course(house)
    rose, now = house.rose, clock.now()
    assert [one.course.id for one in queries.offered(rose, now)] == [course.id]
    other = make.client(house.jo, house.centre)
    if why == "kept_apart":
        at.join(course, other)
    with unit_of_work():
        session.add({
            "restricted": Restriction(client_id=rose.id, staff_id=house.jo.id, since_at=now),
            "avoided": AvoidedWorker(client_id=rose.id, staff_id=house.jo.id),
            "centre": AvoidedCentre(client_id=rose.id, centre_id=house.centre.id),
            **{
                need: BookingNeeds(client_id=rose.id, recorded_by=house.jo.id, recorded_at=now, **{need: True})
                for need in NEEDS_OF_ROOMS
            },
            "kept_apart": KeptApart(one_id=min(rose.id, other.id), other_id=max(rose.id, other.id)),
            "staff_only": AvoidedWorker(client_id=other.id, staff_id=house.jo.id),
        }[why])  # fmt: skip
        if why == "staff_only":
            session.get(type(house.kind), house.kind.id).bookable_by_clients = False
    assert queries.offered(rose, now) == []
    with pytest.raises(NotFound):
        at.join(course, rose)
    with pytest.raises(NotFound):
        queries.joinable(rose, course.id, now)
    if why == "staff_only":
        assert len(at.join(course, rose, actor=house.sam.actor).appointments) == 3


def test_who_joins_is_not_booked_on_a_closed_day_nor_while_its_worker_is_away(house):
    course, friday = at.course(house), make.london(at.THURSDAY + timedelta(days=8), "00:00")
    with unit_of_work():
        session.add(Closure(centre_id=house.centre.id, starts_on=at.THURSDAY, ends_on=at.THURSDAY))
        away = friday - timedelta(days=1)
        session.add(Absence(staff_id=house.jo.id, starts_at=away, ends_at=friday))
    made = at.join(course, house.rose)
    assert [clock.london_today(one.starts_at) for one in made.appointments] == [at.THURSDAY + timedelta(days=14)]
    assert len(made.not_had) == 2


def test_who_must_stay_away_from_the_centre_by_now_gets_no_further_date_there(house):  # R29
    course = at.course(house, times=1)
    at.join(course, house.rose)
    with unit_of_work():
        session.add(AvoidedCentre(client_id=house.rose.id, centre_id=house.centre.id))
    with unit_of_work():
        further = make.london(at.THURSDAY + timedelta(days=7), "10:00")
        courses.add_date(house.sam.actor, course.id, further, now=clock.now())
    assert len(session.scalars(select(Appointment).where(Appointment.client_id == house.rose.id)).all()) == 1


def test_two_women_who_must_not_meet_are_in_no_session_near_each_other(house):  # R43
    course, other = at.course(house), make.client(house.jo, house.centre)
    with unit_of_work():
        session.add(KeptApart(one_id=min(house.rose.id, other.id), other_id=max(house.rose.id, other.id)))
    at.talk(house, at.THURSDAY, "12:00", worker=ana(house), client=other)
    made = at.join(course, house.rose)
    assert [clock.london_today(one.starts_at) for one in made.not_had] == [at.THURSDAY]


def test_leaving_can_be_undone_and_then_nobody_was_told(house):
    course = at.course(house)
    at.join(course, house.rose)
    before = texts(house.rose)
    at.leave(course, house.rose)
    assert hers(house.rose) == []
    with unit_of_work():
        leaving.undo_leaving(at.own(house.rose), course.id, house.rose.id, now=clock.now())
    assert len(hers(house.rose)) == 3
    at.settle()
    assert len(hers(house.rose)) == 3
    assert texts(house.rose) == before


def test_who_has_left_is_told_once_of_all_her_dates(house):
    course = at.course(house)
    made = at.join(course, house.rose)
    at.leave(course, house.rose)
    at.settle()
    first = f"appointment:{made.appointments[0].id}"
    assert texts(house.rose) == [("appointment_booked", first), ("appointments_cancelled", first)]
    with pytest.raises(Stale), unit_of_work():
        leaving.undo_leaving(at.own(house.rose), course.id, house.rose.id, now=clock.now())
    assert session.scalars(select(Occupancy).where(Occupancy.resource == f"client:{house.rose.id}")).all() == []
    at.join(course, house.rose)
    assert len(hers(house.rose)) == 3


def test_staff_take_her_out_with_a_reason_that_stays_in_her_record(house):
    course = at.course(house)
    at.join(course, house.rose)
    with pytest.raises(Invalid):
        at.leave(course, house.rose, actor=house.sam.actor)
    at.leave(course, house.rose, actor=house.sam.actor, reason="Moved away")
    assert {one.end_reason for one in hers(house.rose, AppointmentState.CANCELLED)} == {"Moved away"}


def test_missing_one_session_keeps_her_place_and_can_be_undone(house):
    course = at.course(house)
    made = at.join(course, house.rose)
    first = made.appointments[0]
    with unit_of_work():
        booking.cancel(at.own(house.rose), first.id, reason="", now=clock.now())
    assert queries.free_places(course.id, clock.now()) == 5
    with unit_of_work():
        leaving.come_after_all(at.own(house.rose), first.id, now=clock.now())
    assert len(hers(house.rose)) == 3
    with unit_of_work():
        booking.cancel(at.own(house.rose), first.id, reason="", now=clock.now())
    at.settle()
    with pytest.raises(Stale), unit_of_work():
        leaving.come_after_all(at.own(house.rose), first.id, now=clock.now())
    with unit_of_work():
        again = leaving.put_in(house.sam.actor, first.session_id, house.rose.id, now=clock.now())
    assert again.id != first.id
    assert len(hers(house.rose)) == 3


def test_a_place_given_up_cannot_be_won_back_through_one_session(house):
    course = at.course(house, places=1)
    made = at.join(course, house.rose)
    at.leave(course, house.rose)
    for undo in (leaving.come_after_all, cancelling.undo):
        with pytest.raises((Stale, FixedTime)), unit_of_work():
            undo(at.own(house.rose), made.appointments[0].id, now=clock.now())
    assert hers(house.rose) == []


def test_a_session_cannot_be_moved_for_one_woman_alone(house):
    made = at.join(at.course(house), house.rose)
    for actor in (at.own(house.rose), house.sam.actor):
        with pytest.raises(FixedTime), unit_of_work():
            booking.change(
                actor, made.appointments[0].id, starts_at=make.london(at.THURSDAY, "14:00"), request_key="m1",
                now=clock.now(),
            )  # fmt: skip
    assert len(hers(house.rose)) == 3


def test_a_held_place_is_nobody_elses_until_it_lapses(house, travel):
    course, other = at.course(house, places=1), make.client(house.jo, house.centre)
    until = clock.now() + timedelta(hours=1)
    with unit_of_work():
        service.hold_place(course.id, house.rose.id, until=until, now=clock.now())
    with pytest.raises(CourseFull):
        at.join(course, other)
    assert hers(house.rose) == []
    travel.to("2026-12-01 11:00")
    assert queries.free_places(course.id, clock.now()) == 1
    at.join(course, other)
    with pytest.raises(CourseFull):
        at.join(course, house.rose)
    with pytest.raises(Stale), unit_of_work():
        service.take_held_place(at.own(house.rose), course.id, house.rose.id, now=clock.now())


def test_a_held_place_is_taken_or_given_back(house):
    course = at.course(house, places=1)
    for taken in (False, True):
        with unit_of_work():
            service.hold_place(course.id, house.rose.id, until=clock.now() + timedelta(hours=1), now=clock.now())
        if taken:
            with unit_of_work():
                made = service.take_held_place(at.own(house.rose), course.id, house.rose.id, now=clock.now())
            assert len(made.appointments) == 3
        with unit_of_work():
            assert service.release_held_place(course.id, house.rose.id, now=clock.now()) is not taken
    assert queries.free_places(course.id, clock.now()) == 0
    with pytest.raises(Stale), unit_of_work():
        service.hold_place(course.id, house.rose.id, until=clock.now() + timedelta(hours=1), now=clock.now())


def test_appointments_and_sessions_keep_out_of_each_others_way(house):
    at.talk(house, at.THURSDAY, "10:30", worker=house.jo)
    course, dates = made_with_dates(house)
    assert [date.why for date in dates] == ["worker"]
    assert len(session.scalars(select(GroupSession).where(GroupSession.course_id == course.id)).all()) == 2
    with pytest.raises(SlotTaken):
        at.talk(house, at.THURSDAY + timedelta(weeks=1), "10:30", worker=house.jo)


def made_with_dates(house, **values):
    with unit_of_work():
        return courses.make_course(house.sam.actor, at.plan(house, **values), now=clock.now())


def test_dates_that_cannot_be_had_say_why(house):
    taken = at.talk(house, at.THURSDAY, "10:30", worker=ana(house))
    dates = courses.dates(house.sam.actor, at.plan(house, times=2, room_id=taken.room_id), clock.now())
    assert [date.why for date in dates] == ["room", ""]
    saturday = at.plan(house, on=at.THURSDAY + timedelta(days=2), times=1)
    assert [date.why for date in courses.dates(house.sam.actor, saturday, clock.now())] == ["closed"]
    with pytest.raises(Invalid):
        made_with_dates(house, on=at.THURSDAY + timedelta(days=2), times=1)
    for wrong in ({"places": 0}, {"places": 61}, {"worker_id": 0}, {"room_id": 0}, {"room_id": None},
                  {"kind_id": house.talk.id}, {"times": 27}):  # fmt: skip
        with pytest.raises(Invalid):
            made_with_dates(house, **wrong)
    with pytest.raises(NotFound):
        made_with_dates(house, centre_id=make.centre().id)


def test_a_course_meets_on_no_bank_holiday_and_in_the_hours_of_a_date(house):
    with unit_of_work():
        session.execute(insert(bank_holidays).values(on=at.THURSDAY, name="Coronation", by_rule=False))
        hours = {"weekday": 3, "local_from": time(12), "local_until": time(17)}
        session.add(OpeningHours(centre_id=house.centre.id, only_on=at.THURSDAY + timedelta(days=7), **hours))
        on = at.THURSDAY + timedelta(days=14)
        session.add(WorkingHours(centre_id=house.centre.id, staff_id=house.jo.id, only_on=on, **hours))
    dates = courses.dates(house.sam.actor, at.plan(house, times=4), clock.now())
    assert [date.why for date in dates] == ["closed", "worker", "worker", ""]


def test_places_are_never_lowered_below_those_taken(house):
    course = at.course(house, places=3)
    women = [make.client(house.jo, house.centre) for _ in range(3)]
    for woman in women:
        at.join(course, woman)
    at.leave(course, women[0])
    at.settle()
    change(house, course, 2)
    assert queries.free_places(course.id, clock.now()) == 0
    with pytest.raises(PlacesTaken):
        change(house, course, 1)
    change(house, course, 4)
    at.join(course, house.rose)
    assert sorted(place.number for place in queries.places_of(course.id, clock.now())) == [1, 2, 3]


def change(house, course, places: int):
    with unit_of_work():
        return courses.change_course(house.sam.actor, course.id, places=places, join_late=False, now=clock.now())


def test_a_further_date_is_for_all_who_have_a_place(house):
    course = at.course(house)
    at.join(course, house.rose)
    with unit_of_work():
        courses.add_date(house.sam.actor, course.id, make.london(at.THURSDAY, "14:00"), now=clock.now())
    assert len(hers(house.rose)) == 4
    assert [kind for kind, _ in texts(house.rose)] == ["appointment_booked"] * 2


def test_only_who_covers_the_centre_makes_and_sees_its_courses(house):
    course, elsewhere = at.course(house), make.staff("keyworker", make.centre())
    with pytest.raises(NotFound):
        queries.staff_course(elsewhere.actor, course.id, clock.now())
    with pytest.raises(NotFound):
        at.join(course, house.rose, actor=elsewhere.actor)
    with pytest.raises(NotFound):
        at.join(course, house.rose, actor=Actor("client", 0))
    assert rules.lowest_free({1, 2, 4}, 4) == 3
