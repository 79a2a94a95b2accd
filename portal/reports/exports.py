"""The numbers of a quarter as a CSV file, a figure a line, and the dictionary that says what each line counts."""

from collections.abc import Iterator, Mapping

from portal.core.spreadsheets import as_csv
from portal.reports.figures import CATEGORIES, CATEGORY, MEDIAN, SECTIONS, Part, Section
from portal.reports.hiding import LEAST, LEVELS, Level
from portal.reports.kept import Kept
from portal.reports.page import group_name, in_category, told
from portal.reports.quarters import Quarter

HEAD = ("quarter", "level", "group", "section", "part", "figure", "unit", "value", "shown")
DICTIONARY_HEAD = ("section", "part", "figure", "label", "unit", "definition")
BASE = "all"

COLUMNS = {
    "quarter": "The quarter, half-open in London time: from the first day up to but not including the first day after.",
    "level": "all, borough (of the centre), centre, or source (who referred her last; for referrals, that referral's).",
    "group": "The group of the level; small groups are joined and named together.",
    "value": f"A count over nobody or at least {LEAST} women; empty where it is hidden.",
    "shown": "yes; hidden; or joined: several figures together, their codes joined by +.",
}


def numbers_csv(quarter: Quarter, kept: Kept, centres: Mapping[int, str]) -> str:
    """All levels of a quarter; what is hidden on the page is hidden here."""
    rows = [
        (quarter.code, level, group_name(level, block, centres), *line)
        for section in SECTIONS
        for level in LEVELS
        if level in kept.sections.get(section.code, {})
        for number, block in enumerate(kept.sections[section.code][level].groups)
        for line in _lines(section, kept.sections[section.code][level], level, number, kept)
    ]
    missing = [
        (quarter.code, "all", "All", section.code, BASE, BASE, section.unit, "", "hidden")
        for section in SECTIONS
        if not kept.sections.get(section.code)
    ]
    return as_csv([HEAD, *rows, *missing])


def dictionary_csv() -> str:
    """What each line of the numbers counts, in one sentence each; the same sentences as the page's."""
    rows = [
        (section.code, part, figure.code, figure.label, section.unit, figure.definition)
        for section in SECTIONS
        for part, figure in _defined(section)
    ]
    columns = [("", "", name, name, "column", words) for name, words in COLUMNS.items()]
    return as_csv([DICTIONARY_HEAD, *columns, *rows])


def _defined(section: Section) -> Iterator[tuple]:
    yield BASE, section.base
    for part in section.parts:
        for figure in part.figures:
            yield part.code, figure
    if section.code == "referrals":
        yield "contact", MEDIAN
    if section.code == "needs":
        yield "categories", CATEGORY


def _lines(section: Section, shown: Level, level: str, group: int, kept: Kept) -> Iterator[tuple[str, ...]]:
    first = section.parts[0]
    base = told(shown, first.code, [figure.code for figure in first.figures], group)
    yield _line(section, BASE, BASE, base)
    for part in section.parts:
        yield from _part_lines(section, part, shown, group)
    if section.code == "referrals":
        medians = kept.medians.get(level)
        yield section.code, "contact", MEDIAN.code, "days", *_value(medians[group] if medians else None)
    if section.code == "needs":
        for name in CATEGORIES:
            yield section.code, "categories", name, "needs", *_value(in_category(shown, name, group))


def _part_lines(section: Section, part: Part, shown: Level, group: int) -> Iterator[tuple[str, ...]]:
    for figure in part.figures:
        yield _line(section, part.code, figure.code, told(shown, part.code, [figure.code], group))
    table = shown.tables.get(part.code)
    for block in table.blocks if table else ():
        if len(block) > 1:
            value = told(shown, part.code, block, group)
            yield section.code, part.code, "+".join(block), section.unit, str(value), "joined"


def _line(section: Section, part: str, figure: str, value: int | None) -> tuple[str, ...]:
    return section.code, part, figure, section.unit, *_value(value)


def _value(value: int | None) -> tuple[str, str]:
    return ("", "hidden") if value is None else (str(value), "yes")
