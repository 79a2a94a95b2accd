"""Pure rules of what she answers: needs, her own order, how it is going, agreement, and when it is looked at again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from portal.plan.rules import FIRST_REVIEW, SENSITIVE, Pathway, PlanState

MOST_TO_BEGIN = 3
"""How many topics she picks at the beginning; later she may add as many as there are."""

NEXT_REVIEW = timedelta(weeks=12)
"""How long after a review that was held the next one is due; the first one is due after FIRST_REVIEW."""

SCORES = range(1, 6)
"""How it is going, from 1 (very hard now) to 5 (going well), as she says it."""


class Moment(StrEnum):
    """When she is asked."""

    START = "start"
    REVIEW = "review"
    END = "end"


class Need(StrEnum):
    """What she says about a topic; not to say is as good an answer as any."""

    NONE = "none"
    SOME = "some"
    HIGH = "high"
    NOT_ASKED = "not_asked"
    NOT_FOR_ME = "not_for_me"
    RATHER_NOT_SAY = "rather_not_say"


HER_NEEDS = (Need.NONE, Need.SOME, Need.HIGH, Need.NOT_FOR_ME, Need.RATHER_NOT_SAY)
"""What she can answer; `not_asked` is what stands before anybody asked."""

WORKER_NEEDS = (Need.NONE, Need.SOME, Need.HIGH)
"""How a worker can see a need."""


class Answer(StrEnum):
    """What she says to a plan that was shared with her."""

    YES = "yes"
    PARTLY = "partly"
    NOT_YET = "not_yet"


class ReviewKind(StrEnum):
    """Which time of looking again it is."""

    FIRST = "first"
    NEXT = "next"
    END = "end"


class HeldWith(StrEnum):
    """How a review was held."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"
    WITHOUT_HER = "without_her"


class Decided(StrEnum):
    """What comes after a review."""

    CARRY_ON = "carry_on"
    CHANGE = "change"
    CLOSE = "close"


class Going(NamedTuple):
    """How a topic went: her score at the start and the latest one after it, each None when she did not say."""

    start: int | None
    later: int | None

    @property
    def now(self) -> int | None:
        """The latest that she said."""
        return self.later if self.later is not None else self.start


def moment_now(state: str | None, has_agreed: bool) -> Moment:
    """Which moment an answer of hers belongs to: the start until she has agreed once, the end when the plan is closed.

    What she said at the start is never written over by how it is going later.
    """
    if state == PlanState.CLOSED:
        return Moment.END
    return Moment.REVIEW if has_agreed or state == PlanState.UNDER_REVIEW else Moment.START


def distance(scores: Mapping[str, int]) -> int | None:
    """How far she came, from the scores by moment; None unless she said how it was at the start and at the end."""
    if Moment.START not in scores or Moment.END not in scores:
        return None
    return scores[Moment.END] - scores[Moment.START]


def going(scores: Mapping[str, int]) -> Going:
    """What her own page shows of her scores by moment."""
    return Going(scores.get(Moment.START), scores.get(Moment.END, scores.get(Moment.REVIEW)))


def picked(order: Sequence[str], wanted: Iterable[str], offered: Iterable[str]) -> list[str]:
    """Her topics in her order after she ticked `wanted` out of those `offered`: what was not offered stays as it is.

    What is new comes last, in the order of the pathways.
    """
    wanted, offered = set(wanted), set(offered)
    stays = [pathway for pathway in order if pathway in wanted or pathway not in offered]
    new = [str(pathway) for pathway in Pathway if pathway in wanted and pathway in offered and pathway not in order]
    return stays + new


def too_many_to_begin(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether she who had picked nothing would begin with more topics than MOST_TO_BEGIN."""
    return not before and len(after) > MOST_TO_BEGIN


def moved_up(order: Sequence[str], pathway: str, shown: Iterable[str]) -> list[str]:
    """Her order with one topic before the one that stands above it among those that are shown to her."""
    shown, order = set(shown), list(order)
    above = [one for one in order[: order.index(pathway)] if one in shown] if pathway in order else []
    if not above:
        return order
    order.remove(pathway)
    order.insert(order.index(above[-1]), pathway)
    return order


def in_order(positions: Mapping[str, int | None]) -> list[str]:
    """Pathways with a position, what matters most first; equal ones in the order of the pathways."""
    known = [str(pathway) for pathway in Pathway if positions.get(pathway) is not None]
    return sorted(known, key=lambda pathway: positions[pathway] or 0)


def for_her(content: Mapping[str, Any] | None, *, sensitive: bool) -> list[dict[str, Any]]:
    """The goals of a kept plan that a page may show: without the sensitive ones unless `sensitive`."""
    goals = (content or {}).get("goals", [])
    return [goal for goal in goals if sensitive or goal["pathway"] not in SENSITIVE]


def has_changed(kept: Mapping[str, Any] | None, now: Mapping[str, Any], *, sensitive: bool) -> bool:
    """Whether a plan is another than the one that was kept, in what a page may show of it.

    A kept plan whose words went with their time says nothing about that. Its goals in another order are no other plan:
    the order is hers to change whenever she likes.
    """
    if kept is None:
        return False
    return _in_any_order(for_her(kept, sensitive=sensitive)) != _in_any_order(for_her(now, sensitive=sensitive))


def _in_any_order(goals: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(json.dumps(goal, sort_keys=True) for goal in goals)


def review_kind(held: Iterable[str]) -> ReviewKind:
    """Which review comes after those that were held."""
    return ReviewKind.NEXT if any(True for _ in held) else ReviewKind.FIRST


def next_review_on(kind: str, since: date) -> date:
    """The day on which a review is due: the first one after the agreement, the next one after the last."""
    return since + (FIRST_REVIEW if kind == ReviewKind.FIRST else NEXT_REVIEW)


def held_fault(
    held_on: date | None, held_with: str, decided: str, next_on: date | None, today: date
) -> tuple[str, str] | None:
    """The (field, reason) for which a review cannot be recorded; None when it can."""
    if held_on is None:
        return "held_on", "missing"
    if held_on > today:
        return "held_on", "future"
    if held_with not in set(HeldWith):
        return "held_with", "missing"
    if decided not in set(Decided):
        return "decided", "missing"
    if next_on is not None and (next_on < today or next_on <= held_on):
        return "next_on", "past"
    return None
