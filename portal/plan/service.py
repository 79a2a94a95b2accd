"""Changing plans. Every change is in the audit log; nothing here ever marks anything as failed."""

from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import func, select

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.clients.safe_contact import check_again_by
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.plan import queries, rules
from portal.plan.answering import begun_plan
from portal.plan.models import Action, Goal, OwnWords, RiskNote
from portal.plan.rules import ActionStatus, Doer, Pathway
from portal.web import once
from portal.worklist.rules import MORNING
from portal.worklist.service import raise_task

Row = TypeVar("Row", Goal, Action, OwnWords, RiskNote)


def tick(actor: Actor, action_id: int, *, done: bool, now: datetime) -> Action:
    """Mark an action as done or not done: hers by herself, a worker's or partner's by staff; twice is harmless.

    Raises NotFound for what the actor may not see, NotAllowed for somebody else's to tick, Stale when it was
    withdrawn, she changed her mind about it, or the plan was closed meanwhile.
    """
    action, goal = _locked_action(action_id)
    if actor.is_client:
        queries.own_goal(visible_client(actor, actor.id), goal.id)
    else:
        _writable_client(actor, action.client_id)
    if (action.doer == Doer.HER) != actor.is_client:
        raise NotAllowed("doer")
    plan = queries.plan_of(action.client_id)
    if _is_withdrawn(action, goal) or plan is None or not rules.can_be_ticked(plan.state, action.status):
        raise Stale("action")
    if done != (action.status == ActionStatus.DONE):
        _put_status(actor, action, ActionStatus.DONE if done else ActionStatus.TO_DO, now)
    return action


def set_action_status(actor: Actor, action_id: int, *, status: str, now: datetime) -> Action:
    """Record how far an action is, by staff, as she said or as they did (R48).

    Raises Invalid("status", "unknown") and Stale when it was withdrawn meanwhile.
    """
    action, goal = _locked_action(action_id)
    _writable_client(actor, action.client_id)
    if status not in set(ActionStatus):
        raise Invalid("status", "unknown")
    if _is_withdrawn(action, goal):
        raise Stale("action")
    if action.status != status:
        _put_status(actor, action, ActionStatus(status), now)
    return action


def withdraw_action(actor: Actor, action_id: int, *, now: datetime) -> Action:
    """Take an action off the plan, by staff; a second time is harmless."""
    action, _ = _locked_action(action_id)
    _writable_client(actor, action.client_id)
    if action.withdrawn_at is None:
        action.withdrawn_at = now
        audit.record(actor, "action_withdrawn", now=now, client_id=action.client_id, subject=f"actions:{action.id}")
        session.flush()
    return action


def withdraw_goal(actor: Actor, goal_id: int, *, now: datetime) -> Goal:
    """Take a goal with all under it off the plan, by staff; a second time is harmless."""
    goal = _locked(Goal, goal_id)
    _writable_client(actor, goal.client_id)
    if goal.withdrawn_at is None:
        goal.withdrawn_at = now
        audit.record(actor, "goal_withdrawn", now=now, client_id=goal.client_id, subject=f"goals:{goal.id}")
        session.flush()
    return goal


def write_own_words(
    actor: Actor, *, goal_id: int | None, words: str, language: str, request_key: str, now: datetime
) -> OwnWords:
    """Keep words that she wrote under a goal of hers, or about the whole plan when `goal_id` is None.

    Raises NotFound for a goal not shown to her, Stale for one withdrawn meanwhile, and
    Invalid("words", "missing" or "too_long").
    """
    client = visible_client(actor, actor.id if actor.is_client else 0)
    before = _made_before(actor, OwnWords, request_key, now)
    if before is not None:
        return before
    if goal_id is not None and queries.own_goal(client, goal_id).withdrawn_at is not None:
        raise Stale("goal")
    row = OwnWords(
        client_id=client.id,
        goal_id=goal_id,
        words=_text("words", words),
        language=language,
        written_at=now,
    )
    return _made(actor, row, "own_words_written", request_key, now)


def take_back_words(actor: Actor, words_id: int, *, now: datetime) -> OwnWords:
    """Take back words of hers: they are gone from every page and from the table; a second time is harmless."""
    words = _locked(OwnWords, words_id)
    queries.own_words(visible_client(actor, actor.id if actor.is_client else 0), words.id)
    if words.taken_back_at is None:
        words.taken_back_at, words.words = now, ""
        audit.record(actor, "own_words_taken_back", now=now, client_id=words.client_id, subject=f"own_words:{words.id}")
        session.flush()
    return words


