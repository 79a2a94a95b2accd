"""Waiting for a place in a course: going on its list, the place that is held, what it becomes when she takes it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update

from portal.booking import taking
from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import NotFound, Stale
from portal.groups import parts, service
from portal.groups import queries as groups
from portal.groups.models import Course, GroupSession, Place
from portal.groups.queries import Shown
from portal.groups.rules import CourseFull, why_not
from portal.waiting.models import Offer, OfferState, Wait


class PlaceFree(Exception):
    """The course has a place, so that she need not wait for one."""


def refuse_unless_full(client: Client, course_id: int, *, by_staff: bool, now: datetime) -> None:
    """Raise PlaceFree where she can join, NotFound and the refusals of groups where waiting is of no use."""
    refusal = groups.joinable(client, course_id, now, by_staff=by_staff)
    if refusal is None:
        raise PlaceFree
    if not isinstance(refusal, CourseFull):
        raise refusal


def with_places(course_ids: Iterable[int], now: datetime) -> set[int]:
    """Which of some courses have a place that nobody has and that is held for nobody."""
    return {course_id for course_id in set(course_ids) if groups.free_places(course_id, now)}


def open_for(wait: Wait, client: Client, now: datetime) -> tuple[Shown, GroupSession] | None:
    """The course and the first session to which she can come, if she may know of it and could join it now."""
    try:
        shown = groups.offered_course(client, wait.course_id or 0, now, by_staff=wait.added_by_kind == "staff")
    except NotFound:
        return None
    if shown.place is not None or why_not(shown.facts(now)) is not None:
        return None
    can_come, _ = parts.dates_for(client, shown, now)
    return (shown, can_come[0]) if can_come else None


def lock(wait: Wait, client_id: int) -> None:
    """Hold all that a place in the course might take, before any row is locked."""
    course = session.get_one(Course, wait.course_id)
    taking.hold([f"course:{course.id}", f"client:{client_id}", f"centre:{course.centre_id}"])


def hold(wait: Wait, until: datetime, now: datetime) -> None:
    """Hold the lowest free place for her; raises the refusals of groups, and Stale when she has one."""
    service.hold_place(wait.course_id or 0, wait.client_id, until=until, now=now)


def keep_until(wait: Wait, until: datetime) -> None:
    """Let the place that is held for her be held until another instant; with `now` it is free at once."""
    held = (Place.course_id == wait.course_id, Place.client_id == wait.client_id, Place.left_at.is_(None))
    session.execute(
        update(Place).where(*held, Place.held_until_at.is_not(None), Place.left_by_kind == "").values(
            held_until_at=until
        )
    )  # fmt: skip


def take(actor: Actor, wait: Wait, offer: Offer, now: datetime) -> Appointment:
    """Make the held place hers; gives the first of her appointments.

    Raises Stale when the place is not held any more, and the refusals of groups.
    """
    joined = service.take_held_place(actor, wait.course_id or 0, offer.client_id, now=now)
    if not joined.appointments:
        raise Stale("place")
    return joined.appointments[0]


def can_be_kept(wait: Wait, offer: Offer, client: Client, now: datetime) -> bool:
    """Whether the held place is still there, and a session of the course to which she can come (R29, R43).

    While she has not answered it must be the one that she was told of.
    """
    try:
        shown = groups.offered_course(client, wait.course_id or 0, now, by_staff=True)
    except NotFound:
        return False
    is_held = shown.place is not None and shown.place.held_until_at is not None
    if not is_held or shown.course.ended_at is not None:
        return False
    can_come, _ = parts.dates_for(client, shown, now)
    was_told = offer.state == OfferState.SAID_YES or any(one.starts_at == offer.starts_at for one in can_come)
    return bool(can_come) and was_told


def why_over(wait: Wait, now: datetime) -> str | None:
    """Why nobody can wait for this course any more, or she need not; None while she can."""
    course = session.get_one(Course, wait.course_id)
    place = groups.place_of(course.id, wait.client_id)
    if place is not None and place.held_until_at is None:
        return "has_one"
    standing = select(GroupSession.starts_at).where(
        GroupSession.course_id == course.id, GroupSession.cancelled_at.is_(None)
    )
    starts = list(session.scalars(standing))
    begun = any(at <= now for at in starts)
    if course.ended_at is not None or not any(at > now for at in starts) or (begun and not course.join_late):
        return "no_more"
    return None
