"""What of a table of women may be shown: groups and figures that are too small are joined until they are not.

Nothing is blotted out. Each number that is shown is an exact sum over whole groups and whole figures, and stands for
nobody or for at least LEAST women. A cell that is not shown lies in a joined one, so from all that is shown it may be
anything between 0 and that sum, of LEAST or more. For this to hold over all pages of a quarter together:

- groups are joined once for all figures of a family, figures once for all groups of a level;
- the figures of a finer level are joined from those of the coarser one, centres from boroughs (`LEVELS`);
- a figure is broken down further only where it is shown by itself;
- with what is joined hangs on an order that is fixed, the most telling first, never on how large it is;
- what else is told (shares, categories of needs, charts) is worked out from shown numbers alone.

docs/decisions/0034 has the reasons, tests/reports/attacker.py what it was tried against.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from portal.reports.cells import Block, Cells, Count, Leaves

LEAST = 5
"""Women behind every number that is shown, unless it is nobody."""

JOINED_LEAST = 10
"""Women behind figures that are shown together: of 5, the smaller of two would be known to be under 5."""

GROUPS_LEAST = (10, 20, 30, 50)
"""Women in a group that is shown by itself. Fewer than the first never; of the others whichever tells most.

One group of ten hides a figure in all of them; joined with another it may hide nothing.
"""


class Breakdown(NamedTuple):
    """The figures into which a base falls, each woman (or session of hers) in exactly one.

    The base is the whole family's, or one figure of another breakdown: `base` is (breakdown, figure). Where
    `zero_shown` is off, "nobody" and "all of them" are hidden as small numbers are: both tell of each woman in a group.
    """

    code: str
    figures: tuple[str, ...]
    base: tuple[str, str] | None = None
    zero_shown: bool = True


class Family(NamedTuple):
    """Breakdowns of the same women, which share their groups; the first one has all of them."""

    code: str
    breakdowns: tuple[Breakdown, ...]


class Table(NamedTuple):
    """One breakdown as shown at one level: `values[b][g]` is the number of the b-th block of figures in group g."""

    blocks: list[Block]
    values: list[list[int]]


class Level(NamedTuple):
    """What is shown at one level: its groups, joined where they are small, and the breakdowns that can be shown."""

    groups: list[Block]
    tables: dict[str, Table]


Numbers = dict[str, Level]
"""What is shown of one family, by level; a level at which nothing can be shown is not there."""

LEVELS = {"all": None, "borough": "all", "centre": "borough", "source": "all"}
"""The levels, each with the one whose joined figures it starts from."""


def published(
    family: Family, counts: dict[str, list[Count]], boroughs: dict[int, str], sources: Sequence[str]
) -> Numbers:
    """What may be shown of one family, from one Count for each woman (or woman, centre and figure) of each breakdown.

    `boroughs` names the borough of each centre; `sources` are all that there are.
    """
    root = counts[family.breakdowns[0].code]
    if 0 < len({count.client for count in root}) < LEAST:
        return {}
    at_centre = {code: Leaves(found, lambda count: count.centre) for code, found in counts.items()}
    of_source = {code: Leaves(found, lambda count: count.source) for code, found in counts.items()}
    whole = _levels(family, at_centre, {"all": [tuple(boroughs)]}, {})
    places = _different(_places(root, boroughs, least) for least in GROUPS_LEAST)
    by_place = [_levels(family, at_centre, groups, whole) for groups in places]
    chosen = _different({"source": _sources(root, sources, least)} for least in GROUPS_LEAST)
    by_source = [_levels(family, of_source, groups, whole) for groups in chosen]
    found = whole | max(by_place, key=_told) | max(by_source, key=_told)
    if "borough" in found:
        found["borough"] = found["borough"]._replace(groups=_borough_names(found["borough"].groups, boroughs))
    return found


def _different(tried: Iterable[dict[str, list[Block]]]) -> list[dict[str, list[Block]]]:
    found: list[dict[str, list[Block]]] = []
    for groups in tried:
        if groups not in found:
            found.append(groups)
    return found


def _levels(family: Family, leaves: dict[str, Leaves], groups: dict[str, list[Block]], whole: Numbers) -> Numbers:
    """Some levels, each from what its coarser one or the whole joined; one of a single group is left out."""
    found: Numbers = {}
    for level, blocks in groups.items():
        coarser = LEVELS[level]
        if coarser is None or len(blocks) > 1:
            above = (whole | found)[coarser if coarser in found else "all"].tables if coarser else {}
            found[level] = Level(blocks, _tables(family, leaves, level, blocks, above))
    return found


def _told(numbers: Numbers) -> int:
    """How many numbers some levels tell."""
    return sum(len(level.groups) * len(table.blocks) for level in numbers.values() for table in level.tables.values())


def joined(
    keys: Sequence[Block], is_fine: Callable[[Block], bool], size: Callable[[Block], int], least: int
) -> list[Block]:
    """The blocks with those that are not fine joined into one, with the empty ones and at least one that is fine.

    It stands for `least` women or more. Which fine ones are taken hangs on their order alone, the last ones first, and
    never on their size: who knows this rule could reckon back from that. When nothing helps, all are one block.
    """
    bad = [key for key in keys if not is_fine(key)]
    if not bad:
        return list(keys)
    taken = bad + [key for key in keys if key not in bad and size(key) == 0]
    others = [key for key in keys if key not in taken]
    taken += others[-1:]
    while others[:-1] and (not is_fine(_flat(taken)) or size(_flat(taken)) < least):
        others.pop()
        taken.append(others[-1])
    block = _flat(key for key in keys if key in taken)
    first = next(number for number, key in enumerate(keys) if key in taken)
    return [block if number == first else key for number, key in enumerate(keys) if number == first or key not in taken]


def _flat(blocks: Iterable[Block]) -> Block:
    return tuple(key for block in blocks for key in block)


def _places(root: list[Count], boroughs: dict[int, str], least: int) -> dict[str, list[Block]]:
    """The groups of both levels of places, as blocks of centres: those of centres lie within those of boroughs."""
    of_centre = _women_by(root, lambda count: count.centre)
    whole = [
        tuple(centre for centre in boroughs if boroughs[centre] == name) for name in dict.fromkeys(boroughs.values())
    ]
    by_borough = _joined_groups(whole, of_centre, least)
    by_centre = [
        block
        for group in by_borough
        for block in (_joined_groups([(centre,) for centre in group], of_centre, least) if group in whole else [group])
    ]
    return {"borough": by_borough, "centre": by_centre}


def _sources(root: list[Count], sources: Sequence[str], least: int) -> list[Block]:
    return _joined_groups([(source,) for source in sources], _women_by(root, lambda count: count.source), least)


def _joined_groups(keys: list[Block], women: dict[Any, set[int]], least: int) -> list[Block]:
    def size(block: Block) -> int:
        return len(set[int]().union(*(women.get(key, set()) for key in block)))

    return joined(keys, lambda block: size(block) == 0 or size(block) >= least, size, least)


def _women_by(root: list[Count], key: Callable[[Count], Any]) -> dict[Any, set[int]]:
    found: dict[Any, set[int]] = {}
    for count in root:
        found.setdefault(key(count), set()).add(count.client)
    return found


def _borough_names(groups: list[Block], boroughs: dict[int, str]) -> list[Block]:
    return [tuple(dict.fromkeys(boroughs[centre] for centre in block)) for block in groups]


def _tables(
    family: Family, leaves: dict[str, Leaves], level: str, groups: list[Block], above: dict[str, Table]
) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for breakdown in family.breakdowns:
        if level != "all" and breakdown.code not in above:
            continue
        if breakdown.base and not _stands_alone(found.get(breakdown.base[0]), breakdown.base[1]):
            continue
        cells = Cells(leaves[breakdown.code], groups)
        start = above[breakdown.code].blocks if above else [(figure,) for figure in breakdown.figures]
        blocks = joined(start, _is_fine(cells, breakdown), cells.size, JOINED_LEAST)
        values = [[cells.times(block, group) for group in cells.groups] for block in blocks]
        found[breakdown.code] = Table(blocks, values)
    return found


def _is_fine(cells: Cells, breakdown: Breakdown) -> Callable[[Block], bool]:
    nobody = {group for group in cells.groups if cells.women(breakdown.figures, group) == 0}
    zero_shown = breakdown.zero_shown

    def is_fine(block: Block) -> bool:
        return all(
            group in nobody or cells.women(block, group) >= LEAST or (zero_shown and cells.women(block, group) == 0)
            for group in cells.groups
        )

    return is_fine


def _stands_alone(table: Table | None, figure: str) -> bool:
    return table is not None and (figure,) in table.blocks
