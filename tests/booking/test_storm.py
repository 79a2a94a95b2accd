"""Booking, moving, cancelling, undoing, restoring, overbooking at once: nothing overlaps, nothing breaks."""

import random
import threading
from collections import Counter
from itertools import groupby, pairwise

from sqlalchemy import select

from portal.booking import cancelling, service
from portal.booking.models import Appointment, AppointmentState, Occupancy
from portal.booking.rules import UNDO_WITHIN
from portal.core import clock, database
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound, Refusal, Stale
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY
from tests.support import make

PEOPLE, PRESSES = 8, 25
STARTS = [f"{hour:02}:{minute:02}" for hour in range(9, 15) for minute in (0, 30)]


class Presser(threading.Thread):
    """A woman and the desk that acts for her, pressing at random; notes what came of each press."""

    def __init__(self, number: int, desk, client_id: int, signal: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.number, self.desk, self.client_id, self.signal = number, desk, client_id, signal
        self.chance = random.Random(number)
        self.mine: list[int] = []
        self.came: list[str] = []

    def run(self) -> None:
        self.signal.wait()
        for press in range(PRESSES):
            act = self.chance.choice(
                [self.book, self.book, self.change, self.cancel, self.undo, self.restore, self.overbook]
            )
            try:
                with unit_of_work():
                    act(f"{self.number}-{press}")
                self.came.append("done")
            except (Refusal, Stale, NotFound) as refusal:
                self.came.append(type(refusal).__name__)
            except Exception as fault:  # noqa: BLE001  # counted, and none may be there
                self.came.append(f"fault {type(fault).__name__}: {fault}"[:300])
            finally:
                database.session.remove()

    @property
    def actor(self) -> Actor:
        return Actor("client", self.client_id) if self.chance.random() < 0.5 else self.desk.reception_actor

    def book(self, key: str) -> None:
        made = service.book(
            self.actor, client_id=self.client_id, kind_id=self.desk.kind_id, centre_id=self.desk.centre_id,
            starts_at=self.some_start(), request_key=key, now=clock.now(),
        )  # fmt: skip
        self.mine.append(made.id)

    def overbook(self, key: str) -> None:
        made = service.overbook(
            self.desk.reception_actor, client_id=self.client_id, kind_id=self.desk.kind_id, reason="storm",
            centre_id=self.desk.centre_id, worker_id=self.desk.jo_id, starts_at=self.some_start(), request_key=key,
            now=clock.now(),
        )  # fmt: skip
        self.mine.append(made.id)

    def change(self, key: str) -> None:
        made = service.change(self.actor, self.some_id(), starts_at=self.some_start(), request_key=key, now=clock.now())
        self.mine.append(made.id)

    def cancel(self, _key: str) -> None:
        service.cancel(self.actor, self.some_id(), reason="storm", now=clock.now())
        if self.chance.random() < 0.5:
            cancelling.settle_due(clock.now() + UNDO_WITHIN)

    def undo(self, _key: str) -> None:
        cancelling.undo(self.actor, self.some_id(), now=clock.now())

    def restore(self, _key: str) -> None:
        self.mine.append(cancelling.restore(self.desk.reception_actor, self.some_id(), now=clock.now()).id)

    def some_start(self):
        return make.london(THURSDAY, self.chance.choice(STARTS))

    def some_id(self) -> int:
        return self.chance.choice(self.mine) if self.mine else 1


def overlaps() -> list[tuple[str, int]]:
    rows = session.scalars(
        select(Occupancy).where(~Occupancy.overbooked).order_by(Occupancy.resource, Occupancy.starts_at)
    ).all()
    return [
        (resource, after.appointment_id)
        for resource, theirs in groupby(rows, key=lambda row: row.resource)
        for before, after in pairwise(theirs)
        if after.starts_at < before.ends_at
    ]


def test_in_a_storm_nothing_overlaps_and_nothing_breaks(either_database, app, travel):
    desk = at_desk.open_desk(rooms=2)
    make.staff("keyworker", desk.centre, first_name="Priya")
    women = [make.client(desk.jo, desk.centre).id for _ in range(PEOPLE)]
    desk.reception_actor, desk.jo_id = desk.reception.actor, desk.jo.id
    desk.kind_id, desk.centre_id = desk.kind.id, desk.centre.id
    session.remove()
    signal = threading.Barrier(PEOPLE)
    pressers = [Presser(number, desk, client_id, signal) for number, client_id in enumerate(women)]
    for presser in pressers:
        presser.start()
    for presser in pressers:
        presser.join(120)
    came = Counter(what for presser in pressers for what in presser.came)
    assert sum(came.values()) == PEOPLE * PRESSES
    assert [what for what in came if what.startswith("fault")] == []
    assert came["done"] > PRESSES
    assert overlaps() == []
    standing = set(session.scalars(select(Appointment.id).where(Appointment.state == AppointmentState.BOOKED)))
    settling = set(session.scalars(select(Appointment.id).where(Appointment.settles_at.is_not(None))))
    assert set(session.scalars(select(Occupancy.appointment_id))) == standing | settling
