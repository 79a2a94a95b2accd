"""Reading tasks: whose they are, what is due, what is over."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, and_, false, func, or_, select, true

from portal.clients.models import Client, Restriction
from portal.clients.queries import visible_client_ids
from portal.core.access import Actor, Role
from portal.core.database import session
from portal.core.errors import NotFound
from portal.worklist.models import Task

RECEPTION_KINDS = ("ring_at_desk", "recheck_safe_contact_at_desk", "new_setup_code", "ring_about_closing")


def visible_tasks(actor: Actor) -> Select[Task]:
    """The tasks a member of staff may see: her own and her centres', never one about a record she may not see (R29)."""
    mine = or_(Task.owner_id == actor.id, and_(Task.owner_id.is_(None), Task.centre_id.in_(actor.centres)))
    if actor.role is Role.MANAGER:
        mine = or_(mine, Task.centre_id.in_(actor.centres), and_(Task.owner_id.is_(None), Task.centre_id.is_(None)))
    if actor.role is Role.RECEPTIONIST:
        here = Task.centre_id.in_(actor.centres) if actor.centres else false()
        restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
        known = or_(Task.client_id.is_(None), Task.client_id.not_in(restricted))
        return select(Task).where(Task.kind.in_(RECEPTION_KINDS), here, known)
    seen = or_(Task.client_id.is_(None), Task.client_id.in_(visible_client_ids(actor)))
    return select(Task).where(mine, seen if actor.is_staff else true())


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
