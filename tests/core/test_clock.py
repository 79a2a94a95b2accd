"""London time: wall times and instants, on the two Sundays of a clock change too."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import clock

SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
INSTANTS = st.integers(1_577_836_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 2020 to 2040."""

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
TIMES = st.times()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "at", "instant"),
    [(date(2026, 12, 1), time(10), "2026-12-01 10:00"), (date(2026, 7, 1), time(10), "2026-07-01 09:00"),
     (AUTUMN, time(0, 30), "2026-10-24 23:30"), (AUTUMN, time(1, 30), "2026-10-25 00:30"),
     (AUTUMN, time(2), "2026-10-25 02:00"), (AUTUMN, time(14, 30), "2026-10-25 14:30"),
     (SPRING, time(0, 59), "2027-03-28 00:59"), (SPRING, time(1, 30), "2027-03-28 01:30"),
     (SPRING, time(2), "2027-03-28 01:00"), (SPRING, time(14, 30), "2027-03-28 13:30")],
)  # fmt: skip
def test_wall_times_become_instants(on, at, instant):
    assert clock.from_london(on, at) == utc(instant)


def test_an_hour_that_comes_twice_means_the_first_and_one_that_never_comes_lies_after_the_gap():
    assert clock.london(clock.from_london(AUTUMN, time(1, 30))).utcoffset() == timedelta(hours=1)
    assert clock.london(clock.from_london(SPRING, time(1, 30))).time() == time(2, 30)


@pytest.mark.parametrize(("on", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 12, 1), 24)])
def test_a_day_has_the_hours_that_it_has(on, hours):
    length = clock.london_midnight(on + timedelta(days=1)) - clock.london_midnight(on)
    assert length == timedelta(hours=hours)


@given(INSTANTS)
def test_an_instant_lies_within_its_london_day(instant):
    on = clock.london_today(instant)
    assert clock.london_midnight(on) <= instant < clock.london_midnight(on + timedelta(days=1))


@given(DAYS, TIMES)
def test_a_wall_time_comes_back_as_it_was_unless_the_clocks_skip_it(on, at):
    back = clock.london(clock.from_london(on, at))
    skipped = back.replace(tzinfo=None) - datetime.combine(on, at)
    assert skipped in (timedelta(0), timedelta(hours=1))
    if skipped:
        assert at.hour == 1 and on.weekday() == 6 and on.month == 3


@given(INSTANTS, INSTANTS)
def test_later_instants_lie_on_later_days_or_the_same(one, other):
    assert (one <= other) <= (clock.london_today(one) <= clock.london_today(other))


@given(DAYS, TIMES)
def test_instants_are_aware_utc(on, at):
    assert clock.from_london(on, at).tzinfo is UTC


@pytest.fixture
def unshifted():
    yield
    clock.shift(clock.NO_SHIFT)


def test_the_portals_clock_can_be_shifted_and_runs_on_the_machines_cannot(unshifted):
    clock.shift(timedelta(days=400))
    before = clock.now()
    assert timedelta(days=400) <= before - clock.real_now() + timedelta(seconds=1) < timedelta(days=400, seconds=2)
    assert clock.now() >= before
    assert clock.now().tzinfo is UTC and clock.real_now().tzinfo is UTC
