"""From plain facts to the counts of each section: who counts where, as `rules` and `figures` define it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from portal.plan.rules import Pathway
from portal.reports import rules
from portal.reports.cells import Count
from portal.reports.rules import AppointmentFact

Counts = dict[str, list[Count]]
"""The counts of one section, by part."""


class Person(NamedTuple):
    """A woman as the tables know her: the record in which hers go on, her centre, who referred her last."""

    client: int
    centre: int
    source: str


class ReferralFact(NamedTuple):
    """One referral of a woman. `due_at`: the end of the target for the first contact."""

    person: Person
    state: str
    declined_reason: str | None
    referred_on: date
    release_on: date | None
    due_at: datetime | None
    contacted_at: datetime | None
    appointments: Sequence[AppointmentFact] = ()


class NeedFact(NamedTuple):
    """One answer of hers about a need at the start."""

    person: Person
    pathway: str
    need: str
    answered_at: datetime


class AnswerFact(NamedTuple):
    """One answer of hers about the plan that was shared with her."""

    person: Person
    answer: str
    answered_at: datetime


class SessionFact(NamedTuple):
    """Sessions of one woman at one centre that went the same way, and how many; `person.centre` is that centre."""

    person: Person
    attendance: str
    happened: bool | None
    reason_class: str | None
    times: int = 1


class ConditionFact(NamedTuple):
    """One condition: sessions still to come to by its day, and whether two people reported it as not met."""

    person: Person
    left: int
    not_met: bool = False
    withdrawn: bool = False


class RatingFact(NamedTuple):
    """One answer of hers, 1 to 5, about how a pathway is going."""

    person: Person
    pathway: str
    moment: str
    score: int
    rated_at: datetime


class ClosingFact(NamedTuple):
    """One closing of her record."""

    person: Person
    reason: str
    closed_at: datetime


class Contacted(NamedTuple):
    """How many days it took to reach one woman first."""

    person: Person
    days: int


def cohort(facts: Iterable[ReferralFact]) -> list[ReferralFact]:
    """One referral for each woman: an accepted one before others, then the earliest; none that was made twice."""
    ordered = sorted(facts, key=lambda fact: (fact.state != "accepted", fact.referred_on))
    return _first_of_each(fact for fact in ordered if fact.declined_reason != "twice")


def referrals(facts: Iterable[ReferralFact], now: datetime) -> Counts:
    """The counts of a cohort."""
    found: Counts = {"decided": [], "contact": [], "first": []}
    for fact in facts:
        decided = rules.decision(fact.state)
        found["decided"].append(_count(fact.person, decided))
        if decided == "accepted":
            contact = rules.first_contact(fact.contacted_at, fact.due_at)
            first = rules.first_appointment(fact.appointments, fact.referred_on, now)
            found["contact"].append(_count(fact.person, contact))
            found["first"].append(_count(fact.person, first))
    return found


def contacted(facts: Iterable[ReferralFact]) -> list[Contacted]:
    """How long it took, of those of a cohort who were accepted and contacted."""
    return [
        Contacted(fact.person, rules.days_to_contact(fact.referred_on, fact.release_on, fact.contacted_at))
        for fact in facts
        if fact.state == "accepted" and fact.contacted_at is not None
    ]


def needs(facts: Iterable[NeedFact]) -> Counts:
    """The counts of women by what they said of each pathway, the newest answer of each."""
    said: dict[int, dict[str, str]] = {}
    person_of = {}
    for fact in sorted(facts, key=lambda fact: fact.answered_at):
        said.setdefault(fact.person.client, {})[fact.pathway] = fact.need
        person_of[fact.person.client] = fact.person
    found: Counts = {f"{part}_{pathway}": [] for pathway in Pathway for part in ("need", "size")}
    for client, answers in said.items():
        for pathway in Pathway:
            need = answers.get(pathway)
            has = rules.has_need(need)
            found[f"need_{pathway}"].append(_count(person_of[client], has))
            if has == "need":
                found[f"size_{pathway}"].append(_count(person_of[client], str(need)))
    return found


def agreement(facts: Iterable[AnswerFact]) -> Counts:
    """The counts of women by their newest answer."""
    newest = _first_of_each(sorted(facts, key=lambda fact: fact.answered_at, reverse=True))
    return {"answer": [_count(fact.person, fact.answer) for fact in newest]}


def sessions(facts: Iterable[SessionFact]) -> Counts:
    """The counts of sessions, and why some did not happen."""
    found: Counts = {"session": [], "reason": []}
    for fact in facts:
        became = rules.session(fact.attendance, fact.happened)
        found["session"].append(_count(fact.person, became, fact.times))
        if became == "missed":
            found["reason"].append(_count(fact.person, rules.missed_reason(fact.reason_class), fact.times))
    return found


def conditions(facts: Iterable[ConditionFact]) -> Counts:
    """The counts of conditions by how they ended."""
    return {
        "condition": [
            _count(fact.person, rules.condition(fact.left, not_met=fact.not_met, withdrawn=fact.withdrawn))
            for fact in facts
        ]
    }


def distance(facts: Iterable[RatingFact]) -> Counts:
    """The counts of women by how far they came on each pathway, the newest answer at either end."""
    ends: dict[int, dict[tuple[str, str], int]] = {}
    person_of = {}
    for fact in sorted(facts, key=lambda fact: fact.rated_at):
        ends.setdefault(fact.person.client, {})[fact.pathway, fact.moment] = fact.score
        person_of[fact.person.client] = fact.person
    found: Counts = {f"{part}_{pathway}": [] for pathway in Pathway for part in ("ends", "way")}
    for client, scores in ends.items():
        for pathway in Pathway:
            way = rules.travelled(scores.get((pathway, "start")), scores.get((pathway, "end")))
            found[f"ends_{pathway}"].append(_count(person_of[client], "one_end" if way == "one_end" else "both"))
            if way != "one_end":
                found[f"way_{pathway}"].append(_count(person_of[client], way))
    return found


_REASONS = ("completed", "her_wish", "other_support", "moved_away", "lost_touch", "sender_ended")
_NOT_CLOSED = ("declined", "mistake")
"""A referral that was declined counts among the answers to referrals, a record made by mistake nowhere."""


def closed(facts: Iterable[ClosingFact]) -> Counts:
    """The counts of women by why their record was closed, the newest closing."""
    newest = _first_of_each(sorted(facts, key=lambda fact: fact.closed_at, reverse=True))
    return {
        "closed": [
            _count(fact.person, fact.reason if fact.reason in _REASONS else "other")
            for fact in newest
            if fact.reason not in _NOT_CLOSED
        ]
    }


def medians(
    found: Iterable[Contacted], groups: Sequence[Sequence], key: Callable[[Person], object]
) -> list[int | None]:
    """The median days of each group, as `rules.median_days`; `key` says in which group's block a woman is."""
    waited = list(found)
    return [rules.median_days(one.days for one in waited if key(one.person) in block) for block in groups]


def _count(person: Person, figure: str, times: int = 1) -> Count:
    return Count(person.client, person.centre, person.source, figure, times)


def _first_of_each(facts: Iterable) -> list:
    found: dict[int, object] = {}
    for fact in facts:
        found.setdefault(fact.person.client, fact)
    return list(found.values())
