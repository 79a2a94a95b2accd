"""Somebody must not know of a woman from now on (R29): what was that person's to do goes to others first."""

from datetime import datetime

from sqlalchemy import and_, or_, select

from portal.audit import service as audit
from portal.booking.models import Appointment, AppointmentState
from portal.booking.taking import hold_clients
from portal.clients import restrictions
from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import lock_rows, session
from portal.groups.models import Course, GroupSession, Place
from portal.worklist import service as worklist
from portal.worklist.models import Task
from portal.worklist.rules import FOR_MANAGERS

MEETS = "sees_who_must_not_know"


def restrict_staff(actor: Actor, client_id: int, staff_id: int, *, now: datetime) -> int:
    """As `restrictions.restrict_staff`; gives how many coming times of hers are with that person, each now a task.

    Tasks about her that were that person's go to her keyworker, what a manager alone can do to the other managers:
    nobody else would see that they are there.
    """
    # Whoever books for her now does so before this is decided, and is seen here, or sees it.
    hold_clients([client_id])
    client = restrictions.restrict_staff(actor, client_id, staff_id, now=now)
    _hand_on_tasks(actor, client, staff_id, now)
    coming = session.scalars(
        select(Appointment).where(
            Appointment.client_id == client.id,
            Appointment.worker_id == staff_id,
            Appointment.state == AppointmentState.BOOKED,
            Appointment.ends_at > now,
        )
    ).all()
    for one in coming:
        _ask_to_move(client, f"appointment:{one.id}", now)
    in_groups = _groups_of(client.id, staff_id, now)
    for course_id in in_groups:
        _ask_to_move(client, f"course:{course_id}", now)
    return len(coming) + len(in_groups)


def _hand_on_tasks(actor: Actor, client: Client, staff_id: int, now: datetime) -> None:
    theirs = or_(Task.owner_id == staff_id, Task.taken_by == staff_id, Task.second_id == staff_id)
    statement = select(Task).where(Task.client_id == client.id, Task.closed_at.is_(None), theirs).order_by(Task.id)
    for task in session.scalars(lock_rows(statement)):
        if task.owner_id == staff_id:
            for_managers = task.kind in FOR_MANAGERS
            # Nobody's and of no centre, it is before each manager who may see her.
            task.owner_id = None if for_managers else client.keyworker_id
            task.centre_id = None if for_managers else task.centre_id or client.centre_id
        if task.taken_by == staff_id:
            task.taken_by = task.taken_at = None
        if task.second_id == staff_id:
            task.second_id = task.escalated_at = None
        audit.record(actor, "task_handed_on", now=now, client_id=client.id, subject=f"task:{task.id}")
    session.flush()


def _groups_of(client_id: int, staff_id: int, now: datetime) -> list[int]:
    """The courses in which she has a place and that this person holds, or holds one coming session of."""
    holds = and_(GroupSession.worker_id == staff_id, GroupSession.ends_at > now, GroupSession.cancelled_at.is_(None))
    held = select(GroupSession.course_id).where(holds)
    places = select(Place.course_id).where(Place.client_id == client_id, Place.left_at.is_(None))
    theirs = or_(and_(Course.worker_id == staff_id, Course.ended_at.is_(None)), Course.id.in_(held))
    return list(session.scalars(select(Course.id).where(Course.id.in_(places), theirs).order_by(Course.id)))


def _ask_to_move(client: Client, subject: str, now: datetime) -> None:
    worklist.raise_task(
        MEETS,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=subject,
    )
