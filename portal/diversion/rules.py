"""What a referrer is told, as a pure rule: a fixed set of coded fields, no free text (R31)."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from portal.core import clock


class ReportStatus(StrEnum):
    """Where a condition stands, as far as a machine may say: "not met" needs a person's reason and a second person."""

    UNDER_WAY = "under_way"
    MET = "met"


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


CONDITION = "appointments"
"""The one kind of condition so far: so many appointments at a centre."""


def report(*, reference: str, needed: int, due_on: date, attended_at: Iterable[datetime], counts_only: bool) -> Report:
    """The report of a condition from the instants of the sessions she came to, in any order.

    Only as many sessions are told as were needed: what she comes to beyond that is her own affair. The condition is
    met by sessions up to and including `due_on`; with too few it is under way, whatever she missed.
    """
    days = sorted(clock.london_today(at) for at in attended_at)[: max(needed, 0)]
    in_time = sum(day <= due_on for day in days)
    return Report(
        reference=reference,
        condition=CONDITION,
        needed=needed,
        attended=len(days),
        attended_dates=[] if counts_only else [day.isoformat() for day in days],
        status=ReportStatus.MET if in_time >= needed else ReportStatus.UNDER_WAY,
        reason_class="",
    )
