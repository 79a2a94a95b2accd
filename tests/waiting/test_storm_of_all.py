"""Everything at once: bookings, changes, group places, waiting lists, the desk and two workers. Nothing overlaps.

Women and the desk press at random for a day of one centre; the clock goes on with the workers' beats.
"""

import random
import threading
from collections import Counter, defaultdict
from itertools import groupby, pairwise

from sqlalchemy import func, select

from portal.booking import cancelling, series
from portal.booking import service as booking
from portal.booking.models import Appointment, AppointmentState, Occupancy
from portal.core import clock, database
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound, Refusal, Stale
from portal.groups import leaving, sessions
from portal.groups import service as groups
from portal.groups.models import Course, GroupSession, Place
from portal.jobs import tasks
from portal.waiting import answering
from portal.waiting import service as waiting
from portal.waiting.courses import PlaceFree
from portal.waiting.models import Offer, OfferState, Wait
from tests.groups import courses as at
from tests.support import make

WOMEN, DESKS, WORKERS = 8, 2, 2
PRESSES, BEATS = 24, 16
PLACES = 3
STARTS = [f"{hour:02}:{minute:02}" for hour in range(9, 16) for minute in (0, 30)]


class Presser(threading.Thread):
    """Somebody who presses at random; notes what came of each press."""

    def __init__(self, number: int, house, signal: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.number, self.house, self.signal = number, house, signal
        self.chance = random.Random(number)
        self.came: list[str] = []

    def run(self) -> None:
        self.signal.wait()
        for press in range(PRESSES):
            act = self.chance.choice(self.acts())
            try:
                with unit_of_work(patience=60):
                    act(f"{self.number}-{press}")
                self.came.append(f"{act.__name__} done")
            except (Refusal, Stale, NotFound, PlaceFree) as refusal:
                self.came.append(type(refusal).__name__)
            except Exception as fault:  # noqa: BLE001  # counted, and none may be there
                self.came.append(f"fault {act.__name__} {type(fault).__name__}: {fault}"[:300])
            finally:
                database.session.remove()

    def acts(self) -> list:
        raise NotImplementedError

    def some_start(self):
        return make.london(at.THURSDAY, self.chance.choice(STARTS))

    def talk(self, actor: Actor, client_id: int, key: str, starts_at=None) -> None:
        booking.book(
            actor, client_id=client_id, kind_id=self.house.talk_id, centre_id=self.house.centre_id,
            starts_at=starts_at or self.some_start(), request_key=key, now=clock.now(),
        )  # fmt: skip

    def one_of(self, *conditions) -> int:
        found = session.scalars(
            select(Appointment.id).where(Appointment.state == AppointmentState.BOOKED, *conditions)
        ).all()
        return self.chance.choice(found) if found else 1


class Woman(Presser):
    """Books, moves, cancels, thinks better of it, joins and leaves groups, waits and answers."""

    def __init__(self, number: int, house, signal: threading.Barrier, client_id: int) -> None:
        super().__init__(number, house, signal)
        self.actor = Actor("client", client_id)

    def acts(self) -> list:
        return [
            self.book, self.book, self.change, self.change, self.cancel, self.undo, self.join_group, self.join_group,
            self.leave_group, self.wait, self.wait_for_place, self.sooner, self.take, self.take, self.decline,
        ]  # fmt: skip

    def mine(self) -> int:
        return self.one_of(Appointment.client_id == self.actor.id)

    def book(self, key: str) -> None:
        self.talk(self.actor, self.actor.id, key)

    def change(self, key: str) -> None:
        booking.change(self.actor, self.mine(), starts_at=self.some_start(), request_key=key, now=clock.now())

    def cancel(self, _key: str) -> None:
        booking.cancel(self.actor, self.mine(), reason="", now=clock.now())

    def undo(self, _key: str) -> None:
        settling = select(Appointment.id).where(
            Appointment.client_id == self.actor.id, Appointment.settles_at.is_not(None)
        )
        cancelling.undo(self.actor, session.scalars(settling).first() or 1, now=clock.now())

    def join_group(self, key: str) -> None:
        groups.join(self.actor, self.house.course_id, self.actor.id, request_key=key, now=clock.now())

    def leave_group(self, _key: str) -> None:
        leaving.leave(self.actor, self.house.course_id, self.actor.id, reason="", now=clock.now())

    def wait(self, _key: str) -> None:
        waiting.wait_for_kind(
            self.actor, self.actor.id, kind_id=self.house.talk_id, centre_id=self.house.centre_id, now=clock.now()
        )

    def wait_for_place(self, _key: str) -> None:
        waiting.wait_for_course(self.actor, self.actor.id, course_id=self.house.course_id, now=clock.now())

    def sooner(self, _key: str) -> None:
        waiting.wait_for_sooner(self.actor, self.mine(), now=clock.now())

    def take(self, _key: str) -> None:
        offer = answering.held_for(self.actor.id)
        answering.take(self.actor, offer.id if offer else 1, now=clock.now())

    def decline(self, _key: str) -> None:
        offer = answering.held_for(self.actor.id)
        answering.decline(self.actor, offer.id if offer else 1, now=clock.now())


class Desk(Presser):
    """Books and moves for women, repeats, overbooks, cancels, puts into the group, cancels a session of it."""

    def acts(self) -> list:
        return [self.book, self.change, self.change, self.cancel, self.cancel, self.repeat, self.overbook, self.put_in,
                self.cancel_session]  # fmt: skip

    def woman(self) -> int:
        return self.chance.choice(self.house.women)

    def book(self, key: str) -> None:
        self.talk(self.house.desk, self.woman(), key)

    def change(self, key: str) -> None:
        booking.change(self.house.desk, self.one_of(), starts_at=self.some_start(), request_key=key, now=clock.now())

    def cancel(self, _key: str) -> None:
        booking.cancel(self.house.desk, self.one_of(), reason="ill", now=clock.now())

    def repeat(self, _key: str) -> None:
        series.book_series(
            self.house.desk, client_id=self.woman(), kind_id=self.house.talk_id, centre_id=self.house.centre_id,
            worker_id=self.house.jo_id, first_on=at.THURSDAY, local_at=clock.london(self.some_start()).time(),
            every_weeks=1, times=3, now=clock.now(),
        )  # fmt: skip

    def overbook(self, key: str) -> None:
        booking.overbook(
            self.house.desk, client_id=self.woman(), kind_id=self.house.talk_id, centre_id=self.house.centre_id,
            worker_id=self.house.jo_id, starts_at=self.some_start(), reason="storm", request_key=key, now=clock.now(),
        )  # fmt: skip

    def put_in(self, key: str) -> None:
        groups.join(self.house.desk, self.house.course_id, self.woman(), request_key=key, now=clock.now())

    def cancel_session(self, _key: str) -> None:
        if self.chance.random() < 0.1:
            of_it = select(GroupSession.id).where(GroupSession.cancelled_at.is_(None)).order_by(GroupSession.id.desc())
            sessions.cancel_session(self.house.desk, session.scalars(of_it).first() or 1, reason="ill", now=clock.now())


class Worker(threading.Thread):
    """The worker's duties that belong to bookings, beat after beat; the clock goes on with them."""

    def __init__(self, house, signal: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.house, self.signal, self.faults = house, signal, []

    def run(self) -> None:
        self.signal.wait()
        for _ in range(BEATS):
            try:
                tasks.settle_cancellations()
                tasks.offer_free_times()
            except Exception as fault:  # noqa: BLE001  # counted, and none may be there
                self.faults.append(f"{type(fault).__name__}: {fault}"[:300])
            finally:
                database.session.remove()
            self.house.travel.forward(minutes=3)


def test_everything_at_once(either_database, app, travel):
    house = at.open_house()
    house.travel, house.talk_id, house.centre_id = travel, house.talk.id, house.centre.id
    house.desk, house.jo_id = house.sam.actor, house.jo.id
    make.staff("keyworker", house.centre, first_name="Priya")
    house.course_id = at.course(house, places=PLACES, times=3).id
    women = [make.client(house.jo, house.centre) for _ in range(WOMEN)]
    for woman in women:
        make.safe_contact(woman)
    house.women = [woman.id for woman in women]
    session.remove()
    signal = threading.Barrier(WOMEN + DESKS + WORKERS)
    pressers: list[Presser] = [Woman(number, house, signal, each) for number, each in enumerate(house.women)]
    pressers += [Desk(100 + number, house, signal) for number in range(DESKS)]
    workers = [Worker(house, signal) for _ in range(WORKERS)]
    for thread in (*pressers, *workers):
        thread.start()
    for thread in (*pressers, *workers):
        thread.join(300)
        assert not thread.is_alive()
    came = Counter(each for presser in pressers for each in presser.came)
    assert [each for each in came if each.startswith("fault")] == []
    assert [fault for worker in workers for fault in worker.faults] == []
    # What each act comes to is chance; that some of the commonest were done shows that the storm blew.
    assert {"book done", "cancel done"} <= set(came) and sum(each.endswith(" done") for each in came.elements()) > WOMEN
    assert_nothing_overlaps()
    assert_no_place_too_many(house.course_id)
    assert_held_by_what_stands()
    assert_each_offer_taken_made_one_thing()


def assert_nothing_overlaps() -> None:
    session.rollback()
    rows = session.scalars(
        select(Occupancy).where(~Occupancy.overbooked).order_by(Occupancy.resource, Occupancy.starts_at)
    ).all()
    assert rows
    for resource, theirs in groupby(rows, key=lambda row: row.resource):
        assert all(one.ends_at <= other.starts_at for one, other in pairwise(theirs)), resource


def assert_no_place_too_many(course_id: int) -> None:
    """As many places as there are, each number once, no woman twice."""
    open_ones = session.scalars(select(Place).where(Place.course_id == course_id, Place.left_at.is_(None))).all()
    assert len(open_ones) <= session.get_one(Course, course_id).places == PLACES
    assert len({one.number for one in open_ones}) == len({one.client_id for one in open_ones}) == len(open_ones)


def assert_held_by_what_stands() -> None:
    """What is taken is taken by an appointment that stands or can be undone, a session that is held, an open offer."""
    stands = select(Appointment.id).where(
        (Appointment.state == AppointmentState.BOOKED) | Appointment.settles_at.is_not(None)
    )
    held = select(GroupSession.id).where(GroupSession.cancelled_at.is_(None))
    waiting_for_her = select(Offer.id).where(Offer.state.in_((OfferState.OPEN, OfferState.SAID_YES)))
    for column, allowed in (
        (Occupancy.appointment_id, stands), (Occupancy.session_id, held), (Occupancy.offer_id, waiting_for_her),
    ):  # fmt: skip
        lost = select(func.count()).select_from(Occupancy).where(column.is_not(None), column.not_in(allowed))
        assert session.scalar(lost) == 0, column


def assert_each_offer_taken_made_one_thing() -> None:
    """No woman is held two offers; what she took ended her wait."""
    held = session.scalars(select(Offer.client_id).where(Offer.state.in_((OfferState.OPEN, OfferState.SAID_YES)))).all()
    assert len(held) == len(set(held))
    taken = session.scalars(select(Offer).where(Offer.state == OfferState.TAKEN)).all()
    by_wait = defaultdict(list)
    for offer in taken:
        by_wait[offer.wait_id].append(offer)
    for wait_id, offers in by_wait.items():
        assert len(offers) == 1 and session.get_one(Wait, wait_id).ended_at is not None
