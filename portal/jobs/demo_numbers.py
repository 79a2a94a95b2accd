"""Demo: the numbers of two quarters before the demo begins, made up as if some hundred women had come."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.centres.models import Centre
from portal.core import clock
from portal.plan.rules import Pathway
from portal.reports import counting, service
from portal.reports.cells import Count
from portal.reports.counting import (
    AnswerFact,
    ClosingFact,
    ConditionFact,
    Contacted,
    NeedFact,
    Person,
    RatingFact,
    SessionFact,
)
from portal.reports.quarters import newest_published

_WOMEN = (134, 118)
_CENTRES = (0, 0, 0, 1, 1, 2, 0, 1, 2, 0, 1, 3)
_SOURCES = ("police", "police", "liaison_diversion", "police", "police", "probation", "liaison_diversion", "herself",
            "police", "prison", "police", "council", "police")  # fmt: skip
_DECIDED = ("accepted",) * 8 + ("declined", "waiting")
_CONTACT = ("in_target", "in_target", "in_target", "later", "in_target", "in_target", "not_yet")
_FIRST = ("kept", "kept", "offered", "kept", "not_offered")
_NEEDS = ("high", "some", "none", "not_asked", "some", "rather_not_say", "high", "none", "some")
_ANSWERS = ("yes", "yes", "partly", "yes", "not_yet")
_CAME = (("yes", True, ""), ("yes", True, ""), ("late", True, ""), ("yes", True, ""), ("no", False, "service"),
         ("yes", True, ""), ("no", False, "hers_acceptable"))  # fmt: skip
_CLOSED = ("completed", "completed", "her_wish", "completed", "moved_away", "lost_touch", "completed")


def load(centres: list[Centre], now: datetime) -> None:
    """Keep the numbers of the two newest quarters that are settled, through the very rules of real ones."""
    quarter = newest_published(clock.london_today(now))
    boroughs = {centre.id: centre.borough for centre in sorted(centres, key=lambda one: (one.borough, one.name))}
    for women in _WOMEN:
        people = [
            Person(number, centres[_pick(_CENTRES, number) % len(centres)].id, _pick(_SOURCES, number))
            for number in range(women)
        ]
        counts, waited = _counts(people, quarter.starts_at)
        service.keep(quarter, service.shown_of(counts, waited, boroughs), now=now)
        quarter = quarter.before()


def _counts(people: list[Person], at: datetime) -> tuple[dict[str, counting.Counts], list[Contacted]]:
    referrals = _referrals(people)
    accepted = [people[count.client] for count in referrals["contact"]]
    seen = accepted[::2] + accepted[1::3]
    contacted = [people[count.client] for count in referrals["contact"] if count.figure != "not_yet"]
    counts = {
        "referrals": referrals,
        "needs": counting.needs(_needs(accepted, at)),
        "agreement": counting.agreement(AnswerFact(one, _pick(_ANSWERS, one.client), at) for one in seen),
        "sessions": counting.sessions(
            SessionFact(one, *_pick(_CAME, one.client + turn * 3)) for one in accepted for turn in range(3)
        ),
        "conditions": counting.conditions(
            ConditionFact(one, left=int(one.client % 4 == 0), withdrawn=one.client % 17 == 3) for one in seen
        ),
        "distance": counting.distance(_ratings(accepted[::2], at)),
        "closed": counting.closed(ClosingFact(one, _pick(_CLOSED, one.client), at) for one in accepted[::2]),
    }
    return counts, [Contacted(one, 1 + one.client % 4) for one in contacted]


def _referrals(people: list[Person]) -> counting.Counts:
    decided = {one: _pick(_DECIDED, one.client) for one in people}
    accepted = [one for one in people if decided[one] == "accepted"]
    return {
        "decided": [Count(*one, figure) for one, figure in decided.items()],
        "contact": [Count(*one, _pick(_CONTACT, one.client)) for one in accepted],
        "first": [Count(*one, _pick(_FIRST, one.client)) for one in accepted],
    }


def _needs(people: list[Person], at: datetime) -> Iterator[NeedFact]:
    for one in people:
        for number, pathway in enumerate(Pathway):
            if (one.client + number) % 9 < 7 - number // 2:
                yield NeedFact(one, pathway, _pick(_NEEDS, one.client * 2 + number * 5), at)


def _ratings(people: list[Person], at: datetime) -> Iterator[RatingFact]:
    for one in people:
        for number, pathway in enumerate(Pathway):
            if (one.client + number) % 3:
                start = 1 + (one.client + number) % 3
                yield RatingFact(one, pathway, "start", start, at)
                yield RatingFact(
                    one, pathway, "end", start + (one.client * 3 + number) % 5 // 2, at + timedelta(days=1)
                )


def _pick(among: tuple, number: int):
    return among[number % len(among)]
