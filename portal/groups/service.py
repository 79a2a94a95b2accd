"""Places in a course: joining, and a place that is held for a woman while it is offered to her."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.audit import service as audit
from portal.booking import cancelling, notices
from portal.booking.models import Appointment
from portal.centres.models import Kind
from portal.clients.models import Client
from portal.core.access import SYSTEM, Actor
from portal.core.at_once import write_at_once
from portal.core.database import session
from portal.core.errors import Stale
from portal.groups import parts, queries, rules
from portal.groups.leaving import stay
from portal.groups.locking import client_of, give_back, hold_course, locked
from portal.groups.locking import release_due as release_due
from portal.groups.models import Course, GroupSession, Place
from portal.groups.queries import Shown
from portal.groups.rules import CourseFull, CourseOver, NoDateForHer
from portal.web import once


class Joined(NamedTuple):
    """What came of joining: her appointments, and the sessions that she cannot come to."""

    course_id: int
    appointments: list[Appointment]
    not_had: list[GroupSession]


def join(actor: Actor, course_id: int, client_id: int, *, request_key: str, now: datetime) -> Joined:
    """Give a woman the lowest free place and an appointment for each session that she can come to; told once.

    In already, nothing happens; a place held for her becomes hers, and leaving it a moment ago is undone. Raises
    NotFound for a course that she must not know of, CourseFull, CourseBegun, CourseOver, NoDateForHer.
    """
    client = client_of(actor, client_id)
    if once.claim(actor, request_key, now=now) is not None:
        return Joined(course_id, [], [])
    shown = locked(client, course_id, now, by_staff=actor.is_staff)
    once.made(actor, request_key, f"/groups/{course_id}")
    return _join(actor, shown, client, now)


def hold_place(course_id: int, client_id: int, *, until: datetime, now: datetime) -> Place:
    """Hold the lowest free place for a woman to whom it is offered, until an instant; one held for her is held on.

    Raises NotFound, CourseFull, CourseBegun, CourseOver, and Stale when she has a place already.
    """
    client = session.get_one(Client, client_id)
    shown = locked(client, course_id, now, by_staff=True)
    if shown.is_in:
        raise Stale("place")
    if shown.place is not None:
        shown.place.held_until_at = until
        session.flush()
        return shown.place
    refusal = rules.why_not(shown.facts(now))
    if refusal is not None:
        raise refusal
    return _take_place(SYSTEM, shown.course, client, now, held_until_at=until)


def take_held_place(actor: Actor, course_id: int, client_id: int, *, now: datetime) -> Joined:
    """Make the place that is held for a woman hers, with an appointment for each session that she can come to.

    In already, nothing happens. Raises NotFound, Stale when nothing is held for her (any more), CourseOver,
    NoDateForHer.
    """
    client = client_of(actor, client_id)
    shown = locked(client, course_id, now, by_staff=True)
    if shown.place is None:
        raise Stale("place")
    return _join(actor, shown, client, now)


def release_held_place(course_id: int, client_id: int, *, now: datetime) -> bool:
    """Give back the place that is held for a woman; gives whether one was. A place that is hers stays hers."""
    hold_course(course_id, client_id)
    place = queries.place_of(course_id, client_id)
    if place is None or place.held_until_at is None or place.left_by_kind:
        return False
    give_back(place, now)
    return True


def _join(actor: Actor, shown: Shown, client: Client, now: datetime) -> Joined:
    course, place = shown.course, shown.place
    if place is not None and place.left_by_kind:
        stay(actor, place, now)
        return Joined(course.id, [], [])
    if place is not None and place.held_until_at is None:
        return Joined(course.id, [], [])
    refusal = rules.why_not(shown.facts(now))
    # What is held for her is hers to take: it counts as taken, and was hers before the first session.
    if refusal is not None and (place is None or isinstance(refusal, CourseOver)):
        raise refusal
    coming = shown.coming(now + _notice(actor, shown.kind))
    can_come, not_had = _dates(shown, client, coming, now)
    if not can_come:
        raise NoDateForHer(course.id) if coming else CourseOver(course.id)
    if place is None:
        _take_place(actor, course, client, now)
    else:
        place.held_until_at = None
        place.joined_at, place.joined_by_kind, place.joined_by_id = now, actor.kind, actor.id
        session.flush()
    booked = [parts.write(actor, course, one, client, now) for one in can_come]
    audit.record(actor, "course_joined", now=now, client_id=client.id, subject=f"course:{course.id}")
    notices.tell(booked[0], "appointment_booked", now)
    return Joined(course.id, booked, not_had)


def _notice(actor: Actor, kind: Kind) -> timedelta:
    return timedelta(minutes=kind.least_notice_minutes if actor.is_client else 0)


def _take_place(
    actor: Actor, course: Course, client: Client, now: datetime, *, held_until_at: datetime | None = None
) -> Place:
    """The database's own rules are the net under the lock: they too say that the course is full."""
    taken = session.scalars(select(Place.number).where(Place.course_id == course.id, Place.left_at.is_(None)))
    number = rules.lowest_free(set(taken), course.places)
    if number is None:
        raise CourseFull(course.id)
    place = Place(
        course_id=course.id,
        of_places=course.places,
        number=number,
        client_id=client.id,
        held_until_at=held_until_at,
        joined_at=now,
        joined_by_kind=actor.kind,
        joined_by_id=actor.id,
    )
    try:
        if not write_at_once(place):
            raise CourseFull(course.id)
    except IntegrityError:
        raise CourseFull(course.id) from None
    return place


def _dates(
    shown: Shown, client: Client, sessions: list[GroupSession], now: datetime
) -> tuple[list[GroupSession], list[GroupSession]]:
    """As `parts.split`; what is only held by a cancelling whose time is over is given back first."""
    found = parts.split(shown.course.centre_id, client, sessions)
    return parts.split(shown.course.centre_id, client, sessions) if found[1] and cancelling.settle_due(now) else found
