"""A quarter's numbers as they are kept: to JSON and back, by section and level."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from portal.reports.hiding import Level, Numbers, Table


class Kept(NamedTuple):
    """What is shown of one quarter: the numbers of each section, and the median days to first contact by level."""

    sections: dict[str, Numbers]
    medians: dict[str, list[int | None]]


def as_json(kept: Kept) -> dict[str, Any]:
    """The numbers as plain JSON values."""
    return {
        "sections": {
            code: {level: _level_as_json(shown) for level, shown in numbers.items()}
            for code, numbers in kept.sections.items()
        },
        "medians": kept.medians,
    }


def from_json(plain: Mapping[str, Any]) -> Kept:
    """The numbers that `as_json` gave."""
    sections = {
        code: {level: _level_from_json(shown) for level, shown in numbers.items()}
        for code, numbers in plain["sections"].items()
    }
    return Kept(sections, dict(plain["medians"]))


def _level_as_json(shown: Level) -> dict[str, Any]:
    return {
        "groups": [list(group) for group in shown.groups],
        "tables": {
            code: {"blocks": [list(block) for block in table.blocks], "values": table.values}
            for code, table in shown.tables.items()
        },
    }


def _level_from_json(plain: Mapping[str, Any]) -> Level:
    tables = {
        code: Table([tuple(block) for block in table["blocks"]], table["values"])
        for code, table in plain["tables"].items()
    }
    return Level([tuple(group) for group in plain["groups"]], tables)
