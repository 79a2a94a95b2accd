"""Whether a service is open: London time, the two clock-change Sundays, bank holidays, hours nobody knows."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours

from portal.core import clock
from portal.help import hours

WEEKDAYS = "Mo-Fr 09:00-17:00"


def at(wall_time: str) -> datetime:
    return datetime.fromisoformat(wall_time).replace(tzinfo=clock.LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("opening", "wall_time", "answer"),
    [
        (WEEKDAYS, "2026-12-01 09:00", True),
        (WEEKDAYS, "2026-12-01 08:59", False),
        (WEEKDAYS, "2026-12-01 17:00", False),
        (WEEKDAYS, "2026-07-01 09:00", True),  # summer time: 08:00 UTC
        (WEEKDAYS, "2026-07-01 17:30", False),  # 16:30 UTC
        (WEEKDAYS, "2026-12-05 12:00", False),  # a Saturday
        ("Mo-Fr 09:00-20:00; Sa-Su 11:00-16:00", "2026-12-05 12:00", True),
        ("Mo-Tu,Th-Fr 09:30-16:00", "2026-12-02 12:00", False),  # a Wednesday
        ("24/7", "2026-12-25 03:00", True),
        ("", "2026-12-01 12:00", None),
        ("whenever", "2026-12-01 12:00", None),
        ('Mo-Fr 09:00-17:00 unknown "ring first"', "2026-12-01 12:00", None),
        ('"by appointment"', "2026-12-01 03:00", None),
        ("Mo-Fr 09:00-17:00; PH -1 day off", "2026-12-25 12:00", None),
        ('Mo-Fr 09:00-17:00 "by appointment"', "2026-12-01 12:00", None),
        ('Mo-Fr 09:00-17:00 "by appointment"', "2026-12-01 18:00", False),
        ("Mo-Fr 18:00-02:00", "2026-12-05 01:59", True),  # Friday's night, on Saturday's date
        ("Mo-Fr 18:00-02:00", "2026-12-05 02:00", False),
        ("Mo-Fr 18:00-02:00", "2026-12-07 01:00", False),  # no Sunday evening comes before this Monday
    ],
)
def test_open_closed_or_nobody_knows(opening, wall_time, answer):
    assert hours.is_open(opening, at(wall_time)) is answer


@pytest.mark.parametrize("day", ["2026-12-25", "2026-12-28", "2027-01-01", "2027-03-26", "2027-03-29", "2026-08-31"])
def test_on_a_bank_holiday_nobody_knows_whether_it_keeps_its_hours(day):
    assert hours.is_open(WEEKDAYS, at(f"{day} 12:00")) is None
    assert hours.is_open(WEEKDAYS, at(f"{day} 18:00")) is False


def test_boxing_day_on_a_saturday_counts_too():
    assert hours.is_open("Sa 09:00-16:00", at("2026-12-26 12:00")) is None
    assert hours.is_open("Sa 09:00-16:00", at("2026-12-19 12:00")) is True


@pytest.mark.parametrize(
    ("instant", "answer"),
    [
        # Clocks go back on 25 October 2026: 01:15 comes twice, then 02:00 once.
        ("2026-10-25T00:15", True),
        ("2026-10-25T01:15", True),
        ("2026-10-25T01:45", False),
        ("2026-10-25T02:15", False),
        # Clocks go forward on 28 March 2027: 00:45 is followed by 02:00.
        ("2027-03-28T00:45", True),
        ("2027-03-28T01:00", False),
    ],
)
def test_on_the_clock_change_sundays_the_wall_clock_counts(instant, answer):
    moment = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    opening = "Su 00:30-01:30" if moment.month == 10 else "Su 00:30-02:00"
    assert hours.is_open(opening, moment) is answer


def test_a_day_of_office_hours_is_right_on_both_sides_of_a_clock_change():
    assert hours.is_open("Su 09:00-17:00", datetime(2027, 3, 28, 8, 0, tzinfo=UTC)) is True
    assert hours.is_open("Su 09:00-17:00", datetime(2027, 3, 28, 16, 0, tzinfo=UTC)) is False
    assert hours.is_open("Su 09:00-17:00", datetime(2026, 10, 25, 8, 30, tzinfo=UTC)) is False


ENGLAND = {
    2022: ["01-03", "04-15", "04-18", "05-02", "05-30", "08-29", "12-25", "12-26", "12-27"],
    2026: ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-26", "12-28"],
    2027: ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-25", "12-26", "12-27", "12-28"],
    2028: ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"],
}


@pytest.mark.parametrize("year", ENGLAND)
def test_the_standing_bank_holidays_of_a_year(year):
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    found = [day.strftime("%m-%d") for day in days if day.year == year and hours.is_bank_holiday(day)]
    assert found == ENGLAND[year]


@given(st.dates(date(2024, 1, 1), date(2037, 12, 31)))
def test_every_bank_holiday_of_the_whole_kingdom_is_one_of_ours(day):
    kingdom = OpeningHours("PH", timezone=clock.LONDON, country="GB")
    if kingdom.is_open(datetime(day.year, day.month, day.day, 12, tzinfo=clock.LONDON)):
        assert hours.is_bank_holiday(day)


@given(st.text(max_size=120) | st.text(alphabet='MoTuFrSaPH0129:-;,/ +"', max_size=120))
def test_any_text_is_either_hours_or_refused(text):
    for wall_time in ("2026-12-01 12:00", "2026-12-25 01:00", "2027-01-02 01:00"):
        assert hours.is_open(text, at(wall_time)) in (True, False, None)


@pytest.mark.parametrize(
    ("opening", "christmas", "boxing_day_monday"),
    [
        ("Mo-Fr 09:00-17:00; PH off", False, False),
        ("Mo-Su,PH 10:00-16:00", True, True),
        ("Mo-Fr 09:00-17:00; PH 10:00-11:30", False, False),
        ("PH,Su 11:00-13:00", True, True),
    ],
)
def test_where_hours_tell_of_bank_holidays_they_are_believed(opening, christmas, boxing_day_monday):
    assert hours.is_open(opening, at("2026-12-25 12:00")) is christmas
    assert hours.is_open(opening, at("2026-12-28 12:00")) is boxing_day_monday


def test_bank_holidays_that_the_library_does_not_know_count_too():
    for day in ("2027-01-01", "2027-03-29", "2027-08-30"):  # New Year, Easter Monday, the last Monday of August
        assert hours.is_open("Mo-Fr 09:00-17:00; PH off", at(f"{day} 12:00")) is False
    assert hours.is_open("Mo-Fr 09:00-17:00; PH off", at("2027-03-30 12:00")) is True


@pytest.mark.parametrize("opening", ["Mo-Fr 09:00-17:00; SH off", "Mo-Fr sunrise-sunset", "dusk-22:00"])
def test_hours_that_hang_on_what_we_do_not_know_are_no_hours(opening):
    assert not hours.is_valid(opening)
    assert hours.is_open(opening, at("2026-12-01 12:00")) is None


@pytest.mark.parametrize(
    ("opening", "wall_time", "answer"),
    [
        # Friday 1 January 2027 is a bank holiday: its night ends on the Saturday.
        ("Mo-Fr 18:00-02:00; PH off", "2027-01-02 01:00", False),
        ("Mo-Fr 18:00-02:00", "2027-01-02 01:00", None),
        ("Mo-Fr 18:00-02:00; PH 20:00-01:30", "2027-01-02 01:00", True),
        ("Mo-Fr 18:00-02:00; PH 20:00-01:30", "2027-01-02 01:45", False),
        # The evening of Thursday 24 December 2026 ends on Christmas morning.
        ("Mo-Fr 18:00-02:00; PH off", "2026-12-25 01:00", True),
        ("Mo-Fr 18:00-02:00", "2026-12-25 01:00", True),
        ("Mo-Fr 18:00-02:00; PH off", "2026-12-25 02:30", False),
        ("Mo-Fr 18:00-02:00; PH off", "2026-12-25 19:00", False),
        # Open round the clock, but not on bank holidays.
        ("Mo-Su 00:00-24:00; PH off", "2026-12-25 01:00", False),
        ("Mo-Su 00:00-24:00", "2026-12-25 01:00", None),
        # Easter Monday comes the day after the clocks went forward.
        ("Mo-Su 20:00-03:00; PH off", "2027-03-29 01:30", True),
        ("Mo-Su 20:00-03:00; PH off", "2027-03-30 01:30", False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_began_also_at_a_bank_holiday(opening, wall_time, answer):
    assert hours.is_open(opening, at(wall_time)) is answer


def test_a_holiday_off_that_a_later_rule_opens_again_is_not_believed_open():
    assert hours.is_open("PH off; Mo-Fr 09:00-17:00", at("2026-12-25 12:00")) is None
    assert hours.is_open("PH off; Mo-Fr 09:00-17:00", at("2026-12-23 12:00")) is True
