"""Pure definitions: in which figure of each breakdown a woman, a session or a condition counts."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from portal.core import clock

MEDIAN_LEAST = 10
"""Women behind a median that is shown."""

ATTENDED = ("yes", "late")


class AppointmentFact(NamedTuple):
    """One appointment of hers: whether it stands, when it begins, and how its attendance was marked."""

    state: str
    starts_at: datetime
    attendance: str


def decision(state: str) -> str:
    """Where a referral stands: `accepted`, `declined`, or `waiting` for an answer."""
    return state if state in ("accepted", "declined") else "waiting"


def first_contact(contacted_at: datetime | None, due_at: datetime | None) -> str:
    """Whether she was first reached `in_target`, `later` or `not_yet`; where no target was set any contact is in it."""
    if contacted_at is None:
        return "not_yet"
    return "in_target" if due_at is None or contacted_at <= due_at else "later"


def days_to_contact(referred_on: date, release_on: date | None, contacted_at: datetime) -> int:
    """London days from the referral, or from her release where that was later, to the first contact; never below 0."""
    begins = max(referred_on, release_on or referred_on)
    return max((clock.london_today(contacted_at) - begins).days, 0)


def median_days(days: Iterable[int]) -> int | None:
    """The least number of days within which at least half were reached; None of fewer than MEDIAN_LEAST."""
    ordered = sorted(days)
    return ordered[(len(ordered) - 1) // 2] if len(ordered) >= MEDIAN_LEAST else None


def first_appointment(appointments: Sequence[AppointmentFact], referred_on: date, now: datetime) -> str:
    """What became of the first appointment since the referral: `kept`, `offered` or `not_offered`.

    The first is the earliest that stands and is over or begun; one that was moved or cancelled was offered, not kept.
    """
    since = [one for one in appointments if clock.london_today(one.starts_at) >= referred_on]
    if not since:
        return "not_offered"
    begun = [one for one in since if one.state == "booked" and one.starts_at <= now]
    first = min(begun, key=lambda one: one.starts_at, default=None)
    return "kept" if first is not None and first.attendance in ATTENDED else "offered"


def session(attendance: str, happened: bool | None) -> str:
    """What became of a session that was due, by its outcome, else the desk's mark: `held`, `missed`, `not_written`."""
    if happened is not None:
        return "held" if happened else "missed"
    if attendance in ATTENDED:
        return "held"
    return "missed" if attendance == "no" else "not_written"


def missed_reason(reason_class: str | None) -> str:
    """The reason class of a session that did not happen, `no_reason` while nobody gave one."""
    return reason_class or "no_reason"


def has_need(need: str | None) -> str:
    """Whether she said of a pathway that there is a `need`, `none`, or neither (`unsaid`)."""
    if need in ("some", "high"):
        return "need"
    return "none" if need == "none" else "unsaid"


def condition(left: int, *, not_met: bool, withdrawn: bool) -> str:
    """How a condition ended: `met`, `not_met`, `withdrawn` or `open`.

    Met where no sessions are `left` that count by its day. "Not met" stands only where two people reported it so
    (R31): too few sessions alone leave it open.
    """
    if withdrawn:
        return "withdrawn"
    if left <= 0:
        return "met"
    return "not_met" if not_met else "open"


def travelled(start: int | None, end: int | None) -> str:
    """From her own 1 to 5 at the start to that at the end: `further`, `same` or `harder`; `one_end` without both."""
    if start is None or end is None:
        return "one_end"
    if end == start:
        return "same"
    return "further" if end > start else "harder"
