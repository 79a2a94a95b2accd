"""The cells of a table: which women stand behind each figure in each group, and how often."""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

Block = tuple[Any, ...]
"""Groups or figures that are shown together; most often one alone."""


class Count(NamedTuple):
    """One woman in one figure of a breakdown: at which centre, from which source, how often."""

    client: int
    centre: int
    source: str
    figure: str
    times: int = 1


class Leaves:
    """The women of each figure of a breakdown at each centre, or from each source, and how often all of them."""

    def __init__(self, counts: list[Count], key: Callable[[Count], Any]) -> None:
        self.women: dict[tuple[str, Any], set[int]] = {}
        self.times: Counter[tuple[str, Any]] = Counter()
        for count in counts:
            leaf = count.figure, key(count)
            self.women.setdefault(leaf, set()).add(count.client)
            self.times[leaf] += count.times


class Cells:
    """The same in the groups of a level."""

    def __init__(self, leaves: Leaves, groups: list[Block]) -> None:
        self._leaves, self._blocks = leaves, groups
        self._known: dict[tuple[Block, int], int] = {}
        self.groups = range(len(groups))

    def women(self, block: Block, group: int) -> int:
        """How many women stand behind some figures in a group."""
        if (block, group) not in self._known:
            sets = [self._leaves.women[leaf] for leaf in self._within(block, group)]
            self._known[block, group] = len(sets[0].union(*sets[1:])) if sets else 0
        return self._known[block, group]

    def times(self, block: Block, group: int) -> int:
        """How often they do."""
        return sum(self._leaves.times[leaf] for leaf in self._within(block, group))

    def size(self, block: Block) -> int:
        """How many women stand behind some figures, added up over the groups."""
        return sum(self.women(block, group) for group in self.groups)

    def _within(self, block: Block, group: int) -> list[tuple[str, Any]]:
        leaves = ((figure, key) for figure in block for key in self._blocks[group])
        return [leaf for leaf in leaves if leaf in self._leaves.women]
