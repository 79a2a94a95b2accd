"""The state in the head of each catalogue is checked, stays when words are collected, and is written by one command."""

from pathlib import Path

import pytest
from babel.messages.frontend import CommandLineInterface

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
