"""The style sheet of her pages: light enough, and its colours far enough apart to read in sunlight and in the dark."""

import re
from itertools import product
from pathlib import Path

import brotli
import pytest

SHEET = Path(__file__).parents[2] / "static/css/site.css"
GROUNDS = ("paper", "card", "tint", "note")


def tokens(scheme: str) -> dict[str, str]:
    """The colours of one scheme by name; the first block is light, the second dark."""
    blocks = re.findall(r":root\{(.*?)\}", SHEET.read_text())
    return dict(re.findall(r"--(\w+):(#\w+)", blocks[scheme == "dark"]))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_does():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_seven_to_one(scheme):  # R37
    colours = tokens(scheme)
    pairs = [*product(("ink", "soft", "accent"), GROUNDS), ("on", "accent"), ("paper", "ink")]
    faint = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 6.995} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_that_tell_something_stand_out_three_to_one(scheme):  # R37
    colours = tokens(scheme)
    for edge, ground in product(("soft", "amber", "accent", "ink"), GROUNDS):
        assert contrast(colours[edge], colours[ground]) >= 3, (scheme, edge, ground)


def test_the_sheet_weighs_at_most_2400_bytes():
    assert len(brotli.compress(SHEET.read_bytes())) <= 2400
