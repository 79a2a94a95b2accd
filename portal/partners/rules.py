"""Partner referrals as pure rules: kinds, states, what she is asked, what may be told, and who must not be told."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, time
from enum import StrEnum
from typing import NamedTuple

from portal.core import days
from portal.plan.rules import Pathway

LONGEST_NAME = 120
LONGEST_WHAT_FOR = 600
"""Letters in a partner's name, and in what is asked of it."""


class PartnerKind(StrEnum):
    """What a partner helps with."""

    MENTAL_HEALTH = "mental_health"
    DRUG_ALCOHOL = "drug_alcohol"
    DEBT = "debt"
    HOUSING = "housing"
    WORK = "work"
    FAMILY = "family"
    OTHER = "other"


class ReferralState(StrEnum):
    """Where a request to a partner stands."""

    DRAFTED = "drafted"
    AGREED = "agreed"
    SENT = "sent"
    ACCEPTED = "accepted"
    NOT_TAKEN = "not_taken"
    FIRST_SEEN = "first_seen"
    OUTCOME = "outcome"
    WITHDRAWN = "withdrawn"


TOLD = frozenset(
    {
        ReferralState.SENT,
        ReferralState.ACCEPTED,
        ReferralState.NOT_TAKEN,
        ReferralState.FIRST_SEEN,
        ReferralState.OUTCOME,
    }
)
"""States in which the partner knows what it was told."""
NOT_YET_TOLD = frozenset({ReferralState.DRAFTED, ReferralState.AGREED})

_NEXT: dict[ReferralState, tuple[ReferralState, ...]] = {
    ReferralState.SENT: (
        ReferralState.ACCEPTED,
        ReferralState.NOT_TAKEN,
        ReferralState.FIRST_SEEN,
        ReferralState.OUTCOME,
    ),
    ReferralState.ACCEPTED: (ReferralState.FIRST_SEEN, ReferralState.OUTCOME),
    ReferralState.FIRST_SEEN: (ReferralState.OUTCOME,),
}

ASK_THEM = "ask_them"
PURPOSES = (ASK_THEM, "hear_back", "work_together")
"""What telling the partner is for, each asked by itself: to ask for their help, that they tell us whether they took
her on and saw her, that both talk about how it goes."""
NAME, REACH, LANGUAGE, ACCESS, WHAT_FOR = "name", "reach", "language", "access", "what_for"
_NEED = "need_"
FIELDS = (NAME, REACH, LANGUAGE, ACCESS, WHAT_FOR, *(f"{_NEED}{pathway}" for pathway in Pathway))
"""What would be told, each asked by itself."""
ITEMS = (*PURPOSES, *FIELDS)


class Line(NamedTuple):
    """One thing that a partner is told: the item that she agreed to, and its words."""

    item: str
    words: str


class ReachTerms(NamedTuple):
    """On which terms she may be rung, as she said; they end on `until`."""

    number: str
    may_leave_message: bool
    may_say_who: bool
    hours: tuple[tuple[int, time, time], ...]
    until: date


def need_item(pathway: str) -> str:
    """The item that stands for the need on a pathway."""
    return f"{_NEED}{pathway}"


def pathway_of(item: str) -> str | None:
    """The pathway whose need an item is, or None for another item."""
    pathway = item.removeprefix(_NEED)
    return pathway if item.startswith(_NEED) and pathway in set(Pathway) else None


def agreed_items(said: Iterable[tuple[str, bool]]) -> frozenset[str]:
    """What she agrees to now, from all that she said in order: the newest answer of each item counts, none means no."""
    newest = dict(said)
    return frozenset(item for item, agreed in newest.items() if agreed and item in ITEMS)


def sheet(facts: Mapping[str, str], agreed: Iterable[str]) -> list[Line]:
    """The lines of a printable referral: what is known and she agreed to, and nothing else.

    Without agreement to ask the partner there are none at all.
    """
    allowed = frozenset(agreed)
    if ASK_THEM not in allowed:
        return []
    return [Line(item, facts[item]) for item in FIELDS if item in allowed and facts.get(item)]


