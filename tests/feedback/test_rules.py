"""Quarters, counts, and from how many answers on anything is shown."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from portal.feedback import rules
from portal.feedback.rules import ANSWERS, FEWEST, QUESTIONS, Quarter

answers = st.fixed_dictionaries({question: st.sampled_from(["", *ANSWERS]) for question in QUESTIONS})


@given(st.lists(answers, max_size=12))
def test_too_few_are_not_counted_at_all_and_enough_are_counted_right(rows):
    found = rules.counted(rows)
    assert (found is None) == (len(rows) < FEWEST)
    if found is not None:
        assert found.answers == len(rows)
        for question, counts in found.by_question.items():
            assert sum(counts.values()) == sum(row[question] != "" for row in rows)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_each_day_lies_in_one_quarter_and_a_running_one_is_never_shown(day):
    quarter = rules.quarter_of(day)
    assert f"{day:%Y-%m}" in quarter.months
    ended = rules.ended_quarters(day)
    assert quarter not in ended and len(set(ended)) == len(ended)
    assert all(month < f"{day:%Y-%m}" for one in ended for month in one.months)
    assert rules.quarter_named(ended[2].name, ended) == ended[2] and rules.quarter_named("2026-Q9", ended) is None


def test_the_quarters_of_a_year():
    assert Quarter(2026, 4).months == ("2026-10", "2026-11", "2026-12")
    assert rules.before(Quarter(2026, 1)) == Quarter(2025, 4)


@given(st.text(max_size=5))
def test_blanks_say_nothing(words):
    assert rules.says_something({}, words) == bool(words.strip())
    assert not rules.says_something({"other": "yes", "helped": "x"}, "  ")
