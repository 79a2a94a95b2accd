"""Reading plans: for her what her switches allow (R41), for staff the whole."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import lazyload

from portal.clients.models import Client
from portal.clients.queries import readable_client_ids, visible_client
from portal.core.access import Actor
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.plan.answer_models import PlanVersion
from portal.plan.models import Action, Goal, OwnWords, Plan, RiskNote
from portal.plan.rules import SENSITIVE, ActionStatus, Doer, PlanState, Progress, is_sensitive, progress
from portal.staff.models import Staff


class GoalShown(NamedTuple):
    """A goal with its actions, the soonest first, and what she wrote under it."""

    goal: Goal
    actions: list[Action]
    words: list[OwnWords]

    @property
    def progress(self) -> Progress:
        """How many of its actions are done."""
        return progress(action.status for action in self.actions)


class PlanShown(NamedTuple):
    """A plan as one reader sees it: goals by pathway, her words about the whole, whether there is more to open.

    `worker_name` is her keyworker's first name where she chose to see it; `version` is the plan as it was last shared.
    """

    plan: Plan | None
    pathways: dict[str, list[GoalShown]]
    words: list[OwnWords]
    more: bool = False
    worker_name: str | None = None
    version: PlanVersion | None = None


def plan_for(client: Client, *, sensitive_open: bool) -> PlanShown:
    """Her plan as her own page shows it, in three queries; a draft is not shown to her.

    With her switch off, sensitive goals and all under them are as if they were not there (R41). With it on they are
    shown while `sensitive_open`, else `more` says that there are some (R16).
    """
    plan, worker_name, version = _plan_and_worker(client)
    allowed: list[ColumnElement[bool]] = []
    if not client.sensitive_goals_online:
        allowed.append(Goal.pathway.not_in(SENSITIVE))
    goals = _goals(client.id, allowed) if plan is not None and is_shown_to_her(plan) else []
    open_goals = [shown for shown in goals if sensitive_open or not is_sensitive(shown.goal.pathway)]
    shown = _with_words(client.id, plan, open_goals)
    return shown._replace(more=len(open_goals) < len(goals), worker_name=worker_name, version=version)


def whole_plan(client_id: int) -> PlanShown:
    """The whole plan for staff who may see her, in three queries."""
    return _with_words(client_id, plan_of(client_id), _goals(client_id, []))


def next_step(client_id: int, today: date) -> Action | None:
    """The next thing that is hers to do, never a sensitive one (R16): the soonest to come, then one without a day.

    What is past its day comes last, because her first page must not open with a reproach.
    """
    steps = session.scalars(
        select(Action)
        .join(Goal, Goal.id == Action.goal_id)
        .join(Plan, Plan.client_id == Action.client_id)
        .where(
            Action.client_id == client_id,
            Action.doer == Doer.HER,
            Action.status.in_((ActionStatus.TO_DO, ActionStatus.DOING)),
            Action.withdrawn_at.is_(None),
            Goal.withdrawn_at.is_(None),
            Goal.pathway.not_in(SENSITIVE),
            Plan.state.not_in((PlanState.DRAFT, PlanState.CLOSED)),
        )
    )
    return min(
        steps,
        key=lambda action: (
            action.due_on is not None and action.due_on < today,
            action.due_on or date.max,
            action.id,
        ),
        default=None,
    )


def plan_of(client_id: int) -> Plan | None:
    """A woman's plan in whatever state, or None."""
    return session.scalars(select(Plan).where(Plan.client_id == client_id)).first()


def is_shown_to_her(plan: Plan | None) -> bool:
    """Whether her own pages show a plan: not before it has left the draft."""
    return plan is not None and plan.state != PlanState.DRAFT


def own_goal(client: Client, goal_id: int) -> Goal:
    """A goal that her own pages show her; raises NotFound for every other, sensitive ones with the switch off too."""
    goal = get_or_none(Goal, goal_id)
    if goal is None or goal.client_id != client.id or not is_shown_to_her(plan_of(client.id)):
        raise NotFound("goal")
    if is_sensitive(goal.pathway) and not client.sensitive_goals_online:
        raise NotFound("goal")
    return goal


