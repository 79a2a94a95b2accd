"""Who covers for whom: one step, one further, never oneself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.staff.rules import cover_of

PEOPLE = st.integers(1, 6)


@pytest.mark.parametrize(
    ("named", "away", "cover"),
    [
        ({1: 2}, {1}, 2),
        ({}, {1}, None),
        ({1: 2, 2: 3}, {1, 2}, 3),
        ({1: 2}, {1, 2}, None),
        ({1: 2, 2: 1}, {1, 2}, None),
        ({1: 2, 2: 3, 3: 4}, {1, 2, 3}, None),
        ({1: 1}, {1}, None),
        ({1: 9}, {1}, None),
    ],
)
def test_one_further_cover_and_no_more(named, away, cover):
    assert cover_of(1, named, {1, 2, 3, 4}, away) == cover


@given(st.dictionaries(PEOPLE, PEOPLE), st.sets(PEOPLE), st.sets(PEOPLE), PEOPLE)
def test_whoever_covers_is_here_and_able_and_somebody_else(named, able, away, absent):
    cover = cover_of(absent, named, able, away)
    assert cover is None or (cover in able and cover not in away and cover != absent)
