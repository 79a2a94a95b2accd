"""Reading a backup: the whole of it is checked before anything is done with it."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from portal.core import crypto
from portal.core.settings import Settings
from portal.jobs.backup import rows
from portal.jobs.backup.sealed import CannotUse, lines


class Contents(NamedTuple):
    """What a checked backup says of itself; `rows` is how many each table has."""

    made_at: datetime
    revision: str
    rows: dict[str, int]


class Row(NamedTuple):
    """A row of a table."""

    part: rows.Part
    values: dict[str, Any]


class Link(NamedTuple):
    """The value of a column that was empty in its row; `key` names the row."""

    part: rows.Part
    column: str
    key: dict[str, Any]
    value: Any


def check(file: BinaryIO, settings: Settings) -> Contents:
    """Read a backup from here to its end, as putting it back does, and keep nothing of it.

    Raises CannotUse when it is not whole, was altered, or needs keys that are not in the settings.
    """
    backup = Backup(file, settings.backup_key)
    counts = Counter(item.part.table for item in backup.items() if isinstance(item, Row))
    end = backup.end
    if {name: count for name, count in end["rows"].items() if count} != dict(counts):
        raise CannotUse("the backup does not hold as many rows as it says")
    if backup.header["index_key"] != index_key_mark():
        raise CannotUse("PORTAL_INDEX_KEY is not the one of this backup: nobody could be found or sign in")
    missing = set(end["field_keys"]) - crypto.keyring().key_ids
    if missing:
        raise CannotUse(f"{len(missing)} of the field keys that sealed this backup are not in PORTAL_FIELD_KEYS")
    return Contents(datetime.fromisoformat(backup.header["made_at"]), backup.header["revision"], end["rows"])


def head_in(source: Path, settings: Settings) -> str:
    """The end of the audit log as the first line of a backup names it; raises CannotUse where there is none."""
    with source.open("rb") as file:
        head = Backup(file, settings.backup_key).header.get("audit_head")
    if not head:
        raise CannotUse("the backup names no head of the audit log: it was made by an earlier version")
    return head


def index_key_mark() -> str:
    """A mark of this process's index key that tells nothing about the key."""
    return crypto.keyring().index("backup", "mark")


class Backup:
    """A backup from its header on; `items` gives its rows and links once, `end` what its last line says."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._lines = lines(file, key)
        self.header: dict[str, Any] = self._next()
        self.end: dict[str, Any] = {}

    def items(self) -> Iterator[Row | Link]:
        """Every row, table by table, then every link; raises CannotUse where the file is not what it should be."""
        parts: dict[str, rows.Part] = {}
        try:
            part, column = None, None
            for line in self._lines:
                found = json.loads(line)
                if isinstance(found, list) and part is not None:
                    yield _link(part, column, found) if column else _row(part, found)
                elif "table" in found:
                    part, column = _part(found["table"]), None
                    parts[part.table] = part
                elif "links" in found:
                    part, column = parts[found["links"]["table"]], found["links"]["column"]
                else:
                    self.end = found["end"]
        except (ValueError, TypeError, KeyError) as fault:
            raise CannotUse(f"the backup holds what this version cannot read ({type(fault).__name__})") from None
        if not self.end:
            raise CannotUse("the backup has no end")

    def _next(self) -> dict[str, Any]:
        for line in self._lines:
            return json.loads(line)
        raise CannotUse("the backup is empty")


def _part(found: dict[str, Any]) -> rows.Part:
    columns = tuple((name, kind) for name, kind in found["columns"])
    return rows.Part(found["table"], columns, tuple(found["key"]), tuple(found["links"]))


def _row(part: rows.Part, plain: list[Any]) -> Row:
    values = rows.from_line([kind for _, kind in part.columns], plain)
    return Row(part, dict(zip((name for name, _ in part.columns), values, strict=True)))


def _link(part: rows.Part, column: str, plain: list[Any]) -> Link:
    *key, value = rows.from_line([part.kind_of(name) for name in (*part.key, column)], plain)
    return Link(part, column, dict(zip(part.key, key, strict=True)), value)
