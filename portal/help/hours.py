"""Whether a service is open: opening hours as OpenStreetMap writes them, in London time."""

from datetime import date, datetime, timedelta

from portal.core import clock

ALWAYS = "24/7"


def is_valid(hours: str) -> bool:
    """Whether a text is opening hours that we can read."""
    import opening_hours

    return bool(hours.strip()) and opening_hours.validate(hours)


def is_open(hours: str, at: datetime) -> bool | None:
    """Whether a service with these hours is open at an instant; None when nobody can tell.

    Hours say nothing of bank holidays, so on one a service that would be open may be closed: nobody can tell.
    """
    if hours == ALWAYS:
        return True
    if not is_valid(hours):
        return None
    from opening_hours import OpeningHours

    local = clock.london(at)
    opening = OpeningHours(hours, timezone=clock.LONDON)
    if opening.is_unknown(local) or (opening.is_open(local) and is_bank_holiday(local.date())):
        return None
    return bool(opening.is_open(local))


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
