"""Tasks that nobody saw to in time go up to a second person, once (R25)."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.audit import service as audit
from portal.clients.models import Client, Restriction
from portal.clients.reach_models import BrokenGlass
from portal.core.access import SYSTEM
from portal.core.database import lock_rows, session
from portal.staff.models import Staff
from portal.staff.queries import admins, away_ids, cover_for, keyworkers, managers
from portal.worklist.models import Task
from portal.worklist.rules import CALLED_OUT_FOR, FOR_MANAGERS

LEAST_TIME = timedelta(minutes=5)
"""What was due when it was raised is left to its owner so long."""

WomenOf = Callable[[Task], Iterable[int]]
"""Gives the ids of the women whom a task may be about; the rooms above know more than the task says."""


def her_alone(task: Task) -> list[int]:
    """The woman whom a task names, if it names one."""
    return [task.client_id] if task.client_id is not None else []


def send_up(now: datetime, women_of: WomenOf = her_alone) -> int:
    """Give each overdue open task that has no second person one; gives how many found one."""
    overdue = select(Task).where(
        Task.closed_at.is_(None),
        Task.escalated_at.is_(None),
        Task.due_at < now,
        Task.raised_at <= now - LEAST_TIME,
    )
    tasks = session.scalars(lock_rows(overdue.order_by(Task.due_at, Task.id))).all()
    return sum(give_second(task, now, women_of) for task in tasks)


def give_second(task: Task, now: datetime, women_of: WomenOf = her_alone) -> bool:
    """Give a task to a second person beside whose it is; gives whether there is anybody."""
    second = second_person(task, set(women_of(task)), now)
    if second is None:
        return False
    task.second_id, task.escalated_at = second.id, now
    audit.record(SYSTEM, "task_sent_up", now=now, client_id=task.client_id, subject=f"task:{task.id}")
    session.flush()
    return True


def second_person(task: Task, women: set[int], now: datetime) -> Staff | None:
    """Who sees to a task that its owner did not: who covers for her, else at the woman's centre, else any manager.

    What people are called out for goes to an admin where there is no manager: somebody must have it (R47).

    Nobody who is away, nobody who has had it, and nobody who must not know any of its women (R29). What a manager alone
    can do goes to a manager, and never to whoever opened the record that it is about.
    """
    never = {task.owner_id, task.taken_by} | set(
        session.scalars(select(Restriction.staff_id).where(Restriction.client_id.in_(women)))
    )
    cover = cover_for(task.owner_id, now) if task.owner_id is not None else None
    never |= away_ids(now) | _opener_of(task)
    at_centre = keyworkers(_centres_of(task, women))
    load = _loads()
    last = admins() if task.kind in CALLED_OUT_FOR and not women else []
    workers = ([cover] if cover else [], at_centre) if task.kind not in FOR_MANAGERS else ()
    for people in (*workers, managers(), last):
        fitting = [person for person in people if person.id not in never]
        if fitting:
            return min(fitting, key=lambda person: (load.get(person.id, 0), person.id))
    return None


def _opener_of(task: Task) -> set[int]:
    about, _, number = task.subject.partition(":")
    if about != "glass":
        return set()
    return set(session.scalars(select(BrokenGlass.staff_id).where(BrokenGlass.id == int(number))))


def _centres_of(task: Task, women: set[int]) -> set[int]:
    if task.centre_id is not None:
        return {task.centre_id}
    return set(session.scalars(select(Client.centre_id).where(Client.id.in_(women))))


def _loads() -> dict[int, int]:
    """How many open tasks each second person has already."""
    counted = (
        select(Task.second_id, func.count())
        .where(Task.closed_at.is_(None), Task.second_id.is_not(None))
        .group_by(Task.second_id)
    )
    return {person: count for person, count in session.execute(counted) if person is not None}
