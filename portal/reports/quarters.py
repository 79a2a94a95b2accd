"""Quarters of the year, half-open in London time."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from portal.core import clock

SETTLED_AFTER = timedelta(days=14)
"""How long after its last day a quarter is left open for what is written up late."""

MOST_OFFERED = 12

MONTHS = ("January to March", "April to June", "July to September", "October to December")


class Quarter(NamedTuple):
    """One quarter: `number` 1 to 4 of a calendar year."""

    year: int
    number: int

    @property
    def starts_on(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def ends_on(self) -> date:
        """The first day after it."""
        return self.next().starts_on

    @property
    def starts_at(self) -> datetime:
        """The instant at which it begins in London."""
        return clock.london_midnight(self.starts_on)

    @property
    def ends_at(self) -> datetime:
        """The first instant that is no longer in it."""
        return clock.london_midnight(self.ends_on)

    @property
    def published_on(self) -> date:
        """The day from which its numbers are shown."""
        return self.ends_on + SETTLED_AFTER

    @property
    def code(self) -> str:
        """How addresses and files name it: `2026-q3`."""
        return f"{self.year}-q{self.number}"

    @property
    def name(self) -> str:
        """How a page names it."""
        return f"{MONTHS[self.number - 1]} {self.year}"

    def next(self) -> "Quarter":
        """The one after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def before(self) -> "Quarter":
        """The one before it."""
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)


def quarter_of(day: date) -> Quarter:
    """The quarter in which a day lies."""
    return Quarter(day.year, (day.month + 2) // 3)


def newest_published(today: date) -> Quarter:
    """The newest quarter whose numbers are shown on a London day."""
    quarter = quarter_of(today).before()
    return quarter if quarter.published_on <= today else quarter.before()


def published(first: date | None, today: date) -> list[Quarter]:
    """The quarters that can be chosen, the newest first: back to the one of the `first` day, MOST_OFFERED at most."""
    quarter = newest_published(today)
    offered = [quarter]
    while first is not None and quarter.starts_on > first and len(offered) < MOST_OFFERED:
        quarter = quarter.before()
        offered.append(quarter)
    return offered


def quarter_named(code: str, among: list[Quarter]) -> Quarter | None:
    """The quarter with this code among those that can be chosen, or None."""
    return next((quarter for quarter in among if quarter.code == code), None)
