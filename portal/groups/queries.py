"""Reading courses: what is offered to a woman, what there is of places and sessions, who has a place."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import lazyload

from portal.centres.models import Centre, Kind, Room
from portal.clients.models import AvoidedCentre, AvoidedWorker, BookingNeeds, Client, KeptApart, Restriction
from portal.core.access import Actor, Permission, can
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.groups import rules
from portal.groups.models import Course, GroupSession, Place
from portal.groups.rules import CannotJoin, Facts
from portal.staff.models import Staff

_ROOM_NEEDS = {
    BookingNeeds.step_free: Room.step_free,
    BookingNeeds.quiet_room: Room.quiet,
    BookingNeeds.child_corner: Room.child_corner,
}
"""What her record may ask of a room, with the column that says whether a room has it."""


class Shown(NamedTuple):
    """A course with what a page says about it: its sessions that stand, how many places are taken, and hers.

    `hidden` places are of women of whom the reader must not know: for her the course is so much smaller (R29).
    """

    course: Course
    kind: Kind
    centre: Centre
    worker: Staff
    room: Room | None
    sessions: list[GroupSession]
    taken: int
    place: Place | None
    hidden: int = 0

    @property
    def places(self) -> int:
        """How many places it has, as its reader may know."""
        return self.course.places - self.hidden

    @property
    def free(self) -> int:
        """How many places are free."""
        return max(0, self.course.places - self.taken)

    @property
    def is_in(self) -> bool:
        """Whether she has a place, be it that she can still undo leaving it."""
        return self.place is not None and (self.place.held_until_at is None or self.place.left_by_kind != "")

    def coming(self, now: datetime) -> list[GroupSession]:
        """Its sessions that have not begun."""
        return [one for one in self.sessions if one.starts_at > now]

    def facts(self, now: datetime, *, notice: timedelta = timedelta(0)) -> Facts:
        """What decides whether somebody new may join, so much ahead of the next session."""
        return Facts(
            course_id=self.course.id,
            ended=self.course.ended_at is not None,
            begun=any(one.starts_at <= now for one in self.sessions),
            coming=len(self.coming(now + notice)),
            join_late=self.course.join_late,
            free=self.free,
        )


def open_place(now: datetime) -> ColumnElement[bool]:
    """That a place is had or held now: not left, and not held for a time that is over."""
    return and_(Place.left_at.is_(None), or_(Place.held_until_at.is_(None), Place.held_until_at > now))


def free_places(course_id: int, now: datetime) -> int:
    """How many places of a course nobody has and none is held for; 0 for one that is not there."""
    places = session.scalar(select(Course.places).where(Course.id == course_id)) or 0
    taken = select(func.count()).select_from(Place).where(Place.course_id == course_id, open_place(now))
    return max(0, places - (session.scalar(taken) or 0))


def offered(client: Client, now: datetime, *, by_staff: bool = False) -> list[Shown]:
    """The courses that a woman may know of, in four queries: hers first, then the others, soonest first.

    Not those of a worker or centre that she avoids, of a worker who must not know of her (R29), in a room that she
    cannot use, or with a woman whom she must not meet (R43).
    """
    hers = Course.id.in_(select(Place.course_id).where(Place.client_id == client.id, open_place(now)))
    statement = _courses().where(Course.ended_at.is_(None), or_(hers, _may_know(client, now, by_staff=by_staff)))
    found = _with_sessions(session.execute(statement).all(), client.id, now)
    coming = (one for one in found if one.coming(now))
    return sorted(coming, key=lambda one: (not one.is_in, one.coming(now)[0].starts_at))


def offered_course(client: Client, course_id: int, now: datetime, *, by_staff: bool = False) -> Shown:
    """One course that a woman may know of, also when it is over; raises NotFound for any other."""
    hers = Course.id.in_(select(Place.course_id).where(Place.client_id == client.id, open_place(now)))
    statement = _courses().where(_is(course_id), or_(hers, _may_know(client, now, by_staff=by_staff)))
    found = _with_sessions(session.execute(statement.execution_options(populate_existing=True)).all(), client.id, now)
    if not found:
        raise NotFound("course")
    return found[0]


def joinable(client: Client, course_id: int, now: datetime, *, by_staff: bool = False) -> CannotJoin | None:
    """Why she cannot join a course now, as the refusal that says so, or None; CourseFull alone is worth waiting for.

    Raises NotFound for a course that she must not know of, or that is not there.
    """
    return rules.why_not(offered_course(client, course_id, now, by_staff=by_staff).facts(now))


def next_of_kind(client: Client, course: Course, now: datetime) -> Shown | None:
    """The soonest other course of the same kind that she may join now, at the same centre if there is one; or None."""
    others = [
        one
        for one in offered(client, now)
        if one.course.kind_id == course.kind_id and one.course.id != course.id and rules.why_not(one.facts(now)) is None
    ]
    return min(others, key=lambda one: one.course.centre_id != course.centre_id, default=None)


def staff_courses(actor: Actor, now: datetime, *, over: bool = False) -> list[Shown]:
    """The courses of a member of staff's centres and those that she holds; `over`: those that are over instead."""
    shown = _with_sessions(session.execute(_courses().where(_in_reach(actor))).all(), 0, now)
    found = [one for one in shown if bool(one.course.ended_at or not one.coming(now)) == over]
    return sorted(found, key=lambda one: _begins(one, now), reverse=over)


