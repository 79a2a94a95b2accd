"""Contrast of the colours that the style sheets name, in the light and in the dark (R37): no browser is needed."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
TEXT_ON_HER_SIDE = 7.0
TEXT = 4.5
EDGE = 3.0
"""WCAG 1.4.6, which her side keeps; 1.4.3 and 1.4.11, which every page keeps."""


class Sheet(NamedTuple):
    """Which colours text has and on which it may stand, whatever page it is on; and edges that tell something."""

    name: str
    texts: tuple[str, ...]
    surfaces: tuple[str, ...]
    least: float
    edges: tuple[str, ...]
    within: tuple[str, ...]


HER_SURFACES = ("paper", "card", "tint", "note")
HERS = Sheet(
    "site.css", ("ink", "soft", "accent"), HER_SURFACES, TEXT_ON_HER_SIDE,
    ("soft", "amber", "accent", "ink"), HER_SURFACES,
)  # fmt: skip
STAFF = Sheet(
    "staff.css", ("ink", "soft", "accent"), ("paper", "card", "tint", "amber", "rose"), TEXT,
    ("accent", "ink"), ("paper", "card"),
)  # fmt: skip


def lightness(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 has it."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((lightness(one), lightness(other)))
    return (lighter + 0.05) / (darker + 0.05)


def schemes(sheet: str) -> list[dict[str, str]]:
    """The colours by name: in the light, and where the sheet has one in the dark."""
    found: list[dict[str, str]] = []
    for block in re.findall(r":root\s*\{([^}]*)\}", sheet):
        named = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", block))
        if named:
            found.append({**(found[0] if found else {}), **named})
    return found


def said_together(sheet: str) -> set[tuple[str, str]]:
    """Each text colour and background that one rule sets side by side."""
    pairs = set()
    for block in re.findall(r"\{([^{}]*)\}", sheet):
        text = re.findall(r"(?<![\w-])color:\s*var\(--([\w-]+)", block)
        ground = re.findall(r"(?<![\w-])background:\s*var\(--([\w-]+)", block)
        pairs |= {(text[-1], ground[-1])} if text and ground else set()
    return pairs


def edges_of_fields(sheet: str) -> set[str]:
    """The colours of the lines around fields and buttons; what old browsers take first is left out."""
    found = set()
    for rule, block in re.findall(r"([^{}]*)\{([^{}]*)\}", sheet):
        lines = re.findall(r"border(?:-color)?:\s*(?:\d+px solid )?(#[0-9a-f]{3,6}|var\(--[\w-]+\))", block)
        if lines and re.search(r"\binput\b|\.btn", rule):
            found.add(re.sub(r"var\(--|\)", "", lines[-1]))
    return found


@pytest.mark.parametrize("sheet", [HERS, STAFF], ids=lambda sheet: sheet.name)
def test_text_stands_out_from_whatever_it_may_stand_on(sheet):
    words = (CSS / sheet.name).read_text(encoding="utf-8")
    pairs = {(text, surface) for text in sheet.texts for surface in sheet.surfaces} | said_together(words)
    faint = []
    for number, colours in enumerate(schemes(words)):
        assert {name for pair in pairs for name in pair} <= set(colours)
        for text, surface in sorted(pairs):
            if (ratio := contrast(colours[text], colours[surface])) < sheet.least:
                faint.append(f"{'dark' if number else 'light'}: {text} on {surface} {ratio:.2f}")
    assert faint == []


@pytest.mark.parametrize("sheet", [HERS, STAFF], ids=lambda sheet: sheet.name)
def test_edges_that_tell_something_and_the_focus_stand_out(sheet):
    words = (CSS / sheet.name).read_text(encoding="utf-8")
    edges = edges_of_fields(words)
    assert edges
    for colours in schemes(words):
        for edge in {*edges, *sheet.edges}:
            for surface in sheet.within:
                assert contrast(colours.get(edge, edge), colours[surface]) >= EDGE, f"{edge} on {surface}"


def test_her_side_has_a_light_and_a_dark_scheme():
    words = (CSS / HERS.name).read_text(encoding="utf-8")
    light, dark = schemes(words)
    assert lightness(light["paper"]) > 0.8 and lightness(dark["paper"]) < 0.05


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000", "#ffffff", 21.0), ("#777777", "#fff", 4.48), ("#fff", "#fff", 1.0)]
)
def test_contrast_is_reckoned_as_wcag_does(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("name", [HERS.name, STAFF.name])
def test_nothing_moves_so_nobody_need_ask_for_less(name):  # WCAG 2.3.3, reduced motion
    words = (CSS / name).read_text(encoding="utf-8")
    assert not re.search(r"animation|transition|@keyframes|scroll-behavior", words)
