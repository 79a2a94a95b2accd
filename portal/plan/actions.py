"""Actions in both hands: added, worded, set to how far they are, with a reminder where she wants one."""

from collections.abc import Mapping
from datetime import date, datetime

from portal.audit import service as audit
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import Invalid, NotAllowed, Stale
from portal.plan import kept, queries, reminding, rules
from portal.plan.making import check_open, made, made_before, subject_of, text, writable_action, writable_goal
from portal.plan.models import Action, Goal
from portal.plan.rules import ActionStatus, Doer
from portal.plan.together import BothChanged, Clash, Values

FIELDS = ("what", "note", "due_on", "doer", "reminder_wanted")
HER_FIELDS = ("note", "due_on", "reminder_wanted")
"""What she changes of an action that is hers to do; what is to be done only where she added it herself."""
YES = "yes"


def tick(actor: Actor, action_id: int, *, done: bool, now: datetime) -> Action:
    """Mark an action as done or not done: hers by herself, a worker's or partner's by staff; twice is harmless.

    Raises NotFound for what the actor may not see, NotAllowed for somebody else's to tick, Stale when it was
    withdrawn, she changed her mind about it, or the plan was closed meanwhile.
    """
    action, goal = writable_action(actor, action_id)
    if (action.doer == Doer.HER) != actor.is_client:
        raise NotAllowed("doer")
    plan = queries.plan_of(action.client_id)
    if _is_withdrawn(action, goal):
        raise Stale("action")
    if plan is None or not rules.can_be_ticked(plan.state, action.status):
        raise Stale("action" if action.status == ActionStatus.CHANGED_MIND else "plan")
    if done != (action.status == ActionStatus.DONE):
        _put_status(actor, action, ActionStatus.DONE if done else ActionStatus.TO_DO, now)
    return action


def set_action_status(actor: Actor, action_id: int, *, status: str, was: str | None = None, now: datetime) -> Action:
    """Record how far an action is: hers by herself, any by staff, as she said or as they did (R48).

    `was` is the status that the page showed. Raises NotFound, NotAllowed("doer") for her at somebody else's action,
    Invalid("status", "unknown"), Stale when it was withdrawn meanwhile or, for her, the plan was closed, and
    BothChanged when somebody else set another status since.
    """
    action, goal = writable_action(actor, action_id)
    if actor.is_client and action.doer != Doer.HER:
        raise NotAllowed("doer")
    if status not in set(ActionStatus):
        raise Invalid("status", "unknown")
    if _is_withdrawn(action, goal):
        raise Stale("action")
    if actor.is_client:
        check_open(action.client_id)
    if action.status == status:
        return action
    if was is not None and was != action.status:
        raise BothChanged(action.revision, {}, (Clash("status", status, action.status),), "")
    _put_status(actor, action, ActionStatus(status), now)
    return action


def withdraw_action(actor: Actor, action_id: int, *, now: datetime) -> Action:
    """Take an action off the plan, by staff; a second time is harmless."""
    action, _ = writable_action(actor, action_id)
    if actor.is_client:
        raise NotAllowed("withdraw")
    if action.withdrawn_at is None:
        action.withdrawn_at = now
        audit.record(actor, "action_withdrawn", now=now, client_id=action.client_id, subject=subject_of(action))
        session.flush()
        reminding.take_back(action.id, now)
    return action


def add_action(
    actor: Actor,
    goal_id: int,
    *,
    what: str,
    doer: str = Doer.HER,
    due_on: date | None,
    note: str = "",
    reminder_wanted: bool = False,
    language: str = "en",
    request_key: str,
    now: datetime,
) -> Action:
    """Add something to do toward a goal, with who does it and by when; she adds what she will do herself.

    Raises Invalid for no or too many letters, an unknown doer, or a day past; Stale for a goal withdrawn meanwhile or,
    for her, a closed plan.
    """
    goal = writable_goal(actor, goal_id)
    before = made_before(actor, Action, request_key, now)
    if before is not None:
        return before
    if actor.is_client:
        check_open(goal.client_id)
    if goal.withdrawn_at is not None:
        raise Stale("goal")
    if doer not in set(Doer):
        raise Invalid("doer", "unknown")
    _check_day(due_on, now)
    action = Action(
        client_id=goal.client_id,
        goal_id=goal.id,
        what=text("what", what, rules.LONGEST_ACTION),
        note=text("note", note) if note.strip() else None,
        language=language,
        note_language=language,
        doer=Doer.HER if actor.is_client else doer,
        due_on=due_on,
        reminder_wanted=reminder_wanted,
        added_by_kind="client" if actor.is_client else "staff",
        added_by=None if actor.is_client else actor.id,
        added_at=now,
    )
    made(actor, action, "action_added", request_key, now)
    return action