def staff_course(actor: Actor, course_id: int, now: datetime) -> Shown:
    """One course that a member of staff may see; raises NotFound."""
    statement = _courses().where(_is(course_id), _in_reach(actor))
    found = _with_sessions(session.execute(statement.execution_options(populate_existing=True)).all(), 0, now)
    if not found:
        raise NotFound("course")
    return found[0]


def staff_session(actor: Actor, session_id: int) -> tuple[GroupSession, Course]:
    """A session, cancelled or not, of a course that a member of staff may see, or that she holds; raises NotFound."""
    sitting = get_or_none(GroupSession, session_id) if 0 < session_id < 2**31 else None
    course = session.get_one(Course, sitting.course_id) if sitting else None
    if sitting is None or course is None or not can(actor, Permission.SEE_BOARD):
        raise NotFound("session")
    if course.centre_id not in actor.centres and actor.id not in (course.worker_id, sitting.worker_id):
        raise NotFound("session")
    return sitting, course


def places_of(course_id: int, now: datetime) -> list[Place]:
    """The places that are had or held now, by number."""
    statement = select(Place).where(Place.course_id == course_id, open_place(now)).order_by(Place.number)
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def place_of(course_id: int, client_id: int) -> Place | None:
    """A woman's place in a course that she has not left, held ones among them; None when she has none."""
    statement = select(Place).where(Place.course_id == course_id, Place.client_id == client_id, Place.left_at.is_(None))
    return session.scalars(statement.execution_options(populate_existing=True)).first()


def never_for(client_id: int) -> tuple[set[int], set[int]]:
    """The workers who must not know of her or whom she avoids (R29), and the rooms that she cannot use."""
    restricted = select(Restriction.staff_id).where(Restriction.client_id == client_id)
    avoided = select(AvoidedWorker.staff_id).where(AvoidedWorker.client_id == client_id)
    workers = set(session.scalars(restricted.union(avoided)))
    needs = session.execute(select(*_ROOM_NEEDS).where(BookingNeeds.client_id == client_id)).first()
    lacking = [~has for needed, has in zip(needs or (), _ROOM_NEEDS.values(), strict=False) if needed]
    return workers, set(session.scalars(select(Room.id).where(or_(*lacking)))) if lacking else set()


