"""Raising and closing tasks for people."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session, write_at_once
from portal.core.errors import Invalid, NotFound, Stale
from portal.worklist.models import Task
from portal.worklist.rules import DONE_WORDS, next_working_morning


def raise_task(
    kind: str,
    *,
    now: datetime,
    client_id: int | None = None,
    owner_id: int | None = None,
    centre_id: int | None = None,
    subject: str = "",
    once: str | None = None,
    due_at: datetime | None = None,
    note: str | None = None,
) -> Task:
    """Raise a task unless the same is open already; due the next working morning if nothing else is said.

    `once` defaults to kind, client and subject. Gives the open task; an earlier due time wins.
    """
    due_at = due_at or next_working_morning(now)
    once = once or f"{kind}|{client_id or ''}|{subject}"
    task = Task(
        kind=kind,
        client_id=client_id,
        owner_id=owner_id,
        centre_id=centre_id,
        subject=subject,
        once=once,
        raised_at=now,
        due_at=due_at,
        note=note,
    )
    # Where the same is open but somebody closes it before we can look, ours is written after all.
    while not write_at_once(task):
        known = session.scalars(lock_rows(select(Task).where(Task.once == once, Task.closed_at.is_(None)))).first()
        if known is not None:
            known.due_at = min(known.due_at, due_at)
            return known
    return task


def close_task(actor: Actor, task_id: int, *, done: str, note: str = "", now: datetime) -> Task:
    """Close a task with what was done, by a named person (R25).

    Raises Invalid("done", "missing") without a known action, Stale when someone closed it before.
    """
    from portal.worklist.queries import visible_tasks

    require(actor, Permission.WORK_TASKS)
    if done not in DONE_WORDS:
        raise Invalid("done", "missing")
    task = session.scalars(lock_rows(visible_tasks(actor).where(Task.id == task_id))).first()
    if task is None:
        raise NotFound("task")
    if task.closed_at is not None:
        raise Stale("task")
    task.closed_at, task.closed_by, task.done, task.note = now, actor.id, done, note or task.note
    audit.record(actor, "task_closed", now=now, client_id=task.client_id, subject=f"task:{task.id}", reason=done)
    return task


def close_for_subject(subject: str, *, done: str, actor: Actor, now: datetime) -> int:
    """Close every open task about a record, because what it asked for has happened; gives how many."""
    tasks = session.scalars(lock_rows(select(Task).where(Task.subject == subject, Task.closed_at.is_(None)))).all()
    for task in tasks:
        task.closed_at, task.done = now, done
        task.closed_by = actor.id if actor.is_staff else None
    session.flush()
    return len(tasks)


def close_for_client(client_id: int, kinds: Iterable[str], *, done: str, actor: Actor, now: datetime) -> int:
    """Close every open task of these kinds about a client, because it has been done; gives how many."""
    statement = select(Task).where(Task.client_id == client_id, Task.kind.in_(list(kinds)), Task.closed_at.is_(None))
    tasks = session.scalars(lock_rows(statement)).all()
    for task in tasks:
        task.closed_at, task.done, task.closed_by = now, done, actor.id
    session.flush()
    return len(tasks)


def hand_over(staff_id: int, *, centre_id: int | None) -> int:
    """Give the open tasks of somebody who leaves to everybody at the woman's centre; gives how many.

    A task about no woman goes to `centre_id`.
    """
    tasks = session.scalars(lock_rows(select(Task).where(Task.owner_id == staff_id, Task.closed_at.is_(None)))).all()
    for task in tasks:
        client = session.get(Client, task.client_id) if task.client_id else None
        task.owner_id = None
        task.centre_id = task.centre_id or (client.centre_id if client else centre_id)
    session.flush()
    return len(tasks)
