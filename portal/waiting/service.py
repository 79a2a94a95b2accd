"""Going on a waiting list and off it, and keeping the list true to what happened elsewhere."""

from datetime import datetime

from sqlalchemy import exists, or_, select

from portal.audit import service as audit
from portal.booking import openings
from portal.booking.models import Appointment, AppointmentState
from portal.booking.queries import appointment_for, follower
from portal.booking.rules import SUITING, USEFULLY_SOONER
from portal.centres.models import Kind
from portal.clients.models import Client, ClientState
from portal.clients.queries import visible_client
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.at_once import write_at_once
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.waiting import courses, ending, rules
from portal.waiting.models import Wait

MOST_TIDIED = 200


def wait_for_kind(
    actor: Actor, client_id: int, *, kind_id: int, centre_id: int | None, suits: str = "", now: datetime
) -> Wait:
    """Put a woman on the list for a kind of appointment, at one centre or at any; asked again, it is the same wait.

    Raises NotFound for a kind that she cannot have there, Invalid("suits", "unknown").
    """
    client = _open_client(actor, client_id)
    if suits and suits not in SUITING:
        raise Invalid("suits", "unknown")
    centres = {centre.id for centre in openings.centres_offering(client_id, kind_id)}
    if kind_id not in {kind.id for kind in openings.kinds_offered(by_staff=actor.is_staff)}:
        raise NotFound("kind")
    if not centres or centre_id not in (None, *centres):
        raise NotFound("kind at centre")
    return _add(actor, client, now, kind_id=kind_id, centre_id=centre_id, suits=suits)


def wait_for_sooner(actor: Actor, appointment_id: int, *, now: datetime) -> Wait:
    """Put a woman who has an appointment on the list for a sooner time of the same kind at the same centre.

    Raises NotFound, Stale when it stands no more, Invalid("sooner", "near") when no time would be usefully sooner.
    """
    one = appointment_for(actor, appointment_id)
    client = _open_client(actor, one.client_id)
    if not one.stands or one.session_id is not None:
        raise Stale("appointment")
    if not rules.is_useful(now, one.starts_at):
        raise Invalid("sooner", "near")
    return _add(actor, client, now, kind_id=one.kind_id, centre_id=one.centre_id, appointment_id=one.id)


def wait_for_course(actor: Actor, client_id: int, *, course_id: int, now: datetime) -> Wait:
    """Put a woman on the list of a full course; asked again, it is the same wait.

    Raises NotFound, courses.PlaceFree where she can join at once, and the refusals of groups where she cannot at all.
    """
    client = _open_client(actor, client_id)
    courses.refuse_unless_full(client, course_id, by_staff=actor.is_staff, now=now)
    return _add(actor, client, now, course_id=course_id)


def leave(actor: Actor, wait_id: int, *, reason: str = "left", now: datetime) -> Wait:
    """Take a woman off a list: she herself with one press, staff with a reason; off already, nothing happens.

    Raises NotFound, Invalid("reason", "missing") when staff give none of `rules.TAKEN_OFF`.
    """
    wait = session.scalars(lock_rows(fresh_wait(wait_for(actor, wait_id).id))).one()
    if actor.is_staff and reason not in rules.TAKEN_OFF:
        raise Invalid("reason", "missing")
    if wait.ended_at is None:
        ending.end_wait(wait, "left" if actor.is_client else reason, actor=actor, now=now)
    return wait


def wait_for(actor: Actor, wait_id: int) -> Wait:
    """A wait of a woman whom the actor may see; raises NotFound."""
    if actor.is_staff:
        require(actor, Permission.KEEP_WAITING_LIST)
    wait = session.scalars(fresh_wait(wait_id)).first() if 0 < wait_id < 2**31 else None
    if wait is None:
        raise NotFound("wait")
    visible_client(actor, wait.client_id)
    return wait


