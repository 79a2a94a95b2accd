"""Template filters: dates and times in words, by CLDR, in London wall time and in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from flask import Flask
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup, escape

from portal.core import clock, days, phone


def init_app(app: Flask) -> None:
    """Register the filters, and the comma of the page's script."""
    app.jinja_env.globals["comma"] = comma
    app.jinja_env.filters.update(
        day_words=day_words,
        days_words=days_words,
        time_words=time_words,
        time_exact=time_exact,
        time_both=time_both,
        short_day=short_day,
        clock_time=clock_time,
        phone=phone_number,
        ago=ago,
        minutes_words=minutes_words,
        hours_words=hours_words,
        role_words=role_words,
        look_words=look_words,
    )


def day_words(value: datetime | date) -> str:
    """A day in words: Tuesday 3 December."""
    return days.day_words(_day(value), _language())


def days_words(some: Iterable[date]) -> str:
    """Some days in words, listed as the language does: Friday 25 December and Monday 28 December."""
    return days.listed((day_words(day) for day in some), _language())


def comma() -> str:
    """What stands between two things named beside each other, a day and its time."""
    return days.comma(_language())


def short_day(value: datetime | date) -> str:
    """A day in short: Tue 3 Dec."""
    return days.short_day(_day(value), _language())


def time_words(value: datetime) -> str:
    """A time as people say it: half past 2 in the afternoon."""
    local = clock.london(value)
    part = days.part_of_day(local.time(), _language())
    hour = local.hour % 12 or 12
    if local.minute == 0:
        return gettext("%(hour)s o'clock %(part)s", hour=hour, part=part)
    if local.minute == 30:
        return gettext("half past %(hour)s %(part)s", hour=hour, part=part)
    return gettext("%(time)s %(part)s", time=f"{hour}:{local.minute:02}", part=part)


def time_exact(value: datetime) -> str:
    """A time in digits that nobody misreads: 2:30pm."""
    return days.time_digits(clock.london(value).time(), _language())


def time_both(value: datetime) -> Markup:
    """A time as people say it, and in digits where that is not the same: half past 2 in the afternoon (2:30pm)."""
    said, exact = time_words(value), Markup("<bdi>{}</bdi>").format(time_exact(value))
    return exact if said == time_exact(value) else Markup("{} ({})").format(said, exact)


def clock_time(value: datetime) -> str:
    """A time on the 24-hour clock, for staff: 14:30."""
    return f"{clock.london(value):%H:%M}"


def phone_number(number: str) -> Markup:
    """A phone number in national form that stays left-to-right in every language."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(escape(phone.national(number)))


def ago(value: datetime, now: datetime) -> str:
    """How long ago, for staff: 12 min, 2 h, 3 days."""
    minutes = max(0, int((now - value).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h"
    whole_days = minutes // (24 * 60)
    return f"{whole_days} day" if whole_days == 1 else f"{whole_days} days"


def minutes_words(minutes: int) -> str:
    """A length of time in words: 50 minutes."""
    return ngettext("%(num)d minute", "%(num)d minutes", minutes)


def hours_words(windows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Hours of a week, each a `day` with `from` and `to`; a line for those that are the same on several days."""
    read = ((int(one["day"]), time.fromisoformat(one["from"]), time.fromisoformat(one["to"])) for one in windows)
    grouped = days.by_hours(read).items()
    return [days.hours(days.weekday_runs(on), begin, end, _language()) for (begin, end), on in grouped]


def role_words(role: str) -> str:
    """A role of staff in words that a woman reads."""
    return {
        "keyworker": gettext("a worker"),
        "receptionist": gettext("reception"),
        "manager": gettext("a manager"),
        "admin": gettext("the office"),
        "referrer": gettext("someone who sent you to us"),
    }.get(role, gettext("staff"))


def look_words(kinds: Iterable[str]) -> str:
    """What staff looked at, in words that a woman reads: your plan and your messages."""
    words = {
        "page": gettext("your page"),
        "plan": gettext("your plan"),
        "messages": gettext("your messages"),
        "times": gettext("your times"),
        "number": gettext("how to reach you"),
        "list": gettext("your name in a list"),
        "copy": gettext("a copy of what you and we wrote"),
        "task": gettext("a job to do for you"),
        "opened": gettext("your page, opened for one hour"),
    }
    return days.listed((words[kind] for kind in kinds), _language())


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else "en"


def _day(value: datetime | date) -> date:
    return clock.london(value).date() if isinstance(value, datetime) else value
