"""The least that could be done for free times: one bit for every five minutes, over the two queries that we run."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.booking import openings
from portal.booking.offers import Place
from portal.core import clock

STEP = 5


def free_starts(at: Place, now: datetime, days: int) -> int:
    """How many starts on the half hours are free with any worker and in any room; weekly hours, no notice, no shift
    of the clock.
    """
    begins_at = clock.london_midnight(clock.london_today(now))
    week = openings.week(at.client_id, at.centre_id)
    taken = openings.taken(at, (begins_at, begins_at + timedelta(days=days)))
    open_bits, half_hours = _weekly(week.hours, begins_at, days), sum(1 << bit for bit in range(0, days * 288, 6))
    length = (at.terms.minutes + at.terms.buffer_after) // STEP
    free_rooms = 0
    for room in week.rooms:
        free_rooms |= _runs(~_bits(taken.get(f"room:{room}", ()), begins_at), length)
    hers = _runs(~_bits(taken.get(f"client:{at.client_id}", ()), begins_at), length)
    usable = free_rooms & hers & half_hours & _runs(open_bits, at.terms.minutes // STEP)
    found = 0
    for number, shifts in week.shifts.items():
        works = _runs(_weekly(shifts, begins_at, days), at.terms.minutes // STEP)
        found |= usable & works & _runs(~_bits(taken.get(f"worker:{number}", ()), begins_at), length)
    return len([bit for bit in range(days * 288) if found >> bit & 1])


def _bits(intervals: Iterable[tuple[datetime, datetime]], begins_at: datetime) -> int:
    bits = 0
    for start, end in intervals:
        first = max(int((start - begins_at).total_seconds()) // 60 // STEP, 0)
        last = int((end - begins_at).total_seconds()) // 60 // STEP
        if last > first:
            bits |= ((1 << (last - first)) - 1) << first
    return bits


def _weekly(windows: Iterable[tuple], begins_at: datetime, days: int) -> int:
    bits, today = 0, clock.london_today(begins_at).weekday()
    for day in range(days):
        for weekday, opens, closes in windows:
            if weekday == (today + day) % 7:
                start, end = ((at.hour * 60 + at.minute) // STEP for at in (opens, closes))
                bits |= ((1 << (end - start)) - 1) << (day * 288 + start)
    return bits


def _runs(bits: int, length: int) -> int:
    """The bits that begin an unbroken run of `length`."""
    found, have = bits, 1
    while have < length:
        step = min(have, length - have)
        found &= found >> step
        have += step
    return found
