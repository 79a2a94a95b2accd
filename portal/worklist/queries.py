"""Reading tasks: whose they are, what is due, what is over."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, func, literal, or_, select

from portal.clients.models import Client, Restriction
from portal.clients.queries import readable_client_ids, visible_client_ids
from portal.clients.reach_models import BrokenGlass
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.database import session
from portal.core.errors import NotFound
from portal.staff.queries import COVERING, away_ids, cover_for, first_names, looked_after_by
from portal.staff.rota import on_duty
from portal.worklist.models import Task
from portal.worklist.rules import CALLED_OUT_FOR, RECEPTION_KINDS


def visible_tasks(actor: Actor) -> Select[Task]:
    """The tasks a member of staff may see, never one about a record of which she must not know (R29).

    Her own, her centres', those of whom she covers while they are away, those that went to her as the second person or
    that she took, and while she is on duty those for which people are called out. A manager sees all of her centres
    and of their women: what a cover must not know is hers to do. Nobody those about what she herself opened by
    break-glass, whoever's they are.
    """
    now = clock.now()
    restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    known = or_(Task.client_id.is_(None), Task.client_id.not_in(restricted))
    if actor.role is Role.RECEPTIONIST:
        here = Task.centre_id.in_(actor.centres) if actor.centres else false()
        return select(Task).where(Task.kind.in_(RECEPTION_KINDS), here, known)
    given = or_(Task.second_id == actor.id, Task.taken_by == actor.id)
    if any(person.id == actor.id for person in on_duty(now)):
        given = or_(given, Task.kind.in_(CALLED_OUT_FOR))
    mine = or_(Task.owner_id == actor.id, and_(Task.owner_id.is_(None), Task.centre_id.in_(actor.centres)))
    if actor.role in COVERING:
        mine = or_(mine, Task.owner_id.in_(looked_after_by(actor.id, now)))
    if actor.role is Role.MANAGER:
        in_centres = select(Client.id).where(Client.centre_id.in_(actor.centres))
        nobodys = and_(Task.owner_id.is_(None), Task.centre_id.is_(None))
        mine = or_(mine, Task.centre_id.in_(actor.centres), Task.client_id.in_(in_centres), nobodys)
    seen = or_(Task.client_id.is_(None), Task.client_id.in_(visible_client_ids(actor)))
    return select(Task).where(or_(and_(mine, seen), given), known, _is_for_others(actor))


def _is_for_others(actor: Actor) -> ColumnElement[bool]:
    opened = select(literal("glass:") + cast(BrokenGlass.id, String)).where(BrokenGlass.staff_id == actor.id)
    return Task.subject.not_in(opened)


def open_tasks(actor: Actor, limit: int = 100) -> list[Task]:
    """The open tasks of a member of staff, the first due first."""
    statement = visible_tasks(actor).where(Task.closed_at.is_(None)).order_by(Task.due_at, Task.id).limit(limit)
    return list(session.scalars(statement))


def open_count(actor: Actor) -> int:
    """How many tasks are open for a member of staff."""
    open_ones = visible_tasks(actor).where(Task.closed_at.is_(None)).subquery()
    return session.scalar(select(func.count()).select_from(open_ones)) or 0


def overdue_count(actor: Actor, now: datetime) -> int:
    """How many of her open tasks are past their due time."""
    late = visible_tasks(actor).where(Task.closed_at.is_(None), Task.due_at < now).subquery()
    return session.scalar(select(func.count()).select_from(late)) or 0


def task(actor: Actor, task_id: int) -> Task:
    """The task with this id, open or closed, that a member of staff may see; raises NotFound."""
    found = None
    if 0 < task_id < 2**31:
        found = session.scalars(visible_tasks(actor).where(Task.id == task_id)).first()
    if found is None:
        raise NotFound("task")
    return found


def called_names(tasks: Iterable[Task]) -> dict[int, str]:
    """The names of the women whom tasks are about, by id, in one query."""
    ids = {task.client_id for task in tasks if task.client_id is not None}
    return {client.id: client.called_name for client in session.scalars(select(Client).where(Client.id.in_(ids)))}


def covers(tasks: Iterable[Task], now: datetime) -> dict[int, str]:
    """The first name of who covers for an owner who is away now, by the owner's id."""
    owners = {task.owner_id for task in tasks if task.owner_id is not None}
    found = {owner_id: cover_for(owner_id, now) for owner_id in owners & away_ids(now)}
    return {owner_id: cover.first_name for owner_id, cover in found.items() if cover is not None}


def people_of(tasks: Iterable[Task]) -> dict[int, str]:
    """The first names of everybody whom tasks name, by id, in one query."""
    return first_names(
        staff_id for task in tasks for staff_id in (task.owner_id, task.taken_by, task.second_id, task.closed_by)
    )


def opens_record(actor: Actor, client_id: int | None) -> bool:
    """Whether a member of staff may open the record that a task is about."""
    seen = select(Client.id).where(Client.id == client_id, Client.id.in_(readable_client_ids(actor)))
    return client_id is not None and session.scalar(seen) is not None
