"""Leaving a course, which can be undone for a short while; missing one session, and coming to it after all."""

from datetime import datetime

from portal.audit import service as audit
from portal.booking import cancelling, notices, taking
from portal.booking.models import Appointment, AppointmentState
from portal.booking.rules import UNDO_WITHIN, too_late
from portal.centres.models import Kind
from portal.core.access import Actor
from portal.core.database import get_or_none, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups import parts, queries
from portal.groups.locking import client_of, hold_course, locked, release_due
from portal.groups.models import Course, GroupSession, Place
from portal.groups.rules import NoDateForHer


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
    for appointment in parts.appointments_of(course_id, client_id, after=now):
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
        stay(actor, place, now)
    return place


def come_after_all(actor: Actor, appointment_id: int, *, now: datetime) -> Appointment:
    """Undo that she cannot come to one session, while nobody was told; it stands already, nothing happens.

    Raises NotFound, Stale once it is settled, her place is gone or the session is cancelled.
    """
    found = taking.appointment_to_change(actor, appointment_id)
    sitting = session.get(GroupSession, found.session_id) if found.session_id else None
    if sitting is None:
        raise NotFound("session")
    hold_course(sitting.course_id, found.client_id)
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
    client = client_of(actor, client_id)
    shown = locked(client, sitting.course_id, now, by_staff=True)
    if shown.place is None or shown.place.held_until_at is not None:
        raise Stale("place")
    coming = [one for one in shown.coming(now) if one.id == session_id]
    if not coming:
        raise Stale("session")
    for appointment in parts.appointments_of(sitting.course_id, client_id, after=now):
        if appointment.session_id == session_id and cancelling.can_undo(appointment, now):
            cancelling.stand_again(actor, appointment, now)
        if appointment.session_id == session_id and appointment.stands:
            return appointment
    made = parts.book_one(actor, shown.course, sitting, client, now)
    if made is None:
        raise NoDateForHer(sitting.course_id)
    notices.tell(made, "appointment_booked", now)
    return made


def stay(actor: Actor, place: Place, now: datetime) -> None:
    """Let a woman keep the place that she has just left, and the sessions that went with it."""
    left_at = (place.held_until_at or now) - UNDO_WITHIN
    place.held_until_at, place.left_by_kind, place.left_by_id = None, "", None
    for appointment in parts.appointments_of(place.course_id, place.client_id, after=now):
        if appointment.ended_at == left_at and cancelling.can_undo(appointment, now):
            cancelling.stand_again(actor, appointment, now)
    session.flush()
    subject = f"course:{place.course_id}"
    audit.record(actor, "course_leaving_undone", now=now, client_id=place.client_id, subject=subject)


def _hers(actor: Actor, course_id: int, client_id: int, now: datetime) -> tuple[Place, Course]:
    client = client_of(actor, client_id)
    course = hold_course(course_id, client.id)
    release_due(now, course_id)
    place = queries.place_of(course_id, client.id)
    if place is None or (place.held_until_at is not None and not place.left_by_kind):
        raise Stale("place")
    return place, course
