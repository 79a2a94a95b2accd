"""What a catalogue says of itself, and the mark of its words."""

from datetime import date
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal.core.locales import LANGUAGES
from portal.languages import catalogues
from portal.languages.rules import Shipped, State

HEAD = 'msgid ""\nmsgstr ""\n"Language: so\\n"\n{state}\n'
MESSAGES = """
msgid "Today"
msgstr "{today}"

msgid "%(num)d day"
msgid_plural "%(num)d days"
msgstr[0] "a"
msgstr[1] "b"
"""


@pytest.fixture
def made(tmp_path):
    """Makes a catalogue, as a release would bring it; each time in a folder of its own."""

    def made(*state: str, today: str = "Maanta") -> Path:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        path = folder / "so/LC_MESSAGES/messages.po"
        path.parent.mkdir(parents=True)
        lines = "".join(f'"{line}\\n"\n' for line in state)
        path.write_text(HEAD.format(state=lines) + MESSAGES.format(today=today))
        with path.open("rb") as source, path.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source, locale="so"))
        return folder

    return made


def test_the_mark_changes_with_any_word_and_not_with_the_head(made):
    plain = catalogues.words("so", made())
    assert plain.number == 2
    assert catalogues.words("so", made("X-State: drafted")) == plain
    assert catalogues.words("so", made(today="Manta")).mark != plain.mark


def test_without_a_compiled_catalogue_there_are_no_words(tmp_path):
    assert catalogues.words("so", tmp_path).number == 0
    assert catalogues.shipped("so", tmp_path).state is State.DRAFTED


def test_a_catalogue_says_how_far_it_has_come(made):
    folder = made("X-State: read", "X-State-By: Hodan A", "X-State-On: 2027-01-05", "X-State-Words: 0123456789abcdef")
    assert catalogues.shipped("so", folder) == Shipped(State.READ, "Hodan A", date(2027, 1, 5), "0123456789abcdef")


@pytest.mark.parametrize("state", [[], ["X-State: perfect"], ["X-State: "]])
def test_whatever_else_it_says_is_a_draft(made, state):
    assert catalogues.shipped("so", made(*state)).state is State.DRAFTED


@pytest.mark.parametrize("lost", ["X-State-By", "X-State-On", "X-State-Words"])
@pytest.mark.parametrize("state", ["read", "approved"])
def test_a_reading_that_does_not_say_who_or_when_or_of_which_words_is_none(made, lost, state):
    whole = {"X-State": state, "X-State-By": "Hodan A", "X-State-On": "2027-01-05", "X-State-Words": "0123456789abcdef"}
    assert catalogues.shipped("so", made(*(f"{name}: {said}" for name, said in whole.items()))).state == state
    for left in ([], [f"{lost}: "], [f"{lost}: soon"] if lost != "X-State-By" else []):
        head = [f"{name}: {said}" for name, said in whole.items() if name != lost] + left
        assert catalogues.shipped("so", made(*head)) == Shipped(State.DRAFTED, "", None, "")


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_language_has_its_words(code):
    assert catalogues.words(code).number > 800
