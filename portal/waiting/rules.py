"""Pure rules of waiting: who is first, which time is of use to her, how long an offer stands, how many a week."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.booking.rules import USEFULLY_SOONER
from portal.clients.rules import windows
from portal.core import clock
from portal.worklist.rules import WORKING_DAYS, WORKING_FROM, WORKING_UNTIL

Window = tuple[datetime, datetime]
SafeHours = tuple

SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=24)
"""How long an offer stands at least and at most, counted within the hours in which she can be told."""
SHARE = 4
"""An offer stands for this part of the time that is left: a quarter."""
COMES_IN = timedelta(hours=1)
"""She answers at least this long before the session, so that she can come."""
MOST_A_WEEK, WEEK = 3, timedelta(days=7)
DAYS_AHEAD = 8

ENDED_WORDS = {
    "booked": "She took an offer",
    "has_one": "She has an appointment of this kind",
    "left": "She left the list herself",
    "asked_off": "She asked to be taken off",
    "not_needed": "It is not needed any more",
    "moved_on": "Other help was found",
    "over": "What she wanted sooner is near, or is cancelled",
    "closed": "Her record is closed",
    "joined": "Her other record waits for the same",
    "no_more": "It is not offered any more",
}
"""Why a wait ended, in the words of staff."""

TAKEN_OFF = ("asked_off", "not_needed", "moved_on")
"""The reasons with which staff take a woman off the list."""


class Waiting(NamedTuple):
    """What decides who is first: a session that she needs for a condition, then how long she has waited."""

    wait_id: int
    since_at: datetime
    for_condition: bool


class Standing(NamedTuple):
    """From when on she can know of an offer, and when it lapses."""

    told_at: datetime
    lapses_at: datetime


def fair_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Who is offered a time first: needed for a condition, then waited longest, then who came first in the list."""
    return sorted(waiting, key=lambda one: (not one.for_condition, one.since_at, one.wait_id))


def standing(hours: Iterable[Window], now: datetime, answer_by: datetime) -> Standing | None:
    """How long an offer stands that she can see in these hours alone; None where that would be under SHORTEST.

    A quarter of the time until `answer_by`, from SHORTEST to LONGEST, counted within the hours; never more than
    LONGEST of the clock after she could first see it. It lapses inside her hours or as they end.
    """
    left = _clipped(hours, now, answer_by)
    if not left:
        return None
    told_at = left[0][0]
    left = _clipped(left, told_at, min(answer_by, told_at + LONGEST))
    seen = sum((closes - opens for opens, closes in left), timedelta(0))
    if seen < SHORTEST:
        return None
    length = min(max((answer_by - now) / SHARE, SHORTEST), LONGEST, seen)
    for opens, closes in left:
        if length <= closes - opens:
            return Standing(told_at, opens + length)
        length -= closes - opens
    raise AssertionError("the length is at most what can be seen")


def _clipped(hours: Iterable[Window], first: datetime, last: datetime) -> list[Window]:
    """What of some windows lies between two instants, in order, none twice."""
    found: list[Window] = []
    for opens, closes in sorted(hours):
        opens, closes = max(opens, first), min(closes, last)
        if found:
            opens = max(opens, found[-1][1])
        if opens < closes:
            found.append((opens, closes))
    return found


def text_hours(safe_hours: SafeHours, now: datetime) -> list[Window]:
    """The hours of the next days in which she may be texted."""
    return windows(safe_hours, clock.london_today(now), DAYS_AHEAD)


def ringing_hours(safe_hours: SafeHours, now: datetime) -> list[Window]:
    """The hours of the next days in which people work, within her own safe hours where she gave any."""
    first = clock.london_today(now)
    work = windows(tuple((day, WORKING_FROM, WORKING_UNTIL) for day in WORKING_DAYS), first, DAYS_AHEAD)
    if not safe_hours:
        return work
    hers = windows(safe_hours, first, DAYS_AHEAD)
    both = [(max(one[0], other[0]), min(one[1], other[1])) for one in work for other in hers]
    return sorted(window for window in both if window[0] < window[1])


def answer_by(starts_at: datetime, least_notice_minutes: int) -> datetime:
    """Until when a yes is of use."""
    return starts_at - max(COMES_IN, timedelta(minutes=least_notice_minutes))


def may_be_offered(offered: Iterable[datetime], now: datetime) -> bool:
    """Whether another offer to her would still be one of MOST_A_WEEK within 7 days; what was withdrawn counts not."""
    return sum(at > now - WEEK for at in offered) < MOST_A_WEEK


def is_useful(starts_at: datetime, than: datetime | None) -> bool:
    """Whether a time is of use: any, or for one who has an appointment at `than`, one that is usefully sooner."""
    return than is None or starts_at <= than - USEFULLY_SOONER
