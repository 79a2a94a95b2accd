"""Real threads on both databases: never a place too many, never an overlap, never a fault."""

import threading
from collections import Counter

import pytest
from sqlalchemy import func, select, text

from portal.booking import service as booking
from portal.booking import taking
from portal.booking.models import Appointment
from portal.booking.rules import NotOffered
from portal.core import clock
from portal.core.database import lock_rows, on_sqlite, session, unit_of_work
from portal.core.errors import Stale
from portal.groups import courses, leaving, service, sessions
from portal.groups.models import Place
from portal.groups.rules import CannotJoin, PlacesTaken
from tests.groups import courses as at
from tests.support import make

OVERLAPS = text(
    "SELECT count(*) FROM occupancies a JOIN occupancies b ON a.resource = b.resource AND a.id < b.id"
    " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
)
REFUSALS = (CannotJoin, NotOffered, PlacesTaken, Stale)


@pytest.fixture
def house(either_database, app):
    """A house whose course begins next Monday but one, as the real clock runs on here."""
    house = at.open_house()
    house.on = make.monday(make.monday())
    return house


def together(*acts) -> Counter:
    """Do all at the same moment, each in a thread and a change of its own; gives what came of them."""
    signal, came_of = threading.Barrier(len(acts)), Counter()

    def run(act) -> None:
        signal.wait()
        try:
            with unit_of_work(patience=30):
                act()
            came_of["done"] += 1
        except REFUSALS as refusal:
            came_of[type(refusal).__name__] += 1
        except Exception as fault:  # noqa: BLE001  # every fault is counted
            came_of[f"fault {type(fault).__name__}: {fault}"[:200]] += 1
        finally:
            session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came_of


def women_of(house, count: int) -> list[int]:
    return [make.client(house.jo, house.centre).id for _ in range(count)]


def joining(course_id: int, client_id: int):
    actor = at.own_id(client_id)
    return lambda: service.join(actor, course_id, client_id, request_key=f"j{course_id}-{client_id}", now=clock.now())


def leaving_it(course_id: int, client_id: int):
    return lambda: leaving.leave(at.own_id(client_id), course_id, client_id, reason="", now=clock.now())


def talking(house_ids: dict, client_id: int, starts_at, key: str, worker_id: int | None = None):
    return lambda: booking.book(
        at.own_id(client_id), client_id=client_id, kind_id=house_ids["talk"], centre_id=house_ids["centre"],
        worker_id=worker_id, starts_at=starts_at, request_key=key, now=clock.now(),
    )  # fmt: skip


def ids_of(house) -> dict:
    return {"talk": house.talk.id, "centre": house.centre.id, "jo": house.jo.id}


def test_twenty_women_press_for_six_places(house):
    course_id, women = at.course(house, on=house.on).id, women_of(house, 20)
    came_of = together(*(joining(course_id, client_id) for client_id in women))
    assert came_of == {"done": 6, "CourseFull": 14}
    numbers = session.scalars(select(Place.number).where(Place.course_id == course_id)).all()
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    assert session.scalar(select(func.count()).select_from(Appointment)) == 18


def test_one_woman_presses_ten_times_in_two_windows(house):
    course_id, (rose,) = at.course(house, on=house.on).id, women_of(house, 1)
    same = [joining(course_id, rose)] * 5
    other = [
        lambda key=key: service.join(at.own_id(rose), course_id, rose, request_key=f"w{key}", now=clock.now())
        for key in range(5)
    ]
    assert together(*same, *other) == {"done": 10}
    assert session.scalar(select(func.count()).select_from(Place)) == 1
    assert session.scalar(select(func.count()).select_from(Appointment)) == 3


def test_joining_and_booking_the_same_time_never_overlap(house):
    ana = make.staff("keyworker", house.centre, first_name="Ana")
    house_ids, course_id, women = ids_of(house), at.course(house, on=house.on, places=20).id, women_of(house, 8)
    starts_at = make.london(house.on, "10:30")
    acts = [joining(course_id, client_id) for client_id in women]
    acts += [talking(house_ids, client_id, starts_at, f"t{client_id}", ana.id) for client_id in women]
    came_of = together(*acts)
    assert not [what for what in came_of if what.startswith("fault")], came_of
    assert session.scalar(OVERLAPS) == 0
    assert session.scalar(select(func.count()).select_from(Place)) == 8


def test_making_a_course_and_booking_its_worker_and_room_never_overlap(house):
    house_ids, women, plan = ids_of(house), women_of(house, 8), at.plan(house, on=house.on)
    sam = house.sam.actor
    acts = [lambda: courses.make_course(sam, plan, now=clock.now()) for _ in range(3)]
    acts += [
        talking(house_ids, client_id, make.london(house.on, "10:00"), f"m{client_id}", house_ids["jo"])
        for client_id in women
    ]
    came_of = together(*acts)
    came_of.pop("fault Invalid: first_on: none", None)
    assert not [what for what in came_of if what.startswith("fault")], came_of
    assert session.scalar(OVERLAPS) == 0


def test_joining_leaving_moving_cancelling_and_fewer_places_at_once(house):
    course_id, women, sam = at.course(house, on=house.on, places=10).id, women_of(house, 12), house.sam.actor
    for client_id in women[:6]:
        with unit_of_work():
            joining(course_id, client_id)()
    first, second, _ = [one.id for one in at.sessions_of(house, course_id)]
    acts = [joining(course_id, client_id) for client_id in women[6:]]
    acts += [
        lambda client_id=client_id: leaving.leave(
            at.own_id(client_id), course_id, client_id, reason="", now=clock.now()
        )
        for client_id in women[:3]
    ]
    moved_to = make.london(house.on, "14:00")
    acts += [
        lambda: sessions.move_session(sam, first, starts_at=moved_to, now=clock.now()),
        lambda: sessions.cancel_session(sam, second, reason="flood", now=clock.now()),
        lambda: courses.change_course(sam, course_id, places=8, join_late=True, now=clock.now()),
    ]
    came_of = together(*acts)
    assert not [what for what in came_of if what.startswith("fault")], came_of
    assert session.scalar(OVERLAPS) == 0
    open_ones = session.scalars(select(Place).where(Place.left_at.is_(None))).all()
    assert len({place.number for place in open_ones}) == len(open_ones) <= 10


def test_a_course_ends_while_cancellings_of_it_are_settled(house):
    """Both lock many appointments: in one order, so that neither is stopped by the database."""
    if on_sqlite():
        pytest.skip("there is one writer anyway")
    course = at.course(house, on=house.on, times=2)
    for client_id in women_of(house, 2):
        with unit_of_work():
            joining(course.id, client_id)()
    second_of_one, first_of_other = session.scalars(select(Appointment.id).order_by(Appointment.id)).all()[1:3]
    came_of: list[Counter] = []
    ending = threading.Thread(
        target=lambda: came_of.append(together(
            lambda: sessions.end_course(house.sam.actor, course.id, reason="Nobody to hold it", now=clock.now())
        ))
    )  # fmt: skip
    with unit_of_work():
        session.scalars(lock_rows(taking.fresh(second_of_one))).one()
        ending.start()
        ending.join(timeout=1.5)
        assert came_of == []
        session.scalars(lock_rows(taking.fresh(first_of_other))).one()
    ending.join(timeout=30)
    assert came_of == [{"done": 1}]
