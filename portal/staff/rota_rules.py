"""The duty rota: who stands when, and the hours of the week in which nobody does; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from portal.core.week import LAST_MINUTE

HOURS = tuple((day, hour) for day in range(7) for hour in range(24))
"""The 168 hours of a week; 0 is Monday."""


@dataclass(frozen=True)
class Shift:
    """A shift in London wall time; `until` of 23:59 means midnight. `position` 1 is called first."""

    day: int
    begins: time
    until: time
    position: int
    staff_id: int


@dataclass(frozen=True)
class Stretch:
    """Hours of one day in which the same people stand, by position; nobody: a gap."""

    day: int
    from_hour: int
    until_hour: int
    people: dict[int, int]


def stands_at(shift: Shift, day: int, at: time) -> bool:
    """Whether a shift stands at a wall time of a weekday."""
    return shift.day == day and shift.begins <= at and (at < shift.until or shift.until == LAST_MINUTE)


def people_in(shifts: Iterable[Shift], day: int, hour: int) -> dict[int, int]:
    """Who stands for the whole of an hour, by position."""
    return {
        shift.position: shift.staff_id
        for shift in shifts
        if stands_at(shift, day, time(hour)) and stands_at(shift, day, time(hour, 59))
    }


def gaps(shifts: Iterable[Shift]) -> list[tuple[int, int]]:
    """The hours of the week, of 168, in which nobody stands from beginning to end."""
    listed = list(shifts)
    return [(day, hour) for day, hour in HOURS if not people_in(listed, day, hour)]


def stretches(shifts: Iterable[Shift]) -> list[Stretch]:
    """The whole week in stretches, gaps included; each ends at midnight at the latest."""
    listed = list(shifts)
    found: list[Stretch] = []
    for day, hour in HOURS:
        people = people_in(listed, day, hour)
        last = found[-1] if found else None
        if last is not None and last.day == day and last.people == people:
            found[-1] = Stretch(day, last.from_hour, hour + 1, people)
        else:
            found.append(Stretch(day, hour, hour + 1, people))
    return found


def overlap(one: Shift, other: Shift) -> bool:
    """Whether two shifts share a time of the week."""
    return one.day == other.day and one.begins < other.until and other.begins < one.until