def still_told(told: Iterable[tuple[str, str]], agreed: Iterable[str], reach: str) -> list[Line]:
    """Of what was told, the lines that may be printed again: she may have taken back her word on one since.

    How to reach her goes out again only while it is what holds today, `reach` (R44).
    """
    facts = dict(told)
    if facts.get(REACH) != reach:
        facts.pop(REACH, None)
    return sheet(facts, agreed)


def not_told(facts: Mapping[str, str], told: Iterable[Line], agreed: Iterable[str]) -> list[str]:
    """What she agreed to after they were told, and is known: nobody tells it by itself."""
    before = {line.item for line in told}
    return [line.item for line in sheet(facts, agreed) if line.item not in before]


def state_after_agreeing(state: str, agreed: Iterable[str]) -> ReferralState:
    """The state once her answers are recorded: no word of hers to ask the partner means that nobody asks it."""
    asks = ASK_THEM in frozenset(agreed)
    if state in NOT_YET_TOLD:
        return ReferralState.AGREED if asks else ReferralState.DRAFTED
    return ReferralState(state) if asks else ReferralState.WITHDRAWN


def may_follow(state: str) -> tuple[ReferralState, ...]:
    """The states that staff may note after this one, of what the partner did."""
    return _NEXT.get(ReferralState(state), ())


def may_be_withdrawn(state: str) -> bool:
    """Whether she, or staff for her, may take a request back."""
    return state != ReferralState.WITHDRAWN


class Resemblance(StrEnum):
    """How like two names of organisations are."""

    SAME = "same"
    NEAR = "near"


_COMMON = frozenset(
    {
        "for", "in", "at", "a", "service", "services", "team", "trust", "centre", "center", "project",
        "women", "womens", "woman", "london", "north", "south", "east", "west", "support", "advice", "charity", "group",
        "community", "council", "housing", "health", "mental", "debt", "money", "drug", "drugs", "alcohol", "work",
        "family", "families", "help", "house", "ltd", "limited", "nhs", "partner", "partnership", "association",
    }
)  # fmt: skip
"""Words of so many names that sharing one says nothing."""


def resemblance(name: str, restricted: Iterable[str]) -> Resemblance | None:
    """How like a partner's name is to one of those that must not know of her (R29).

    `same`: all words of one stand in the other, however written. `near`: they share a word that few names have.
    """
    words = _words(name)
    found = None
    for other in restricted:
        others = _words(other)
        if not words or not others:
            continue
        if words <= others or others <= words or _run(name) == _run(other):
            return Resemblance.SAME
        if (words & others) - _COMMON:
            found = Resemblance.NEAR
    return found


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", _plain(name))) - {"the", "and", "of", "ltd", "limited"}


def _run(name: str) -> str:
    """A name without the gaps between its words."""
    return re.sub(r"\W+", "", _plain(name))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in letters if not unicodedata.combining(sign) and sign not in "'\u2019")


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _windows(hours: Iterable[tuple[int, time, time]]) -> list[str]:
    """Windows in words, the days that have the same one together."""
    grouped = days.by_hours(hours).items()
    return [f"{_days_words(set(on))} {opens:%H:%M} to {closes:%H:%M}" for (opens, closes), on in grouped]


def _days_words(on: set[int]) -> str:
    return "every day" if len(on) == len(_DAYS) else ", ".join(_DAYS[day] for day in sorted(on))


def reach_words(terms: ReachTerms | None) -> str:
    """How the partner may reach her: a number only with its terms and the day on which they end (R44)."""
    if terms is None:
        return "Only through us. We have no number that may be given."
    windows = _windows(terms.hours)
    lines = [
        f"Ring {terms.number}.",
        f"Only at these times: {'; '.join(windows)}." if windows else "Ask us for a time first.",
        "Leave a message: yes." if terms.may_leave_message else "Never leave a message.",
        "You may say who is ringing." if terms.may_say_who else "Do not say who is ringing.",
        "Do not text, write or e-mail. Do not give this number to anybody.",
        f"This holds until {terms.until:%d %B %Y}. After that ask us again.",
    ]
    return "\n".join(lines)


def without_number(words: str) -> str:
    """How she may be reached without the number, for pages that may stand open: only the sheet holds it (R26)."""
    return re.sub(r"^Ring .+\.$", "Ring her: the number stands on the sheet.", words, count=1, flags=re.MULTILINE)
