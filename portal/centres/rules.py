"""When something is open, or somebody works, on a date: weekly windows, other ones in their place, days off.

This is the one place that says so. Windows are London wall times; none on a date means closed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, time
from types import MappingProxyType
from typing import NamedTuple

from portal.core.week import Window

Span = tuple[time, time]
Dated = Mapping[date, Sequence[Span]]
"""The windows of some dates, in place of the weekly ones; an empty sequence means none that day."""

NO_DATES: Dated = MappingProxyType({})


class Centre(NamedTuple):
    """A centre: weekly windows, closures by first and last day, windows of single dates, England's bank holidays."""

    hours: Sequence[Window]
    closures: Sequence[tuple[date, date]] = ()
    dated: Dated = NO_DATES
    holidays: Collection[date] = ()

    def on(self, day: date) -> Sequence[Span]:
        """Its windows on a date: none in a closure; else the date's own; else, on no bank holiday, the weekly ones."""
        if any(first_on <= day <= last_on for first_on, last_on in self.closures):
            return ()
        if day in self.holidays and day not in self.dated:
            return ()
        return spans_on(day, self.hours, self.dated)

    @property
    def other_days(self) -> Dated:
        """The days that are not as their weekday says: bank holidays without a window, and dates of its own hours."""
        return dict.fromkeys(self.holidays, ()) | dict(self.dated)


def spans_on(day: date, weekly: Sequence[Window], dated: Dated) -> Sequence[Span]:
    """The windows of a date: its own where it has any said, else those of its weekday."""
    if day in dated:
        return dated[day]
    return [(opens, closes) for weekday, opens, closes in weekly if weekday == day.weekday()]


def dated_windows(rows: Iterable[tuple[date | None, time, time]]) -> dict[date, list[Span]]:
    """Rows with a date as windows by date, both in order; rows without one are left out."""
    found: dict[date, list[Span]] = {}
    for on, opens, closes in sorted((on, opens, closes) for on, opens, closes in rows if on is not None):
        found.setdefault(on, []).append((opens, closes))
    return found
