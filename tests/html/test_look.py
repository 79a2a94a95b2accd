"""The style sheet of her pages is light enough; that its colours can be read is in tests/axe/test_colours.py."""

from pathlib import Path

import brotli

SHEET = Path(__file__).parents[2] / "static/css/site.css"


def test_the_sheet_weighs_at_most_2400_bytes():
    assert len(brotli.compress(SHEET.read_bytes())) <= 2400
