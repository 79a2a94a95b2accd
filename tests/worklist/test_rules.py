"""Hours of work, and what can be done about which task."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core import clock
from portal.worklist.rules import CHECKED, DONE_WORDS, KIND_WORDS, done_words, working_hours_after

MINUTE = timedelta(minutes=1)


def by_the_minute(instant: datetime, hours: int) -> datetime:
    """The slow way: count the minutes of work one by one."""
    left, at = hours * 60, instant
    while left:
        local = clock.london(at)
        if local.weekday() < 5 and 9 <= local.hour < 17:
            left -= 1
        at += MINUTE
    return at


@given(
    minute=st.integers(0, 60 * 24 * 21),
    year=st.sampled_from([datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 16, tzinfo=UTC)]),
    hours=st.integers(1, 12),
)
@settings(max_examples=120, deadline=None)
def test_hours_of_work_pass_as_a_slow_count_says_across_both_clock_changes(minute, year, hours):  # R25
    instant = year + minute * MINUTE
    assert working_hours_after(instant, hours) == by_the_minute(instant, hours)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-12-01 10:00", "2026-12-01 14:00"),
        ("2026-12-01 15:30", "2026-12-02 11:30"),
        ("2026-12-04 16:59", "2026-12-07 12:59"),
        ("2026-12-05 12:00", "2026-12-07 13:00"),
        ("2026-12-01 03:00", "2026-12-01 13:00"),
        ("2026-03-27 16:00", "2026-03-30 12:00"),  # the clocks go forward on the Sunday between
        ("2026-10-23 16:00", "2026-10-26 12:00"),  # and back
    ],
)
def test_four_hours_of_work(travel, since, until):
    assert working_hours_after(travel.to(since), 4) == travel.to(until)


def test_a_text_that_may_tell_of_a_risk_closes_only_with_the_check_or_when_it_tells_of_none():  # R25
    assert set(done_words("risk_text")) == {*CHECKED, "no_risk"}


@pytest.mark.parametrize("kind", KIND_WORDS)
def test_every_kind_can_be_closed_with_words_that_are_listed(kind):
    for at_desk in (False, True):
        words = done_words(kind, at_desk=at_desk)
        assert words and words.items() <= DONE_WORDS.items()
