"""CLDR's data is let go of as far as no page shows it; what pages show still comes in every language."""

import datetime
import subprocess
import sys

import pytest
from babel import Locale
from babel.dates import format_date, format_time, get_period_names
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from portal.core.cldr import lighten
from portal.core.locales import LANGUAGES

DAY, TIME = datetime.date(2026, 12, 1), datetime.time(14, 30)
GROWN = """
import resource, sys
from babel import Locale
from babel.dates import format_date
from datetime import date
from portal.core.cldr import lighten
from portal.core.locales import LANGUAGES
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
format_date(date(2026, 12, 1), "EEEE d MMMM", locale="en")
before = resident()
for code in LANGUAGES:
    if sys.argv[1] == "light":
        lighten(code)
    format_date(date(2026, 12, 1), "EEEE d MMMM", locale=code)
print(resident() - before)
"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_pages_show_is_all_still_there(language):
    def shown():
        return (
            format_date(DAY, "EEEE d MMMM", locale=language),
            format_time(TIME, "short", locale=language),
            format_list(["a", "b", "c"], locale=language),
            format_decimal(1234.5, locale=language),
            format_percent(0.5, locale=language),
            dict(get_period_names("abbreviated", locale=language)),
            Locale(language).languages["ar"],
            Locale(language).plural_form(3),
        )

    before = shown()
    lighten(language)
    lighten.__wrapped__(language)
    assert shown() == before


def grown(how: str) -> float:
    done = subprocess.run([sys.executable, "-c", GROWN, how], capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_twelve_languages_take_less_than_half_of_the_memory():
    assert grown("light") < grown("whole") / 2