def fresh_wait(wait_id: int):
    """The statement that reads a wait anew, whatever the session remembers of it."""
    return select(Wait).where(Wait.id == wait_id).execution_options(populate_existing=True)


def tidy(now: datetime) -> int:
    """End the waits that something else has ended: her record is closed, she has one, sooner is no use; gives how many.

    A wait for a sooner time goes on with the appointment that took the place of hers.
    """
    ended = 0
    open_ones = select(Wait).where(Wait.ended_at.is_(None), _might_be_over(now)).order_by(Wait.id).limit(MOST_TIDIED)
    for wait in session.scalars(lock_rows(open_ones)).all():
        why = _why_over(wait, now)
        if why is not None:
            ending.end_wait(wait, why, actor=SYSTEM, now=now)
            ended += 1
    return ended


def _might_be_over(now: datetime):
    """What `_why_over` looks at closer, in one query."""
    hers = select(Appointment.id).where(Appointment.id == Wait.appointment_id)
    has_one = exists().where(
        Wait.appointment_id.is_(None),
        Appointment.client_id == Wait.client_id,
        Appointment.kind_id == Wait.kind_id,
        Appointment.state == AppointmentState.BOOKED,
        Appointment.booked_at > Wait.since_at,
        Appointment.starts_at > now,
    )
    near = or_(Appointment.state != AppointmentState.BOOKED, Appointment.starts_at < now + USEFULLY_SOONER)
    return or_(
        Wait.course_id.is_not(None),
        exists().where(Client.id == Wait.client_id, Client.state != ClientState.OPEN),
        exists().where(Kind.id == Wait.kind_id, Kind.archived),
        has_one,
        hers.where(near).exists(),
    )


def _why_over(wait: Wait, now: datetime) -> str | None:
    if session.get_one(Client, wait.client_id).state != ClientState.OPEN:
        return "closed"
    if wait.course_id is not None:
        return courses.why_over(wait, now)
    if wait.kind_id is not None and session.get_one(Kind, wait.kind_id).archived:
        return "no_more"
    if wait.appointment_id is None:
        return "has_one"
    one = session.get_one(Appointment, wait.appointment_id, populate_existing=True)
    while one.state == AppointmentState.SUPERSEDED:
        next_id = follower(one.id)
        if next_id is None:
            return "over"
        one = session.get_one(Appointment, next_id)
    # A cancelling that can be undone is none yet.
    if one.settles_at is not None:
        return None
    if not one.stands or not rules.is_useful(now, one.starts_at):
        return "over"
    wait.appointment_id = one.id
    return None


def _open_client(actor: Actor, client_id: int) -> Client:
    if actor.is_staff:
        require(actor, Permission.KEEP_WAITING_LIST)
    client = visible_client(actor, client_id)
    if client.state != ClientState.OPEN:
        raise NotFound("client")
    return client


def _add(actor: Actor, client: Client, now: datetime, **what) -> Wait:
    """A new wait, or the one there is: that one may end at this very moment, and then a new one is due after all."""
    for _ in range(2):
        wait = Wait(
            client_id=client.id, since_at=now, added_by_kind=actor.kind, added_by_id=actor.id, **({"suits": ""} | what)
        )
        if write_at_once(wait):
            audit.record(actor, "wait_added", now=now, client_id=client.id, subject=f"wait:{wait.id}")
            return wait
        there = _the_same(client.id, what)
        if there is not None:
            return there
    raise Stale("wait")


def _the_same(client_id: int, what: dict) -> Wait | None:
    """The wait there is already; what she asks for now, where and when, is what counts."""
    key = "course_id" if what.get("course_id") else "kind_id"
    same = select(Wait).where(Wait.client_id == client_id, getattr(Wait, key) == what[key], Wait.ended_at.is_(None))
    wait = session.scalars(lock_rows(same)).first()
    if wait is None:
        return None
    for name in ("centre_id", "suits", "appointment_id"):
        if name in what:
            setattr(wait, name, what[name])
    session.flush()
    return wait
