"""Writing up a session in one change: what came of it, a note, what was done of her plan, the same time next week."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.booking import outcomes, queries, service, session_notes
from portal.booking.models import Appointment
from portal.booking.rules import NotOffered
from portal.core import clock
from portal.core.access import Actor
from portal.core.errors import Invalid, NotFound
from portal.plan import service as plan
from portal.plan.models import Action
from portal.plan.queries import whole_plan
from portal.plan.rules import ActionStatus, PlanState

A_WEEK = timedelta(days=7)


class NoteTyped(NamedTuple):
    """A note as it was typed, with its marks; `is_opinion` is None when nobody said so."""

    words: str
    is_opinion: bool | None = None
    third_party: bool = False
    safe_to_show: bool = False


def write_up(
    actor: Actor,
    appointment_id: int,
    *,
    attendance: str,
    happened: bool | None,
    reason_class: str,
    offered: str,
    note: NoteTyped,
    done: Iterable[int],
    again: bool,
    request_key: str,
    now: datetime,
) -> Appointment | None:
    """Record all of it or nothing; gives the appointment of next week if one was wanted.

    Raises as `outcomes.record_outcome`, `session_notes.write_note` and `plan.set_action_status` do, and
    Invalid("again", "taken") when her time is not free next week.
    """
    appointment = queries.appointment_for(actor, appointment_id)
    open_ones = {action.id for action in open_actions(appointment.client_id)}
    outcomes.record_outcome(
        actor,
        appointment_id,
        attendance=attendance,
        happened=happened,
        reason_class=reason_class,
        offered=offered,
        now=now,
    )
    if note.words.strip():
        session_notes.write_note(
            actor,
            appointment,
            note=note.words,
            is_opinion=note.is_opinion,
            third_party=note.third_party,
            safe_to_show=note.safe_to_show,
            now=now,
        )
    for action_id in sorted(set(done) & open_ones):
        plan.set_action_status(actor, action_id, status=ActionStatus.DONE, now=now)
    if not again:
        return None
    try:
        return service.book(
            actor,
            client_id=appointment.client_id,
            kind_id=appointment.kind_id,
            centre_id=appointment.centre_id,
            worker_id=appointment.worker_id,
            starts_at=next_week(appointment.starts_at),
            request_key=f"again-{request_key}"[:64],
            now=now,
        )
    except (NotOffered, NotFound):
        # Not free, or not offered there any more: her note must not be lost for it.
        raise Invalid("again", "taken") from None


def next_week(starts_at: datetime) -> datetime:
    """The same London wall time a week later, also across a clock change."""
    local = clock.london(starts_at)
    return clock.from_london(local.date() + A_WEEK, local.time())


def open_actions(client_id: int) -> list[Action]:
    """The actions of her plan that are still to be done, in the plan's order."""
    shown = whole_plan(client_id)
    if shown.plan is None or shown.plan.state == PlanState.CLOSED:
        return []
    still = (ActionStatus.TO_DO, ActionStatus.DOING)
    goals = (goal for listed in shown.pathways.values() for goal in listed)
    return [action for goal in goals for action in goal.actions if action.status in still]
