"""How far a language's words have come, and whether they are still the words that were read."""

from datetime import date
from types import SimpleNamespace

import pytest

from portal.languages.rules import Reading, Shipped, State, standing

DRAFT = Shipped(State.DRAFTED, "", None, "")
NOW, BEFORE = "words-now", "words-before"


def steps(*taken):
    """Steps in their order from (step, words) or (step, words, reader, day)."""
    return [
        SimpleNamespace(
            number=number,
            step=step,
            words=words,
            taken_by=7,
            reader=more[0] if more else "",
            read_on=more[1] if more else None,
        )
        for number, (step, words, *more) in enumerate(taken, 1)
    ]


READ_NOW = ("read", NOW, "Hodan A", date(2027, 1, 5))
READ_BEFORE = ("read", BEFORE, "Sahra B", date(2026, 12, 1))


@pytest.mark.parametrize(
    ("taken", "state", "reader", "changed"),
    [
        ([], State.DRAFTED, None, False),
        ([("on", NOW), ("off", NOW)], State.DRAFTED, None, False),
        ([READ_NOW], State.READ, "Hodan A", False),
        ([READ_BEFORE], State.READ, "Sahra B", True),
        ([READ_BEFORE, READ_NOW], State.READ, "Hodan A", False),
        ([READ_NOW, READ_BEFORE], State.READ, "Hodan A", False),
        ([READ_NOW, ("approved", NOW)], State.APPROVED, "Hodan A", False),
        ([READ_BEFORE, ("approved", BEFORE)], State.APPROVED, "Sahra B", True),
        # A reading of new words is not approved because the words before were.
        ([READ_BEFORE, ("approved", BEFORE), READ_NOW], State.READ, "Hodan A", False),
    ],
)
def test_the_newest_reading_of_these_very_words_counts(taken, state, reader, changed):
    found = standing(DRAFT, steps(*taken), NOW)
    assert (found.state, found.reading and found.reading.reader, found.changed) == (state, reader, changed)


@pytest.mark.parametrize(("turns", "is_on"), [("", False), ("on", True), ("on off", False), ("on off on", True)])
def test_the_last_turn_holds_whatever_comes_between(turns, is_on):
    taken = [step for turn in turns.split() for step in ((turn, NOW), READ_NOW)]
    assert standing(DRAFT, steps(*taken), NOW).turned_on is is_on


def test_what_a_catalogue_says_of_itself_counts_as_a_reading():
    read = Shipped(State.READ, "Hodan A", date(2027, 1, 5), NOW)
    found = standing(read, [], NOW)
    assert (found.state, found.reading, found.number) == (State.READ, Reading("Hodan A", date(2027, 1, 5), NOW), 0)
    assert not found.turned_on, "a manager turns it on all the same"
    assert standing(read._replace(state=State.APPROVED), [], NOW).state is State.APPROVED
    assert standing(read._replace(state=State.APPROVED), [], BEFORE).changed


def test_who_approved_is_named_only_where_a_manager_did():
    assert standing(DRAFT, steps(READ_NOW, ("approved", NOW)), NOW).approved_by == 7
    assert standing(Shipped(State.APPROVED, "Hodan A", None, NOW), [], NOW).approved_by is None
