"""The page of a quarter from what is kept of it: tables, charts and sentences, worked out from shown numbers alone."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from portal.reports.charts import Chart, bars
from portal.reports.figures import CATEGORIES, CATEGORY, MEDIAN, SECTIONS, SOURCES, Figure, Part, Section
from portal.reports.hiding import Block, Level
from portal.reports.kept import Kept
from portal.reports.sentences import sentence

LEVEL_NAMES = {"all": "All together", "borough": "By borough", "centre": "By centre", "source": "By source"}

_NAMES_IN_CHART = 4


class Row(NamedTuple):
    """One row of a table; a cell of None is hidden. `kind`: `base`, `figure`, `part` (a heading) or `joined`."""

    label: str
    cells: list[int | None]
    kind: str = "figure"


class Shown(NamedTuple):
    """One table of the page."""

    caption: str
    heads: list[str]
    rows: list[Row]


class SectionShown(NamedTuple):
    """One section of the page. `by_level` is off where too few women stand behind it to show it by groups."""

    section: Section
    sentence: str
    chart: Chart | None
    tables: list[Shown]
    by_level: bool
    figures: list[Figure]


def told(level: Level | None, part: str, figures: Collection[str], group: int) -> int | None:
    """How many some figures of a part are together in a group, where that follows from what is shown; else None."""
    table = level.tables.get(part) if level else None
    if table is None:
        return None
    inside = [number for number, block in enumerate(table.blocks) if set(block) <= set(figures)]
    if {figure for number in inside for figure in table.blocks[number]} != set(figures):
        return None
    return sum(table.values[number][group] for number in inside)


def in_category(level: Level | None, name: str, group: int) -> int | None:
    """The needs of a service category in a group, from the numbers of its pathways that are shown; else None."""
    needs = [told(level, f"need_{pathway}", ["need"], group) for pathway in CATEGORIES[name]]
    return None if None in needs else sum(need for need in needs if need is not None)


def sections(kept: Kept, level: str, centres: Mapping[int, str]) -> list[SectionShown]:
    """All sections at one level; `centres` names them."""
    return [_section(section, kept, level, centres) for section in SECTIONS]


def group_name(level: str, block: Block, centres: Mapping[int, str], most: int = 99) -> str:
    """How a group is named: "All", its own name, or "A, B together" with `most` names in it."""
    if level == "all":
        return "All"
    names = [str(_key_name(level, key, centres)) for key in block]
    if len(names) <= most:
        return names[0] if len(names) == 1 else f"{', '.join(names)} together"
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more together"


def _key_name(level: str, key: Any, centres: Mapping[int, str]) -> Any:
    if level == "centre":
        return centres.get(key, "A centre")
    return SOURCES.get(key, key) if level == "source" else key


class _Columns:
    """The columns of a section's tables: all women, then the groups of the chosen level."""

    def __init__(self, section: Section, kept: Kept, level: str, centres: Mapping[int, str]) -> None:
        numbers = kept.sections.get(section.code, {})
        self.every, self.level = numbers.get("all"), numbers.get(level) if level != "all" else None
        self.groups = range(len(self.level.groups)) if self.level else range(0)
        groups = self.level.groups if self.level else []
        self.names = [group_name(level, block, centres) for block in groups]
        self.short_names = [group_name(level, block, centres, _NAMES_IN_CHART) for block in groups]

    def cells(self, part: str, figures: Collection[str]) -> list[int | None]:
        return [told(self.every, part, figures, 0), *(told(self.level, part, figures, g) for g in self.groups)]

    def categories(self) -> Iterator[Row]:
        for name in CATEGORIES:
            yield Row(
                name, [in_category(self.every, name, 0), *(in_category(self.level, name, g) for g in self.groups)]
            )

    def joined(self, part: Part) -> list[Block]:
        found = []
        for level in (self.every, self.level):
            table = level.tables.get(part.code) if level else None
            found += [block for block in (table.blocks if table else ()) if 1 < len(block) < len(part.figures)]
        return list(dict.fromkeys(found))


def _section(section: Section, kept: Kept, level: str, centres: Mapping[int, str]) -> SectionShown:
    columns = _Columns(section, kept, level, centres)
    build = _by_pathway if section.by_pathway else _plain
    tables = build(section, columns)
    if section.code == "referrals":
        of_level = kept.medians.get(level, []) if level != "all" and columns.level else []
        cells = [*kept.medians.get("all", [None]), *(of_level or [None for _ in columns.groups])]
        tables[0].rows.append(Row(MEDIAN.label, cells))
    if section.code == "needs":
        tables.append(Shown(CATEGORY.label, ["All", *columns.names], list(columns.categories())))
    values = _charted(section, columns)
    words = sentence(section, _base(section, columns), values)
    chart = bars(values) if any(value for _, value in values) else None
    return SectionShown(section, words, chart, tables, bool(columns.level) or level == "all", _figures(section))


def _base(section: Section, columns: _Columns) -> int | None:
    first = section.parts[0]
    return columns.cells(first.code, [figure.code for figure in first.figures])[0]


def _plain(section: Section, columns: _Columns) -> list[Shown]:
    first = section.parts[0]
    rows = [Row(section.base.label, columns.cells(first.code, [figure.code for figure in first.figures]), "base")]
    for part in section.parts:
        rows.append(Row(part.label, [], "part"))
        rows += [Row(figure.label, columns.cells(part.code, [figure.code])) for figure in part.figures]
        labels = {figure.code: figure.label for figure in part.figures}
        rows += [
            Row(f"Together: {', '.join(labels[code] for code in block)}", columns.cells(part.code, block), "joined")
            for block in columns.joined(part)
        ]
    return [Shown(section.title, ["All", *columns.names], rows)]


def _by_pathway(section: Section, columns: _Columns) -> list[Shown]:
    """One table of pathways with all their figures; by groups one table for each figure that matters most."""
    pairs = list(zip(section.parts[::2], section.parts[1::2], strict=True))
    if not columns.names:
        figures = [(number, figure) for number in (0, 1) for figure in pairs[0][number].figures]
        rows = [
            Row(pair[0].label, [columns.cells(pair[number].code, [figure.code])[0] for number, figure in figures])
            for pair in pairs
        ]
        heads = [figure.label for _, figure in figures]
        return [Shown(section.title, heads, rows)]
    return [
        Shown(
            pairs[0][number].figures[0].label,
            ["All", *columns.names],
            [Row(pair[0].label, columns.cells(pair[number].code, [pair[number].figures[0].code])) for pair in pairs],
        )
        for number in ((0,) if section.code == "needs" else (0, 1))
    ]


def _charted(section: Section, columns: _Columns) -> list[tuple[str, int | None]]:
    """What the chart of a section shows: groups by how many they are, else its figures."""
    first = section.parts[0]
    if columns.names:
        base = columns.cells(first.code, [figure.code for figure in first.figures])
        return list(zip(columns.short_names, base[1:], strict=True))
    if section.by_pathway:
        number = 0 if section.code == "needs" else 1
        parts = section.parts[number::2]
        names = [part.label for part in section.parts[::2]]
        return [
            (name, told(columns.every, part.code, [part.figures[0].code], 0))
            for name, part in zip(names, parts, strict=True)
        ]
    return [
        (figure.label, told(columns.every, part.code, [figure.code], 0))
        for part in section.parts
        for figure in part.figures
    ]


def _figures(section: Section) -> list[Figure]:
    """The definitions of a section, those of one pathway standing for all."""
    if section.by_pathway:
        return [section.base, *([CATEGORY] if section.code == "needs" else [])]
    return [section.base, *(figure for part in section.parts for figure in part.figures)]
