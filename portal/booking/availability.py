"""Free times, worked out from plain values: what is open, who works, what is taken. No Flask, no database.

Every interval is half-open, [start, end), in aware UTC instants, so times that touch do not collide. An appointment
lies within one London day. A wall time that a clock change doubles has its first meaning only, so that no two choices
read alike; one that a clock change skips is never offered.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from heapq import nsmallest
from math import gcd
from operator import itemgetter
from typing import NamedTuple

from portal.centres.rules import NO_DATES, Centre, Dated, Span, spans_on
from portal.core.clock import from_london, london, london_midnight, london_today
from portal.core.week import Window

Interval = tuple[datetime, datetime]

_start = itemgetter(0)


class Kind(NamedTuple):
    """A kind of appointment: lengths in real minutes, furthest day in London days, starts every `step_minutes`."""

    minutes: int
    buffer_before: int
    buffer_after: int
    least_notice_minutes: int
    furthest_days: int
    needs_room: bool
    step_minutes: int = 30


class Worker(NamedTuple):
    """A worker: weekly windows (0 is Monday, London wall times), absences (UTC), one-off windows of single dates."""

    id: int
    hours: Sequence[Window]
    absences: Sequence[Interval] = ()
    dated: Dated = NO_DATES

    def on(self, day: date) -> Sequence[Span]:
        """Her windows on a date; whether she is away or the centre closed is not in them."""
        return spans_on(day, self.hours, self.dated)


class Room(NamedTuple):
    """A room that an appointment can take; `spare` counts the things it has that this woman does not need."""

    id: int
    spare: int = 0


class FreeTime(NamedTuple):
    """A start that can be booked with one worker, and the room it would take."""

    starts_at: datetime
    worker_id: int
    room_id: int | None


def free_times(
    *,
    kind: Kind,
    centre: Centre,
    workers: Sequence[Worker],
    rooms: Sequence[Room],
    busy: Mapping[str, Sequence[Interval]],
    client_busy: Sequence[Interval],
    now: datetime,
    from_on: date,
    days: int,
) -> list[FreeTime]:
    """Every start in `days` London days from `from_on`, one for each start and worker, by time and worker number.

    `busy` is keyed "worker:3" and "room:5", `client_busy` is hers; both hold other bookings with their buffers.
    """
    asked = _asked_days(kind, now, from_on, days)
    found = _times_of(kind, centre, workers, rooms, busy, client_busy, now, asked)
    return sorted(found, key=lambda free: (free.starts_at, free.worker_id))


def check_start(
    *,
    kind: Kind,
    centre: Centre,
    workers: Sequence[Worker],
    rooms: Sequence[Room],
    busy: Mapping[str, Sequence[Interval]],
    client_busy: Sequence[Interval],
    now: datetime,
    starts_at: datetime,
) -> FreeTime | None:
    """The free time at exactly this instant with the first of `workers` who is free then, or None."""
    if starts_at < now or starts_at.second or starts_at.microsecond:
        return None
    wall = london(starts_at)
    asked, minute = _asked_days(kind, now, wall.date(), 1), wall.hour * 60 + wall.minute
    times = _times_of(kind, centre, workers, rooms, busy, client_busy, now, asked, minute)
    return next((free for free in times if free.starts_at == starts_at), None)


def nearest(free: Iterable[FreeTime], wanted_at: datetime, count: int) -> list[FreeTime]:
    """The `count` different starts closest to `wanted_at` (the earlier of two equals), each once, in time order."""
    by_start: dict[datetime, FreeTime] = {}
    for each in free:
        by_start.setdefault(each.starts_at, each)
    closest = nsmallest(count, by_start.values(), key=lambda each: (abs(each.starts_at - wanted_at), each.starts_at))
    return sorted(closest, key=lambda each: each.starts_at)


def windows(on: date, spans: Iterable[Span]) -> list[Interval]:
    """The unbroken stretches of time that wall windows of a London day mean: windows that touch are one."""
    return _merged((_edge(on, local_from), _edge(on, local_until)) for local_from, local_until in spans)


def days_with_times(free: Iterable[FreeTime]) -> list[date]:
    """The London days on which something is free, in order."""
    return sorted({london_today(starts_at) for starts_at in {each.starts_at for each in free}})


class _Diary:
    """What one worker, room or client has taken in a span; merged at the first question, as most are asked nothing."""

    def __init__(self, taken: Sequence[Interval], span: Interval, absences: Sequence[Interval] = ()) -> None:
        self._taken, self._span, self._absences = taken, span, absences

    def clear(self, start: datetime, end: datetime) -> bool:
        """Whether nothing taken overlaps [start, end)."""
        starts, ends = self._merged
        following = bisect_right(ends, start)
        return following == len(ends) or starts[following] >= end

    @cached_property
    def _merged(self) -> tuple[list[datetime], list[datetime]]:
        first, last = (bisect_left(self._taken, edge, key=_start) for edge in self._span)
        reaching_in = [pair for pair in self._taken[:first] if pair[1] > self._span[0]]
        merged = _merged([*reaching_in, *self._taken[first:last], *self._absences])
        return [start for start, _ in merged], [end for _, end in merged]


class _Opening(NamedTuple):
    """A start that suits the centre, the client and a room, before any worker is asked."""

    starts_at: datetime
    ends_at: datetime
    occupied: Interval
    room_id: int | None

    def within(self, window: Interval) -> bool:
        """Whether the session, buffers aside, lies in the window."""
        return window[0] <= self.starts_at and self.ends_at <= window[1]


class _Choice:
    """What holds for a start whoever the worker is: notice, opening hours, the client's own diary, a room."""

    def __init__(self, kind: Kind, now: datetime, rooms: list[tuple[int, _Diary]], client: _Diary) -> None:
        self.kind = kind
        self._rooms = rooms
        self._client = client
        self._earliest = now + timedelta(minutes=kind.least_notice_minutes)
        self._length = timedelta(minutes=kind.minutes)
        self._before = timedelta(minutes=kind.buffer_before)
        self._after = timedelta(minutes=kind.buffer_after)

    def opening(self, on: date, minute: int, open_windows: list[Interval]) -> _Opening | None:
        """The opening at a wall minute of a London day, or None."""
        starts_at = _instant(on, time(*divmod(minute, 60)))
        if starts_at is None or starts_at < self._earliest:
            return None
        ends_at = starts_at + self._length
        if not any(opens <= starts_at and ends_at <= closes for opens, closes in open_windows):
            return None
        occupied = (starts_at - self._before, ends_at + self._after)
        if not self._client.clear(*occupied):
            return None
        if not self.kind.needs_room:
            return _Opening(starts_at, ends_at, occupied, None)
        room_id = next((number for number, diary in self._rooms if diary.clear(*occupied)), None)
        return None if room_id is None else _Opening(starts_at, ends_at, occupied, room_id)


