"""The plan's pure rules."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.core.banned import banned_in
from portal.core.settings import BANNED_WORDS
from portal.plan import rules
from portal.plan.pathways import HER_NAMES
from portal.plan.rules import ActionStatus, Pathway, PlanState
from portal.plan.staff_words import STAFF_NAMES

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


def test_every_pathway_has_its_names_and_those_for_women_hold_no_banned_word():  # R7
    assert set(HER_NAMES) == set(STAFF_NAMES) == set(Pathway)
    assert len(set(map(str, HER_NAMES.values()))) == len(Pathway) == 9
    assert not [name for name in map(str, HER_NAMES.values()) if banned_in(name, BANNED_WORDS)]


def test_the_sensitive_pathways_are_those_of_the_rule():  # R16
    assert {pathway for pathway in Pathway if rules.is_sensitive(pathway)} == {"abuse", "sex_work", "drugs_alcohol"}


@given(st.lists(st.sampled_from(list(ActionStatus))))
def test_progress_counts_what_is_done_and_leaves_out_changes_of_mind(statuses):
    found = rules.progress(statuses)
    assert 0 <= found.done <= found.total <= len(statuses)
    assert rules.progress([*statuses, ActionStatus.CHANGED_MIND]) == found
    more = rules.progress([*statuses, ActionStatus.DONE])
    assert (more.done, more.total) == (found.done + 1, found.total + 1)


@given(st.sampled_from(list(PlanState)), st.none() | DAYS, st.none() | DAYS, DAYS)
def test_an_agreement_that_is_let_through_makes_sense(state, agreed_on, review_on, today):
    if rules.agreement_fault(state, agreed_on, review_on, today) is None:
        assert state != "agreed" or agreed_on is not None
        assert agreed_on is None or agreed_on <= today
        assert review_on is None or review_on >= (agreed_on or today)


def test_an_unknown_state_is_a_fault_and_the_first_review_comes_after_six_weeks():
    today = date(2026, 12, 1)
    assert rules.agreement_fault("failed", None, None, today) == ("state", "unknown")
    assert rules.agreement_fault("agreed", None, None, today) == ("agreed_on", "missing")
    assert rules.first_review(today) == today + timedelta(days=42)


def test_nothing_is_ticked_in_a_closed_plan_or_after_a_change_of_mind():
    assert rules.can_be_ticked("agreed", "to_do")
    assert not rules.can_be_ticked("closed", "to_do")
    assert not rules.can_be_ticked("agreed", "changed_mind")


def test_texts_are_refused_when_empty_or_too_long_and_else_kept():
    assert rules.text_fault("", 5) == "missing"
    assert rules.text_fault("aaaaaa", 5) == "too_long"
    assert rules.text_fault("🙂" * 5, 5) is None
