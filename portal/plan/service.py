"""Changing plans. Every change is in the audit log; nothing here ever marks anything as failed.

Goals, actions, her words and notes of risk have files of their own; what other rooms call is named here.
"""

from datetime import date, datetime

from portal.audit import service as audit
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import Invalid
from portal.plan import rules
from portal.plan.actions import add_action, set_action_status, tick, withdraw_action
from portal.plan.goals import add_goal, withdraw_goal
from portal.plan.making import begun_plan, writable_client
from portal.plan.models import Plan
from portal.plan.own_words import take_back_words, write_own_words
from portal.plan.rules import PlanState

__all__ = [
    "add_action", "add_goal", "set_action_status", "set_state", "take_back_words", "tick", "withdraw_action",
    "withdraw_goal", "write_own_words",
]  # fmt: skip


def set_state(
    actor: Actor, client_id: int, *, state: str, agreed_on: date | None, review_on: date | None, now: datetime
) -> Plan:
    """Say how far the plan is; an agreed one is reviewed after FIRST_REVIEW unless another day is given.

    Raises Invalid as `rules.agreement_fault` says.
    """
    writable_client(actor, client_id)
    fault = rules.agreement_fault(state, agreed_on, review_on, clock.london_today(now))
    if fault:
        raise Invalid(*fault)
    if state == PlanState.AGREED and agreed_on is not None and review_on is None:
        review_on = rules.first_review(agreed_on)
    plan = begun_plan(client_id, now)
    if (plan.state, plan.agreed_on, plan.review_on) != (state, agreed_on, review_on):
        plan.state, plan.agreed_on, plan.review_on = state, agreed_on, review_on
        audit.record(actor, "plan_state_set", now=now, client_id=client_id, subject=f"plans:{plan.id}", reason=state)
        session.flush()
    return plan