def _times_of(
    kind: Kind,
    centre: Centre,
    workers: Sequence[Worker],
    rooms: Sequence[Room],
    busy: Mapping[str, Sequence[Interval]],
    client_busy: Sequence[Interval],
    now: datetime,
    asked: list[date],
    only_minute: int | None = None,
) -> Iterator[FreeTime]:
    """The free times of the asked days, in the order of `workers` on each; `only_minute` asks for one wall minute."""
    if not asked:
        return
    span = _span(kind, asked)
    room_diaries = [
        (number, _Diary(busy.get(f"room:{number}", ()), span))
        for _, number in sorted((each.spare, each.id) for each in rooms)
    ]
    # Of a single day they are laid out as they are asked for: whoever wants one start stops at the first who is free.
    worker_diaries: Iterable[tuple[Worker, _Diary]] = (
        (worker, _Diary(busy.get(f"worker:{worker.id}", ()), span, worker.absences)) for worker in workers
    )
    if len(asked) > 1:
        worker_diaries = list(worker_diaries)
    choice = _Choice(kind, now, room_diaries, _Diary(client_busy, span))
    for on in asked:
        open_windows = windows(on, centre.on(on))
        if open_windows:
            yield from _day_times(on, choice, open_windows, worker_diaries, only_minute)


def _day_times(
    on: date,
    choice: _Choice,
    open_windows: list[Interval],
    workers: Iterable[tuple[Worker, _Diary]],
    only_minute: int | None,
) -> Iterator[FreeTime]:
    openings: dict[int, _Opening | None] = {}
    for worker, diary in workers:
        for window in windows(on, worker.on(on)):
            minutes: Iterable[int] = _grid(on, window, choice.kind.step_minutes)
            if only_minute is not None:
                minutes = [only_minute] if only_minute in minutes else []
            for minute in minutes:
                if minute not in openings:
                    openings[minute] = choice.opening(on, minute, open_windows)
                opening = openings[minute]
                if opening and opening.within(window) and diary.clear(*opening.occupied):
                    yield FreeTime(opening.starts_at, worker.id, opening.room_id)


def _asked_days(kind: Kind, now: datetime, from_on: date, days: int) -> list[date]:
    """The days worth looking at. Counted in ordinals, because a day asked for may lie at the calendar's end."""
    today = london_today(now).toordinal()
    first = max(from_on.toordinal(), today)
    last = min(from_on.toordinal() + days - 1, today + kind.furthest_days)
    return [date.fromordinal(number) for number in range(first, last + 1)]


def _span(kind: Kind, asked: list[date]) -> Interval:
    """All that a booking on the asked days could occupy, buffers included."""
    begins_at = london_midnight(asked[0]) - timedelta(minutes=kind.buffer_before)
    return begins_at, london_midnight(asked[-1] + timedelta(days=1)) + timedelta(minutes=kind.buffer_after)


def _grid(on: date, window: Interval, step: int) -> range:
    """The wall minutes of starts in a window: from its first whole half hour (or quarter, as the step allows)."""
    begins, ends = london(window[0]), london(window[1])
    aligned_to = gcd(step, 30)
    first = -(-(begins.hour * 60 + begins.minute) // aligned_to) * aligned_to
    return range(first, ends.hour * 60 + ends.minute, step)


def _instant(on: date, wall: time) -> datetime | None:
    """The instant of a wall time, its first if the clock change doubles it, None if it is skipped."""
    instant = from_london(on, wall)
    return instant if london(instant).time() == wall else None


def _edge(on: date, wall: time) -> datetime:
    """The instant at which a window opens or closes: a skipped wall time means the change itself, 01:00 UTC by law."""
    return _instant(on, wall) or datetime.combine(on, time(1), tzinfo=UTC)


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as disjoint intervals in order; empty and reversed ones are left out."""
    merged: list[Interval] = []
    for start, end in sorted(pair for pair in intervals if pair[0] < pair[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
