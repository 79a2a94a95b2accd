"""What a referrer is told, as a pure rule: a fixed set of coded fields, no free text (R31)."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from portal.core import clock


class What(StrEnum):
    """Which sessions count for a condition: any that counts, those with a worker alone, those of groups."""

    APPOINTMENTS = "appointments"
    ONE_TO_ONE = "one_to_one"
    GROUP = "group"


class ReportStatus(StrEnum):
    """Where a condition stands: the first two a machine says, "not met" is said by two people alone."""

    UNDER_WAY = "under_way"
    MET = "met"
    NOT_MET = "not_met"


class Report(NamedTuple):
    """All that a referrer is told about one condition.

    `attended` counts sessions, `attended_dates` are their London dates (ISO 8601), empty where only counts may be
    told (R45). `reason_class` stays empty unless a person gave one.
    """

    reference: str
    condition: str
    needed: int
    attended: int
    attended_dates: list[str]
    status: str
    reason_class: str

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, in its fixed order."""
        return self._asdict()


SERVICE = "service"
HERS = ("hers_acceptable", "hers_not", "safety")
REASON_CLASSES = (*HERS, SERVICE)
"""The classes that a reason may have; the same as those of a missed appointment."""
WITHHELD_FROM_FAMILY = "safety"
"""Where family reported her, that safety kept her away is told as a reason that we accept (R45)."""
CHANGED_BECAUSE = ("agreed", "health", "caring", "safety", "service", "mistake")
EXCUSED_BECAUSE = ("agreed", "health", "caring", "safety", "service")
WITHDRAWN_BECAUSE = ("sender", "mistake", "twice")
MOST_SESSIONS = 20


def report(
    *,
    reference: str,
    what: str = What.APPOINTMENTS,
    needed: int,
    due_on: date,
    attended_at: Iterable[datetime],
    counts_only: bool,
    not_met_because: str = "",
) -> Report:
    """The report of a condition from the instants of the sessions she came to, in any order.

    Only as many sessions are told as were needed: what she comes to beyond that is her own affair. The condition is
    met by sessions up to and including `due_on`, whatever anybody said; with too few it is under way, whatever she
    missed, unless two people said that it is not met: then `not_met_because` is their reason class.
    """
    days = sorted(clock.london_today(at) for at in attended_at)[: max(needed, 0)]
    is_met = sum(day <= due_on for day in days) >= needed
    not_met = bool(not_met_because) and not is_met
    return Report(
        reference=reference,
        condition=What(what).value,
        needed=needed,
        attended=len(days),
        attended_dates=[] if counts_only else [day.isoformat() for day in days],
        status=ReportStatus.MET if is_met else ReportStatus.NOT_MET if not_met else ReportStatus.UNDER_WAY,
        reason_class=not_met_because if not_met else "",
    )


class Missed(NamedTuple):
    """A session that she could not come to: whether a reminder had reached her, and whose reason was recorded."""

    reminded: bool
    reason_class: str = ""


def reasons_open(missed: Collection[Missed], left: int, *, counts_only: bool) -> tuple[str, ...]:
    """The reason classes that "not met" may carry, with `left` sessions still to come to (R46).

    One session missed without a reminder leaves only the service's reason. So do sessions of which she was never
    offered enough: each that is still to come to must be one that she was reminded of and could not come to for a
    reason that was not ours.
    """
    hers = sum(one.reminded and one.reason_class != SERVICE for one in missed)
    if hers < max(left, 1) or not all(one.reminded for one in missed):
        return (SERVICE,)
    return tuple(reason for reason in REASON_CLASSES if not (counts_only and reason == WITHHELD_FROM_FAMILY))


class Pace(StrEnum):
    """How the sessions that are left lie to the time that is left, the calmest first."""

    ENOUGH = "enough"
    BOOKED = "booked"
    ON_COURSE = "on_course"
    SOON = "soon"
    SHORT = "short"
    OVER = "over"


A_WEEK = 7
LOOK_WEEKS = 3
"""With fewer weeks than that for each session not yet booked, somebody looks."""


def pace(*, left: int, booked: int, due_on: date, today: date) -> Pace:
    """How a condition stands to its day, from the sessions left and how many of them are booked up to that day.

    It says when to look, calmly and early; nothing follows from it by itself.
    """
    if left <= 0:
        return Pace.ENOUGH
    days, to_book = (due_on - today).days, max(left - booked, 0)
    if days < 0:
        return Pace.OVER
    if to_book == 0:
        return Pace.BOOKED
    if days < A_WEEK * to_book:
        return Pace.SHORT
    return Pace.SOON if days < A_WEEK * LOOK_WEEKS * to_book else Pace.ON_COURSE
