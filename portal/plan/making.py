"""What every change of a plan shares: whose it is, a form that makes something once, texts that can be kept."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import Base, lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.plan import queries, rules
from portal.plan.models import Action, Goal, Plan
from portal.plan.rules import PlanState
from portal.web import once

Row = TypeVar("Row", bound=Base)


def writable_client(actor: Actor, client_id: int) -> Client:
    """The client whose plan a member of staff may change; raises NotAllowed, NotFound."""
    require(actor, Permission.WRITE_PLAN)
    return visible_client(actor, client_id)


def herself(actor: Actor) -> Client:
    """The woman who acts; raises NotFound for anybody else."""
    return visible_client(actor, actor.id if actor.is_client else 0)


def locked(model: type[Row], row_id: int) -> Row:
    """A row as it is now, held until this unit of work ends; raises NotFound."""
    row = None
    if 0 < row_id < 2**31:
        statement = lock_rows(select(model).where(model.id == row_id))  # type: ignore[attr-defined]  # of every table here
        row = session.scalars(statement.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(model.__tablename__)
    return row


def writable_goal(actor: Actor, goal_id: int) -> Goal:
    """A goal, held, that the actor may change: hers as her pages show it, or one of a client whose plan staff write.

    Raises NotFound and NotAllowed.
    """
    goal = locked(Goal, goal_id)
    check_goal(actor, goal)
    return goal


def check_goal(actor: Actor, goal: Goal) -> None:
    """Raise NotFound or NotAllowed unless the actor may change a goal and what stands under it."""
    if actor.is_client:
        queries.own_goal(herself(actor), goal.id)
    else:
        writable_client(actor, goal.client_id)


def writable_action(actor: Actor, action_id: int) -> tuple[Action, Goal]:
    """An action, held, that the actor may change, with its goal; raises NotFound and NotAllowed."""
    action = locked(Action, action_id)
    goal = session.get_one(Goal, action.goal_id)
    check_goal(actor, goal)
    return action, goal


def check_open(client_id: int) -> Plan:
    """The plan under which something is changed; raises Stale("plan") when it was closed, or there is none."""
    plan = queries.plan_of(client_id)
    if plan is None or plan.state == PlanState.CLOSED:
        raise Stale("plan")
    return plan


def begun_plan(client_id: int, now: datetime) -> Plan:
    """Her plan; where there is none yet a draft begins."""
    hold_client(client_id)
    plan = queries.plan_of(client_id)
    if plan is None:
        plan = Plan(client_id=client_id, started_at=now)
        session.add(plan)
        session.flush()
    return plan


def hold_client(client_id: int) -> None:
    """Wait for whoever changes the same plan: a plan that is not there yet, or an order of rows, cannot be locked."""
    session.scalars(lock_rows(select(Client.id).where(Client.id == client_id))).one()


def text(field: str, words: str, longest: int = rules.LONGEST_WORDS) -> str:
    """Words as they are kept; raises Invalid(field, "missing" or "too_long")."""
    words = words.replace("\r\n", "\n").strip()
    fault = rules.text_fault(words, longest)
    if fault:
        raise Invalid(field, fault)
    return words


def made_before(actor: Actor, model: type[Row], request_key: str, now: datetime) -> Row | None:
    """What this very form made before, or None when it comes for the first time (R38)."""
    before = once.claim(actor, request_key, now=now)
    if before is None:
        return None
    table, _, row_id = before.partition(":")
    if table != model.__tablename__:
        raise Invalid("request_key", "used")
    return session.get_one(model, int(row_id))


def made(actor: Actor, row: Any, action: str, request_key: str, now: datetime) -> None:
    """Keep a new row, note that its form made it, and write it down."""
    session.add(row)
    session.flush()
    subject = subject_of(row)
    once.made(actor, request_key, subject)
    audit.record(actor, action, now=now, client_id=row.client_id, subject=subject)


def subject_of(row: Any) -> str:
    """What audit entries call a row."""
    return f"{row.__tablename__}:{row.id}"
