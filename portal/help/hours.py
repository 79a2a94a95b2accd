"""Whether a service is open: opening hours as OpenStreetMap writes them, in London time."""

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from portal.core import clock

ALWAYS = "24/7"
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


_NOT_TOLD = re.compile(r"SH|sunrise|sunset|dawn|dusk")
"""What hours may hang on and we do not know: school holidays, the sun."""


def is_valid(hours: str) -> bool:
    """Whether a text is opening hours that we can read."""
    import opening_hours

    return bool(hours.strip()) and not _NOT_TOLD.search(hours) and opening_hours.validate(hours)


def is_open(hours: str, at: datetime) -> bool | None:
    """Whether a service with these hours is open at an instant; None when nobody can tell.

    Where hours say nothing of bank holidays (PH), a service that would be open on one may be closed: nobody can tell.
    """
    if hours == ALWAYS:
        return True
    local = clock.london(at)
    is_holiday, says_of_holidays = is_bank_holiday(local.date()), "PH" in hours
    if is_holiday and says_of_holidays:
        # The library's own list lacks some of England's, so on such a day PH is whatever weekday it is.
        hours = hours.replace("PH", "Mo-Su")
    if not is_valid(hours):
        return None
    from opening_hours import OpeningHours

    opening = OpeningHours(hours, timezone=clock.LONDON)
    if opening.is_unknown(local):
        return None
    is_open_by_hours = bool(opening.is_open(local))
    return None if is_open_by_hours and is_holiday and not says_of_holidays else is_open_by_hours


class Window(NamedTuple):
    """Open from one wall time to another, on each of some runs of weekdays (0 is Monday)."""

    days: list[tuple[int, int]]
    opens: time
    closes: time


_DAY = "|".join(WEEKDAYS)
_WINDOW = re.compile(
    rf"((?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*) ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)"
)


def windows(hours: str) -> list[Window]:
    """Hours of the simple kind, each weekday in one rule with one time, as values; none when anything else is said."""
    found = [_WINDOW.fullmatch(rule.strip()) for rule in hours.split(";")]
    simple = [
        Window(
            [_run(days) for days in match[1].split(",")],
            time(int(match[2]), int(match[3])),
            time(int(match[4]), int(match[5])),
        )
        for match in found
        if match
    ]
    days = [day for window in simple for run in window.days for day in _days(*run)]
    return simple if all(found) and len(days) == len(set(days)) else []


def _days(first: int, last: int) -> list[int]:
    return [(first + number) % 7 for number in range((last - first) % 7 + 1)]


def _run(days: str) -> tuple[int, int]:
    first, _, last = days.partition("-")
    return WEEKDAYS.index(first), WEEKDAYS.index(last or first)


def is_bank_holiday(on: date) -> bool:
    """Whether a day is a bank holiday in England by the standing rules (extra ones are not known), or Christmas."""
    easter = _easter(on.year)
    days = {
        _weekdays_from(date(on.year, 1, 1))[0],
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        _monday_from(date(on.year, 5, 1)),
        _monday_from(date(on.year, 5, 25)),
        _monday_from(date(on.year, 8, 25)),
        *_weekdays_from(date(on.year, 12, 25))[:2],
    }
    # On a weekend these two are no bank holidays, but hardly any line keeps its usual hours.
    return on in days or (on.month, on.day) in ((12, 25), (12, 26))


def _weekdays_from(on: date) -> list[date]:
    days = (on + timedelta(days=number) for number in range(5))
    return [day for day in days if day.weekday() < 5]


def _monday_from(on: date) -> date:
    return on + timedelta(days=-on.weekday() % 7)


def _easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the method of Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
