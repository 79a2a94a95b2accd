"""Lists that people sort: the column stands in the address, with a minus before it when it is turned round."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request

Row = TypeVar("Row")


@dataclass(frozen=True)
class Sorting:
    """How a list was asked to be sorted; without a column it stays in its own order."""

    name: str
    keys: Mapping[str, Callable[[Any], Any]]
    column: str = ""
    descending: bool = False

    @property
    def value(self) -> str:
        """What stands in the address."""
        return f"-{self.column}" if self.descending else self.column

    def rows(self, rows: Iterable[Row]) -> list[Row]:
        """The rows in the order asked for; those without a value come last, whichever way round it is."""
        rows = list(rows)
        if not self.column:
            return rows
        key = self.keys[self.column]
        with_value = [row for row in rows if key(row) not in (None, "")]
        without = [row for row in rows if key(row) in (None, "")]
        return sorted(with_value, key=lambda row: _folded(key(row)), reverse=self.descending) + without

    def state(self, column: str) -> str:
        """What `aria-sort` says of a column: "ascending", "descending", or "none"."""
        if column != self.column:
            return "none"
        return "descending" if self.descending else "ascending"

    def address(self, column: str) -> str:
        """This page sorted by that column, or turned round; what else was asked for stays."""
        turned = f"-{column}" if self.state(column) == "ascending" else column
        kept = [(name, value) for name, value in request.args.items(multi=True) if name != self.name]
        return f"{request.path}?{urlencode([*kept, (self.name, turned)])}"


def asked_for(keys: Mapping[str, Callable[[Any], Any]], *, name: str = "sort") -> Sorting:
    """The order that the address asks for, of a list with these columns; one that it does not have is no order."""
    value = request.args.get(name, "")
    column = value.removeprefix("-")
    return Sorting(name, keys, column, value.startswith("-")) if column in keys else Sorting(name, keys)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
