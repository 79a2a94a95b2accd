"""No cell of a file that leaves is run as a formula, and every cell comes back as it was."""

import ast
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.spreadsheets import as_csv, harmless, is_formula, plain

SIGNS = "=+-@\t\r＝＋－＠"
ROOM = Path(__file__).resolve().parents[2] / "portal"


@pytest.mark.parametrize("before", ["", " ", "   ", "\u00a0", "\u3000", "\u200b", "\ufeff", "' ", "''"])
@pytest.mark.parametrize("sign", SIGNS)
def test_no_sign_that_begins_a_formula_stands_first_whatever_comes_before_it(before, sign):
    cell = f"{before}{sign}cmd|'/c calc'!A1"
    assert harmless(cell).startswith("'") and plain(harmless(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Rose", "020 7946 0000", "a=b", "'tis", "O'Hara", "…", "3-4"])
def test_plain_words_stay_as_they_are(cell):
    assert harmless(cell) == plain(cell) == cell


@given(st.text(alphabet=st.sampled_from(" '\u00a0\ufeffab,\"\n" + SIGNS), max_size=8))
def test_every_cell_comes_back_as_it_was_and_none_is_a_formula(cell):
    assert plain(harmless(cell)) == cell
    assert not is_formula(harmless(cell))
    assert list(csv.reader(io.StringIO(as_csv([[cell, "x"]]), newline=""))) == [[harmless(cell), "x"]]


def test_every_csv_file_is_written_in_one_place():
    writers = {
        str(file.relative_to(ROOM))
        for file in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter")
    }
    assert writers == {"core/spreadsheets.py"}
