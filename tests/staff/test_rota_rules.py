"""The duty rota as rules: who stands when, and the gaps of a week."""

from datetime import time

from hypothesis import given
from hypothesis import strategies as st

from portal.core.week import LAST_MINUTE
from portal.staff.rota_rules import HOURS, Shift, gaps, overlap, people_in, stands_at, stretches


@st.composite
def shifts(draw) -> Shift:
    begins = draw(st.integers(0, 23))
    until = draw(st.integers(begins + 1, 24))
    ends = LAST_MINUTE if until == 24 else time(until)
    return Shift(draw(st.integers(0, 6)), time(begins), ends, draw(st.integers(1, 3)), draw(st.integers(1, 5)))


def stood_in(listed: list[Shift], day: int, hour: int) -> bool:
    """The slow way: every minute of the hour is somebody's."""
    return all(any(stands_at(shift, day, time(hour, minute)) for shift in listed) for minute in range(60))


@given(st.lists(shifts(), max_size=12))
def test_the_gaps_are_the_hours_in_which_nobody_stands(listed):  # R25
    assert gaps(listed) == [(day, hour) for day, hour in HOURS if not stood_in(listed, day, hour)]


@given(st.lists(shifts(), max_size=12))
def test_the_stretches_of_a_week_are_its_168_hours_with_the_same_people(listed):
    found = stretches(listed)
    told = [(each.day, hour) for each in found for hour in range(each.from_hour, each.until_hour)]
    assert told == list(HOURS)
    for each in found:
        for hour in range(each.from_hour, each.until_hour):
            assert each.people == people_in(listed, each.day, hour)


def test_an_empty_rota_is_one_gap_a_day():
    assert len(gaps([])) == 168
    assert [(each.from_hour, each.until_hour, each.people) for each in stretches([])] == [(0, 24, {})] * 7


def test_a_shift_to_midnight_holds_its_last_minute_and_half_an_hour_is_no_hour():
    night = Shift(4, time(22), LAST_MINUTE, 1, 7)
    assert stands_at(night, 4, time(23, 59, 59))
    assert not stands_at(night, 5, time(0))
    assert people_in([Shift(4, time(9), time(10, 30), 1, 7)], 4, 10) == {}


@given(shifts(), shifts())
def test_shifts_overlap_when_they_share_an_hour(one, other):
    shared = [hour for hour in range(24) if all(stands_at(each, one.day, time(hour)) for each in (one, other))]
    assert overlap(one, other) == overlap(other, one) == bool(shared)
