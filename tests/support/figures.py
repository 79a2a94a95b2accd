"""Writes docs/figures.md from the definitions of the quarterly page: `python -m tests.support.figures --write`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from portal.reports.exports import COLUMNS
from portal.reports.figures import CATEGORIES, CATEGORY, MEDIAN, SECTIONS, Section

PAGE = Path(__file__).resolve().parents[2] / "docs" / "figures.md"


def as_markdown() -> str:
    """The definitions of all figures; those of a pathway stand for the nine."""
    lines = [
        "# What the quarterly page counts",
        "",
        "Written by `python -m tests.support.figures --write` from `portal/reports/figures.py`; the page itself and",
        "the dictionary beside the CSV file say the same. What is hidden and why: `docs/decisions/0034-numbers.md`.",
        "",
        "| column of the file | meaning |",
        "|---|---|",
        *(f"| `{name}` | {words} |" for name, words in COLUMNS.items()),
    ]
    for section in SECTIONS:
        lines += ["", f"## {section.title}", "", "| figure | counts |", "|---|---|", *_rows(section)]
    lines += ["", "## Service categories", "", "| category | pathways |", "|---|---|"]
    lines += [
        f"| {name} | {', '.join(f'`{pathway}`' for pathway in pathways)} |" for name, pathways in CATEGORIES.items()
    ]
    return "\n".join(lines) + "\n"


def _rows(section: Section) -> Iterator[str]:
    yield f"| **{section.base.label}** | {section.base.definition} |"
    for part in section.parts[:2] if section.by_pathway else section.parts:
        for figure in part.figures:
            yield f"| {part.label}: {figure.label} | {figure.definition} |"
    if section.code == "referrals":
        yield f"| {MEDIAN.label} | {MEDIAN.definition} |"
    if section.code == "needs":
        yield f"| {CATEGORY.label} | {CATEGORY.definition} |"


def is_fresh() -> bool:
    """Whether the page says what the code says."""
    return PAGE.exists() and PAGE.read_text(encoding="utf-8") == as_markdown()


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(as_markdown(), encoding="utf-8")
    sys.exit(0 if is_fresh() else "docs/figures.md is stale: python -m tests.support.figures --write")
