"""What stands in a backup: for each table its columns and its rows, as JSON lines that neither database is needed for.

An object begins a part (`table`, `links`) or ends the backup (`end`); an array is a row of the part it stands in. A
column that points into its own table, or into one that comes later, is empty in the rows; its values follow as links.
"""

import json
import warnings
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Connection, MetaData, Table, types

VERSION_TABLE = "alembic_version"
"""Which shape the database has stands in the backup's first line; a restored database writes its own."""

# In this order: a Boolean of SQLAlchemy is no Integer, but an instant is the more exact kind of a date.
_KINDS: tuple[tuple[type[types.TypeEngine], str], ...] = (
    (types.LargeBinary, "bytes"), (types.Boolean, "bool"), (types.Integer, "int"), (types.DateTime, "instant"),
    (types.Date, "date"), (types.Time, "time"), (types.JSON, "json"), (types.Float, "float"), (types.Double, "float"),
    (types.String, "text"),
)  # fmt: skip

_TO_JSON: dict[str, Callable[[Any], Any]] = {
    "bytes": lambda value: b64encode(value).decode(),
    "instant": lambda value: _utc(value).isoformat(),
    "date": date.isoformat,
    "time": time.isoformat,
}
_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "bytes": b64decode,
    "instant": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


class Part(NamedTuple):
    """A table of a backup: its columns with their kinds, its key, and the columns whose values follow as links."""

    table: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    links: tuple[str, ...]

    def kind_of(self, column: str) -> str:
        """The kind of a column's values; raises KeyError for a column that the table does not have."""
        return dict(self.columns)[column]


def parts(connection: Connection, names: Collection[str] | None) -> list[tuple[Table, Part]]:
    """These tables of a database, or all that it has, as they are now; those that others point to come first."""
    metadata = MetaData()
    metadata.reflect(connection, only=None if names is None else lambda name, _: name in names)
    with warnings.catch_warnings():
        # Tables that point to each other in a circle are no trouble: one of the two columns becomes a link.
        warnings.simplefilter("ignore")
        tables = [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]
    place = {table.name: number for number, table in enumerate(tables)}
    return [(table, _part(table, place)) for table in tables]


def _part(table: Table, place: dict[str, int]) -> Part:
    later = {
        key.parent.name
        for key in table.foreign_keys
        if place[key.column.table.name] >= place[table.name] and key.parent.nullable
    }
    return Part(
        table.name,
        tuple((column.name, kind_of(column.type)) for column in table.columns),
        tuple(column.name for column in table.primary_key),
        tuple(sorted(later)),
    )


def kind_of(column_type: types.TypeEngine) -> str:
    """The kind of a column's values; raises TypeError for a type that no table of ours has."""
    for known, kind in _KINDS:
        if isinstance(column_type, known):
            return kind
    raise TypeError(f"a backup knows no {type(column_type).__name__}")


def to_line(kinds: Sequence[str], values: Sequence[Any]) -> bytes:
    """A row as a line."""
    plain = [_plain(kind, value) for kind, value in zip(kinds, values, strict=True)]
    return as_line(plain)


def from_line(kinds: Sequence[str], plain: Sequence[Any]) -> list[Any]:
    """The values of a row; instants are aware UTC. Raises ValueError or TypeError for what `to_line` never writes."""
    return [_value(kind, value) for kind, value in zip(kinds, plain, strict=True)]


def as_line(value: Any) -> bytes:
    """A JSON value as one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _plain(kind: str, value: Any) -> Any:
    turn = _TO_JSON.get(kind)
    return value if turn is None or value is None else turn(value)


def _value(kind: str, plain: Any) -> Any:
    turn = _FROM_JSON.get(kind)
    return plain if turn is None or plain is None else turn(plain)


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
