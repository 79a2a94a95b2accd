"""A day as a timetable, worked out from plain values: rows of a quarter of an hour, one column a worker or room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Interval = tuple[datetime, datetime]
Entry = TypeVar("Entry")

STEP = timedelta(minutes=15)
SHORTEST_FREE = timedelta(minutes=15)


@dataclass(frozen=True)
class Cell(Generic[Entry]):
    """Some rows of one column: `taken` with what is booked, `free`, or `off` (closed, away, or not to be booked)."""

    row: int
    rows: int
    what: str
    entries: tuple[Entry, ...]
    starts_at: datetime
    ends_at: datetime


def free_of(open_at: Iterable[Interval], busy: Iterable[Interval]) -> list[Interval]:
    """What is left of some windows when what is taken is cut out."""
    left = sorted(open_at)
    for starts_at, ends_at in busy:
        cut: list[Interval] = []
        for begins, ends in left:
            if ends_at <= begins or starts_at >= ends:
                cut.append((begins, ends))
                continue
            if begins < starts_at:
                cut.append((begins, starts_at))
            if ends_at < ends:
                cut.append((ends_at, ends))
        left = cut
    return [gap for gap in left if gap[1] - gap[0] >= SHORTEST_FREE]


def shared(some: Iterable[Interval], others: Sequence[Interval]) -> list[Interval]:
    """The time that lies in windows of both."""
    found = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return sorted(each for each in found if each[0] < each[1])


def rows_of(open_at: Sequence[Interval], entries: Iterable[Interval]) -> list[datetime]:
    """The starts of the rows of a day: from the first opening or booking to the last, on full quarters of an hour."""
    everything = [*open_at, *entries]
    if not everything:
        return []
    first = min(starts_at for starts_at, _ in everything)
    last = max(ends_at for _, ends_at in everything)
    first -= timedelta(minutes=first.minute % 15, seconds=first.second, microseconds=first.microsecond)
    count = -((first - last) // STEP)
    return [first + STEP * number for number in range(count)]


def column(
    rows: Sequence[datetime], entries: Iterable[tuple[datetime, datetime, Entry]], free: Sequence[Interval]
) -> list[Cell[Entry]]:
    """The cells of one column: every row belongs to one of them, every entry stands in one of them."""
    listed = sorted(entries, key=lambda each: (each[0], each[1]))
    marks: list[tuple[str, int]] = []
    held: list[list[Entry]] = []
    last_row = -1
    for number, starts_at in enumerate(rows):
        here = [each for each in listed if each[0] < starts_at + STEP and each[1] > starts_at]
        if not here:
            inside = any(begins <= starts_at and starts_at + STEP <= ends for begins, ends in free)
            marks.append(("free" if inside else "off", -1))
            continue
        # Bookings that touch one row share a cell, so that none is lost where a change comes at an odd minute.
        if last_row != number - 1 or not any(each[0] < starts_at for each in here):
            held.append([])
        held[-1] += [each[2] for each in here if each[2] not in held[-1]]
        marks.append(("taken", len(held) - 1))
        last_row = number
    return list(_cells(rows, marks, held))


def split(cells: Iterable[Cell[Entry]], at: Iterable[datetime]) -> list[Cell[Entry]]:
    """The cells with the free ones cut wherever something can begin, so that it stands beside its time."""
    starts, found = sorted(set(at)), []
    for cell in cells:
        cuts = [start for start in starts if cell.starts_at < start < cell.ends_at] if cell.what == "free" else []
        begins = [cell.starts_at, *(start - (start - cell.starts_at) % STEP for start in cuts)]
        begins = sorted(set(begins))
        for begin, end in zip(begins, [*begins[1:], cell.ends_at], strict=True):
            row = cell.row + (begin - cell.starts_at) // STEP
            found.append(Cell(row, (end - begin) // STEP, cell.what, cell.entries, begin, end))
    return found


def _cells(rows: Sequence[datetime], marks: Sequence[tuple[str, int]], held: Sequence[Sequence[Entry]]):
    begin = 0
    for number in range(1, len(marks) + 1):
        if number == len(marks) or marks[number] != marks[begin]:
            what, block = marks[begin]
            entries = tuple(held[block]) if block >= 0 else ()
            yield Cell(begin, number - begin, what, entries, rows[begin], rows[number - 1] + STEP)
            begin = number
