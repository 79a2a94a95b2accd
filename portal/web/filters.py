"""Template filters: dates and times in words, by CLDR, in London wall time and in the reader's language."""

from collections.abc import Iterable
from datetime import date, datetime

from babel.dates import format_date, format_time, get_day_names
from babel.lists import format_list
from flask import Flask
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup, escape

from portal.core import clock, phone


def init_app(app: Flask) -> None:
    """Register the filters."""
    app.jinja_env.filters.update(
        day_words=day_words,
        days_words=days_words,
        time_words=time_words,
        time_exact=time_exact,
        short_day=short_day,
        clock_time=clock_time,
        phone=phone_number,
        ago=ago,
        minutes_words=minutes_words,
        weekday_words=weekday_words,
        role_words=role_words,
        look_words=look_words,
    )


def day_words(value: datetime | date) -> str:
    """A day in words: Tuesday 3 December."""
    return format_date(_day(value), "EEEE d MMMM", locale=get_locale())


def days_words(days: Iterable[date]) -> str:
    """Some days in words, listed as the language does: Friday 25 December and Monday 28 December."""
    return format_list([day_words(day) for day in days], locale=get_locale())


def short_day(value: datetime | date) -> str:
    """A day in short: Tue 3 Dec."""
    return format_date(_day(value), "EEE d MMM", locale=get_locale())


def time_words(value: datetime) -> str:
    """A time as people say it: half past 2 in the afternoon."""
    local = clock.london(value)
    part = _part_of_day(local.hour)
    hour = local.hour % 12 or 12
    if local.minute == 0:
        return gettext("%(hour)s o'clock %(part)s", hour=hour, part=part)
    if local.minute == 30:
        return gettext("half past %(hour)s %(part)s", hour=hour, part=part)
    return gettext("%(time)s %(part)s", time=f"{hour}:{local.minute:02}", part=part)


def time_exact(value: datetime) -> str:
    """A time in digits that every language reads: 2:30pm."""
    local = clock.london(value)
    hour = local.hour % 12 or 12
    return (
        gettext("%(time)spm", time=f"{hour}:{local.minute:02}")
        if local.hour >= 12
        else gettext("%(time)sam", time=f"{hour}:{local.minute:02}")
    )


def clock_time(value: datetime) -> str:
    """A time on the 24-hour clock, for staff: 14:30."""
    return format_time(clock.london(value).time(), "HH:mm", locale="en")


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
    days = minutes // (24 * 60)
    return f"{days} day" if days == 1 else f"{days} days"


def minutes_words(minutes: int) -> str:
    """A length of time in words: 50 minutes."""
    return ngettext("%(num)d minute", "%(num)d minutes", minutes)


def weekday_words(day: int) -> str:
    """A weekday in words; 0 is Monday."""
    return get_day_names("wide", context="stand-alone", locale=get_locale())[day]


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
    return format_list([words[kind] for kind in kinds], locale=get_locale())


def _part_of_day(hour: int) -> str:
    if hour < 12:
        return gettext("in the morning")
    if hour < 17:
        return gettext("in the afternoon")
    return gettext("in the evening")


def _day(value: datetime | date) -> date:
    return clock.london(value).date() if isinstance(value, datetime) else value
