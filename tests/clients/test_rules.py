"""Pure rules about a client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clients.answers import cover_phrase_fault
from portal.clients.code_names import WORDS
from portal.clients.rules import code_name_fault


@pytest.mark.parametrize(
    "code_name",
    ["Blue Heron 42", "blue-heron-42", "  Blue   Heron  7 ", "قمر أزرق ٢٣", "নীল পাখি 58", "ሰማያዊ ወፍ 12", "ماه‌تاب آبی 5"],
)
def test_two_plain_words_and_a_number_make_a_code_name_in_any_script(code_name):  # R12
    assert code_name_fault(code_name, "Rose") is None


@pytest.mark.parametrize(
    "code_name",
    ["", "Blue 42", "Blue Heron", "Blue Heron Sky 42", "B H 4", "Blue Her0n 42", "🙂🙂 Heron 42", "x" * 10000],
)
def test_anything_else_does_not(code_name):
    assert code_name_fault(code_name, "Rose") == "shape"


@pytest.mark.parametrize("called", ["Heron", "heron", "Heron Example"])
def test_the_name_she_is_called_by_is_no_part_of_it(called):
    assert code_name_fault("Blue Heron 42", called) == "has_her_name"


@given(st.text(), st.text())
def test_any_text_is_judged(code_name, called):
    assert code_name_fault(code_name, called) in (None, "shape", "has_her_name")


@pytest.mark.parametrize("language", WORDS)
def test_every_offered_word_can_stand_in_a_code_name(language):
    assert all(code_name_fault(f"{word} {word} 10", "") is None for word in WORDS[language])


@pytest.mark.parametrize(("phrase", "fault"), [("Library book", None), ("x" * 21, "too_long"), ("see a.uk", "link")])
def test_a_cover_phrase_is_short_and_holds_no_link(phrase, fault):  # R20
    assert cover_phrase_fault(phrase, []) == fault
