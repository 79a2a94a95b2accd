"""What the tests of this room share: a centre, a kind that is a group, a worker, and short ways to make and join."""

import itertools
from datetime import date, time, timedelta
from types import SimpleNamespace

from sqlalchemy import update

from portal.accounts.models import SignedIn
from portal.booking import cancelling
from portal.booking import service as booking
from portal.booking.models import Appointment
from portal.booking.rules import UNDO_WITHIN
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.groups import courses, leaving, locking, queries, service
from portal.groups.courses import Plan
from portal.groups.models import Course
from portal.groups.rules import course_starts
from tests.support import make

_keys = itertools.count(1)

THURSDAY = date(2026, 12, 3)
HOUR = timedelta(hours=1)


def open_house(*, rooms: int = 2, **kind_values) -> SimpleNamespace:
    """A centre open from 9 to 5, Jo who works there, Sam at its desk, a group kind of 90 minutes, and Rose."""
    centre = make.centre(rooms=rooms)
    kind = make.kind("Cooking", centre, minutes=90, group=True, **kind_values)
    talk = make.kind("Time with your worker", centre)
    jo = make.staff("keyworker", centre, first_name="Jo")
    sam = make.staff("receptionist", centre, first_name="Sam")
    rose = make.client(jo, centre, called_name="Rose")
    return SimpleNamespace(centre=centre, kind=kind, talk=talk, jo=jo, sam=sam, rose=rose, room=centre.rooms[-1])


def own(client) -> Actor:
    """A woman as one who acts."""
    return Actor("client", client.id)


def own_id(client_id: int) -> Actor:
    """A woman as one who acts, by her id."""
    return Actor("client", client_id)


def sessions_of(house, course_id: int):
    """The sessions of a course that stand, by time."""
    return queries.staff_course(house.sam.actor, course_id, clock.now()).sessions


def plan(house, *, on: date = THURSDAY, at: str = "10:00", times: int = 3, every: int = 1, **values) -> Plan:
    """What a course is to be: weekly with Jo in the first room, 6 places, unless told otherwise."""
    facts = {"kind_id": house.kind.id, "centre_id": house.centre.id, "worker_id": house.jo.id,
             "room_id": house.room.id, "places": 6, "join_late": False,
             "starts": course_starts(on, time.fromisoformat(at), every, times)}  # fmt: skip
    return Plan(**(facts | values))


def course(house, *, actor: Actor | None = None, **values) -> Course:
    """A course that was made at the desk."""
    with unit_of_work():
        made, _ = courses.make_course(actor or house.sam.actor, plan(house, **values), now=clock.now())
    return made


def talk(house, on: date, wall: str, *, worker, client=None) -> Appointment:
    """An ordinary appointment, booked at the desk."""
    with unit_of_work():
        return booking.book(
            house.sam.actor, client_id=(client or house.rose).id, kind_id=house.talk.id, centre_id=house.centre.id,
            worker_id=worker.id, starts_at=make.london(on, wall), request_key=f"talk-{next(_keys)}", now=clock.now(),
        )  # fmt: skip


def join(a_course, client, *, actor: Actor | None = None, key: str | None = None):
    """Put a woman in, by herself if nobody else is named."""
    with unit_of_work():
        return service.join(
            actor or own(client), a_course.id, client.id, request_key=key or f"join-{next(_keys)}", now=clock.now()
        )


def leave(a_course, client, *, actor: Actor | None = None, reason: str = ""):
    """Take a woman out, by herself if nobody else is named."""
    with unit_of_work():
        return leaving.leave(actor or own(client), a_course.id, client.id, reason=reason, now=clock.now())


def settle() -> None:
    """Let the time pass in which a leaving or a cancelling can be undone."""
    with unit_of_work():
        cancelling.settle_due(clock.now() + UNDO_WITHIN)
        locking.release_due(clock.now() + UNDO_WITHIN)
    session.expire_all()


def later(travel, wall_time: str) -> None:
    """Go to a London wall time with every session kept alive."""
    at = travel.to(wall_time)
    with unit_of_work():
        session.execute(update(SignedIn).values(seen_at=at))
