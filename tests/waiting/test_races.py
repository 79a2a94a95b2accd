"""Ten women wait while times get free at random, the desk books, and they accept, decline, leave or say nothing.

Two workers offer at once. Nothing overlaps, each time is offered to one at a time, nobody is asked a fourth time.
"""

import random
import threading
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import combinations, pairwise

from sqlalchemy import select

from portal.booking import cancelling
from portal.booking import service as booking
from portal.booking.models import Appointment, AppointmentState
from portal.booking.rules import UNDO_WITHIN
from portal.core import clock, database
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound, Refusal, Stale
from portal.jobs import tasks
from portal.waiting import answering, service
from portal.waiting.models import Offer, OfferState, Wait
from tests.support import make
from tests.waiting import house as h

WOMEN, PRESSES, BEATS = 10, 14, 20
SLACK = timedelta(minutes=30)
"""Two workers move one clock: one may have read it some beats before it gets its locks. No overlap is possible."""
ENDED_BY_ANSWER = (OfferState.DECLINED, OfferState.TAKEN, OfferState.WITHDRAWN)


class Presser(threading.Thread):
    """Somebody who presses at random until the signal ends, and notes what came of it."""

    def __init__(self, number: int, house, signal: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.number, self.house, self.signal = number, house, signal
        self.chance = random.Random(number)
        self.came: list[str] = []

    def run(self) -> None:
        self.signal.wait()
        for press in range(PRESSES):
            try:
                with unit_of_work():
                    self.press(press)
                self.came.append("done")
            except (Refusal, Stale, NotFound) as refusal:
                self.came.append(type(refusal).__name__)
            except Exception as fault:  # noqa: BLE001  # counted, and none may be there
                self.came.append(f"fault {type(fault).__name__}: {fault}"[:300])
            finally:
                database.session.remove()

    def press(self, press: int) -> None:
        raise NotImplementedError


class Woman(Presser):
    """One who waits."""

    def __init__(self, number: int, house, signal: threading.Barrier, client_id: int) -> None:
        super().__init__(number, house, signal)
        self.actor = Actor("client", client_id)

    def press(self, press: int) -> None:
        offer, act = answering.held_for(self.actor.id), self.chance.random()
        if offer is None or act < 0.2:
            if act < 0.05:
                self.again()
            return
        if act < 0.55:
            answering.take(self.actor, offer.id, now=clock.now())
        elif act < 0.75:
            answering.decline(self.actor, offer.id, now=clock.now())
        elif act < 0.85:
            answering.say_yes_by_text(offer, clock.now())

    def again(self) -> None:
        """Off the list and on it again."""
        for wait in session.scalars(select(Wait).where(Wait.client_id == self.actor.id, Wait.ended_at.is_(None))):
            service.leave(self.actor, wait.id, now=clock.now())
        service.wait_for_kind(
            self.actor, self.actor.id, kind_id=self.house.kind_id, centre_id=self.house.centre_id, now=clock.now()
        )


class Desk(Presser):
    """Cancels what stands and books what is free, for women who do not wait."""

    def press(self, press: int) -> None:
        standing = session.scalars(
            select(Appointment.id).where(
                Appointment.state == AppointmentState.BOOKED, Appointment.starts_at > clock.now()
            )
        ).all()
        if standing and self.chance.random() < 0.6:
            number = self.chance.choice(standing)
            booking.cancel(self.house.desk, number, reason="ill", now=clock.now() - UNDO_WITHIN)
            cancelling.settle_due(clock.now())
            return
        booking.book(
            self.house.desk, client_id=self.chance.choice(self.house.others), kind_id=self.house.kind_id,
            centre_id=self.house.centre_id, request_key=f"d{self.number}-{press}", now=clock.now(),
            starts_at=make.london(h.WEDNESDAY, f"{self.chance.randrange(9, 16):02}:{self.chance.choice((0, 30)):02}"),
        )  # fmt: skip


class Worker(threading.Thread):
    """The worker's duty, beat after beat; the clock goes on with it."""

    def __init__(self, house, signal: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.house, self.signal, self.faults = house, signal, []

    def run(self) -> None:
        self.signal.wait()
        for _ in range(BEATS):
            try:
                tasks.offer_free_times()
            except Exception as fault:  # noqa: BLE001  # counted, and none may be there
                self.faults.append(f"{type(fault).__name__}: {fault}"[:300])
            finally:
                database.session.remove()
            self.house.travel.forward(minutes=5)


def test_a_storm_of_waiting_women(either_database, app, travel):
    house = h.full_house(travel)
    house.kind_id, house.centre_id = house.kind.id, house.centre.id
    house.desk = make.staff("receptionist", house.centre).actor
    house.others = [make.client(house.jo, house.centre).id for _ in range(3)]
    women = [h.woman(house) for _ in range(WOMEN)]
    for woman in women:
        h.waits(woman, house)
    ids = [woman.id for woman in women]
    session.remove()
    signal = threading.Barrier(WOMEN + 4)
    pressers = [Woman(number, house, signal, client_id) for number, client_id in enumerate(ids)]
    pressers += [Desk(100 + number, house, signal) for number in range(2)]
    workers = [Worker(house, signal) for _ in range(2)]
    for thread in (*pressers, *workers):
        thread.start()
    for thread in (*pressers, *workers):
        thread.join(240)
        assert not thread.is_alive()
    came = Counter(each for presser in pressers for each in presser.came)
    assert not [each for each in came if each.startswith("fault")], came
    assert not [fault for worker in workers for fault in worker.faults]
    assert h.overlaps() == 0
    assert_one_at_a_time()
    assert_never_a_fourth()
    assert_what_was_taken_stands()


def assert_one_at_a_time() -> None:
    """No time of a worker was offered to two women at once."""
    session.rollback()
    offers = session.scalars(select(Offer).order_by(Offer.id)).all()
    assert offers, "the storm offered something"
    for one, other in combinations(offers, 2):
        if one.worker_id == other.worker_id and one.starts_at < other.ends_at and other.starts_at < one.ends_at:
            assert one.state not in (OfferState.OPEN, OfferState.SAID_YES)
            ended_at = one.answered_at if one.state in ENDED_BY_ANSWER else one.lapses_at
            assert ended_at <= other.offered_at + SLACK
            assert one.state != OfferState.TAKEN or not _stands(one.appointment_id)


def _stands(appointment_id: int) -> bool:
    return session.get_one(Appointment, appointment_id).stands


def assert_never_a_fourth() -> None:
    per_woman = defaultdict(list)
    for offer in session.scalars(select(Offer).where(Offer.state != OfferState.WITHDRAWN).order_by(Offer.offered_at)):
        per_woman[offer.client_id].append(offer.offered_at)
    assert all(len(offered) <= 3 for offered in per_woman.values())


def assert_what_was_taken_stands() -> None:
    """Each taken offer made one appointment, and no woman has two at once."""
    taken = session.scalars(select(Offer).where(Offer.state == OfferState.TAKEN)).all()
    made = [offer.appointment_id for offer in taken]
    assert len(set(made)) == len(made)
    standing = select(Appointment).where(Appointment.state == AppointmentState.BOOKED)
    by_woman = defaultdict(list)
    for one in session.scalars(standing.order_by(Appointment.starts_at)):
        by_woman[one.client_id].append(one)
    for hers in by_woman.values():
        assert all(one.ends_at <= other.starts_at for one, other in pairwise(hers))
