"""When a centre's crèche is open and for how many children: sessions of a week as people write and we keep them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Any, NamedTuple

from portal.core.errors import Invalid
from portal.core.week import day_fault, read_windows

MOST_PLACES = 60

_LINE = re.compile(r"(?P<window>.+?)\s+for\s+(?P<places>\d{1,4})(?:\s+(?:child|children|place|places))?", re.IGNORECASE)


class CrecheSession(NamedTuple):
    """One session of a week: weekday (0 is Monday), London wall times, and how many children there is room for."""

    weekday: int
    local_from: time
    local_until: time
    places: int


def read_day(weekday: int, text: str) -> list[CrecheSession]:
    """Read one day such as "09:30-12:30 for 4, 13:00-15:00 for 6"; nothing written is no session.

    Raises Invalid("sessions", "unreadable" | "places" | "reversed" | "order" | "overlap").
    """
    found = [_read_session(weekday, part) for part in re.split(r"[,;\n]", text) if part.strip()]
    fault = day_fault([(one.local_from, one.local_until) for one in found])
    if fault:
        raise Invalid("sessions", fault)
    return found


def write_day(sessions: Iterable[CrecheSession]) -> str:
    """The sessions of one day as `read_day` reads them."""
    return ", ".join(f"{one.local_from:%H:%M}-{one.local_until:%H:%M} for {one.places}" for one in sessions)


def kept(sessions: Iterable[CrecheSession]) -> list[dict[str, Any]]:
    """The sessions of a week, in order, as a centre keeps them."""
    return [
        {"day": day, "from": f"{local_from:%H:%M}", "until": f"{local_until:%H:%M}", "places": places}
        for day, local_from, local_until, places in sorted(sessions)
    ]


def sessions_of(rows: Sequence[Mapping[str, Any]]) -> list[CrecheSession]:
    """The sessions that a centre keeps."""
    return [
        CrecheSession(row["day"], time.fromisoformat(row["from"]), time.fromisoformat(row["until"]), row["places"])
        for row in rows
    ]


def _read_session(weekday: int, text: str) -> CrecheSession:
    found = _LINE.fullmatch(text.strip())
    if not found:
        raise Invalid("sessions", "unreadable")
    try:
        ((local_from, local_until),) = read_windows(found["window"])
    except Invalid as refusal:
        raise Invalid("sessions", refusal.reason) from None
    places = int(found["places"])
    if not 1 <= places <= MOST_PLACES:
        raise Invalid("sessions", "places")
    return CrecheSession(weekday, local_from, local_until, places)
