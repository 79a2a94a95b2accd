"""Whom her words may mean, and by when first contact is due: pure rules."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import clock
from portal.diversion import intake_rules as rules
from portal.diversion.intake_rules import Person, fold_name, meant

PEOPLE = [Person(1, "Ana Lima"), Person(2, "Zoë O'Brien"), Person(3, "Ana Souza")]


@pytest.mark.parametrize(
    ("words", "ids", "settled"),
    [
        ("Ana Lima", {1}, True),
        ("  ana   LIMA ", {1}, True),
        ("zoe o brien", {2}, True),
        ("Ana", {1, 3}, False),
        ("my cousin Ana Lima and her husband", {1, 3}, False),
        ("the man from the shop", set(), False),
    ],
)
def test_a_full_name_means_its_bearer_and_any_word_of_it_may_mean_her(words, ids, settled):  # R29
    assert meant(words, PEOPLE) == (frozenset(ids), settled)


NAMES = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Mn", "Zs"]), min_size=1, max_size=20)


@given(st.lists(NAMES, max_size=6), NAMES)
def test_whoever_shares_a_word_with_what_she_said_is_never_missed(names, words):  # R29
    people = [Person(number, name) for number, name in enumerate(names)]
    found = meant(words, people)
    folded = set(fold_name(words).split())
    bearers = {person.id for person in people if fold_name(person.name) == fold_name(words)}
    sharing = {person.id for person in people if folded & set(fold_name(person.name).split())}
    assert found.staff_ids == (bearers or sharing)
    assert found.is_settled is bool(bearers)


INSTANTS = st.integers(0, 700 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 31))


@given(INSTANTS, st.none() | DAYS, st.integers(1, 10), st.frozensets(DAYS, max_size=20))
def test_first_contact_is_due_after_so_many_working_days_never_before_the_release(received, release, days, holidays):
    due = clock.london(rules.first_contact_due(received, release, days, holidays))
    begins = max(clock.london_today(received), release or date.min)
    passed = [begins + timedelta(days=number) for number in range(1, (due.date() - begins).days + 1)]
    working = [day for day in passed if day.weekday() < 5 and day not in holidays]
    assert len(working) == days and due.date() == working[-1]
    assert (due.hour, due.minute) == (17, 0)


def test_friday_and_three_days_is_wednesday_and_a_bank_holiday_makes_it_thursday():
    friday = clock.from_london(date(2026, 12, 18), time(11))
    assert clock.london_today(rules.first_contact_due(friday, None, 3, ())) == date(2026, 12, 23)
    christmas = {date(2026, 12, 25), date(2026, 12, 28)}
    assert clock.london_today(rules.first_contact_due(friday, date(2026, 12, 23), 3, christmas)) == date(2026, 12, 30)
