"""Hours of work, and what can be done about which task."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.worklist import service
from portal.worklist.models import Task
from portal.worklist.mornings import next_working_morning
from portal.worklist.rules import CHECKED, DONE_WORDS, KIND_WORDS, done_words, working_hours_after
from tests.support import make

MINUTE = timedelta(minutes=1)


def by_the_minute(instant: datetime, hours: int, other_days=()) -> datetime:
    """The slow way: count the minutes of work one by one."""
    left, at, others = hours * 60, instant, dict(other_days)
    while left:
        local = clock.london(at)
        usual = [(time(9), time(17))] if local.weekday() < 5 else []
        if any(opens <= local.time() < closes for opens, closes in others.get(local.date(), usual)):
            left -= 1
        at += MINUTE
    return at


@st.composite
def some_other_days(draw):
    """Bank holidays, and dates with hours of their own, around both clock changes."""
    first = draw(st.sampled_from([date(2026, 3, 20), date(2026, 10, 16)]))
    found = {}
    for number in draw(st.lists(st.integers(0, 30), max_size=8)):
        spans = [[], [(time(10), time(12)), (time(13), time(13, 30))], [(time(8), time(20))]]
        found[first + timedelta(days=number)] = draw(st.sampled_from(spans))
    return found


@given(
    minute=st.integers(0, 60 * 24 * 21),
    year=st.sampled_from([datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 16, tzinfo=UTC)]),
    hours=st.integers(1, 12),
    other_days=some_other_days(),
)
@settings(max_examples=120, deadline=None)
def test_bank_holidays_rest_and_hours_of_a_date_stand_in_place_of_its_weekday(minute, year, hours, other_days):  # R25
    instant = year + minute * MINUTE
    assert working_hours_after(instant, hours, other_days) == by_the_minute(instant, hours, other_days)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-12-24 18:00", "2026-12-29 10:00"),  # Christmas, a weekend, Boxing Day in its place
        ("2026-12-31 09:00", "2027-01-04 10:00"),
        ("2027-03-25 12:00", "2027-03-30 10:00"),  # Easter, and the clocks go forward between
        ("2026-12-01 09:00", "2026-12-02 10:00"),
    ],
)
def test_a_bank_holiday_is_no_working_morning(app, travel, now, due):  # R25
    assert next_working_morning(travel.to(now)) == travel.to(due)


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


@pytest.mark.parametrize(
    "kind", ["break_glass", "keep_apart", "settle_must_not_know", "confirm_report", "ring_at_desk"]
)
def test_what_managers_or_the_desk_do_does_not_go_to_a_new_keyworker(app, travel, kind):  # R28, R29, R31
    client = make.client()
    with unit_of_work():
        service.raise_task(kind, now=travel.now, client_id=client.id, centre_id=client.centre_id)
        service.give_to(client.id, None, client.keyworker_id)
    assert session.query(Task).one().owner_id is None
