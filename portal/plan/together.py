"""Two people write in one goal at once: what each changed is put together, and where both changed one thing it is said.

Pure. Every value is a text: words, a day in ISO form, a code, or "yes"; empty where there is none.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from portal.core.errors import Stale

Values = Mapping[str, str]


class Choice(StrEnum):
    """What becomes of a field that both changed."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


class Clash(NamedTuple):
    """A field that both changed, each in another way."""

    field: str
    mine: str
    theirs: str


class Together(NamedTuple):
    """What comes of two changes, and the fields in which they do not fit; those hold what was there first."""

    values: dict[str, str]
    clashes: tuple[Clash, ...]


class BothChanged(Stale):
    """Somebody else changed the same field since the page was opened; nothing was changed.

    `revision` is what there is now, `values` what the form would make of it where no choice is open.
    """

    def __init__(self, revision: int, values: Values, clashes: tuple[Clash, ...], by_kind: str) -> None:
        super().__init__("both")
        self.revision, self.values, self.clashes, self.by_kind = revision, dict(values), clashes, by_kind


def put_together(base: Values, mine: Values, theirs: Values) -> Together:
    """Join two changes of the same values: `mine` and `theirs` were both made from `base`.

    Fields that `mine` does not name were not asked for, so they stay as `theirs` has them.
    """
    values, clashes = dict(theirs), []
    for field, wanted in mine.items():
        if wanted == theirs[field] or wanted == base[field]:
            continue
        if theirs[field] == base[field]:
            values[field] = wanted
        else:
            clashes.append(Clash(field, wanted, theirs[field]))
    return Together(values, tuple(clashes))


def chosen(base: Values, mine: Values, choices: Mapping[str, str]) -> dict[str, str]:
    """What somebody wants who was shown `base` as the other's change: hers, theirs, or one below the other."""
    wanted = dict(mine)
    for field, choice in choices.items():
        if field not in wanted:
            continue
        if choice == Choice.THEIRS:
            wanted[field] = base[field]
        elif choice == Choice.BOTH and base[field] != wanted[field]:
            wanted[field] = "\n".join(part for part in (base[field], wanted[field]) if part)
    return wanted
