"""Rules of what she answers, tried with whatever could come."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.plan import answer_rules as rules
from portal.plan.answer_rules import Decided, HeldWith, Moment, ReviewKind
from portal.plan.pathways import HER_NAMES
from portal.plan.rules import SENSITIVE, Pathway, PlanState
from portal.plan.staff_words import SERVICE_CATEGORIES

PATHWAYS = st.sampled_from([str(one) for one in Pathway])
ORDERS = st.lists(PATHWAYS, unique=True)
SETS = st.sets(PATHWAYS)
SCORES = st.dictionaries(st.sampled_from([str(one) for one in Moment]), st.integers(1, 5))
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
TODAY = date(2026, 12, 1)


@given(SCORES)
def test_distance_is_told_only_where_both_ends_are(scores):
    far = rules.distance(scores)
    assert (far is None) is not ({"start", "end"} <= set(scores))
    assert far is None or (-4 <= far <= 4 and far == scores["end"] - scores["start"])


@given(SCORES)
def test_what_her_page_shows_is_what_she_said(scores):
    went = rules.going(scores)
    assert went.start == scores.get("start")
    assert went.later in (*scores.values(), None)
    assert (went.now is None) is (not scores)
    if "end" in scores:
        assert went.now == scores["end"]


@given(ORDERS, SETS, SETS)
def test_ticking_changes_only_what_was_offered(order, wanted, offered):  # R41
    after = rules.picked(order, wanted, offered)
    assert len(after) == len(set(after))
    assert [one for one in after if one not in offered] == [one for one in order if one not in offered]
    assert {one for one in after if one in offered} == wanted & offered
    kept = [one for one in order if one in after]
    assert after[: len(kept)] == kept, "what she had keeps its order, what is new comes last"
    assert rules.picked(after, wanted, offered) == after, "ticked twice, the same"


@given(ORDERS, PATHWAYS, SETS)
def test_moving_up_goes_past_one_that_is_shown_and_loses_none(order, pathway, shown):
    after = rules.moved_up(order, pathway, shown)
    assert sorted(after) == sorted(order)
    visible = [one for one in order if one in shown | {pathway}]
    seen = [one for one in after if one in shown | {pathway}]
    place = visible.index(pathway) if pathway in visible else 0
    expected = list(visible)
    if place:
        expected[place - 1], expected[place] = expected[place], expected[place - 1]
    assert seen == expected
    assert [one for one in after if one != pathway] == [one for one in order if one != pathway]


@given(st.dictionaries(PATHWAYS, st.none() | st.integers(1, 9)))
def test_an_order_by_numbers_has_each_picked_topic_once(positions):
    order = rules.in_order(positions)
    assert set(order) == {one for one, place in positions.items() if place is not None}
    assert [positions[one] for one in order] == sorted(positions[one] for one in order)


@pytest.mark.parametrize(
    ("state", "agreed", "moment"),
    [
        (None, False, Moment.START),
        (PlanState.DRAFT, False, Moment.START),
        (PlanState.SHARED, False, Moment.START),
        (PlanState.AGREED, True, Moment.REVIEW),
        (PlanState.SHARED, True, Moment.REVIEW),
        (PlanState.UNDER_REVIEW, False, Moment.REVIEW),
        (PlanState.CLOSED, True, Moment.END),
    ],
)
def test_what_she_says_later_never_stands_for_the_start(state, agreed, moment):
    assert rules.moment_now(state, agreed) == moment


GOALS = st.lists(st.fixed_dictionaries({"pathway": PATHWAYS, "her_words": st.sampled_from(["a", "b"])}), max_size=5)


def in_any_order(goals: list[dict[str, str]]) -> list[tuple[str, str]]:
    return sorted((goal["pathway"], goal["her_words"]) for goal in goals)


@given(GOALS, GOALS)
def test_a_page_without_sensitive_parts_never_tells_that_they_changed(before, after):  # R41
    told = rules.has_changed({"goals": before}, {"goals": after}, sensitive=False)
    open_before = [goal for goal in before if goal["pathway"] not in SENSITIVE]
    open_after = [goal for goal in after if goal["pathway"] not in SENSITIVE]
    assert told == (in_any_order(open_before) != in_any_order(open_after))
    changed = rules.has_changed({"goals": before}, {"goals": after}, sensitive=True)
    assert changed == (in_any_order(before) != in_any_order(after))
    assert not rules.has_changed({"goals": before}, {"goals": before[::-1]}, sensitive=True), "the order is hers"
    assert not rules.has_changed(None, {"goals": after}, sensitive=True)


@given(DAYS)
def test_the_first_review_is_due_after_six_weeks_and_the_next_after_twelve(day):
    assert rules.next_review_on(ReviewKind.FIRST, day) - day == timedelta(weeks=6)
    assert rules.next_review_on(ReviewKind.NEXT, day) - day == timedelta(weeks=12)
    assert rules.review_kind([]) == ReviewKind.FIRST
    assert rules.review_kind(["first"]) == ReviewKind.NEXT


@pytest.mark.parametrize(
    ("held_on", "held_with", "decided", "next_on", "fault"),
    [
        (None, "phone", "carry_on", None, ("held_on", "missing")),
        (TODAY + timedelta(days=1), "phone", "carry_on", None, ("held_on", "future")),
        (TODAY, "", "carry_on", None, ("held_with", "missing")),
        (TODAY, "phone", "failed", None, ("decided", "missing")),
        (TODAY, "phone", "carry_on", TODAY, ("next_on", "past")),
        (TODAY - timedelta(days=9), "phone", "carry_on", TODAY - timedelta(days=1), ("next_on", "past")),
        (TODAY, "phone", "carry_on", TODAY + timedelta(days=1), None),
        (TODAY, "without_her", "close", None, None),
    ],
)
def test_what_keeps_a_review_from_being_recorded(held_on, held_with, decided, next_on, fault):
    assert rules.held_fault(held_on, held_with, decided, next_on, TODAY) == fault


def test_nothing_can_be_recorded_as_failed():  # R36
    assert not {"failed", "breach", "missed"} & {*Decided, *HeldWith, *rules.Need, *rules.Answer}


def test_every_pathway_has_a_name_and_one_of_the_eight_categories():
    assert set(SERVICE_CATEGORIES) == set(HER_NAMES) == set(Pathway)
    assert len(set(SERVICE_CATEGORIES.values())) == 8
