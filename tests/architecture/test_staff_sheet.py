"""The back office's style sheet stays small, whole and in use."""

import re
from pathlib import Path

import brotli
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
STAFF = ROOT / "static" / "css" / "staff.css"
MOST_COMPRESSED = 3400


def without_comments(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)


def test_it_stays_small():
    assert len(brotli.compress(STAFF.read_bytes())) <= MOST_COMPRESSED


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_merge_left_its_marks_and_every_bracket_closes(sheet: Path):
    """Browsers drop a broken rule in silence; so was the large print of a plan once."""
    words = without_comments(sheet)
    assert not re.search(r"^(<{7}|={7}|>{7})", words, re.MULTILINE)
    depth = 0
    for sign in re.findall(r"[{}]", words):
        depth += 1 if sign == "{" else -1
        assert 0 <= depth <= 2, "a bracket too many"
    assert depth == 0


def test_every_class_of_it_stands_in_a_page():
    pages = "\n".join(
        path.read_text() for kind in ("templates/**/*.html", "portal/**/*.py") for path in ROOT.glob(kind)
    )
    classes = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", without_comments(STAFF))))
    assert len(classes) > 50
    assert not {name for name in classes if not re.search(rf"(?<![\w-]){name}(?![\w-])", pages)}
