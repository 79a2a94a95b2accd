"""Courses: which dates can be had, making one, its places, a further date, and ending it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.audit import service as audit
from portal.booking import availability, notices, offers, openings, taking
from portal.booking.models import Appointment, AppointmentState, Occupancy
from portal.booking.rules import ClosedThatDay, NotOffered, PastTime, SlotTaken
from portal.centres.models import Centre, CentreKind, Kind, Room
from portal.clients.models import Client
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups import locking, parts, queries, rules
from portal.groups.models import Course, GroupSession, Place
from portal.groups.rules import MOST_PLACES, MOST_SESSIONS, PlacesTaken

FURTHEST = timedelta(days=offers.STAFF_FURTHEST_DAYS)


class Plan(NamedTuple):
    """What a course is to be: its kind, where, who holds it, how many places, when it would meet."""

    kind_id: int
    centre_id: int
    worker_id: int
    room_id: int | None
    places: int
    join_late: bool
    starts: Sequence[datetime]


class Date(NamedTuple):
    """One date of a plan; `why` says why it cannot be had: past, closed, worker or room, and is empty when it can."""

    starts_at: datetime
    why: str


def group_kinds(centre_id: int | None = None) -> list[Kind]:
    """The kinds that are groups and that a centre, or any, offers."""
    offered = select(CentreKind.kind_id).join(Centre, Centre.id == CentreKind.centre_id).where(~Centre.archived)
    if centre_id is not None:
        offered = offered.where(CentreKind.centre_id == centre_id)
    return list(session.scalars(select(Kind).where(Kind.group, ~Kind.archived, Kind.id.in_(offered)).order_by(Kind.id)))


def rooms_of(centre_ids: Sequence[int]) -> list[Room]:
    """The rooms in use at some centres."""
    statement = select(Room).where(Room.centre_id.in_(list(centre_ids)), ~Room.archived)
    return list(session.scalars(statement.order_by(Room.centre_id, Room.id)))


def dates(actor: Actor, plan: Plan, now: datetime) -> list[Date]:
    """Which dates of a plan can be had and why not; nothing is held by asking. Raises as `make_course`."""
    kind = _checked(actor, plan, now)
    return [Date(starts_at, _why_not(kind, plan, starts_at, now)) for starts_at in plan.starts]


def make_course(actor: Actor, plan: Plan, *, now: datetime) -> tuple[Course, list[Date]]:
    """Make a course with the dates of a plan that can be had; gives it and the dates that cannot.

    Raises NotAllowed, NotFound for a centre that the actor does not cover, Invalid of kind, worker or room "unknown",
    room "missing", places, times or first_on "range", and Invalid("first_on", "none") when no date can be had.
    """
    kind = _checked(actor, plan, now)
    taking.hold([f"worker:{plan.worker_id}", *([f"room:{plan.room_id}"] if plan.room_id else [])])
    asked = [Date(starts_at, _why_not(kind, plan, starts_at, now)) for starts_at in plan.starts]
    if not any(date.why == "" for date in asked):
        raise Invalid("first_on", "none")
    course = Course(
        kind_id=kind.id,
        centre_id=plan.centre_id,
        worker_id=plan.worker_id,
        room_id=plan.room_id,
        places=plan.places,
        join_late=plan.join_late,
        made_by=actor.id,
        made_at=now,
    )
    session.add(course)
    session.flush()
    for date in asked:
        if date.why == "":
            sit(course, kind, date.starts_at, worker_id=plan.worker_id, room_id=plan.room_id)
    audit.record(actor, "course_made", now=now, subject=f"course:{course.id}")
    return course, [date for date in asked if date.why]


def add_date(actor: Actor, course_id: int, starts_at: datetime, *, now: datetime) -> GroupSession:
    """Add a session to a course; each woman in it who can come then gets it, and is told.

    Raises NotFound, Stale when the course has ended or somebody joined at the same moment, and the refusals of a time
    that cannot be had.
    """
    course, kind = held_course(actor, course_id, now)
    if course.ended_at is not None or len(queries.staff_course(actor, course_id, now).sessions) >= 2 * MOST_SESSIONS:
        raise Stale("course")
    check_free(kind, course, starts_at, worker_id=course.worker_id, room_id=course.room_id, now=now)
    sitting = sit(course, kind, starts_at, worker_id=course.worker_id, room_id=course.room_id)
    for place in queries.places_of(course_id, now):
        if place.held_until_at is None:
            appointment = parts.book_one(actor, course, sitting, session.get_one(Client, place.client_id), now)
            if appointment is not None:
                notices.tell(appointment, "appointment_booked", now)
    audit.record(actor, "session_added", now=now, subject=f"group_session:{sitting.id}")
    return sitting


def change_course(actor: Actor, course_id: int, *, places: int, join_late: bool, now: datetime) -> Course:
    """Change how many places a course has and whether it can be joined late.

    Raises NotFound, Invalid("places", "range"), PlacesTaken when more are taken than that.
    """
    held_course(actor, course_id, now)
    if not 1 <= places <= MOST_PLACES:
        raise Invalid("places", "range")
    locking.release_due(now, course_id)
    taken = list(session.scalars(select(Place.number).where(Place.course_id == course_id, Place.left_at.is_(None))))
    if len(taken) > places:
        raise PlacesTaken(len(taken))
    for was, to in rules.renumbered(taken):
        here = (Place.course_id == course_id, Place.number == was, Place.left_at.is_(None))
        session.execute(update(Place).where(*here).values(number=to))
    try:
        session.execute(update(Course).where(Course.id == course_id).values(places=places, join_late=join_late))
    except IntegrityError:
        raise PlacesTaken(len(taken)) from None
    session.expire_all()
    audit.record(actor, "course_changed", now=now, subject=f"course:{course_id}")
    return session.get_one(Course, course_id)


def held_course(actor: Actor, course_id: int, now: datetime, *further: str) -> tuple[Course, Kind]:
    """A course at a centre of the actor's and its kind, read under locks of all that changing it may touch.

    `further` names more to lock. Raises NotFound, NotAllowed, and Stale when somebody joined at the same moment.
    """
    require(actor, Permission.BOOK_FOR_CLIENT)
    course = queries.staff_course(actor, course_id, now).course
    women = _women(course_id)
    rooms = [f"room:{course.room_id}"] if course.room_id else []
    own = [f"course:{course_id}", f"centre:{course.centre_id}", f"worker:{course.worker_id}", *rooms]
    taking.hold({*own, *further, *(f"client:{client_id}" for client_id in women)})
    shown = queries.staff_course(actor, course_id, now)
    if not _women(course_id) <= women:
        raise Stale("course")
    return shown.course, shown.kind


def check_free(
    kind: Kind, course: Course, starts_at: datetime, *, worker_id: int, room_id: int | None, now: datetime
) -> None:
    """Raise what keeps a session from being held then: PastTime, ClosedThatDay, or SlotTaken by worker or room."""
    plan = Plan(kind.id, course.centre_id, worker_id, room_id, course.places, course.join_late, ())
    offers.free_at(_place(kind, plan, needs_room=room_id is not None), starts_at, now=now)


def sit(
    course: Course,
    kind: Kind,
    starts_at: datetime,
    *,
    worker_id: int,
    room_id: int | None,
    sitting: GroupSession | None = None,
) -> GroupSession:
    """Write a session, or give one another time, worker or room, with what it takes; raises SlotTaken."""  # fmt: skip
    ends_at = starts_at + timedelta(minutes=kind.minutes)
    if sitting is None:
        sitting = GroupSession(course_id=course.id)
        session.add(sitting)
    sitting.worker_id, sitting.room_id, sitting.starts_at, sitting.ends_at = worker_id, room_id, starts_at, ends_at
    session.flush()
    give_back(sitting)
    whole = (starts_at - timedelta(minutes=kind.buffer_before), ends_at + timedelta(minutes=kind.buffer_after))
    takes = {f"worker:{worker_id}": whole} | ({f"room:{room_id}": whole} if room_id else {})
    taking.take(takes, session_id=sitting.id)
    return sitting


def give_back(sitting: GroupSession) -> None:
    """Give back the worker and the room that a session takes."""
    session.execute(delete(Occupancy).where(Occupancy.session_id == sitting.id))


def _women(course_id: int) -> set[int]:
    """The women with a place in a course, or with a part in a session of it that is not over."""
    places = select(Place.client_id).where(Place.course_id == course_id, Place.left_at.is_(None))
    of_course = select(GroupSession.id).where(GroupSession.course_id == course_id)
    parts = select(Appointment.client_id).where(
        Appointment.session_id.in_(of_course),
        or_(Appointment.state == AppointmentState.BOOKED, Appointment.settles_at.is_not(None)),
    )
    return set(session.scalars(places.union(parts)))


def _checked(actor: Actor, plan: Plan, now: datetime) -> Kind:
    require(actor, Permission.BOOK_FOR_CLIENT)
    if plan.centre_id not in actor.centres:
        raise NotFound("centre")
    kind = next((kind for kind in group_kinds(plan.centre_id) if kind.id == plan.kind_id), None)
    if kind is None:
        raise Invalid("kind", "unknown")
    week = openings.week(0, plan.centre_id)
    if plan.worker_id not in week.shifts:
        raise Invalid("worker", "unknown")
    if plan.room_id is None and kind.needs_room:
        raise Invalid("room", "missing")
    if plan.room_id is not None and plan.room_id not in week.rooms:
        raise Invalid("room", "unknown")
    if not 1 <= plan.places <= MOST_PLACES:
        raise Invalid("places", "range")
    if not 1 <= len(plan.starts) <= MOST_SESSIONS:
        raise Invalid("times", "range")
    if not now <= max(plan.starts) or min(plan.starts) > now + FURTHEST:
        raise Invalid("first_on", "range")
    return kind


def _why_not(kind: Kind, plan: Plan, starts_at: datetime, now: datetime) -> str:
    try:
        offers.free_at(_place(kind, plan, needs_room=plan.room_id is not None), starts_at, now=now)
    except PastTime:
        return "past"
    except ClosedThatDay:
        return "closed"
    except SlotTaken:
        return "room" if plan.room_id is not None and _is_free_without_room(kind, plan, starts_at, now) else "worker"
    return ""


def _is_free_without_room(kind: Kind, plan: Plan, starts_at: datetime, now: datetime) -> bool:
    try:
        offers.free_at(_place(kind, plan, needs_room=False), starts_at, now=now)
    except NotOffered:
        return False
    return True


def _place(kind: Kind, plan: Plan, *, needs_room: bool) -> offers.Place:
    """What a session of a plan takes, as booking asks: a worker and a room, and no woman."""
    week = openings.week(0, plan.centre_id)
    return offers.Place(
        kind=kind,
        centre_id=plan.centre_id,
        client_id=0,
        terms=offers.terms_of(kind, by_staff=True)._replace(needs_room=needs_room),
        centre=week.centre,
        workers=[week.worker(plan.worker_id)],
        rooms=[availability.Room(plan.room_id)] if plan.room_id is not None else [],
    )