def reword_action(
    actor: Actor,
    action_id: int,
    said: Values,
    *,
    made_from: int,
    choices: Mapping[str, str] | None = None,
    language: str = "en",
    now: datetime,
) -> Action:
    """Change what an action says: `said` has the fields as texts, a day in ISO form, `yes` for a reminder.

    As `goals.reword` joins what others changed since. `language` is the actor's, for words that she changed. Raises
    NotAllowed for what is not hers to change, Invalid as `add_action`, Stale when it was withdrawn meanwhile.
    """
    action, goal = writable_action(actor, action_id)
    if set(said) - set(fields_of(actor, action)):
        raise NotAllowed("field")
    if _is_withdrawn(action, goal):
        raise Stale("action")
    check_open(action.client_id)
    said = {field: words.replace("\r\n", "\n").strip() for field, words in said.items()}
    values = _values(action)
    wanted = kept.wanted(action, values, said, made_from=made_from, choices=choices or {})
    changed = {field: words for field, words in values.items() if wanted[field] != words}
    if changed:
        _check_wanted(wanted, changed, now)
        kept.keep(actor, action, changed, action.language, now)
        _put(action, wanted, changed, language)
        audit.record(actor, "action_reworded", now=now, client_id=action.client_id, subject=subject_of(action))
        session.flush()
        if {"due_on", "reminder_wanted", "doer"} & set(changed):
            reminding.take_back(action.id, now)
    return action


def fields_of(actor: Actor, action: Action) -> tuple[str, ...]:
    """The fields of an action that the actor may change."""
    if not actor.is_client:
        return FIELDS
    if action.doer != Doer.HER:
        return ()
    return HER_FIELDS if action.added_by_kind != "client" else ("what", *HER_FIELDS)


def _put(action: Action, wanted: Values, changed: Values, language: str) -> None:
    if "what" in changed:
        action.what, action.language = wanted["what"], language
    if "note" in changed:
        action.note, action.note_language = wanted["note"] or None, language
    if "due_on" in changed:
        action.due_on = date.fromisoformat(wanted["due_on"]) if wanted["due_on"] else None
    if "doer" in changed:
        action.doer = wanted["doer"]
    if "reminder_wanted" in changed:
        action.reminder_wanted = wanted["reminder_wanted"] == YES


def _check_wanted(wanted: Values, changed: Values, now: datetime) -> None:
    text("what", wanted["what"], rules.LONGEST_ACTION)
    if wanted["note"]:
        text("note", wanted["note"])
    if wanted["doer"] not in set(Doer):
        raise Invalid("doer", "unknown")
    if "due_on" in changed and wanted["due_on"]:
        _check_day(date.fromisoformat(wanted["due_on"]), now)


def _check_day(due_on: date | None, now: datetime) -> None:
    if due_on is not None and due_on < clock.london_today(now):
        raise Invalid("due_on", "past")


def _values(action: Action) -> dict[str, str]:
    return {
        "what": action.what,
        "note": action.note or "",
        "due_on": action.due_on.isoformat() if action.due_on else "",
        "doer": action.doer,
        "reminder_wanted": YES if action.reminder_wanted else "",
    }


def _is_withdrawn(action: Action, goal: Goal) -> bool:
    return action.withdrawn_at is not None or goal.withdrawn_at is not None


def _put_status(actor: Actor, action: Action, status: ActionStatus, now: datetime) -> None:
    action.status, action.status_at = status, now
    if status not in reminding.STILL_TO_DO:
        # Taken up again it is reminded of anew: a reminder belongs to one revision.
        action.revision += 1
    audit.record(actor, "action_status", now=now, client_id=action.client_id, subject=subject_of(action), reason=status)
    session.flush()
    if status not in reminding.STILL_TO_DO:
        reminding.take_back(action.id, now)
