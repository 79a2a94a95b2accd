"""Whether a service is open: opening hours as OpenStreetMap writes them, in London time."""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from portal.core import clock

if TYPE_CHECKING:
    from opening_hours import OpeningHours

ALWAYS = "24/7"
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


_NOT_TOLD = re.compile(r"SH|sunrise|sunset|dawn|dusk")
"""What hours may hang on and we do not know: school holidays, the sun."""


def is_valid(hours: str) -> bool:
    """Whether a text is opening hours that we can read."""
    import opening_hours

    return bool(hours.strip()) and not _NOT_TOLD.search(hours) and opening_hours.validate(hours)


def is_open(hours: str, at: datetime, added: Collection[date] = ()) -> bool | None:
    """Whether a service with these hours is open at an instant; None when nobody can tell.

    Where hours say nothing of bank holidays (PH), a service that would be open on one may be closed: nobody can tell.
    The same holds for words of its own ("by appointment"), and for "PH off" that a later rule opens again. `added` are
    bank holidays beside the standing ones.
    """
    if hours == ALWAYS:
        return True
    if not (is_valid(hours) and is_valid(_as_on_a_holiday(hours))):
        return None
    local = clock.london(at)
    is_holiday, was_holiday = (is_bank_holiday(day) or day in added for day in days_that_count(at))
    opening = _opening(hours, is_holiday=is_holiday)
    if is_holiday != was_holiday:
        # After midnight it is still yesterday's evening that a service is open for.
        evening = _opening(hours, is_holiday=was_holiday)
        if _runs_on_since_yesterday(evening, local):
            opening, is_holiday = evening, was_holiday
        elif _runs_on_since_yesterday(opening, local):
            return False
    if opening.is_unknown(local):
        return None
    if not opening.is_open(local):
        return False
    sure_of_holiday = "PH" in hours and not _HOLIDAY_OFF.search(hours)
    _, words = opening.state(local)
    return None if words or (is_holiday and not sure_of_holiday) else True


def days_that_count(at: datetime) -> tuple[date, date]:
    """The days whose hours tell whether a service is open at an instant: its own, and the one before for its night."""
    today = clock.london_today(at)
    return today, today - timedelta(days=1)


_HOLIDAY_OFF = re.compile(r"PH[^;]*\b(off|closed)\b")


def _as_on_a_holiday(hours: str) -> str:
    # The library's own list lacks some of England's, so on such a day PH is whatever weekday it is.
    return hours.replace("PH", "Mo-Su")


def _opening(hours: str, *, is_holiday: bool) -> "OpeningHours":
    from opening_hours import OpeningHours

    return OpeningHours(_as_on_a_holiday(hours) if is_holiday else hours, timezone=clock.LONDON)


def _runs_on_since_yesterday(opening: "OpeningHours", local: datetime) -> bool:
    """Whether a service has been open since before midnight; what is open all day is open for the day itself."""
    midnight = clock.london(clock.from_london(local.date(), time()))
    eve, end = midnight - timedelta(minutes=1), midnight + timedelta(days=1)
    # Asked for the next change alone, the library looks through thousands of years where hours never open again.
    _, closes, *_ = next(iter(opening.intervals(eve, end)))
    return opening.is_open(eve) and local < closes < end


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
    """Whether a day is a bank holiday in England by the standing rules, or Christmas; staff add any other."""
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
