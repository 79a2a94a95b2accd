"""Days and times as each language writes them, by CLDR where that would do; pure, for pages and texts (decision 36)."""

import re
from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache
from typing import NamedTuple

from babel import Locale
from babel.dates import format_date, format_time, get_day_names
from babel.lists import format_list

from portal.core import cldr

_CLDR_NAMES = {"en": "en_GB"}
"""CLDR's bare English is that of the United States: Tuesday, December 1."""

_OWN_DAYS = {
    # CLDR has the American order here; the day's number would stand beside the hour: Diseembar 1 2:30.
    "so": "EEEE, d MMMM",
    # Eritrea calls December Tahsas, and Tahsas of the Ethiopian calendar begins nine days later: the number tells.
    "ti": "EEEE፣ d MMMM (d/M)",
}  # fmt: skip

_COMMAS = {"ar": "، ", "fa": "، ", "ti": "፣ "}

_SELDOM_SHORTENED = ("bn", "so", "ti")
"""CLDR has short names of days and months in these languages, which hardly anybody writes: Tldo, ሰሉ."""


class _Part(NamedTuple):
    before: int
    words: str


_OWN_PARTS = {
    # CLDR has only am and pm. With these words no hour can be taken for one of the clock that begins at sunrise.
    "so": (_Part(6, "habeennimo"), _Part(12, "subaxnimo"), _Part(14, "duhurnimo"), _Part(18, "galabnimo"),
           _Part(22, "fiidnimo"), _Part(24, "habeennimo")),
    "ti": (_Part(6, "ለይቲ"), _Part(12, "ንግሆ"), _Part(18, "ድሕሪ ቀትሪ"), _Part(22, "ምሸት"), _Part(24, "ለይቲ")),
    # CLDR's words are those of books; these are said.
    "bn": (_Part(4, "রাত"), _Part(6, "ভোর"), _Part(12, "সকাল"), _Part(16, "দুপুর"), _Part(18, "বিকাল"),
           _Part(20, "সন্ধ্যা"), _Part(24, "রাত")),
    # CLDR has the word for late afternoon from 1 o'clock on.
    "fa": (_Part(4, "بامداد"), _Part(12, "صبح"), _Part(13, "ظهر"), _Part(19, "بعدازظهر"), _Part(24, "شب")),
    # Babel keeps CLDR's abbreviations alone.
    "pl": (_Part(6, "w nocy"), _Part(10, "rano"), _Part(12, "przed południem"), _Part(18, "po południu"),
           _Part(21, "wieczorem"), _Part(24, "w nocy")),
}  # fmt: skip
"""Parts of the day, each with the hour at which it is over, where CLDR's would not do."""

_PART_FIRST = ("bn",)


def day_words(day: date, language: str) -> str:
    """A day in words: Tuesday 1 December; martes, 1 de diciembre; 1 Aralık Salı."""
    return format_date(day, _pattern(language, wide=True), locale=_cldr(language))


def short_day(day: date, language: str) -> str:
    """A day in short: Tue 1 Dec; in full where short names are not in use."""
    return format_date(day, _pattern(language, wide=language in _SELDOM_SHORTENED), locale=_cldr(language))


def weekday(day: int, language: str) -> str:
    """A weekday by itself; 0 is Monday."""
    return get_day_names("wide", context="stand-alone", locale=_cldr(language))[day]


def weekday_runs(some: Iterable[int]) -> list[tuple[int, int]]:
    """Weekdays as runs from first to last: Monday, Wednesday and Thursday are (0, 0) and (2, 3)."""
    found: list[tuple[int, int]] = []
    for day in sorted(set(some)):
        begun = found.pop() if found and found[-1][1] == day - 1 else (day, day)
        found.append((begun[0], day))
    return found


def by_hours(windows: Iterable[tuple[int, time, time]]) -> dict[tuple[time, time], list[int]]:
    """The weekdays that have the same hours, under these hours."""
    found: dict[tuple[time, time], list[int]] = {}
    for day, begin, end in windows:
        found.setdefault((begin, end), []).append(day)
    return found


def hours(runs: Iterable[tuple[int, int]], begin: time, end: time, language: str) -> str:
    """The same hours on some runs of weekdays: Monday–Friday, Sunday: 9:00am–5:30pm."""
    named = ("–".join(weekday(day, language) for day in dict.fromkeys(run)) for run in runs)
    return f"{comma(language).join(named)}: {time_digits(begin, language)}–{time_digits(end, language)}"


def listed(words: Iterable[str], language: str) -> str:
    """Some words as one list: a, b and c."""
    return format_list(list(words), locale=_cldr(language))


def comma(language: str) -> str:
    """What stands between two things named beside each other, a day and its time: Tuesday 1 December, 2:30pm."""
    return _COMMAS.get(language, ", ")


def time_digits(at: time, language: str) -> str:
    """A time in digits that cannot be taken for another: 2:30pm, 14:30, 2:30 galabnimo.

    The clock of 24 hours where CLDR has it, otherwise the hour and the part of the day; digits are those of phones.
    """
    if language == "en":
        return format_time(at, "h:mma", locale=_cldr(language))
    if not _has_twelve_hours(language):
        return format_time(at, _cldr(language).datetime_skeletons["Hm"].pattern, locale=_cldr(language))
    digits, part = format_time(at, "h:mm", locale=_cldr(language)), part_of_day(at, language)
    return f"{part} {digits}" if language in _PART_FIRST else f"{digits} {part}"


def part_of_day(at: time, language: str) -> str:
    """The part of the day as it is said beside a time: in the afternoon."""
    if language in _OWN_PARTS:
        return next(part.words for part in _OWN_PARTS[language] if at.hour < part.before)
    # Half a minute past the hour, since noon and midnight are names of an instant and of no part of the day.
    return format_time(time(at.hour, 0, 30), "BBBB", locale=_cldr(language))


@lru_cache(maxsize=32)
def _cldr(language: str) -> Locale:
    name = _CLDR_NAMES.get(language, language)
    cldr.lighten(name)
    return Locale.parse(name)


def _has_twelve_hours(language: str) -> bool:
    return "a" in _cldr(language).time_formats["short"].pattern


@lru_cache(maxsize=64)
def _pattern(language: str, *, wide: bool) -> str:
    """CLDR's pattern of weekday, day and month; where it has none for full names, that for short ones, widened."""
    if language in _OWN_DAYS:
        return _OWN_DAYS[language]
    skeletons = _cldr(language).datetime_skeletons
    if not wide:
        return skeletons["MMMEd"].pattern
    pattern = (skeletons.get("MMMMEd") or skeletons["MMMEd"]).pattern
    return re.sub(r"([ML]){3,4}", r"\1\1\1\1", pattern.replace("E", "EEEE"))
