"""Reading plans: for her what her switches allow (R41), for staff the whole."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import lazyload

from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core.access import Actor
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.plan.models import Action, Goal, OwnWords, Plan
from portal.plan.rules import SENSITIVE, ActionStatus, Doer, PlanState, Progress, is_sensitive, progress
from portal.plan.topic_queries import IN_HER_ORDER, Topic, gathered, newest_answers, newest_ratings
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

    `worker_name` is her keyworker's first name where she chose to see it; `version` is the plan as it was last shared,
    `topics` everything she answered about pathways.
    """

    plan: Plan | None
    pathways: dict[str, list[GoalShown]]
    words: list[OwnWords]
    more: bool = False
    worker_name: str | None = None
    version: PlanVersion | None = None
    topics: dict[str, Topic] = {}  # a tuple's field; whoever makes one gives her own


def plan_for(client: Client, *, sensitive_open: bool) -> PlanShown:
    """Her plan as her own page shows it, in three queries; a draft is not shown to her.

    With her switch off, sensitive goals and all under them are as if they were not there (R41). With it on they are
    shown while `sensitive_open`, else `more` says that there are some (R16).
    """
    beginning = _beginning(client)
    plan = beginning.plan
    allowed: list[ColumnElement[bool]] = []
    if not client.sensitive_goals_online:
        allowed.append(Goal.pathway.not_in(SENSITIVE))
    goals = _goals(client.id, allowed) if plan is not None and is_shown_to_her(plan) else []
    open_goals = [shown for shown in goals if sensitive_open or not is_sensitive(shown.goal.pathway)]
    shown = _with_words(client.id, plan, open_goals)
    return beginning._replace(pathways=shown.pathways, words=shown.words, more=len(open_goals) < len(goals))


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
    if not is_open_to_her(client, goal):
        raise NotFound("goal")
    return goal


def is_open_to_her(client: Client, goal: Goal) -> bool:
    """Whether her switch lets her pages show a goal at all (R41)."""
    return client.sensitive_goals_online or not is_sensitive(goal.pathway)


def own_action(client: Client, action_id: int) -> tuple[Action, Goal]:
    """An action with its goal that her own pages show her; raises NotFound otherwise."""
    action = get_or_none(Action, action_id)
    if action is None:
        raise NotFound("action")
    return action, own_goal(client, action.goal_id)


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


def newest_words(words: OwnWords) -> OwnWords:
    """The words that stand now in the place of some that she corrected, or these themselves."""
    while words.corrected_at is not None:
        words = session.scalars(select(OwnWords).where(OwnWords.replaces_id == words.id)).one()
    return words


def wordings(newest: OwnWords) -> list[OwnWords]:
    """Words of hers with all that they replaced, the newest first."""
    found = [newest]
    while found[-1].replaces_id is not None:
        found.append(session.get_one(OwnWords, found[-1].replaces_id))
    return found


def goals_to_change(client: Client, *, sensitive_open: bool) -> tuple[list[Goal], list[Goal]]:
    """Her goals in her order, and those that she set aside herself; sensitive ones as `plan_for` shows them."""
    goals = session.scalars(select(Goal).where(Goal.client_id == client.id).order_by(Goal.position, Goal.id)).all()
    seen = [one for one in goals if not is_sensitive(one.pathway) or (client.sensitive_goals_online and sensitive_open)]
    aside = [one for one in seen if one.withdrawn_at is not None and one.withdrawn_by_kind == "client"]
    return [one for one in seen if one.withdrawn_at is None], aside


def withdrawn_goals(client_id: int) -> Sequence[Goal]:
    """The goals that were taken off a plan, for staff, the latest first."""
    statement = select(Goal).where(Goal.client_id == client_id, Goal.withdrawn_at.is_not(None))
    return session.scalars(statement.order_by(Goal.withdrawn_at.desc(), Goal.id)).all()


def actions_of(goal_id: int) -> Sequence[Action]:
    """The actions of a goal that were not withdrawn, the soonest first."""
    live = select(Action).where(Action.goal_id == goal_id, Action.withdrawn_at.is_(None))
    return sorted(session.scalars(live), key=lambda action: (action.due_on or date.max, action.id))


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


def _beginning(client: Client) -> PlanShown:
    """All but goals and words: her plan, her keyworker's first name where she chose to see it (R16), the plan as it was
    last shared, and her topics.
    """
    worker_id = client.keyworker_id if client.shows_worker_name else None
    hers = select(PlanVersion.id).where(PlanVersion.client_id == client.id)
    newest = hers.order_by(PlanVersion.shared_at.desc(), PlanVersion.number.desc()).limit(1).scalar_subquery()
    rows = session.execute(
        select(Plan, Staff, PlanVersion, NeedAnswer, Rating)
        .select_from(Client)
        .outerjoin(Plan, Plan.client_id == Client.id)
        .outerjoin(Staff, Staff.id == worker_id)
        .outerjoin(PlanVersion, PlanVersion.id == newest)
        .outerjoin(NeedAnswer, newest_answers(client.id))
        .outerjoin(Rating, newest_ratings(client.id))
        .where(Client.id == client.id)
        .options(lazyload(Staff.covers))
        .order_by(*IN_HER_ORDER)
    ).all()
    plan, worker, version, *_ = rows[0]
    topics = gathered((row[3], row[4]) for row in rows)
    return PlanShown(plan, {}, [], worker_name=worker.first_name if plan and worker else None, version=version,
                     topics=topics)  # fmt: skip


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
        .where(OwnWords.client_id == client_id, OwnWords.taken_back_at.is_(None), OwnWords.corrected_at.is_(None))
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
