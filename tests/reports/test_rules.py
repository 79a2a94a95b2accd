"""In which figure a woman, a session or a condition counts, against a slow and obvious way of saying the same."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import clock
from portal.reports import quarters, rules
from portal.reports.quarters import Quarter
from portal.reports.rules import MEDIAN_LEAST, AppointmentFact

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
INSTANTS = st.integers(-(10**8), 2 * 10**8).map(lambda seconds: NOW + timedelta(seconds=seconds))


@given(INSTANTS)
def test_every_instant_lies_in_one_quarter_the_one_of_its_london_day(at):
    quarter = quarters.quarter_of(clock.london_today(at))
    assert quarter.starts_at <= at < quarter.ends_at
    assert not quarter.before().starts_at <= at < quarter.before().ends_at
    assert not quarter.next().starts_at <= at < quarter.next().ends_at


@given(DAYS)
def test_quarters_follow_each_other_without_a_gap(day):
    quarter = quarters.quarter_of(day)
    assert quarter.starts_on <= day < quarter.ends_on
    assert quarter.next().before() == quarter
    assert quarter.next().starts_on == quarter.ends_on
    assert (day.month - 1) // 3 + 1 == quarter.number


def test_quarters_begin_at_midnight_in_london_on_both_sides_of_the_clock_changes():
    # The clocks go forward on 29 March 2026 and back on 25 October: one quarter of each lies on either side.
    assert Quarter(2026, 1).ends_at == datetime(2026, 3, 31, 23, tzinfo=UTC)
    assert Quarter(2026, 2).starts_at == Quarter(2026, 1).ends_at
    assert Quarter(2026, 4).starts_at == datetime(2026, 9, 30, 23, tzinfo=UTC)
    assert Quarter(2026, 4).ends_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert Quarter(2026, 4).ends_at - Quarter(2026, 4).starts_at == timedelta(days=92, hours=1)
    assert Quarter(2026, 1).ends_at - Quarter(2026, 1).starts_at == timedelta(days=90, hours=-1)


@given(DAYS)
def test_a_quarter_is_shown_two_weeks_after_its_end_and_none_before(today):
    newest = quarters.newest_published(today)
    assert newest.published_on <= today < newest.next().published_on
    assert (newest.ends_on + timedelta(days=14)) == newest.published_on


@given(DAYS, DAYS)
def test_what_can_be_chosen_goes_back_to_the_first_day_of_anything(first, today):
    offered = quarters.published(first, today)
    assert offered[0] == quarters.newest_published(today)
    assert [quarter.before() for quarter in offered[:-1]] == offered[1:]
    assert len(offered) <= quarters.MOST_OFFERED
    assert len(offered) == 1 or offered[-2].starts_on > first


@pytest.mark.parametrize(
    ("contacted", "due", "figure"),
    [(None, NOW, "not_yet"), (NOW, NOW, "in_target"), (NOW + timedelta(seconds=1), NOW, "later"),
     (NOW, None, "in_target")],
)  # fmt: skip
def test_the_first_contact_is_in_the_target_up_to_its_last_moment(contacted, due, figure):
    assert rules.first_contact(contacted, due) == figure


@given(DAYS, st.one_of(st.none(), DAYS), INSTANTS)
def test_days_to_contact_run_from_her_release_where_that_is_later(referred_on, release_on, at):
    days = rules.days_to_contact(referred_on, release_on, at)
    begins = referred_on if release_on is None or release_on < referred_on else release_on
    walked, day = 0, begins
    while day < min(clock.london_today(at), begins + timedelta(days=40)):
        walked, day = walked + 1, day + timedelta(days=1)
    assert min(days, 40) == walked


@given(st.lists(st.integers(0, 60), max_size=40))
def test_half_were_contacted_within_the_median_and_fewer_within_less(days):
    median = rules.median_days(days)
    if len(days) < MEDIAN_LEAST:
        assert median is None
        return
    assert sum(day <= median for day in days) * 2 >= len(days)
    assert sum(day < median for day in days) * 2 < len(days)


APPOINTMENTS = st.builds(
    AppointmentFact,
    st.sampled_from(("booked", "cancelled", "superseded")),
    st.integers(-60 * 24, 60 * 24).map(lambda hours: NOW + timedelta(hours=hours)),
    st.sampled_from(("", "yes", "late", "no")),
)


@given(
    st.lists(APPOINTMENTS, max_size=6, unique_by=lambda one: one.starts_at),
    st.dates(date(2026, 10, 1), date(2027, 2, 1)),
)
def test_the_first_appointment_is_kept_when_she_came_to_the_first_that_stood(appointments, referred_on):
    became = rules.first_appointment(appointments, referred_on, NOW)
    expected = "not_offered"
    for one in sorted(appointments, key=lambda one: one.starts_at, reverse=True):
        if clock.london_today(one.starts_at) < referred_on:
            continue
        if expected == "not_offered":
            expected = "offered"
        if one.state == "booked" and one.starts_at <= NOW:
            expected = "kept" if one.attendance in ("yes", "late") else "offered"
    assert became == expected


@pytest.mark.parametrize(
    ("attendance", "happened", "figure"),
    [("yes", None, "held"), ("late", None, "held"), ("no", None, "missed"), ("", None, "not_written"),
     ("yes", False, "missed"), ("no", False, "missed"), ("late", True, "held")],
)  # fmt: skip
def test_the_outcome_says_whether_a_session_was_held_else_the_mark_of_the_desk(attendance, happened, figure):
    assert rules.session(attendance, happened) == figure


@given(st.integers(-2, 5), st.booleans(), st.booleans())
def test_too_few_sessions_alone_never_count_as_not_met(left, not_met, withdrawn):  # R31
    figure = rules.condition(left, not_met=not_met, withdrawn=withdrawn)
    assert (figure == "not_met") == (not_met and left > 0 and not withdrawn)
    assert (figure == "met") == (left <= 0 and not withdrawn)


@given(st.one_of(st.none(), st.integers(1, 5)), st.one_of(st.none(), st.integers(1, 5)))
def test_distance_is_travelled_only_where_both_ends_are(start, end):
    way = rules.travelled(start, end)
    assert (way == "one_end") == (start is None or end is None)
    if way != "one_end":
        assert way == {1: "further", 0: "same", -1: "harder"}[(end > start) - (end < start)]


@pytest.mark.parametrize(
    ("need", "figure"),
    [("high", "need"), ("some", "need"), ("none", "none"), ("not_asked", "unsaid"), ("rather_not_say", "unsaid"),
     ("not_for_me", "unsaid"), (None, "unsaid")],
)  # fmt: skip
def test_what_she_does_not_say_is_no_need_and_no_lack_of_one(need, figure):
    assert rules.has_need(need) == figure
