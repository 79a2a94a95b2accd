"""What she wrote and nobody opened in time goes to a second person, even before its task is due (R25)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.centres.queries import calendars
from portal.centres.rules import Dated
from portal.clients.models import Client
from portal.clients.queries import clients_with_number
from portal.core import clock
from portal.core.database import get_or_none, lock_rows, session
from portal.messaging.models import IncomingText, PortalMessage
from portal.messaging.phrases import FOR_A_PERSON
from portal.messaging.registry import subject_id
from portal.worklist import escalation
from portal.worklist.models import Task
from portal.worklist.rules import UNREAD_AFTER, working_hours_after

NOWHERE = 0
"""The id of no centre: for a task of nobody's centre bank holidays alone count."""


def women_of(task: Task) -> Iterable[int]:
    """The women whom a task may be about: of a text that we cannot place, everybody who holds its number (R29)."""
    about, _, _ = task.subject.partition(":")
    incoming = get_or_none(IncomingText, subject_id(task.subject)) if about == "incoming" else None
    holders = [client.id for client in clients_with_number(incoming.number)] if incoming is not None else []
    return {*escalation.her_alone(task), *holders}


def send_up(now: datetime) -> int:
    """Send up overdue tasks, and what nobody has opened for four working hours; gives how many."""
    return escalation.send_up(now, women_of) + _chase_unread(now)


def _chase_unread(now: datetime) -> int:
    waiting = select(Task).where(
        Task.kind == "incoming_text",
        Task.closed_at.is_(None),
        Task.escalated_at.is_(None),
        Task.raised_at <= now - timedelta(hours=UNREAD_AFTER),
    )
    tasks = session.scalars(lock_rows(waiting.order_by(Task.raised_at, Task.id))).all()
    return sum(_too_long(task, now) and escalation.give_second(task, now, women_of) for task in tasks)


def _too_long(task: Task, now: datetime) -> bool:
    since = _unread_since(task)
    return since is not None and working_hours_after(since, UNREAD_AFTER, _other_days(task, since)) <= now


def _other_days(task: Task, since: datetime) -> Dated:
    """The days that are not as their weekday says: bank holidays, and dates on which her centre has its own hours."""
    client = session.get(Client, task.client_id) if task.client_id is not None else None
    centre_id = (client.centre_id if client is not None else task.centre_id) or NOWHERE
    return calendars([centre_id], clock.london_today(since))[centre_id].other_days


def _unread_since(task: Task) -> datetime | None:
    """Since when something of a task waits that nobody has opened; None when all of it was opened."""
    unread = select(IncomingText.received_at).where(IncomingText.read_at.is_(None))
    if task.client_id is None:
        mine = unread.where(IncomingText.id == subject_id(task.subject))
        return session.scalar(mine) if task.subject.startswith("incoming:") else None
    texts = unread.where(IncomingText.client_id == task.client_id, IncomingText.meaning.in_(FOR_A_PERSON))
    messages = select(PortalMessage.written_at).where(
        PortalMessage.client_id == task.client_id, PortalMessage.read_at.is_(None), PortalMessage.staff_id.is_(None)
    )
    found = [session.scalar(texts.order_by(IncomingText.received_at).limit(1))]
    found.append(session.scalar(messages.order_by(PortalMessage.written_at).limit(1)))
    return min((at for at in found if at is not None), default=None)
