"""The pure rules of reminders, answers and marks."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.booking import rules
from portal.booking.rules import needs_reminder, read_digit, suits
from portal.clients.rules import inside_safe_hours
from portal.clients.safe_times import reminder_time
from portal.core.clock import from_london, london, london_today

DAYTIME = tuple((day, time(8), time(20)) for day in range(7))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(wall: str) -> datetime:
    naive = datetime.fromisoformat(wall)
    return from_london(naive.date(), naive.time())


def walls(instant: datetime | None) -> str | None:
    return None if instant is None else f"{london(instant):%Y-%m-%d %H:%M}"


def test_a_reminder_goes_the_day_before_at_ten_in_london():  # R19
    assert walls(reminder_time(DAYTIME, at("2026-12-03 14:30"), LONG_AGO)) == "2026-12-02 10:00"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("18:00-19:00", "2026-12-02 18:00"),
        ("06:00-07:00", "2026-12-02 06:30"),
        ("06:00-07:00 12:00-13:00", "2026-12-02 12:00"),
        ("09:50-10:05", "2026-12-02 09:50"),
    ],
)
def test_the_day_before_it_goes_as_near_to_ten_as_her_windows_allow(hours, expected):  # R19
    windows = [window.split("-") for window in hours.split()]
    safe = tuple((2, time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in windows)
    assert walls(reminder_time(safe, at("2026-12-03 14:30"), LONG_AGO)) == expected


def test_without_a_window_the_day_before_it_goes_earlier_in_the_last_one():  # R19
    monday = ((0, time(9), time(9, 45)), (0, time(12), time(13)))
    assert walls(reminder_time(monday, at("2026-12-03 14:30"), LONG_AGO)) == "2026-11-30 12:00"


def test_a_window_five_days_before_is_too_early_so_a_person_must():  # R19
    saturday = ((5, time(9), time(12)),)
    assert reminder_time(saturday, at("2026-12-03 14:30"), LONG_AGO) is None
    assert walls(reminder_time(saturday, at("2026-12-02 14:30"), LONG_AGO)) == "2026-11-28 10:00"


def test_it_is_never_planned_before_the_booking_was_made():
    monday = ((0, time(9), time(12)),)
    assert reminder_time(monday, at("2026-12-03 14:30"), at("2026-12-01 09:00")) is None


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2027-03-29 10:00", "2027-03-28 10:00"),
        ("2026-10-26 10:00", "2026-10-25 10:00"),
        ("2027-03-28 10:00", "2027-03-27 10:00"),
        ("2026-10-25 10:00", "2026-10-24 10:00"),
    ],
)
def test_on_the_clock_change_sundays_it_is_ten_on_the_wall(start, expected):  # R19
    assert walls(reminder_time(DAYTIME, at(start), LONG_AGO)) == expected


def test_a_booking_for_tomorrow_or_today_needs_no_reminder():
    assert not needs_reminder(at("2026-12-03 14:30"), at("2026-12-02 00:01"))
    assert not needs_reminder(at("2026-12-03 14:30"), at("2026-12-03 09:00"))
    assert needs_reminder(at("2026-12-03 00:10"), at("2026-12-01 23:59"))


windows = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 47), st.integers(0, 47)).filter(lambda each: each[1] < each[2]),
    max_size=6,
).map(
    lambda drawn: tuple(
        (day, time(begin // 2, begin % 2 * 30), time(end // 2, end % 2 * 30)) for day, begin, end in drawn
    )
)
instants = st.integers(0, 168 * 24 * 60).map(lambda minutes: at("2026-10-18 00:00") + timedelta(minutes=minutes))


@given(windows, instants, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_reminder_is_always_in_her_hours_and_from_one_to_four_days_before(safe, starts_at, notice):  # R19
    booked_at = starts_at - notice
    found = reminder_time(safe, starts_at, booked_at)
    if found is not None:
        assert inside_safe_hours(safe, found)
        assert 1 <= (london_today(starts_at) - london_today(found)).days <= 4
        assert found > booked_at


@given(windows, instants)
def test_a_person_is_asked_only_when_no_window_of_the_four_days_is_left(safe, starts_at):  # R19
    days = {(london_today(starts_at) - timedelta(days=back)).weekday() for back in range(1, 5)}
    has_window = any(day in days for day, _, _ in safe)
    found = reminder_time(safe, starts_at, LONG_AGO)
    # The hour that the spring clock change skips may empty a window.
    assert (found is not None) == has_window or london_today(starts_at).isoformat().startswith("2027-03-")


@pytest.mark.parametrize(
    ("body", "digit"),
    [
        ("1", "1"), (" 2 ", "2"), ("3.", "3"), ("(1)", "1"), ("١", "1"), ("۲", "2"), ("৩", "3"), ("\u200f٢\u200e", "2"),
        ("1!", "1"), ("2️⃣", "2"), ("\n1\n", "1"),
        ("12", None), ("1 2", None), ("4", None), ("0", None), ("", None), ("one", None), ("1 please", None),
        ("yes", None), ("1" * 10_000, None), ("😀", None), ("-1-2", None), (" " * 10_000 + "1", None),
    ],
)  # fmt: skip
def test_an_answer_is_one_digit_and_nothing_else(body, digit):  # R22
    assert read_digit(body) == digit


def test_an_outcome_is_replaced_only_after_an_undo():
    assert rules.may_mark("expected", "no")
    assert rules.may_mark("arrived", "late")
    assert rules.may_mark("no", "undo")
    assert not rules.may_mark("no", "yes")
    assert not rules.may_mark("yes", "arrived")


@pytest.mark.parametrize("on", [date(2026, 12, 3), date(2027, 3, 28), date(2027, 10, 31)])
def test_a_session_suits_when_all_of_it_lies_in_the_wall_times_chosen(on):
    def suiting(at: str, when: str | None, minutes: int = 60) -> bool:
        return suits(from_london(on, time.fromisoformat(at)), minutes, when)

    assert suiting("11:00", "morning") and not suiting("11:01", "morning")
    assert suiting("09:30", "school") and suiting("13:30", "school")
    assert not suiting("09:29", "school") and not suiting("13:31", "school")
    assert not suiting("23:30", "morning")
    assert suiting("23:30", None)
