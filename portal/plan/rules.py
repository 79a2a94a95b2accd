"""Pure rules of the support plan: its pathways, which of them are sensitive, progress, and which answers fit."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

LONGEST_WORDS = 2000
"""Letters in a goal, in her own words and in a note."""

LONGEST_ACTION = 200
"""Letters in what is to be done."""

FIRST_REVIEW = timedelta(weeks=6)


class Pathway(StrEnum):
    """The nine pathways of the field."""

    ACCOMMODATION = "accommodation"
    WORK = "work"
    HEALTH = "health"
    DRUGS_ALCOHOL = "drugs_alcohol"
    MONEY = "money"
    FAMILY = "family"
    THINKING = "thinking"
    ABUSE = "abuse"
    SEX_WORK = "sex_work"


SENSITIVE = frozenset({Pathway.ABUSE, Pathway.SEX_WORK, Pathway.DRUGS_ALCOHOL})
"""Pathways behind her passcode and her online switch (R16, R41)."""


class PlanState(StrEnum):
    """How far a plan is."""

    DRAFT = "draft"
    SHARED = "shared"
    AGREED = "agreed"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"


class ActionStatus(StrEnum):
    """How far an action is; nothing is ever "failed"."""

    TO_DO = "to_do"
    DOING = "doing"
    DONE = "done"
    PAUSED = "paused"
    CHANGED_MIND = "changed_mind"


class Doer(StrEnum):
    """Who does an action."""

    HER = "her"
    WORKER = "worker"
    PARTNER = "partner"


class Progress(NamedTuple):
    """How many of a goal's actions are done, out of those that still count."""

    done: int
    total: int


def is_sensitive(pathway: str) -> bool:
    """Whether a pathway is behind her passcode and her switch."""
    return pathway in SENSITIVE


def progress(statuses: Iterable[str]) -> Progress:
    """Progress over actions' statuses; what she changed her mind about does not count."""
    counted = [status for status in statuses if status != ActionStatus.CHANGED_MIND]
    return Progress(counted.count(ActionStatus.DONE), len(counted))


def can_be_ticked(plan_state: str, status: str) -> bool:
    """Whether an action can be marked as done or not done: not in a closed plan, nor after a change of mind."""
    return plan_state != PlanState.CLOSED and status != ActionStatus.CHANGED_MIND


def text_fault(text: str, longest: int) -> str | None:
    """Why a text cannot be kept: `missing` or `too_long`; None when it can."""
    if not text:
        return "missing"
    return "too_long" if len(text) > longest else None


def agreement_fault(state: str, agreed_on: date | None, review_on: date | None, today: date) -> tuple[str, str] | None:
    """The (field, reason) for which a plan cannot be put into a state; None when it can."""
    if state not in set(PlanState):
        return "state", "unknown"
    if state == PlanState.AGREED and agreed_on is None:
        return "agreed_on", "missing"
    if agreed_on is not None and agreed_on > today:
        return "agreed_on", "future"
    if review_on is not None and review_on < (agreed_on or today):
        return "review_on", "past"
    return None


def first_review(agreed_on: date) -> date:
    """The day on which an agreed plan is looked at again, unless another was chosen."""
    return agreed_on + FIRST_REVIEW
