"""What every change of places begins with: who may act, the locks that it needs, and places whose holding is over."""

from datetime import datetime

from sqlalchemy import select

from portal.booking import taking
from portal.clients.models import Client, ClientState
from portal.clients.queries import visible_client
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import NotFound
from portal.groups import queries
from portal.groups.models import Course, Place
from portal.groups.queries import Shown


def client_of(actor: Actor, client_id: int) -> Client:
    """A woman whom the actor may put into a group or take out; raises NotFound, NotAllowed."""
    if actor.is_staff:
        require(actor, Permission.BOOK_FOR_CLIENT)
    client = visible_client(actor, client_id)
    if client.state != ClientState.OPEN:
        raise NotFound("client")
    return client


def hold_course(course_id: int, client_id: int) -> Course:
    """Hold a course and a woman until the transaction ends; raises NotFound."""
    course = get_or_none(Course, course_id) if 0 < course_id < 2**31 else None
    if course is None:
        raise NotFound("course")
    centre = [f"centre:{course.centre_id}"] if queries.is_kept_apart(client_id) else []
    taking.hold([f"course:{course_id}", f"client:{client_id}", *centre])
    return course


def locked(client: Client, course_id: int, now: datetime, *, by_staff: bool) -> Shown:
    """The course as she may know of it, read under the locks that a joining needs."""
    hold_course(course_id, client.id)
    taking.refuse_closed(client.id)
    release_due(now, course_id)
    return queries.offered_course(client, course_id, now, by_staff=by_staff)


def release_due(now: datetime, course_id: int | None = None) -> int:
    """Give back every place, of one course or of all, whose holding, or whose undoing of having left, is over."""
    due = select(Place).where(Place.left_at.is_(None), Place.held_until_at <= now).order_by(Place.id)
    if course_id is not None:
        due = due.where(Place.course_id == course_id)
    places = session.scalars(lock_rows(due).execution_options(populate_existing=True)).all()
    for place in places:
        give_back(place, now)
    return len(places)


def give_back(place: Place, now: datetime) -> None:
    """End a place: its number is free."""
    place.left_at = now
    if not place.left_by_kind:
        place.left_by_kind, place.left_by_id = SYSTEM.kind, SYSTEM.id
    session.flush()