def own_goal_of_action(client: Client, action_id: int) -> Goal:
    """The goal of an action that her own pages show her; raises NotFound otherwise."""
    action = get_or_none(Action, action_id)
    if action is None:
        raise NotFound("action")
    return own_goal(client, action.goal_id)


def own_words(client: Client, words_id: int) -> OwnWords:
    """Words that she wrote, taken back or not; raises NotFound for others and under goals not shown to her."""
    words = get_or_none(OwnWords, words_id)
    if words is None or words.client_id != client.id:
        raise NotFound("own words")
    if words.goal_id is not None:
        own_goal(client, words.goal_id)
    return words


def visible_goal(actor: Actor, goal_id: int) -> Goal:
    """A goal of a client whom the member of staff may see; raises NotFound otherwise."""
    goal = get_or_none(Goal, goal_id)
    if goal is None:
        raise NotFound("goal")
    visible_client(actor, goal.client_id)
    return goal


def visible_action(actor: Actor, action_id: int) -> Action:
    """An action of a client whom the member of staff may see; raises NotFound otherwise."""
    action = get_or_none(Action, action_id)
    if action is None:
        raise NotFound("action")
    visible_client(actor, action.client_id)
    return action


def risk_notes(actor: Actor, client_id: int) -> Sequence[RiskNote]:
    """What staff noted of the risk to a client whom the actor may see, newest first; nothing for herself."""
    if not actor.is_staff:
        return ()
    return session.scalars(
        select(RiskNote)
        .where(RiskNote.client_id == client_id, RiskNote.client_id.in_(readable_client_ids(actor)))
        .order_by(RiskNote.noted_at.desc(), RiskNote.id.desc())
    ).all()


def _plan_and_worker(client: Client) -> tuple[Plan | None, str | None, PlanVersion | None]:
    """Her plan, her keyworker's first name where she chose to see it (R16), and the plan as it was last shared."""
    worker_id = client.keyworker_id if client.shows_worker_name else None
    hers = select(PlanVersion.id).where(PlanVersion.client_id == client.id)
    newest = hers.order_by(PlanVersion.shared_at.desc(), PlanVersion.number.desc()).limit(1).scalar_subquery()
    row = session.execute(
        select(Plan, Staff, PlanVersion)
        .select_from(Plan)
        .outerjoin(Staff, Staff.id == worker_id)
        .outerjoin(PlanVersion, PlanVersion.id == newest)
        .where(Plan.client_id == client.id)
        .options(lazyload(Staff.covers))
    ).first()
    if row is None:
        return None, None, None
    plan, worker, version = row
    return plan, worker.first_name if worker else None, version


def _goals(client_id: int, only: list[ColumnElement[bool]]) -> list[GoalShown]:
    live_action = and_(Action.goal_id == Goal.id, Action.withdrawn_at.is_(None))
    rows = session.execute(
        select(Goal, Action)
        .outerjoin(Action, live_action)
        .where(Goal.client_id == client_id, Goal.withdrawn_at.is_(None), *only)
        .order_by(Goal.position, Goal.id)
    )
    goals: dict[int, GoalShown] = {}
    for goal, action in rows:
        shown = goals.setdefault(goal.id, GoalShown(goal, [], []))
        if action is not None:
            shown.actions.append(action)
    for shown in goals.values():
        shown.actions.sort(key=lambda action: (action.due_on or date.max, action.id))
    return list(goals.values())


def _with_words(client_id: int, plan: Plan | None, goals: list[GoalShown]) -> PlanShown:
    written = session.scalars(
        select(OwnWords)
        .where(OwnWords.client_id == client_id, OwnWords.taken_back_at.is_(None))
        .order_by(OwnWords.written_at, OwnWords.id)
    )
    by_goal = {shown.goal.id: shown for shown in goals}
    about_all = []
    for words in written:
        if words.goal_id is None:
            about_all.append(words)
        elif words.goal_id in by_goal:
            by_goal[words.goal_id].words.append(words)
    pathways: dict[str, list[GoalShown]] = {}
    for shown in goals:
        pathways.setdefault(shown.goal.pathway, []).append(shown)
    return PlanShown(plan, pathways, about_all)