def is_kept_apart(client_id: int) -> bool:
    """Whether there is a woman whom she must not meet (R43)."""
    pairs = or_(KeptApart.one_id == client_id, KeptApart.other_id == client_id)
    return session.scalar(select(KeptApart.id).where(pairs).limit(1)) is not None


def _courses() -> Select:
    return (
        select(Course, Kind, Centre, Staff, Room)
        .join(Kind, Kind.id == Course.kind_id)
        .join(Centre, Centre.id == Course.centre_id)
        .join(Staff, Staff.id == Course.worker_id)
        .outerjoin(Room, Room.id == Course.room_id)
        .options(lazyload(Staff.covers))
        .order_by(Course.id)
    )


def _is(course_id: int) -> ColumnElement[bool]:
    return Course.id == (course_id if 0 < course_id < 2**31 else 0)


def _in_reach(actor: Actor) -> ColumnElement[bool]:
    holds = select(GroupSession.course_id).where(GroupSession.worker_id == actor.id)
    return or_(Course.centre_id.in_(actor.centres), Course.worker_id == actor.id, Course.id.in_(holds))


def _may_know(client: Client, now: datetime, *, by_staff: bool) -> ColumnElement[bool]:
    others = select(KeptApart.other_id).where(KeptApart.one_id == client.id).union_all(
        select(KeptApart.one_id).where(KeptApart.other_id == client.id)
    )  # fmt: skip
    must_not_meet = select(Place.course_id).where(Place.client_id.in_(others), open_place(now))
    lacking = (exists().where(BookingNeeds.client_id == client.id, needs) & ~has for needs, has in _ROOM_NEEDS.items())
    open_kind = () if by_staff else (Kind.bookable_by_clients,)
    return and_(
        ~Kind.archived,
        ~Centre.archived,
        Staff.active,
        *open_kind,
        or_(~Kind.own_keyworker_only, Course.worker_id == client.keyworker_id),
        Course.worker_id.not_in(select(Restriction.staff_id).where(Restriction.client_id == client.id)),
        Course.worker_id.not_in(select(AvoidedWorker.staff_id).where(AvoidedWorker.client_id == client.id)),
        Course.centre_id.not_in(select(AvoidedCentre.centre_id).where(AvoidedCentre.client_id == client.id)),
        Course.id.not_in(must_not_meet),
        or_(Course.room_id.is_(None), ~or_(*lacking)),
    )


def _with_sessions(rows: Sequence, client_id: int, now: datetime) -> list[Shown]:
    """The courses of some rows with their sessions and places, in three more queries whatever the number."""
    ids = [row[0].id for row in rows]
    sessions = _sessions(ids)
    counts = dict(session.execute(
        select(Place.course_id, func.count()).where(Place.course_id.in_(ids), open_place(now)).group_by(Place.course_id)
    ).all())  # fmt: skip
    mine = select(Place).where(Place.course_id.in_(ids), Place.client_id == client_id, open_place(now))
    places = {place.course_id: place for place in session.scalars(mine.execution_options(populate_existing=True))}
    return [
        Shown(course, kind, centre, worker, room, sessions.get(course.id, []), counts.get(course.id, 0),
              places.get(course.id))
        for course, kind, centre, worker, room in rows
    ]  # fmt: skip


def _begins(one: Shown, now: datetime) -> datetime:
    """Where a course stands in a list: at its next session, else at its last, else at its making."""
    return next((each.starts_at for each in one.coming(now) or one.sessions[-1:]), one.course.made_at)


def _sessions(course_ids: Iterable[int]) -> dict[int, list[GroupSession]]:
    statement = (
        select(GroupSession)
        .where(GroupSession.course_id.in_(list(course_ids)), GroupSession.cancelled_at.is_(None))
        .order_by(GroupSession.starts_at)
    )
    found: dict[int, list[GroupSession]] = {}
    for one in session.scalars(statement.execution_options(populate_existing=True)):
        found.setdefault(one.course_id, []).append(one)
    return found
