"""Childcare at an appointment: as many places as there are, and what is missing is a person's task."""

from datetime import datetime

from sqlalchemy import select

from portal.booking import creche, notices
from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import lock_rows, session
from portal.worklist.models import Task
from portal.worklist.rules import next_working_morning
from portal.worklist.service import raise_task

FIND_CHILDCARE = "find_childcare"


def keep(actor: Actor, client: Client, appointment: Appointment, wanted: int, now: datetime) -> None:
    """Keep so many places for an appointment as far as there are any; the rest is her worker's task."""
    mind(actor, client, appointment, wanted - creche.keep(appointment, wanted), now)


def mind(actor: Actor, client: Client, appointment: Appointment, to_find: int, now: datetime) -> None:
    """Places that could not be had are her worker's task, until they are there or needed no more."""
    subject = notices.subject_of(appointment)
    if to_find:
        due_at = max(now, min(next_working_morning(now), appointment.starts_at))
        raise_task(
            FIND_CHILDCARE,
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=appointment.centre_id,
            subject=subject,
            due_at=due_at,
        )
        return
    open_ones = select(Task).where(Task.subject == subject, Task.kind == FIND_CHILDCARE, Task.closed_at.is_(None))
    for task in session.scalars(lock_rows(open_ones)):
        task.closed_at, task.closed_by, task.done = now, actor.id if actor.is_staff else None, "not_needed"
    session.flush()
