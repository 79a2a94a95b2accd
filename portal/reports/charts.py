"""Where the bars of a chart lie; the template draws them, and beside every bar stand its name and its number."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 640
LONGEST = 590
ROW = 40
NAME = 18
"""A bar lies below its name, so that a name may be as long as the chart is wide."""


class Bar(NamedTuple):
    """One bar: its name, its number (None: hidden), its length, and where its row begins."""

    label: str
    value: int | None
    length: int
    top: int


class Chart(NamedTuple):
    """A chart of level bars in a frame of WIDTH times `height`."""

    bars: list[Bar]
    height: int


def bars(values: Sequence[tuple[str, int | None]]) -> Chart:
    """The bars of some numbers, the longest as long as there is room; one that is hidden has no length."""
    most = max((value for _, value in values if value is not None), default=0) or 1
    found = [
        Bar(label, value, round(LONGEST * (value or 0) / most), ROW * number)
        for number, (label, value) in enumerate(values)
    ]
    return Chart(found, ROW * len(found))
