"""One session of a course, or all of them: cancelling, moving to another time for all, another worker or room."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select

from portal.audit import service as audit
from portal.booking import by_itself, cancelling, closing, notices, taking
from portal.booking.desk_models import ClosedDay
from portal.booking.models import Appointment, AppointmentState
from portal.booking.rules import TooLateToChange
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, Stale
from portal.groups import courses, parts, queries
from portal.groups.models import Course, GroupSession
from portal.messaging import outbox
from portal.worklist.service import close_for_subject


class Moved(NamedTuple):
    """What came of changing a session: the list of whom it hits, if anybody, and how many could not come along."""

    listed: ClosedDay | None
    lost: int


def cancel_session(actor: Actor, session_id: int, *, reason: str, now: datetime) -> ClosedDay | None:
    """Cancel one session: each woman is told once in her safe way, or somebody gets the task to ring her.

    Gives the list of whom it hits, None when nobody was to come. Cancelled already, nothing happens. Raises NotFound,
    Invalid("reason", "missing"), TooLateToChange once it began or somebody is there, Stale.
    """
    sitting, course = _held(actor, session_id, now)
    if sitting.cancelled_at is not None:
        return None
    _refuse_without(reason)
    _cancel(actor, [sitting], reason, now)
    audit.record(actor, "session_cancelled", now=now, subject=_subject(sitting))
    return _list(actor, course, sitting, dict.fromkeys(_end_all(actor, [sitting], reason, now)), now)


def end_course(actor: Actor, course_id: int, *, reason: str, now: datetime) -> ClosedDay | None:
    """End a course with all its coming sessions: each woman is told of all at once, in one text, or is rung.

    Gives the list of whom it hits, by the first session that she loses. Ended already, nothing happens. Raises
    NotFound, Invalid("reason", "missing"), Stale.
    """
    course, _ = courses.held_course(actor, course_id, now)
    if course.ended_at is not None:
        return None
    _refuse_without(reason)
    coming = queries.staff_course(actor, course_id, now).coming(now)
    course.ended_at = now
    for place in queries.places_of(course_id, now):
        place.left_at, place.left_by_kind, place.left_by_id = now, actor.kind, actor.id
    _cancel(actor, coming, reason, now)
    audit.record(actor, "course_ended", now=now, subject=f"course:{course_id}")
    first: dict[int, Appointment] = {}
    for appointment in _end_all(actor, coming, reason, now):
        first.setdefault(appointment.client_id, appointment)
    return _list(actor, course, coming[0], dict.fromkeys(first.values()), now) if coming else None


def move_session(actor: Actor, session_id: int, *, starts_at: datetime, now: datetime) -> Moved:
    """Move a session to another time for all: each appointment is superseded, each woman told once.

    Who cannot come then is told that it is cancelled for her. Raises NotFound, TooLateToChange, Stale, and the
    refusals of a time that cannot be had.
    """
    sitting, course = _held(actor, session_id, now)
    if sitting.cancelled_at is not None:
        raise Stale("session")
    was, _, kind = sitting.starts_at, sitting.ends_at, queries.staff_course(actor, course.id, now).kind
    if starts_at == was:
        return Moved(None, 0)
    old = _of(sitting)
    courses.give_back(sitting)
    courses.check_free(kind, course, starts_at, worker_id=sitting.worker_id, room_id=sitting.room_id, now=now)
    for appointment in old:
        taking.free(appointment)
    courses.sit(course, kind, starts_at, worker_id=sitting.worker_id, room_id=sitting.room_id, sitting=sitting)
    ended: dict[Appointment, Appointment | None] = {}
    for appointment in old:
        if appointment.stands:
            ended[appointment] = _follow(actor, course, sitting, appointment, now)
        else:
            # She took it back a moment ago herself.
            cancelling.settle(appointment, now)
    audit.record(actor, "session_moved", now=now, subject=_subject(sitting))
    listed = _list(actor, course, sitting, ended, now, on_of=was)
    return Moved(listed, sum(new is None for new in ended.values()))


def stand_in(actor: Actor, session_id: int, *, worker_id: int, room_id: int | None, now: datetime) -> Moved:
    """Let somebody else hold one session, or hold it in another room.

    A woman of whom she must not know or whom she avoids (R29), or who cannot use the room, loses this one session and
    is told. Raises NotFound, Invalid("worker" | "room", "unknown"), TooLateToChange, Stale, SlotTaken and the like.
    """
    room = [f"room:{room_id}"] if room_id else []
    sitting, course = _held(actor, session_id, now, f"worker:{worker_id}", *room)
    if sitting.cancelled_at is not None:
        raise Stale("session")
    if room_id is not None and room_id not in {room.id for room in courses.rooms_of([course.centre_id])}:
        raise Invalid("room", "unknown")
    if (worker_id, room_id) == (sitting.worker_id, sitting.room_id):
        return Moved(None, 0)
    kind = queries.staff_course(actor, course.id, now).kind
    courses.give_back(sitting)
    courses.check_free(kind, course, sitting.starts_at, worker_id=worker_id, room_id=room_id, now=now)
    courses.sit(course, kind, sitting.starts_at, worker_id=worker_id, room_id=room_id, sitting=sitting)
    lost, over = [], []
    for appointment in _of(sitting):
        workers, rooms = queries.never_for(appointment.client_id)
        if worker_id in workers or room_id in rooms:
            # What was cancelled a moment ago stays so: undone, it would be with this worker.
            over.append(appointment)
            if appointment.stands:
                _end(actor, appointment, "", now)
                lost.append(appointment)
        else:
            appointment.worker_id, appointment.room_id = worker_id, room_id
            _record(actor, "appointment_given", appointment, now)
    session.flush()
    for appointment in over:
        cancelling.settle(appointment, now)
    audit.record(actor, "session_given", now=now, subject=_subject(sitting))
    return Moved(_list(actor, course, sitting, dict.fromkeys(lost), now), len(lost))


def _held(actor: Actor, session_id: int, now: datetime, *further: str) -> tuple[GroupSession, Course]:
    """A session that has not begun, read under the locks of all that changing it may touch."""
    found, course = queries.staff_session(actor, session_id)
    own = [f"worker:{found.worker_id}", *([f"room:{found.room_id}"] if found.room_id else [])]
    course, _ = courses.held_course(actor, course.id, now, *own, *further)
    session.refresh(found)
    if found.starts_at <= now or any(one.arrived_at or one.attendance for one in _of(found)):
        raise TooLateToChange("session")
    return found, course


def _refuse_without(reason: str) -> None:
    if not reason.strip():
        raise Invalid("reason", "missing")


def _of(*sittings: GroupSession) -> list[Appointment]:
    """Who is to come to some sessions; a cancelling that can be undone counts as if she came.

    Locked in the order of their ids, as those are whose undoing is over: neither waits for what the other holds.
    """
    there = or_(Appointment.state == AppointmentState.BOOKED, Appointment.settles_at.is_not(None))
    statement = (
        select(Appointment)
        .where(Appointment.session_id.in_([one.id for one in sittings]), there)
        .order_by(Appointment.id)
    )
    return list(session.scalars(lock_rows(statement).execution_options(populate_existing=True)))


def _cancel(actor: Actor, sittings: Iterable[GroupSession], reason: str, now: datetime) -> None:
    for sitting in sittings:
        sitting.cancelled_at = now
        courses.give_back(sitting)
    session.flush()


def _end_all(actor: Actor, sittings: Iterable[GroupSession], reason: str, now: datetime) -> list[Appointment]:
    """End all that stands in some sessions, then tell: who loses several is told of all by the first."""
    there = sorted(_of(*sittings), key=lambda one: (one.starts_at, one.id))
    ended = [appointment for appointment in there if appointment.stands]
    for appointment in ended:
        _end(actor, appointment, reason, now)
    for appointment in there:
        cancelling.settle(appointment, now)
    return ended


def _end(actor: Actor, appointment: Appointment, reason: str, now: datetime) -> None:
    appointment.end_reason = reason.strip() or None
    taking.end(appointment, AppointmentState.CANCELLED, actor, now)
    _record(actor, "appointment_cancelled", appointment, now)


def _follow(actor: Actor, course: Course, sitting: GroupSession, old: Appointment, now: datetime) -> Appointment | None:
    """Her appointment at the session's new time, in place of the old one; None when she cannot come then."""
    client = session.get_one(Client, old.client_id)
    new = parts.book_one(actor, course, sitting, client, now, instead_of=old)
    if new is None:
        _end(actor, old, "", now)
        cancelling.settle(old, now)
        return None
    taking.end(old, AppointmentState.SUPERSEDED, actor, now)
    by_itself.carry_over(actor, None, client, old, new, now)
    close_for_subject(notices.subject_of(old), done="changed_booking", actor=actor, now=now)
    outbox.skip_for_subject(notices.subject_of(old), "moved", now)
    notices.tell(new, "appointment_changed", now)
    return new


def _list(
    actor: Actor, course: Course, sitting: GroupSession, ended: dict, now: datetime, on_of: datetime | None = None
) -> ClosedDay | None:
    return closing.list_group(
        actor,
        session_id=sitting.id,
        centre_id=course.centre_id,
        worker_id=sitting.worker_id,
        on=clock.london_today(on_of or sitting.starts_at),
        ended=ended,
        now=now,
    )


def _record(actor: Actor, action: str, appointment: Appointment, now: datetime) -> None:
    audit.record(actor, action, now=now, client_id=appointment.client_id, subject=notices.subject_of(appointment))


def _subject(sitting: GroupSession) -> str:
    return f"group_session:{sitting.id}"
