"""Raising, taking and closing tasks for people."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Integer, Select, String, Table, and_, bindparam, or_, select

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core.access import Actor, Permission, Role, require
from portal.core.database import connection, insert_unless_there, lock_rows, new_seal_id, on_sqlite, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.staff.models import Staff
from portal.worklist.models import Task
from portal.worklist.mornings import next_working_morning
from portal.worklist.rules import FOR_MANAGERS, RECEPTION_KINDS, done_words


class Raised(NamedTuple):
    """A task that is open."""

    id: int


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
) -> Raised:
    """Raise a task unless the same is open already; due the next working morning if nothing else is said.

    `once` defaults to kind, client and subject. Gives the open task's id; an earlier due time wins. What would be the
    task of somebody who has left is everybody's at the centre.
    """
    due_at = due_at or next_working_morning(now)
    once = once or f"{kind}|{client_id or ''}|{subject}"
    seal_id = new_seal_id()
    task = {
        "seal_id": seal_id,
        "kind": kind,
        "client_id": client_id,
        "owner": owner_id,
        "centre_id": centre_id,
        "subject": subject,
        "once": once,
        "raised_at": now,
        "due_at": due_at,
        "note": Task.note.sealed(note, seal_id),
    }
    # Where the same is open but somebody closes it before we can look, ours is written after all.
    while True:
        number = connection().scalar(_raising(on_sqlite()), task)
        if number is not None:
            return Raised(number)
        known = session.scalars(lock_rows(_open_with_reason()), {"reason": once}).first()
        if known is not None:
            known.due_at = min(known.due_at, due_at)
            return Raised(known.id)


def close_task(actor: Actor, task_id: int, *, done: str, note: str = "", now: datetime) -> Task:
    """Close a task with what was done, by a named person (R25).

    Raises Invalid("done", "missing") without an action that fits its kind, Stale when someone closed it before.
    """
    task = _open_task(actor, task_id)
    if done not in done_words(task.kind, at_desk=actor.role is Role.RECEPTIONIST):
        raise Invalid("done", "missing")
    task.closed_at, task.closed_by, task.done, task.note = now, actor.id, done, note or task.note
    close_for_subject(f"task:{task.id}", done="not_needed", actor=actor, now=now)
    audit.record(actor, "task_closed", now=now, client_id=task.client_id, subject=f"task:{task.id}", reason=done)
    return task


def take_task(actor: Actor, task_id: int, *, instead_of: int | None = None, now: datetime) -> Task:
    """Say "I have it": everybody who sees the task sees who is on it.

    `instead_of` is who had it when she pressed. Raises Stale when it is closed or somebody else took it since.
    """
    task = _open_task(actor, task_id)
    if task.taken_by == actor.id:
        return task
    if task.taken_by != instead_of:
        raise Stale("task")
    _take(actor, task, now)
    return task


def take_by_text(actor: Actor, task_id: int, *, now: datetime) -> None:
    """Somebody whom we called answers that she has it; once it is closed or another has it, that changes nothing."""
    task = session.scalars(lock_rows(select(Task).where(Task.id == task_id, Task.closed_at.is_(None)))).first()
    if task is not None and task.taken_by is None:
        _take(actor, task, now, reason="by_text")


def _take(actor: Actor, task: Task, now: datetime, reason: str = "") -> None:
    task.taken_by, task.taken_at = actor.id, now
    close_for_subject(f"task:{task.id}", done="not_needed", actor=actor, now=now)
    audit.record(actor, "task_taken", now=now, client_id=task.client_id, subject=f"task:{task.id}", reason=reason)


def give_back(actor: Actor, task_id: int, *, now: datetime) -> Task:
    """Say that one is not on a task any more. Raises Stale when it is closed or not hers to give back."""
    task = _open_task(actor, task_id)
    if task.taken_by != actor.id:
        raise Stale("task")
    task.taken_by = task.taken_at = None
    audit.record(actor, "task_given_back", now=now, client_id=task.client_id, subject=f"task:{task.id}")
    session.flush()
    return task


# Both are put together once, when first used, as every text that is held and every booking far ahead needs them.
@cache
def _raising(_on_sqlite: bool) -> Any:
    here = select(Staff.id).where(Staff.id == bindparam("owner", type_=Integer), Staff.active).scalar_subquery()
    tasks = cast(Table, Task.__table__)
    return insert_unless_there(tasks, owner_id=here).returning(tasks.c.id)


@cache
def _open_with_reason() -> Select[Task]:
    return select(Task).where(Task.once == bindparam("reason", type_=String), Task.closed_at.is_(None))


def _open_task(actor: Actor, task_id: int) -> Task:
    # Late: what staff see of tasks asks the duty rota, which her pages never need.
    from portal.worklist.queries import visible_tasks

    require(actor, Permission.WORK_TASKS)
    task = session.scalars(lock_rows(visible_tasks(actor).where(Task.id == task_id))).first()
    if task is None:
        raise NotFound("task")
    if task.closed_at is not None:
        raise Stale("task")
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
        task.closed_at, task.done = now, done
        task.closed_by = actor.id if actor.is_staff else None
    session.flush()
    return len(tasks)


def put_due(subject: str, kind: str, due_at: datetime) -> None:
    """Give the open task of this kind about a record another time by which it must be done, earlier or later."""
    tasks = select(Task).where(Task.subject == subject, Task.kind == kind, Task.closed_at.is_(None))
    for task in session.scalars(lock_rows(tasks)).all():
        task.due_at = due_at
    session.flush()


def close_by_id(task_ids: Iterable[int], *, done: str, actor: Actor, now: datetime) -> int:
    """Close those of some tasks that are open, because what raised them is no more; gives how many."""
    statement = select(Task).where(Task.id.in_(list(task_ids)), Task.closed_at.is_(None))
    tasks = session.scalars(lock_rows(statement)).all()
    for task in tasks:
        task.closed_at, task.done, task.closed_by = now, done, actor.id
    session.flush()
    return len(tasks)


def give_to(client_id: int, from_id: int | None, to_id: int) -> int:
    """Give the open tasks about a woman that were her keyworker's, or nobody's, to her new one; gives how many.

    What the desk has to do stays there, and what a manager alone can do stays with the managers.
    """
    stays = (*RECEPTION_KINDS, *FOR_MANAGERS)
    nobodys = and_(Task.owner_id.is_(None), Task.kind.not_in(stays))
    theirs = nobodys if from_id is None else or_(Task.owner_id == from_id, nobodys)
    statement = select(Task).where(Task.client_id == client_id, Task.closed_at.is_(None), theirs)
    tasks = session.scalars(lock_rows(statement)).all()
    for task in tasks:
        task.owner_id = to_id
    session.flush()
    return len(tasks)


def hand_over(staff_id: int, *, centre_id: int | None) -> int:
    """Give the open tasks of somebody who leaves to everybody at the woman's centre; gives how many.

    A task about no woman goes to `centre_id`. What she took or had as the second person is free again, so that it
    can be taken and sent up anew: nothing is lost with her.
    """
    hers = or_(Task.owner_id == staff_id, Task.taken_by == staff_id, Task.second_id == staff_id)
    tasks = session.scalars(lock_rows(select(Task).where(hers, Task.closed_at.is_(None)))).all()
    for task in tasks:
        if task.owner_id == staff_id:
            client = session.get(Client, task.client_id) if task.client_id else None
            task.owner_id = None
            task.centre_id = task.centre_id or (client.centre_id if client else centre_id)
        if task.taken_by == staff_id:
            task.taken_by = task.taken_at = None
        if task.second_id == staff_id:
            task.second_id = task.escalated_at = None
    session.flush()
    return len(tasks)
