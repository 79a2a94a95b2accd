"""The day before an action of hers is due, a neutral text reminds her, where she wants one and her record allows it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import safe_contacts
from portal.clients.rules import read_safe_hours
from portal.clients.safe_times import REMINDER_DAYS_BACK, REMINDER_HOUR, reminder_time
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.database import get_or_none, session
from portal.messaging import gate, outbox, registry
from portal.messaging.models import Text, TextState
from portal.plan.models import Action, Goal, Plan
from portal.plan.rules import SENSITIVE, ActionStatus, Doer, PlanState
from portal.worklist.models import Task
from portal.worklist.service import close_for_subject, raise_task

TEXT = "to_do_reminder"
TASK = "remind_of_to_do"
STILL_TO_DO = (ActionStatus.TO_DO, ActionStatus.DOING)
_LIVE_PLANS = (PlanState.SHARED, PlanState.AGREED, PlanState.UNDER_REVIEW)
_A_PERSON_HAS_TIME = timedelta(days=2)
"""How long before its day a person can still be asked to remind her of an action."""


def register_texts() -> None:
    """Tell messaging about the text of this room."""
    registry.register(TEXT, still_wanted=_is_wanted, facts=_facts)


def plan_due(now: datetime) -> int:
    """Want the reminders of actions that are due within the next days; gives how many were wanted.

    Where no text can go in time a person gets the task of reminding her (R19), once, while there is time for it.
    """
    due = _due(now)
    known = _known(due)
    contacts = safe_contacts(client.id for action, client in due if _once(action) not in known)
    wanted = 0
    for action, client in due:
        if _once(action) in known:
            continue
        contact = contacts.get(client.id)
        send_at = _send_at(action, client, contact, now)
        if send_at is not None:
            _want(action, send_at, now)
            wanted += 1
        elif _day(action) - clock.london_midnight(clock.london_today(now)) >= _A_PERSON_HAS_TIME:
            _ask_person(action, client, now)
    return wanted


def take_back(action_id: int, now: datetime) -> None:
    """A reminder that has not left is not wanted any more: the action is done, moved, withdrawn, or she said so."""
    subject = _subject(action_id)
    outbox.skip_for_subject(subject, "not_wanted", now)
    close_for_subject(subject, done="not_needed", actor=SYSTEM, now=now)


def can_be_reminded(goal: Goal) -> bool:
    """Whether a text may remind her of actions under a goal at all: never of a sensitive one (R16)."""
    return goal.pathway not in SENSITIVE


def _due(now: datetime, *only: ColumnElement[bool]) -> list[tuple[Action, Client]]:
    today = clock.london_today(now)
    rows = session.execute(
        select(Action, Client)
        .join(Client, Client.id == Action.client_id)
        .join(Goal, Goal.id == Action.goal_id)
        .join(Plan, Plan.client_id == Action.client_id)
        .where(
            Action.reminder_wanted,
            Action.due_on > today,
            Action.due_on <= today + timedelta(days=REMINDER_DAYS_BACK),
            Action.doer == Doer.HER,
            Action.status.in_(STILL_TO_DO),
            Action.withdrawn_at.is_(None),
            Goal.withdrawn_at.is_(None),
            Goal.pathway.not_in(SENSITIVE),
            Plan.state.in_(_LIVE_PLANS),
            Client.state == ClientState.OPEN,
            *only,
        )
        .order_by(Action.due_on, Action.id)
    )
    return [(action, client) for action, client in rows]


def _known(due: list[tuple[Action, Client]]) -> set[str]:
    """For which reminders a text was wanted or a person was asked before, whatever came of it."""
    keys = [_once(action) for action, _ in due]
    texts = session.scalars(select(Text.once).where(Text.once.in_(keys)))
    return {*texts, *session.scalars(select(Task.once).where(Task.once.in_(keys)))}


def _send_at(action: Action, client: Client, contact: SafeContact | None, now: datetime) -> datetime | None:
    """When its text goes, or None when none may go in time."""
    if contact is None or not contact.may_text:
        return None
    send_at = reminder_time(read_safe_hours(contact.safe_hours or []), _day(action), now)
    if send_at is None:
        return None
    text = Text(kind=TEXT, client_id=client.id, not_after_at=_day(action))
    verdict = gate.wanted_at(text, client, contact, send_at)
    return send_at if verdict.state in (TextState.SENDING, TextState.WAITING) else None


def _want(action: Action, send_at: datetime, now: datetime) -> None:
    outbox.queue(
        action.client_id,
        TEXT,
        subject=_subject(action.id),
        once=_once(action),
        now=now,
        send_at=send_at,
        not_after_at=_day(action),
    )


def _ask_person(action: Action, client: Client, now: datetime) -> None:
    day_before = clock.london_today(_day(action)) - timedelta(days=1)
    raise_task(
        TASK,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=_subject(action.id),
        once=_once(action),
        due_at=clock.from_london(day_before, REMINDER_HOUR),
    )


def _day(action: Action) -> datetime:
    """The London midnight with which the day begins on which an action with a day is due."""
    if action.due_on is None:
        raise ValueError("no day")
    return clock.london_midnight(action.due_on)


def _once(action: Action) -> str:
    return f"{TEXT}:{action.id}:{action.due_on}:{action.revision}"


def _subject(action_id: int) -> str:
    return f"action:{action_id}"


def _is_wanted(action_id: int, now: datetime) -> bool:
    return bool(_due(now, Action.id == action_id))


def _facts(action_id: int) -> Mapping[str, object]:
    action = get_or_none(Action, action_id)
    return {"on": action.due_on} if action is not None and action.due_on is not None else {}
