"""Days and times as each language writes them, and none that could be taken for another."""

from datetime import date, time

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from portal.core import days
from portal.core.locales import LANGUAGES

TUESDAY = date(2026, 12, 1)

DAY_WORDS = {
    "en": "Tuesday 1 December", "es": "martes, 1 de diciembre", "pt": "terça-feira, 1 de dezembro",
    "fr": "mardi 1 décembre", "ar": "الثلاثاء، 1 ديسمبر", "bn": "মঙ্গলবার 1 ডিসেম্বর", "so": "Talaado, 1 Diseembar",
    "tr": "1 Aralık Salı", "pl": "wtorek, 1 grudnia", "ro": "marți, 1 decembrie", "fa": "سه‌شنبه 1 دسامبر",
    "ti": "ሰሉስ፣ 1 ታሕሳስ (1/12)",
}  # fmt: skip
HALF_PAST_TWO = {
    "en": "2:30pm", "es": "14:30", "pt": "14:30", "fr": "14:30", "ar": "2:30 بعد الظهر", "bn": "দুপুর 2:30",
    "so": "2:30 galabnimo", "tr": "14:30", "pl": "14:30", "ro": "14:30", "fa": "14:30", "ti": "2:30 ድሕሪ ቀትሪ",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_and_a_time_are_written_as_the_language_does(language):
    assert days.day_words(TUESDAY, language) == DAY_WORDS[language]
    assert days.time_digits(time(14, 30), language) == HALF_PAST_TWO[language]


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code not in days._OWN_DAYS])
def test_full_and_short_days_have_the_parts_of_cldrs_own_patterns_in_their_order(language):
    locale = Locale.parse("en_GB" if language == "en" else language)
    full = locale.date_formats["full"].pattern
    order = [letter for letter in dict.fromkeys(full.replace("L", "M")) if letter in "EMd"]
    ours = days._pattern(language, wide=True)
    assert [letter for letter in dict.fromkeys(ours.replace("L", "M")) if letter in "EMd"] == order
    assert "EEEE" in ours and "y" not in ours


def test_short_days_are_short_where_people_shorten_them():
    assert days.short_day(TUESDAY, "en") == "Tue 1 Dec"
    assert days.short_day(TUESDAY, "es") == "mar, 1 dic"
    assert days.short_day(TUESDAY, "tr") == "1 Ara Sal"
    for language in ("bn", "so", "ti"):
        assert days.short_day(TUESDAY, language) == days.day_words(TUESDAY, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_digit_is_one_of_a_phones(language):
    for month in range(1, 13):
        said = f"{days.day_words(date(2026, month, 28), language)} {days.time_digits(time(12, 45), language)}"
        assert all(letter in "0123456789" for letter in said if letter.isdigit()), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_times_of_a_day_are_written_alike(language):
    times = [time(hour, minute) for hour in range(5, 22) for minute in (0, 30)]
    assert len({days.time_digits(at, language) for at in times}) == len(times)


@pytest.mark.parametrize("language", ["so", "ti"])
def test_a_time_cannot_be_taken_for_one_of_the_clock_that_begins_at_sunrise(language):
    """There 2:30 by day is 8:30 here, and 2:30 by night is 20:30: its part of the day must be another one."""
    for hour in range(7, 22):
        part = days.part_of_day(time(hour), language)
        for misread in ((hour + 6) % 24, (hour + 18) % 24):
            assert days.part_of_day(time(misread), language) != part, f"{hour} taken for {misread}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hour_has_a_part_of_the_day_in_words_of_the_language(language):
    parts = [days.part_of_day(time(hour), language) for hour in range(24)]
    assert all(parts) and len(set(parts)) >= 3
    assert not {part for part in parts if part.endswith(".") or part in ("h", "d", "AM", "PM")}
    if language != "en":
        assert not {"in", "the", "at", "night"} & {word for part in parts for word in part.split()}


def test_noon_is_a_time_like_any_other():
    assert days.part_of_day(time(12), "en") == "in the afternoon"
    assert days.time_digits(time(12), "en") == "12:00pm"
    assert days.part_of_day(time(12), "ro") == "după-amiaza"


def test_lists_are_joined_as_in_this_country():
    assert days.listed("abc", "en") == "a, b and c"
    assert days.listed("ab", "ar") == "a وb"
    assert days.listed((), "en") == ""


def test_weekdays_stand_alone():
    assert [days.weekday(0, language) for language in ("en", "pl", "pt", "fa")] == [
        "Monday", "poniedziałek", "segunda-feira", "دوشنبه",
    ]  # fmt: skip


COMMAS = {"ar": "، ", "fa": "، ", "ti": "፣ "}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_stand_beside_each_other_with_the_comma_of_their_script(language):
    assert days.comma(language) == COMMAS.get(language, ", ")


@pytest.mark.parametrize(
    ("some", "runs"),
    [([], []), ([3], [(3, 3)]), (range(7), [(0, 6)]), ([5, 0, 1, 1, 3], [(0, 1), (3, 3), (5, 5)])],
)
def test_weekdays_that_follow_each_other_are_one_run(some, runs):
    assert days.weekday_runs(some) == runs


@given(st.sets(st.integers(0, 6)))
def test_runs_hold_every_day_and_no_other(some):
    assert {day for first, last in days.weekday_runs(some) for day in range(first, last + 1)} == some


def test_hours_of_a_week_are_said_once_for_days_that_have_the_same():
    assert days.hours([(0, 4), (6, 6)], time(9), time(17, 30), "en") == "Monday–Friday, Sunday: 9:00am–5:30pm"
    assert days.hours([(0, 0)], time(9), time(17, 30), "pl") == "poniedziałek: 09:00–17:30"
