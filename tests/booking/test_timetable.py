"""The timetable of a day: every quarter of an hour in one cell, every booking in one cell, both clock changes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.booking import availability, timetable
from portal.core import clock

NINE = datetime(2026, 12, 3, 9, tzinfo=UTC)

minutes = st.integers(0, 600)
intervals = st.lists(
    st.tuples(minutes, st.integers(1, 180)).map(
        lambda pair: (NINE + timedelta(minutes=pair[0]), NINE + timedelta(minutes=pair[0] + pair[1]))
    ),
    max_size=8,
)


@given(intervals, intervals)
def test_every_row_is_in_one_cell_and_every_booking_in_one(taken, free):
    rows = timetable.rows_of([(NINE, NINE + timedelta(hours=8))], taken)
    cells = timetable.column(rows, [(*each, number) for number, each in enumerate(taken)], free)
    assert [number for cell in cells for number in range(cell.row, cell.row + cell.rows)] == list(range(len(rows)))
    assert sorted(entry for cell in cells for entry in cell.entries) == list(range(len(taken)))
    for cell in cells:
        for number in cell.entries:
            assert cell.starts_at < taken[number][1] and cell.ends_at > taken[number][0]


@given(intervals, intervals)
def test_what_is_free_is_open_and_not_taken_and_nothing_free_is_left_out(open_at, taken):
    free = timetable.free_of(open_at, taken)
    for minute in range(0, 800, 5):
        at = NINE + timedelta(minutes=minute)
        is_taken = any(begins <= at < ends for begins, ends in taken)
        if any(begins <= at < ends for begins, ends in free):
            assert not is_taken
            assert any(begins <= at < ends for begins, ends in open_at)


@given(intervals, intervals, st.lists(minutes.map(lambda minute: NINE + timedelta(minutes=minute)), max_size=6))
def test_cut_where_something_can_begin_the_rows_stay_the_same(taken, free, starts):
    rows = timetable.rows_of([(NINE, NINE + timedelta(hours=8))], taken)
    cells = timetable.split(timetable.column(rows, [(*each, "x") for each in taken], free), starts)
    assert [number for cell in cells for number in range(cell.row, cell.row + cell.rows)] == list(range(len(rows)))
    for cell in cells:
        inside = [start for start in starts if cell.starts_at <= start < cell.ends_at]
        if cell.what == "free":
            assert len({(start - NINE) // timetable.STEP for start in inside}) <= 1


def test_a_free_place_shorter_than_a_quarter_of_an_hour_is_none():
    hour = (NINE, NINE + timedelta(hours=1))
    assert timetable.free_of([hour], [(NINE, NINE + timedelta(minutes=50))]) == []


@pytest.mark.parametrize(("on", "hours"), [(date(2027, 3, 28), 23), (date(2026, 10, 25), 25), (date(2026, 12, 6), 24)])
def test_a_day_of_a_clock_change_has_all_its_hours(on, hours):
    window = availability.windows(on, [(time(0), time(23, 59))])
    rows = timetable.rows_of(window, [])
    assert len(rows) == hours * 4
    assert clock.london(rows[-1]).time() == time(23, 45)


def test_a_window_that_the_clock_change_skips_is_left_out():
    assert availability.windows(date(2027, 3, 28), [(time(1, 0), time(1, 45))]) == []


def test_bookings_end_to_end_stand_in_cells_of_their_own_when_they_meet_on_a_quarter():
    half, hour = NINE + timedelta(minutes=30), NINE + timedelta(hours=1)
    rows = timetable.rows_of([(NINE, hour)], [])
    cells = timetable.column(rows, [(NINE, half, "a"), (half, hour, "b")], [])
    assert [(cell.entries, cell.rows) for cell in cells] == [(("a",), 2), (("b",), 2)]
