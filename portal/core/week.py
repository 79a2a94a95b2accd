"""Windows of a week in London wall time, several a day: read as people write them, checked, written again."""

import itertools
import re
from collections.abc import Iterable, Sequence
from datetime import time

from portal.core.errors import Invalid

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Names of the days as fields; 0 is Monday."""

LAST_MINUTE = time(23, 59)

Window = tuple[int, time, time]
"""Weekday (0 is Monday), from, until; the end is outside the window."""

_TIME = r"(\d{1,2})(?:[:.](\d{2}))?"
_WINDOW = re.compile(rf"\s*{_TIME}\s*(?:-|–|—|to)\s*{_TIME}\s*")


def read_windows(text: str) -> list[tuple[time, time]]:
    """Read one day's windows such as "09:30-14:30, 18:00-19:00"; nothing written is no window.

    24:00 counts as the last minute. Raises Invalid("windows", "unreadable" | "reversed" | "order" | "overlap").
    """
    windows = [_read_window(part) for part in re.split(r"[,;\n]", text) if part.strip()]
    fault = day_fault(windows)
    if fault:
        raise Invalid("windows", fault)
    return windows


def write_windows(windows: Iterable[tuple[time, time]]) -> str:
    """One day's windows as `read_windows` reads them."""
    return ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in windows)


def day_fault(windows: Sequence[tuple[time, time]]) -> str | None:
    """Why one day's windows cannot stand: `reversed`, `order`, `overlap`; None when they can."""
    if any(opens >= closes for opens, closes in windows):
        return "reversed"
    for (opens, closes), (next_opens, next_closes) in itertools.pairwise(windows):
        if next_opens < closes:
            return "order" if next_closes <= opens else "overlap"
    return None


def check_week(windows: Iterable[Window]) -> None:
    """Raise Invalid(name of the day, reason) unless every day's windows can stand."""
    by_day: dict[int, list[tuple[time, time]]] = {}
    for day, opens, closes in windows:
        if not 0 <= day <= 6:
            raise Invalid("day", "unreadable")
        by_day.setdefault(day, []).append((opens, closes))
    for day, listed in by_day.items():
        fault = day_fault(listed)
        if fault:
            raise Invalid(DAYS[day], fault)


def _read_window(text: str) -> tuple[time, time]:
    found = _WINDOW.fullmatch(text)
    if not found:
        raise Invalid("windows", "unreadable")
    return _read_time(found[1], found[2]), _read_time(found[3], found[4])


def _read_time(hour: str, minute: str | None) -> time:
    if (int(hour), int(minute or 0)) == (24, 0):
        return LAST_MINUTE
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise Invalid("windows", "unreadable") from None
