"""Pure rules of appointments: the refusals as facts, marks of attendance, digits in an answer, when to remind."""

import re
import unicodedata
from datetime import datetime, time, timedelta

from portal.clients.rules import windows
from portal.clients.safe_times import REMINDER_HOUR, REMINDER_MARGIN, SafeHours
from portal.core import clock
from portal.core.digits import western
from portal.core.errors import Refusal

KEPT_APART = timedelta(minutes=60)
"""How far from each other two women stay who must not meet in one centre (R43)."""

USEFULLY_SOONER = timedelta(hours=24)
"""A sooner time is worth the change only if it is this much sooner."""

REMINDER_USELESS = timedelta(hours=2)
"""A reminder that would come later than this before the start is of no use."""

WEEK_BEFORE = timedelta(days=7)
MORNING_HOUR = time(8, 30)
UNDO_WITHIN = timedelta(seconds=90)
"""For how long a cancelling can be undone before anyone is told."""

ATTENDED = ("yes", "late")
ANOTHER_CENTRE = "another_centre"
"""What the audit log says where reception reads or books a woman of a centre that is not its own."""
MARKS = ("arrived", "yes", "late", "no", "undo")


class NotOffered(Refusal):
    """A time that cannot be booked; the subclasses say why."""

    def __init__(self) -> None:
        super().__init__(type(self).__name__)


class SlotTaken(NotOffered):
    """Somebody has the time, the room or the worker, or it is not a time that is offered."""


class ClosedThatDay(NotOffered):
    """The centre is closed on that day."""


class TooSoon(NotOffered):
    """Less notice than this kind of appointment needs."""


class PastTime(NotOffered):
    """The time is over."""


class TooLateToChange(Refusal):
    """The appointment has begun, was marked already, or is too near for her to change or cancel it herself."""


class FixedTime(Refusal):
    """A group session is at its own time for all who come: a woman's part in it cannot move by itself."""


class AlreadyBooked(Refusal):
    """She made an open booking of this kind before: `appointment_id`."""

    def __init__(self, appointment_id: int) -> None:
        super().__init__(f"appointment {appointment_id}")
        self.appointment_id = appointment_id


class TooEarlyToMark(Refusal):
    """The day of the appointment, or for a no-show its start, is still to come."""


class MarkedAlready(Refusal):
    """Somebody marked it otherwise before: `mark` says how."""

    def __init__(self, mark: str) -> None:
        super().__init__(mark)
        self.mark = mark


SUITING = {"morning": (time(0), time(12)), "school": (time(9, 30), time(14, 30))}
"""Times of a London day that may suit her: mornings, and between taking children to school and fetching them."""


def suits(starts_at: datetime, minutes: int, when: str | None) -> bool:
    """Whether a whole session lies in the times of SUITING that she chose; without a choice every one does."""
    if when is None:
        return True
    begins, ends = (clock.london(at).time() for at in (starts_at, starts_at + timedelta(minutes=minutes)))
    return SUITING[when][0] <= begins < ends <= SUITING[when][1]


def too_late(starts_at: datetime, until_minutes: int, now: datetime) -> bool:
    """Whether she can change or cancel it herself no more: so many minutes before its start, or from then on."""
    return now >= starts_at - timedelta(minutes=until_minutes)


def mark_now(attendance: str, arrived: bool) -> str:
    """Where an appointment stands at the desk: `expected`, `arrived`, `yes`, `late` or `no`."""
    return attendance or ("arrived" if arrived else "expected")


def may_mark(standing: str, mark: str) -> bool:
    """Whether a mark follows from where it stands; an outcome is only replaced after an undo."""
    return mark == "undo" or standing in ("expected", "arrived")


def read_digit(body: str) -> str | None:
    """The answer 1, 2 or 3 of a text that holds nothing else but spaces and punctuation, or None (R22)."""
    text = western(unicodedata.normalize("NFKC", body[:40]))
    plain = "".join(c for c in text if unicodedata.category(c)[0] not in "ZPCM")
    return plain if len(body) <= 40 and re.fullmatch("[123]", plain) else None


def needs_reminder(starts_at: datetime, booked_at: datetime) -> bool:
    """Whether a reminder makes sense: not when it was booked on the day before or later, as she knows it then."""
    return clock.london_today(booked_at) < clock.london_today(starts_at) - timedelta(days=1)


def week_before_time(safe_hours: SafeHours, starts_at: datetime, booked_at: datetime, now: datetime) -> datetime | None:
    """When to remind her 7 days before, as near to 10:00 as her windows of that day allow.

    None on every other day, when no window is left, and when she booked it on that day or later: she knows it then.
    """
    on = clock.london_today(starts_at) - WEEK_BEFORE
    if not clock.london_today(booked_at) < on == clock.london_today(now):
        return None
    return _nearest_left(windows(safe_hours, on, 1), clock.from_london(on, REMINDER_HOUR), now, starts_at)


def same_morning_time(
    safe_hours: SafeHours, starts_at: datetime, booked_at: datetime, now: datetime
) -> datetime | None:
    """When to remind her on the day itself, as near to 8:30 as her windows allow, while it is still of use.

    None on every other day, when no window is left in time, and when she booked it on the same day.
    """
    on = clock.london_today(starts_at)
    if not clock.london_today(booked_at) < on == clock.london_today(now):
        return None
    latest = starts_at - REMINDER_USELESS - REMINDER_MARGIN
    return _nearest_left(windows(safe_hours, on, 1), clock.from_london(on, MORNING_HOUR), now, latest)


def _nearest_left(
    her_windows: list[tuple[datetime, datetime]], wanted_at: datetime, earliest: datetime, latest: datetime
) -> datetime | None:
    choices = []
    for opens, closes in her_windows:
        first, last = max(opens, earliest), min(max(opens, closes - REMINDER_MARGIN), latest)
        if first <= last:
            choices.append(max(first, min(wanted_at, last)))
    return min(choices, key=lambda at: abs(at - wanted_at), default=None)
