"""Places in a course: joining, a place held while it is offered, leaving and undoing that, coming to one session."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from portal.audit import service as audit
from portal.booking import cancelling, notices, openings, taking
from portal.booking.availability import Interval, Worker
from portal.booking.models import Appointment, AppointmentState
from portal.booking.rules import UNDO_WITHIN, too_late
from portal.centres.models import Kind
from portal.clients.models import Client, ClientState
from portal.clients.queries import visible_client
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session, write_at_once
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups import queries, rules
from portal.groups.models import Course, GroupSession, Place
from portal.groups.queries import Shown
from portal.groups.rules import CourseFull, CourseOver, NoDateForHer, Sitting
from portal.web import once


class _Her(NamedTuple):
    """A woman at a centre, as `openings.taken` asks for her."""

    centre_id: int
    client_id: int
    workers: Sequence[Worker] = ()

    @property
    def resources(self) -> list[str]:
        """All that her own part in a session takes."""
        return [f"client:{self.client_id}"]


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
    client = _client(actor, client_id)
    if once.claim(actor, request_key, now=now) is not None:
        return Joined(course_id, [], [])
    shown = _locked(client, course_id, now, by_staff=actor.is_staff)
    once.made(actor, request_key, f"/groups/{course_id}")
    return _join(actor, shown, client, now)


def hold_place(course_id: int, client_id: int, *, until: datetime, now: datetime) -> Place:
    """Hold the lowest free place for a woman to whom it is offered, until an instant; one held for her is held on.

    Raises NotFound, CourseFull, CourseBegun, CourseOver, and Stale when she has a place already.
    """
    client = session.get_one(Client, client_id)
    shown = _locked(client, course_id, now, by_staff=True)
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
    client = _client(actor, client_id)
    shown = _locked(client, course_id, now, by_staff=True)
    if shown.place is None:
        raise Stale("place")
    return _join(actor, shown, client, now)


def release_held_place(course_id: int, client_id: int, *, now: datetime) -> bool:
    """Give back the place that is held for a woman; gives whether one was. A place that is hers stays hers."""
    _hold_course(course_id, client_id)
    place = queries.place_of(course_id, client_id)
    if place is None or place.held_until_at is None or place.left_by_kind:
        return False
    _give_back(place, now)
    return True


def release_due(now: datetime) -> int:
    """Give back every place whose holding, or whose undoing of having left, is over; gives how many."""
    return _release(select(Place), now)


def leave(actor: Actor, course_id: int, client_id: int, *, reason: str, now: datetime) -> Place:
    """End a woman's place and cancel her coming sessions; for UNDO_WITHIN her place is kept and nobody is told.

    Left already, nothing happens. A session too near to cancel (its kind's cut-off) stays hers, unless staff take her
    out. Raises NotFound, Stale when she has no place, Invalid("reason", "missing") when staff give none.
    """
    place, course = _hers(actor, course_id, client_id, now)
    if place.left_by_kind:
        return place
    if actor.is_staff and not reason.strip():
        raise Invalid("reason", "missing")
    place.held_until_at, place.left_by_kind, place.left_by_id = now + UNDO_WITHIN, actor.kind, actor.id
    kind = session.get_one(Kind, course.kind_id)
    for appointment in appointments_of(course_id, client_id, after=now):
        late = not actor.is_staff and too_late(appointment.starts_at, kind.cancel_until_minutes, now)
        if appointment.stands and not appointment.arrived_at and not late:
            appointment.end_reason, appointment.settles_at = reason.strip() or None, now + UNDO_WITHIN
            taking.end(appointment, AppointmentState.CANCELLED, actor, now)
    session.flush()
    audit.record(actor, "course_left", now=now, client_id=client_id, subject=f"course:{course_id}")
    return place


def undo_leaving(actor: Actor, course_id: int, client_id: int, *, now: datetime) -> Place:
    """Take leaving back while nobody was told; she has her place already, nothing happens.

    Raises NotFound, Stale once her place was given back.
    """
    place, _ = _hers(actor, course_id, client_id, now)
    if place.left_by_kind:
        _stay(actor, place, now)
    return place


def come_after_all(actor: Actor, appointment_id: int, *, now: datetime) -> Appointment:
    """Undo that she cannot come to one session, while nobody was told; it stands already, nothing happens.

    Raises NotFound, Stale once it is settled, her place is gone or the session is cancelled.
    """
    found = taking.appointment_to_change(actor, appointment_id)
    sitting = session.get(GroupSession, found.session_id) if found.session_id else None
    if sitting is None:
        raise NotFound("session")
    _hold_course(sitting.course_id, found.client_id)
    appointment = cancelling.to_end(actor, appointment_id)
    place = queries.place_of(sitting.course_id, appointment.client_id)
    session.refresh(sitting)
    if appointment.stands:
        return appointment
    has_place = place is not None and place.held_until_at is None
    if not has_place or sitting.cancelled_at or not cancelling.can_undo(appointment, now):
        raise Stale("appointment")
    cancelling.stand_again(actor, appointment, now)
    return appointment


def put_in(actor: Actor, session_id: int, client_id: int, *, now: datetime) -> Appointment:
    """Give a woman who has a place an appointment for one coming session that she has none for; she is told.

    Has one already, nothing happens. Raises NotFound, Stale when she has no place or the session is cancelled or
    over, NoDateForHer when she cannot come then.
    """
    sitting = get_or_none(GroupSession, session_id)
    if sitting is None:
        raise NotFound("session")
    client = _client(actor, client_id)
    shown = _locked(client, sitting.course_id, now, by_staff=True)
    if shown.place is None or shown.place.held_until_at is not None:
        raise Stale("place")
    coming = [one for one in shown.coming(now) if one.id == session_id]
    if not coming:
        raise Stale("session")
    for appointment in appointments_of(sitting.course_id, client_id, after=now):
        if appointment.session_id == session_id and appointment.stands:
            return appointment
    can_come, _ = _dates(shown, client, coming, now)
    if not can_come:
        raise NoDateForHer(sitting.course_id)
    appointment = _book(actor, shown, client, can_come[0], now)
    notices.tell(appointment, "appointment_booked", now)
    return appointment


def dates_for(client: Client, shown: Shown, now: datetime) -> tuple[list[GroupSession], list[GroupSession]]:
    """The coming sessions of a course that a woman can come to, and those that she cannot."""
    return _split(shown, client, shown.coming(now))


def appointments_of(course_id: int, client_id: int, *, after: datetime) -> list[Appointment]:
    """A woman's appointments for the sessions of a course that begin after an instant, cancelled ones too."""
    of_course = select(GroupSession.id).where(GroupSession.course_id == course_id)
    statement = (
        select(Appointment)
        .where(Appointment.client_id == client_id, Appointment.session_id.in_(of_course), Appointment.starts_at > after)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def _join(actor: Actor, shown: Shown, client: Client, now: datetime) -> Joined:
    course, place = shown.course, shown.place
    if place is not None and place.left_by_kind:
        _stay(actor, place, now)
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
    booked = [_book(actor, shown, client, one, now) for one in can_come]
    audit.record(actor, "course_joined", now=now, client_id=client.id, subject=f"course:{course.id}")
    notices.tell(booked[0], "appointment_booked", now)
    return Joined(course.id, booked, not_had)


def _notice(actor: Actor, kind: Kind) -> timedelta:
    return timedelta(minutes=kind.least_notice_minutes if actor.is_client else 0)


def _client(actor: Actor, client_id: int) -> Client:
    if actor.is_staff:
        require(actor, Permission.BOOK_FOR_CLIENT)
    client = visible_client(actor, client_id)
    if client.state != ClientState.OPEN:
        raise NotFound("client")
    return client


def _hold_course(course_id: int, client_id: int) -> Course:
    """Hold a course and a woman until the transaction ends; raises NotFound."""
    course = get_or_none(Course, course_id) if 0 < course_id < 2**31 else None
    if course is None:
        raise NotFound("course")
    centre = [f"centre:{course.centre_id}"] if queries.is_kept_apart(client_id) else []
    taking.hold([f"course:{course_id}", f"client:{client_id}", *centre])
    return course


def _locked(client: Client, course_id: int, now: datetime, *, by_staff: bool) -> Shown:
    """The course as she may know of it, read under the locks that a joining needs."""
    _hold_course(course_id, client.id)
    taking.refuse_closed(client.id)
    _release(select(Place).where(Place.course_id == course_id), now)
    return queries.offered_course(client, course_id, now, by_staff=by_staff)


def _hers(actor: Actor, course_id: int, client_id: int, now: datetime) -> tuple[Place, Course]:
    client = _client(actor, client_id)
    course = _hold_course(course_id, client.id)
    _release(select(Place).where(Place.course_id == course_id), now)
    place = queries.place_of(course_id, client.id)
    if place is None or (place.held_until_at is not None and not place.left_by_kind):
        raise Stale("place")
    return place, course


def _release(places: Select, now: datetime) -> int:
    due = places.where(Place.left_at.is_(None), Place.held_until_at <= now).order_by(Place.id)
    found = session.scalars(lock_rows(due).execution_options(populate_existing=True)).all()
    for place in found:
        _give_back(place, now)
    return len(found)


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


def _give_back(place: Place, now: datetime) -> None:
    place.left_at = now
    if not place.left_by_kind:
        place.left_by_kind, place.left_by_id = SYSTEM.kind, SYSTEM.id
    session.flush()


def _stay(actor: Actor, place: Place, now: datetime) -> None:
    left_at = (place.held_until_at or now) - UNDO_WITHIN
    place.held_until_at, place.left_by_kind, place.left_by_id = None, "", None
    for appointment in appointments_of(place.course_id, place.client_id, after=now):
        if appointment.ended_at == left_at and cancelling.can_undo(appointment, now):
            cancelling.stand_again(actor, appointment, now)
    session.flush()
    audit.record(actor, "course_leaving_undone", now=now, client_id=place.client_id, subject=_subject(place))


def _dates(
    shown: Shown, client: Client, sessions: list[GroupSession], now: datetime
) -> tuple[list[GroupSession], list[GroupSession]]:
    """As `_split`; what is only held by a cancelling whose time is over is given back first."""
    found = _split(shown, client, sessions)
    return _split(shown, client, sessions) if found[1] and cancelling.settle_due(now) else found


def _split(shown: Shown, client: Client, sessions: list[GroupSession]) -> tuple[list[GroupSession], list[GroupSession]]:
    if not sessions:
        return [], []
    workers, rooms = queries.never_for(client.id)
    span: Interval = (sessions[0].starts_at, sessions[-1].ends_at)
    busy = openings.taken(_Her(shown.course.centre_id, client.id), span)
    hers, apart = busy.get(f"client:{client.id}", []), busy.get("apart", [])
    can_come: list[GroupSession] = []
    not_had: list[GroupSession] = []
    for one in sessions:
        sitting = Sitting(one.starts_at, one.ends_at, one.worker_id, one.room_id)
        (can_come if rules.can_come(sitting, hers, apart, workers, rooms) else not_had).append(one)
    return can_come, not_had


def _book(actor: Actor, shown: Shown, client: Client, sitting: GroupSession, now: datetime) -> Appointment:
    appointment = Appointment(
        client_id=client.id,
        kind_id=shown.course.kind_id,
        centre_id=shown.course.centre_id,
        worker_id=sitting.worker_id,
        room_id=sitting.room_id,
        starts_at=sitting.starts_at,
        ends_at=sitting.ends_at,
        session_id=sitting.id,
        booked_by_kind=actor.kind,
        booked_by_id=actor.id,
        booked_at=now,
    )
    write_at_once(appointment)
    taking.take({f"client:{client.id}": (sitting.starts_at, sitting.ends_at)}, appointment_id=appointment.id)
    subject = notices.subject_of(appointment)
    audit.record(actor, "appointment_booked", now=now, client_id=client.id, subject=subject, reason="group")
    notices.mind_silence(appointment, client, now)
    return appointment


def _subject(place: Place) -> str:
    return f"course:{place.course_id}"
