"""Pure rules of assessments of risk: what they are, and which answers fit together."""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

DASH_QUESTIONS = 24
"""The SafeLives Dash risk checklist has 24 questions; 14 "yes" or more is one of the signs of high risk, beside the
professional's own judgement and what has got worse (SafeLives, "Dash risk checklist: quick start guidance")."""
DASH_HIGH = 14
RECHECK_AFTER_RISK = timedelta(days=7)
"""How soon she is asked again how she may be reached, once staff noted a risk to her (R18)."""


class Kind(StrEnum):
    """What was gone through with her."""

    DASH = "dash"
    OTHER = "other"


class Judgement(StrEnum):
    """What the professional who did it judges."""

    STANDARD = "standard"
    MEDIUM = "medium"
    HIGH = "high"


class Marac(StrEnum):
    """Where it stands with the multi-agency risk assessment conference."""

    NONE = "none"
    TO_REFER = "to_refer"
    REFERRED = "referred"
    HEARD = "heard"


class Answers(NamedTuple):
    """An assessment as it was filled in; None is what nobody answered."""

    kind: str
    done_on: date | None
    score: int | None
    judgement: str
    marac: str
    marac_on: date | None
    told_her_first: bool | None
    why_not: str
    next_on: date | None


def fault(answers: Answers, today: date) -> tuple[str, str] | None:
    """The (field, reason) for which an assessment cannot be kept; None when it can."""
    checks = (
        ("kind", "missing", answers.kind not in set(Kind)),
        ("done_on", "missing", answers.done_on is None),
        ("done_on", "future", answers.done_on is not None and answers.done_on > today),
        ("score", "missing", answers.kind == Kind.DASH and answers.score is None),
        ("score", "unknown", answers.score is not None and not 0 <= answers.score <= DASH_QUESTIONS),
        ("judgement", "missing", answers.judgement not in set(Judgement)),
        ("told_her_first", "missing", answers.told_her_first is None),
        ("why_not", "missing", answers.told_her_first is False and not answers.why_not.strip()),
        ("next_on", "past", answers.next_on is not None and answers.next_on < today),
    )
    found = next(((field, reason) for field, reason, wrong in checks if wrong), None)
    return found or marac_fault(answers.marac, answers.marac_on, today)


def marac_fault(marac: str, marac_on: date | None, today: date) -> tuple[str, str] | None:
    """The (field, reason) for which this cannot be where it stands with MARAC; None when it can."""
    if marac not in set(Marac):
        return "marac", "missing"
    if marac in (Marac.REFERRED, Marac.HEARD) and marac_on is None:
        return "marac_on", "missing"
    if marac_on is not None and marac_on > today and marac in (Marac.REFERRED, Marac.HEARD):
        return "marac_on", "future"
    return None
