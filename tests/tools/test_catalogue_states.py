"""The state in the head of each catalogue is checked, stays when words are collected, and is written by one command."""

import re
import shlex
from datetime import date
from pathlib import Path

import pytest
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from portal.core.locales import WITH_CATALOGUE
from portal.languages import catalogues
from portal.languages.rules import State
from tests.support import catalogue_states

GOOD = {"X-State": "drafted", "X-State-By": "drafted without a native speaker", "X-State-On": "2026-11-26"}


@pytest.fixture
def so(tmp_path) -> Path:
    """A folder with one catalogue whose head says all that it must."""
    path = tmp_path / "so/LC_MESSAGES/messages.po"
    path.parent.mkdir(parents=True)
    path.write_text('msgid ""\nmsgstr ""\n"Language: so\\n"\n\nmsgid "Today"\nmsgstr "Maanta"\n')
    catalogue_states.write(path, GOOD)
    return path


def faults(path: Path) -> list[str]:
    found = catalogue_states.faults(path.parents[2], ("en", "so", "ti"))
    return [fault.removeprefix(f"{path}: ") for fault in found]


def test_the_shipped_catalogues_say_what_they_must():
    assert list(catalogue_states.faults()) == []
    assert {catalogues.header(path)["X-State"] for path in Path("translations").glob("*/*/messages.po")} == {"drafted"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"X-State": "perfect"}, "X-State is “perfect”"),
        ({"X-State": ""}, "X-State is “”"),
        ({"X-State-By": ""}, "does not say who"),
        ({"X-State-On": "26/11/2026"}, "must be a day"),
        ({"X-State": "read"}, "does not mark the words"),
        ({"X-State": "approved", "X-State-Words": "0123456789abcdef"}, None),
    ],
)
def test_what_a_catalogue_says_of_itself_is_checked(so, change, fault):
    catalogue_states.write(so, GOOD | change)
    found = faults(so)
    assert found == [] if fault is None else (len(found) == 1 and fault in found[0])


def test_it_stays_when_babel_writes_the_catalogue_anew(so, tmp_path):
    template = tmp_path / "messages.pot"
    template.write_text('msgid ""\nmsgstr ""\n\nmsgid "Today"\nmsgstr ""\n')
    update = ["pybabel", "--quiet", "update", "-i", str(template), "-o", str(so), "-l", "so"]
    CommandLineInterface().run(update)
    assert catalogues.header(so) == {}, "once Babel keeps it, there is nothing to keep"
    catalogue_states.write(so, GOOD)
    with catalogue_states.kept(so):
        CommandLineInterface().run(update)
    assert catalogues.header(so) == GOOD
    assert 'msgstr "Maanta"' in so.read_text()


def test_a_reading_is_written_down_with_the_mark_of_the_words(so):
    CommandLineInterface().run(["pybabel", "--quiet", "compile", "-i", str(so), "-o", str(so.with_suffix(".mo"))])
    catalogue_states.record("read", "so", "Hodan A", "2027-01-05", so.parents[2])
    shipped = catalogues.shipped("so", so.parents[2])
    assert (shipped.state, shipped.by) == (State.READ, "Hodan A")
    assert shipped.words == catalogues.words("so", so.parents[2]).mark
    assert faults(so) == []
    with pytest.raises(SystemExit, match="must be a day"):
        catalogue_states.record("read", "so", "Hodan A", "soon", so.parents[2])


LONG = "Hodan A, who interprets at a community centre, and Sahra B, who teaches reading to women there"
WRAPPED = f'"X-State-By: {LONG[:60]}"\n"{LONG[60:]}\\n"\n'


def test_a_line_that_an_editor_has_wrapped_is_read_whole_and_written_anew_whole(so):
    catalogue_states.write(so, GOOD | {"X-State-By": "Somebody"})
    so.write_text(so.read_text().replace('"X-State-By: Somebody\\n"\n', WRAPPED))
    assert catalogues.header(so) == GOOD | {"X-State-By": LONG}
    catalogue_states.write(so, catalogues.header(so))
    assert so.read_text().count(LONG[60:]) == 1 and catalogues.header(so) == GOOD | {"X-State-By": LONG}
    with so.open("rb") as file:
        assert read_po(file, abort_invalid=True).get("Today").string == "Maanta"


@pytest.mark.parametrize("by", ['Hodan "Hody" A', "Hodan\\A", "Hodan\nA"])
def test_a_name_that_would_break_the_catalogue_is_refused(so, by):
    before = so.read_text()
    with pytest.raises(SystemExit, match="without quotation marks"):
        catalogue_states.record("read", "so", by, "2027-01-05", so.parents[2])
    assert so.read_text() == before


@pytest.mark.parametrize("page", ["docs/translating.md", "docs/decisions/0035-languages-with-a-state.md"])
def test_the_command_that_a_page_shows_is_the_one_that_there_is(page):
    shown = re.findall(r"`python -m tests.support.catalogue_states ([^`]+)`", Path(page).read_text())
    assert shown
    for words in map(shlex.split, shown):
        state, language, name, day = words
        assert State(state) is not State.DRAFTED and language in WITH_CATALOGUE and name and date.fromisoformat(day)
