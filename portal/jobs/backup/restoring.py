"""Putting a backup into a database: the whole of it or nothing; until the last moment the old state is whole."""

import sqlite3
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import Connection, MetaData, Table, Update, bindparam, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from portal.audit import append_only
from portal.core.access import Actor
from portal.core.database import make_engine, services_on
from portal.core.settings import Settings
from portal.jobs import migrations
from portal.jobs.backup import aftermath, places, reading
from portal.jobs.backup.sealed import CannotUse

ROWS_AT_ONCE = 500


class Restored(NamedTuple):
    """A backup that was put back: when it was made, how many rows it holds, how many texts are held for a person."""

    made_at: datetime
    rows: int
    held: int


def restore(settings: Settings, source: Path, actor: Actor, *, now: datetime) -> Restored:
    """Make the database of the settings what a backup says, brought up to this version, with all sending stopped.

    Raises CannotUse when the backup cannot be used, the portal runs or the database takes it not; nothing has changed
    then.
    """
    try:
        with source.open("rb") as file:
            contents = reading.check(file, settings)
            if contents.revision not in migrations.known():
                raise CannotUse(
                    f"the backup was made by a newer version of the portal (database {contents.revision}): update first"
                )
            with places.place_for(settings.database_url, contents.rows) as connection:
                file.seek(0)
                held = _fill(connection, file, settings.backup_key, contents, actor, now)
    except OSError as fault:
        raise CannotUse(f"nothing was restored: {fault.strerror}") from None
    except (SQLAlchemyError, sqlite3.Error) as fault:
        raise CannotUse(_refusal(fault)) from None
    return Restored(contents.made_at, sum(contents.rows.values()), held)


def holds_people(url: str) -> bool:
    """Whether a database holds data that a restore would replace; one that cannot be read holds none."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return False
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT 1 FROM staff LIMIT 1")).first() is not None
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


def _fill(
    connection: Connection, file: BinaryIO, key: bytes, contents: reading.Contents, actor: Actor, now: datetime
) -> int:
    """Put a checked backup into an empty database, in the transaction that runs; gives how many texts are held."""
    migrations.move(connection, contents.revision)
    tables = _tables(connection, contents.rows)
    with append_only.opened(connection):
        # Migrations fill some tables, as with bank holidays; what stands in them now comes from the backup alone.
        for name in reversed([name for name in contents.rows if name in tables]):
            connection.execute(tables[name].delete())
        _Loader(connection, tables).load(reading.Backup(file, key))
    if connection.dialect.name == "postgresql":
        _set_sequences(connection, tables)
    migrations.move(connection, migrations.known()[0])
    with services_on(connection):
        return aftermath.put_right(actor, contents.made_at, now=now)


def _tables(connection: Connection, names: Collection[str]) -> dict[str, Table]:
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name in names)
    return dict(metadata.tables)


class _Loader:
    """Inserts rows in the order of the backup, some hundred at a time."""

    def __init__(self, connection: Connection, tables: dict[str, Table]) -> None:
        self._connection, self._tables = connection, tables
        self._naive = connection.dialect.name == "sqlite"
        self._waiting: list[reading.Row | reading.Link] = []

    def load(self, backup: reading.Backup) -> None:
        """Put every row and link into the database; raises CannotUse for a table that this version does not have."""
        for item in backup.items():
            if item.part.table not in self._tables:
                raise CannotUse(f"the backup holds a table that its version does not have: {item.part.table}")
            if self._waiting and (len(self._waiting) == ROWS_AT_ONCE or not _alike(item, self._waiting[0])):
                self._flush()
            self._waiting.append(item)
        if self._waiting:
            self._flush()

    def _flush(self) -> None:
        items, self._waiting = self._waiting, []
        table = self._tables[items[0].part.table]
        written = [self._values(item.values) for item in items if isinstance(item, reading.Row)]
        links = [item for item in items if isinstance(item, reading.Link)]
        try:
            if written:
                self._connection.execute(table.insert(), written)
            if links:
                self._connection.execute(_pointing(table, links[0]), [_pointed(link) for link in links])
        except SQLAlchemyError as fault:
            # SQLite takes text of any length; PostgreSQL does not.
            raise CannotUse(f"{_refusal(fault)}, in table {table.name}") from None

    def _values(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values as the database's own types want them: SQLite keeps instants without their zone, in UTC."""
        if not self._naive:
            return values
        return {
            name: value.replace(tzinfo=None) if isinstance(value, datetime) else value for name, value in values.items()
        }


def _pointing(table: Table, link: reading.Link) -> Update:
    statement = table.update().values({table.c[link.column]: bindparam("pointing")})
    for name in link.key:
        statement = statement.where(table.c[name] == bindparam(f"key_{name}"))
    return statement


def _pointed(link: reading.Link) -> dict[str, Any]:
    return {"pointing": link.value, **{f"key_{name}": value for name, value in link.key.items()}}


def _alike(one: reading.Row | reading.Link, other: reading.Row | reading.Link) -> bool:
    same_column = getattr(one, "column", None) == getattr(other, "column", None)
    return type(one) is type(other) and one.part.table == other.part.table and same_column


def _set_sequences(connection: Connection, tables: dict[str, Table]) -> None:
    """New rows take numbers after those of the backup."""
    for table in tables.values():
        if "id" not in table.primary_key.columns:
            continue
        newest = connection.scalar(select(func.max(table.c.id)))
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
        if sequence is not None:
            connection.execute(select(func.setval(sequence, newest or 1, newest is not None)))


def _refusal(fault: Exception) -> str:
    """A database's refusal by its kind: its own words could hold values of rows."""
    fault = getattr(fault, "orig", None) or fault
    kind = getattr(fault, "sqlite_errorname", None) or type(fault).__name__
    if kind in ("SQLITE_BUSY", "LockNotAvailable"):
        return places.IN_USE
    return f"nothing was restored: the database refused it ({kind})"
