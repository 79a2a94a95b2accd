"""A woman's part in single sessions: which she can come to, and her appointment for each; it takes her time alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import by_itself, notices, openings, taking
from portal.booking.availability import Interval, Worker
from portal.booking.models import Appointment
from portal.booking.rules import KEPT_APART
from portal.clients.models import Client
from portal.clients.queries import whom_it_is
from portal.core import clock
from portal.core.access import Actor
from portal.core.at_once import write_at_once
from portal.core.database import session
from portal.groups import queries, rules
from portal.groups.models import Course, GroupSession
from portal.groups.queries import Shown
from portal.groups.rules import Sitting


class _Her(NamedTuple):
    """A woman at a centre, as `openings.taken` asks for her."""

    centre_id: int
    client_id: int
    workers: Sequence[Worker] = ()

    @property
    def resources(self) -> list[str]:
        """All that her own part in a session takes."""
        return [f"client:{self.client_id}"]


def dates_for(client: Client, shown: Shown, after: datetime) -> tuple[list[GroupSession], list[GroupSession]]:
    """The sessions of a course that begin after an instant: those a woman can come to, and those that she cannot."""
    return split(shown.course.centre_id, client, shown.coming(after))


def split(
    centre_id: int, client: Client, sessions: list[GroupSession]
) -> tuple[list[GroupSession], list[GroupSession]]:
    """Which of some sessions, in order, a woman can come to at a centre, and which she cannot.

    To none on a day that is closed or on which its worker is away: nothing is booked then, even where the session was
    not cancelled yet.
    """
    if not sessions:
        return [], []
    workers, rooms = queries.never_for(client.id)
    # A centre that she avoids (R29) is closed to her on every day.
    centre = openings.week(client.id, centre_id, since=clock.london_today(sessions[0].starts_at)).centre
    holding = [Worker(number, ()) for number in {one.worker_id for one in sessions}]
    # Wide enough for a woman whom she must not meet (R43).
    span: Interval = (sessions[0].starts_at - KEPT_APART, sessions[-1].ends_at + KEPT_APART)
    busy = openings.taken(_Her(centre_id, client.id, holding), span)
    hers, apart = busy.get(f"client:{client.id}", []), busy.get("apart", [])
    can_come: list[GroupSession] = []
    not_had: list[GroupSession] = []
    for one in sessions:
        sitting = Sitting(one.starts_at, one.ends_at, one.worker_id, one.room_id)
        is_held = bool(centre.on(clock.london_today(one.starts_at))) and not any(
            starts < one.ends_at and ends > one.starts_at for starts, ends in busy.get(f"away:{one.worker_id}", ())
        )
        (can_come if is_held and rules.can_come(sitting, hers, apart, workers, rooms) else not_had).append(one)
    return can_come, not_had


def book_one(
    actor: Actor,
    course: Course,
    sitting: GroupSession,
    client: Client,
    now: datetime,
    *,
    instead_of: Appointment | None = None,
) -> Appointment | None:
    """A woman's appointment for one session, under locks of course and woman; None when she cannot come then.

    Nobody is told. `instead_of` is the appointment whose place it takes.
    """
    can_come, _ = split(course.centre_id, client, [sitting])
    if not can_come:
        return None
    return write(actor, course, sitting, client, now, instead_of=instead_of)


def write(
    actor: Actor,
    course: Course,
    sitting: GroupSession,
    client: Client,
    now: datetime,
    *,
    instead_of: Appointment | None = None,
) -> Appointment:
    """As `book_one`, for a session that she can come to as `split` said under the same locks."""
    appointment = Appointment(
        client_id=client.id,
        kind_id=course.kind_id,
        centre_id=course.centre_id,
        worker_id=sitting.worker_id,
        room_id=sitting.room_id,
        starts_at=sitting.starts_at,
        ends_at=sitting.ends_at,
        session_id=sitting.id,
        supersedes_id=instead_of.id if instead_of else None,
        revision=instead_of.revision + 1 if instead_of else 1,
        booked_by_kind=actor.kind,
        booked_by_id=actor.id,
        booked_at=now,
    )
    write_at_once(appointment)
    taking.take({f"client:{client.id}": (sitting.starts_at, sitting.ends_at)}, appointment_id=appointment.id)
    subject = notices.subject_of(appointment)
    audit.record(actor, "appointment_booked", now=now, client_id=client.id, subject=subject, reason="group")
    if instead_of is None:
        by_itself.keep_recorded(actor, client, appointment, now)
    notices.mind_silence(appointment, whom_it_is(client.id), now)
    return appointment


def appointments_of(course_id: int, client_id: int, *, after: datetime) -> list[Appointment]:
    """A woman's appointments for the sessions of a course that begin after an instant, cancelled ones too."""
    of_course = select(GroupSession.id).where(GroupSession.course_id == course_id)
    statement = (
        select(Appointment)
        .where(Appointment.client_id == client_id, Appointment.session_id.in_(of_course), Appointment.starts_at > after)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return list(session.scalars(statement.execution_options(populate_existing=True)))
