"""Goals in both hands: added, worded, put in order, set aside and taken up again by her and by staff."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from portal.audit import service as audit
from portal.core.access import Actor
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.plan import kept, queries, reminding, rules
from portal.plan.making import (
    begun_plan,
    check_open,
    herself,
    hold_client,
    made,
    made_before,
    subject_of,
    text,
    writable_client,
    writable_goal,
)
from portal.plan.models import Action, Goal
from portal.plan.rules import Pathway
from portal.plan.together import Values

FIELDS = ("her_words", "worker_words", "why_matters")
HER_FIELDS = ("her_words", "why_matters")
"""What she words herself; the worker's words are the worker's."""


def add_goal(
    actor: Actor,
    client_id: int,
    *,
    pathway: str,
    her_words: str,
    worker_words: str = "",
    why_matters: str = "",
    language: str = "en",
    request_key: str,
    now: datetime,
) -> Goal:
    """Add a goal in her words, the worker's or both; added by staff, her first one begins a draft plan.

    Raises Invalid for an unknown pathway, no words at all, or more than LONGEST_WORDS letters; NotFound where her
    pages show no plan; Stale("plan") when it was closed.
    """
    if actor.is_client:
        _check_hers(actor, client_id, pathway)
    else:
        writable_client(actor, client_id)
    before = made_before(actor, Goal, request_key, now)
    if before is not None:
        return before
    if pathway not in set(Pathway):
        raise Invalid("pathway", "unknown")
    values = {"her_words": her_words, "worker_words": worker_words, "why_matters": why_matters}
    worded = _worded(values if not actor.is_client else values | {"worker_words": ""})
    begun_plan(client_id, now)
    check_open(client_id)
    goal = Goal(
        client_id=client_id,
        pathway=pathway,
        language=language,
        position=(session.scalar(select(func.max(Goal.position)).where(Goal.client_id == client_id)) or 0) + 1,
        added_by_kind="client" if actor.is_client else "staff",
        added_by=None if actor.is_client else actor.id,
        added_at=now,
        **worded,
    )
    made(actor, goal, "goal_added", request_key, now)
    return goal


def reword(
    actor: Actor,
    goal_id: int,
    said: Values,
    *,
    made_from: int,
    choices: Mapping[str, str] | None = None,
    language: str | None = None,
    now: datetime,
) -> Goal:
    """Change words of a goal: hers by herself, all by staff; `made_from` is the revision that the form showed.

    Fields that others changed since stay as they are; the same one raises BothChanged until `choices` answers it.
    `language` is that of her words, None when it does not change. Raises as `add_goal`, Stale("goal") for one
    withdrawn meanwhile, NotAllowed("field") for what is not the actor's to word.
    """
    goal = writable_goal(actor, goal_id)
    if set(said) - set(HER_FIELDS if actor.is_client else FIELDS):
        raise NotAllowed("field")
    _check_stands(goal)
    said = {field: words.replace("\r\n", "\n").strip() for field, words in said.items()}
    values, is_newest = _values(goal), goal.revision == made_from
    wanted = kept.wanted(goal, values, said, made_from=made_from, choices=choices or {})
    worded = _worded(wanted)
    changed = {field: words for field, words in values.items() if wanted[field] != words}
    if changed:
        kept.keep(actor, goal, changed, goal.language, now)
        for field in changed:
            setattr(goal, field, worded[field])
        audit.record(actor, "goal_reworded", now=now, client_id=goal.client_id, subject=subject_of(goal))
    if language is not None and (set(changed) & set(HER_FIELDS) or (actor.is_staff and is_newest)):
        goal.language = language
    session.flush()
    return goal


def move_goal(actor: Actor, goal_id: int, *, up: bool, now: datetime) -> Goal:
    """Put a goal before the one above it, or after the one below, among those that the actor sees.

    Raises NotFound, Stale("goal") for one withdrawn meanwhile and Stale("plan") for a closed plan.
    """
    goal = writable_goal(actor, goal_id)
    _check_stands(goal)
    hold_client(goal.client_id)
    order = list(
        session.scalars(
            lock_rows(
                select(Goal)
                .where(Goal.client_id == goal.client_id, Goal.withdrawn_at.is_(None))
                .order_by(Goal.position, Goal.id)
            ).execution_options(populate_existing=True)
        )
    )
    seen = [one for one in order if not actor.is_client or queries.is_open_to_her(herself(actor), one)]
    place = seen.index(goal) + (-1 if up else 1)
    if 0 <= place < len(seen):
        neighbour = seen[place]
        order.remove(goal)
        order.insert(order.index(neighbour) + (0 if up else 1), goal)
        for position, one in enumerate(order, start=1):
            one.position = position
        audit.record(actor, "goal_moved", now=now, client_id=goal.client_id, subject=subject_of(goal))
        session.flush()
    return goal


def withdraw_goal(actor: Actor, goal_id: int, *, now: datetime) -> Goal:
    """Take a goal with all under it off the plan: she changed her mind, or staff do it; a second time is harmless.

    Raises NotFound, and Stale("plan") when she does it in a plan that was closed.
    """
    goal = writable_goal(actor, goal_id)
    if goal.withdrawn_at is None:
        if actor.is_client:
            check_open(goal.client_id)
        goal.withdrawn_at, goal.withdrawn_by_kind = now, "client" if actor.is_client else "staff"
        audit.record(actor, "goal_withdrawn", now=now, client_id=goal.client_id, subject=subject_of(goal))
        session.flush()
        for action in session.scalars(select(Action).where(Action.goal_id == goal.id)).all():
            # Taken up again it is reminded of anew: a reminder belongs to one revision.
            action.revision += 1
            reminding.take_back(action.id, now)
    return goal


def take_up_again(actor: Actor, goal_id: int, *, now: datetime) -> Goal:
    """Put a goal back on the plan: what she set aside by herself too; what staff took off by staff.

    Raises NotFound, NotAllowed("withdrawn_by") for her where staff took it off, Stale("plan") for a closed plan.
    """
    goal = writable_goal(actor, goal_id)
    check_open(goal.client_id)
    if goal.withdrawn_at is not None:
        if actor.is_client and goal.withdrawn_by_kind != "client":
            raise NotAllowed("withdrawn_by")
        goal.withdrawn_at = goal.withdrawn_by_kind = None
        audit.record(actor, "goal_taken_up", now=now, client_id=goal.client_id, subject=subject_of(goal))
        session.flush()
    return goal


def _check_hers(actor: Actor, client_id: int, pathway: str) -> None:
    client = herself(actor)
    if client.id != client_id or not queries.is_shown_to_her(queries.plan_of(client.id)):
        raise NotFound("plan")
    if rules.is_sensitive(pathway) and not client.sensitive_goals_online:
        raise Invalid("pathway", "unknown")


def _check_stands(goal: Goal) -> None:
    check_open(goal.client_id)
    if goal.withdrawn_at is not None:
        raise Stale("goal")


def _values(goal: Goal) -> dict[str, str]:
    return {field: getattr(goal, field) or "" for field in FIELDS}


def _worded(values: Values) -> dict[str, str | None]:
    """The words as they are kept; raises Invalid when nothing says what the goal is, or something is too long."""
    worded = {field: text(field, words) if words.strip() else None for field, words in values.items()}
    if worded["her_words"] is None and worded["worker_words"] is None:
        raise Invalid("her_words", "missing")
    return worded
