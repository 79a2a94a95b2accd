"""Changing plans. Every change is in the audit log; nothing here ever marks anything as failed.

Goals, actions, her words and notes of risk have files of their own; what other rooms call is named here.
"""

from portal.plan.actions import add_action, set_action_status, tick, withdraw_action
from portal.plan.goals import add_goal, withdraw_goal
from portal.plan.own_words import take_back_words, write_own_words

__all__ = [
    "add_action", "add_goal", "set_action_status", "take_back_words", "tick", "withdraw_action",
    "withdraw_goal", "write_own_words",
]  # fmt: skip
