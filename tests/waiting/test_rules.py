"""Pure rules of waiting: who is first, how long an offer stands within her hours, three a week, sooner."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clients.rules import inside_safe_hours
from portal.core import clock
from portal.waiting import rules
from portal.waiting.rules import Waiting
from tests.support import make

NOW = make.london(make.date(2026, 12, 1), "10:00")
CLOCK_CHANGES = (datetime(2027, 3, 28, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC))

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
around_changes = st.sampled_from(CLOCK_CHANGES).flatmap(
    lambda sunday: st.integers(-40 * 60, 40 * 60).map(lambda minutes: sunday + timedelta(minutes=minutes))
)
waiting = st.builds(
    Waiting, wait_id=st.integers(1, 40), since_at=st.sampled_from([NOW, NOW - timedelta(days=3)]) | moments,
    for_condition=st.booleans(),
)  # fmt: skip


@st.composite
def windows(draw):
    opens = draw(st.integers(0, 23 * 60))
    closes = draw(st.integers(opens + 1, 24 * 60 - 1))
    return draw(st.integers(0, 6)), time(opens // 60, opens % 60), time(closes // 60, closes % 60)


safe_hours = st.lists(windows(), max_size=10).map(tuple)


@given(st.lists(waiting, max_size=12, unique_by=lambda one: one.wait_id), st.randoms())
def test_the_order_is_fair_and_the_same_whoever_comes_first_in_the_list(people, chance):
    ordered = rules.fair_order(people)
    shuffled = list(people)
    chance.shuffle(shuffled)
    assert rules.fair_order(shuffled) == ordered
    assert sorted(ordered) == sorted(people)
    for earlier, later in pairwise(ordered):
        assert not (later.for_condition and not earlier.for_condition), "needed for a condition first"
        if earlier.for_condition == later.for_condition:
            assert earlier.since_at <= later.since_at, "then who waited longest"


def seconds_seen(hours, first: datetime, last: datetime) -> float:
    """How long of a time lies in her hours, counted the slow way."""
    step, at, seen = timedelta(seconds=30), first, 0.0
    while at < last:
        seen += 30 if inside_safe_hours(hours, at) else 0
        at += step
    return seen


@given(safe_hours, moments | around_changes, st.integers(0, 14 * 24 * 60), st.booleans())
def test_an_offer_stands_within_her_hours_alone(hours, now, minutes, by_text):  # R19
    now = now.replace(second=0, microsecond=0)
    answer_by = now + timedelta(minutes=minutes)
    listed = rules.text_hours(hours, now) if by_text else rules.ringing_hours(hours, now)
    standing = rules.standing(listed, now, answer_by)
    if standing is None:
        return
    assert now <= standing.told_at < standing.lapses_at <= answer_by
    assert standing.lapses_at - standing.told_at <= rules.LONGEST
    just_before = standing.lapses_at - timedelta(seconds=1)
    if hours or by_text:
        assert inside_safe_hours(hours, standing.told_at)
        assert inside_safe_hours(hours, just_before), "it never lapses while she could not have seen it"
        assert seconds_seen(hours, standing.told_at, standing.lapses_at) >= rules.SHORTEST.total_seconds() - 60
    if not by_text:
        for at in (standing.told_at, just_before):
            local = clock.london(at)
            assert local.weekday() < 5
            assert 9 <= local.hour < 17, "a person tells her, while people work"


@given(safe_hours, moments | around_changes, st.integers(0, 14 * 24 * 60))
def test_nothing_is_offered_that_could_not_stand_for_half_an_hour(hours, now, minutes):
    now = now.replace(second=0, microsecond=0)
    answer_by = now + timedelta(minutes=minutes)
    listed = rules.text_hours(hours, now)
    if rules.standing(listed, now, answer_by) is not None:
        return
    first = next((max(opens, now) for opens, closes in listed if max(opens, now) < min(closes, answer_by)), None)
    if first is not None:
        last = min(answer_by, first + rules.LONGEST)
        assert seconds_seen(hours, first, last) < rules.SHORTEST.total_seconds() + 60


ALL_DAY = tuple((day, time(0), time(23, 59)) for day in range(7))
OFFICE = tuple((day, time(9), time(17)) for day in range(5))


@pytest.mark.parametrize(
    ("hours", "left", "stands"),
    [
        (ALL_DAY, timedelta(hours=2), timedelta(minutes=30)),
        (ALL_DAY, timedelta(hours=8), timedelta(hours=2)),
        (ALL_DAY, timedelta(days=2), timedelta(hours=12)),
        (ALL_DAY, timedelta(minutes=40), timedelta(minutes=30)),
        (OFFICE, timedelta(hours=28), timedelta(hours=7)),
        # Nine hours of the office: seven today, two tomorrow.
        (OFFICE, timedelta(hours=36), timedelta(hours=25) - timedelta(hours=1)),
    ],
)
def test_it_fits_the_time_left(hours, left, stands):
    standing = rules.standing(rules.text_hours(hours, NOW), NOW, NOW + left)
    assert standing is not None
    assert standing.lapses_at - standing.told_at == stands


def test_nothing_stands_where_the_time_left_is_too_short_or_outside_her_hours():
    assert rules.standing(rules.text_hours(ALL_DAY, NOW), NOW, NOW + timedelta(minutes=29)) is None
    evening = ((1, time(18), time(19)),)
    assert rules.standing(rules.text_hours(evening, NOW), NOW, NOW + timedelta(hours=8)) is None
    until_seven = rules.standing(rules.text_hours(evening, NOW), NOW, NOW + timedelta(hours=12))
    assert until_seven is not None
    assert clock.london(until_seven.told_at).hour == 18
    assert clock.london(until_seven.lapses_at).hour == 19


@pytest.mark.parametrize("sunday", CLOCK_CHANGES)
def test_on_both_clock_change_sundays_the_wall_clock_counts(sunday):  # R19
    hours = ((6, time(9), time(11)),)
    standing = rules.standing(rules.text_hours(hours, sunday), sunday, sunday + timedelta(days=2))
    assert standing is not None
    assert f"{clock.london(standing.told_at):%H:%M} {clock.london(standing.lapses_at):%H:%M}" == "09:00 11:00"


@given(st.lists(st.integers(0, 30 * 24 * 60), max_size=8))
def test_never_more_than_three_within_any_seven_days(gaps):
    offered: list[datetime] = []
    at = NOW
    for gap in gaps:
        at += timedelta(minutes=gap)
        if rules.may_be_offered(offered, at):
            offered.append(at)
    for first in offered:
        assert sum(first <= one < first + rules.WEEK for one in offered) <= rules.MOST_A_WEEK


def test_sooner_means_at_least_a_day():
    hers = NOW + timedelta(days=3)
    assert rules.is_useful(hers - timedelta(hours=24), hers)
    assert not rules.is_useful(hers - timedelta(hours=23), hers)
    assert rules.is_useful(hers + timedelta(days=9), None)