def add_goal(
    actor: Actor, client_id: int, *, pathway: str, her_words: str, worker_words: str, request_key: str, now: datetime
) -> Goal:
    """Add a goal in her words, the worker's or both; her first one begins a draft plan.

    Raises Invalid for an unknown pathway, no words at all, or more than LONGEST_WORDS letters.
    """
    _writable_client(actor, client_id)
    before = _made_before(actor, Goal, request_key, now)
    if before is not None:
        return before
    if pathway not in set(Pathway):
        raise Invalid("pathway", "unknown")
    her_words, worker_words = her_words.strip(), worker_words.strip()
    if not her_words and not worker_words:
        raise Invalid("her_words", "missing")
    begun_plan(client_id, now)
    goal = Goal(
        client_id=client_id,
        pathway=pathway,
        her_words=_text("her_words", her_words) if her_words else None,
        worker_words=_text("worker_words", worker_words) if worker_words else None,
        position=(session.scalar(select(func.max(Goal.position)).where(Goal.client_id == client_id)) or 0) + 1,
        added_by=actor.id,
        added_at=now,
    )
    return _made(actor, goal, "goal_added", request_key, now)


def add_action(
    actor: Actor, goal_id: int, *, what: str, doer: str, due_on: date | None, request_key: str, now: datetime
) -> Action:
    """Add something to do toward a goal, with who does it and by when.

    Raises Invalid for no or too many letters, an unknown doer, or a day past; Stale for a goal withdrawn meanwhile.
    """
    goal = _locked(Goal, goal_id)
    _writable_client(actor, goal.client_id)
    before = _made_before(actor, Action, request_key, now)
    if before is not None:
        return before
    if goal.withdrawn_at is not None:
        raise Stale("goal")
    if doer not in set(Doer):
        raise Invalid("doer", "unknown")
    if due_on is not None and due_on < clock.london_today(now):
        raise Invalid("due_on", "past")
    action = Action(
        client_id=goal.client_id,
        goal_id=goal.id,
        what=_text("what", what, rules.LONGEST_ACTION),
        doer=doer,
        due_on=due_on,
        added_by=actor.id,
        added_at=now,
    )
    return _made(actor, action, "action_added", request_key, now)


def add_risk_note(actor: Actor, client_id: int, *, note: str, request_key: str, now: datetime) -> RiskNote:
    """Note what staff know of the risk to her; never on her pages. Raises Invalid("note", "missing" or "too_long").

    What was a safe contact may be none any more, so she is asked again within RECHECK_AFTER_RISK (R18).
    """
    client = _writable_client(actor, client_id)
    before = _made_before(actor, RiskNote, request_key, now)
    if before is not None:
        return before
    _check_sooner(client, now)
    row = RiskNote(client_id=client_id, note=_text("note", note), noted_by=actor.id, noted_at=now)
    return _made(actor, row, "risk_note_added", request_key, now)


def _check_sooner(client: Client, now: datetime) -> None:
    on = clock.london_today(now) + rules.RECHECK_AFTER_RISK
    check_again_by(client.id, on, why="risk", now=now)
    raise_task(
        "recheck_safe_contact",
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        due_at=clock.from_london(on, MORNING),
    )


def _writable_client(actor: Actor, client_id: int) -> Client:
    require(actor, Permission.WRITE_PLAN)
    return visible_client(actor, client_id)


def _locked(model: type[Row], row_id: int) -> Row:
    row = None
    if 0 < row_id < 2**31:
        row = session.scalars(lock_rows(select(model).where(model.id == row_id))).first()
    if row is None:
        raise NotFound(model.__tablename__)
    return row


def _locked_action(action_id: int) -> tuple[Action, Goal]:
    action = _locked(Action, action_id)
    return action, session.get_one(Goal, action.goal_id)


def _is_withdrawn(action: Action, goal: Goal) -> bool:
    return action.withdrawn_at is not None or goal.withdrawn_at is not None


def _put_status(actor: Actor, action: Action, status: ActionStatus, now: datetime) -> None:
    action.status, action.status_at = status, now
    audit.record(
        actor, "action_status", now=now, client_id=action.client_id, subject=f"actions:{action.id}", reason=status
    )
    session.flush()


def _text(field: str, text: str, longest: int = rules.LONGEST_WORDS) -> str:
    text = text.replace("\r\n", "\n").strip()
    fault = rules.text_fault(text, longest)
    if fault:
        raise Invalid(field, fault)
    return text


def _made_before(actor: Actor, model: type[Row], request_key: str, now: datetime) -> Row | None:
    before = once.claim(actor, request_key, now=now)
    if before is None:
        return None
    table, _, row_id = before.partition(":")
    if table != model.__tablename__:
        raise Invalid("request_key", "used")
    return session.get_one(model, int(row_id))


def _made(actor: Actor, row: Row, action: str, request_key: str, now: datetime) -> Row:
    session.add(row)
    session.flush()
    subject = f"{row.__tablename__}:{row.id}"
    once.made(actor, request_key, subject)
    audit.record(actor, action, now=now, client_id=row.client_id, subject=subject)
    return row
