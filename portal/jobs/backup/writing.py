"""Making a backup while the portal runs: one consistent reading, into a file that appears only when it is whole."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sqlalchemy import Connection, Table, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from portal.audit import service as audit
from portal.core import crypto
from portal.core.database import Base, make_engine, services_on
from portal.core.settings import Settings
from portal.jobs import migrations  # importing tables makes every one known
from portal.jobs.backup import reading, rows
from portal.jobs.backup.sealed import CannotUse, SealedWriter, is_backup

ROWS_AT_ONCE = 500


class Made(NamedTuple):
    """A backup that was made: how many rows it holds, how many bytes the file has, where the audit log ends in it."""

    rows: int
    size: int
    audit_head: str


def write(settings: Settings, target: Path, *, now: datetime) -> Made:
    """Write every row into `target`, for its owner's eyes only.

    The file appears, or takes the place of an earlier backup, at the end and in one step: stopped at any moment, what
    was there before is whole. Raises CannotUse when that cannot be, with nothing of this try left behind.
    """
    if target.exists() and not _is_ours(target):
        raise CannotUse(f"{target} is there already and is not a backup of the portal: nothing was written over")
    part = target.with_name(f"{target.name}.part")
    try:
        with _alone(part) as file:
            try:
                with _snapshot(settings.database_url) as connection:
                    head = _write_rows(connection, SealedWriter(file, settings.backup_key), now)
                file.flush()
                os.fsync(file.fileno())
                made = Made(_read_back(file, settings), file.tell(), head)
                part.replace(target)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        sync_folder(target.parent)
    except OSError as fault:
        raise CannotUse(f"the backup was not written: {fault.strerror}") from None
    except SQLAlchemyError as fault:
        raise CannotUse(f"the backup was not written: the database cannot be read ({type(fault).__name__})") from None
    return made


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlast a loss of power."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_backup(file.read(100))
    except OSError:
        return False


@contextmanager
def _alone(part: Path) -> Iterator[BinaryIO]:
    """The file to write into, emptied of what a killed backup left; raises CannotUse while another one writes it."""
    number = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(number, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotUse("another backup is writing this file at this moment") from None
        with suppress(FileNotFoundError):
            if part.stat().st_ino == os.fstat(number).st_ino:
                os.fchmod(number, 0o600)
                file.truncate(0)
                yield file
                return
        raise CannotUse("another backup has written this file at this moment")


@contextmanager
def _snapshot(url: str) -> Iterator[Connection]:
    """One reading transaction, in which the database stands still while others write on."""
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite and not Path(parsed.database or "").is_file():
        raise CannotUse("there is no database to back up")
    still = {} if sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    engine = make_engine(url)
    try:
        with engine.connect().execution_options(**still) as connection:
            if not sqlite:
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            yield connection
    finally:
        engine.dispose()


def _write_rows(connection: Connection, out: SealedWriter, now: datetime) -> str:
    # The first thing that is read, so that SQLite's snapshot stands before anything else is looked at.
    revision = migrations.revision_of(connection)
    if revision is None:
        raise CannotUse("the database is empty: there is nothing to back up")
    head = _audit_head(connection)
    out.line(
        rows.as_line(
            {
                "made_at": now.isoformat(),
                "revision": revision,
                "made_on": connection.dialect.name,
                "index_key": reading.index_key_mark(),
                "audit_head": head,
            }
        )
    )
    # Beside the portal's, a database may hold tables of others; of another version, which are ours is not known.
    found = rows.parts(connection, set(Base.metadata.tables) if revision == migrations.known()[0] else None)
    counts: dict[str, int] = {}
    key_ids: set[str] = set()
    for table, part in found:
        out.line(rows.as_line({"table": part._asdict()}))
        counts[part.table] = _write_table(connection, out, table, part, key_ids)
    for table, part in found:
        for column in part.links:
            out.line(rows.as_line({"links": {"table": part.table, "column": column}}))
            _write_links(connection, out, table, part, column)
    out.line(rows.as_line({"end": {"rows": counts, "field_keys": sorted(key_ids)}}))
    out.finish()
    return head


def _audit_head(connection: Connection) -> str:
    """The end of the audit log in this snapshot: with it a later cut is found."""
    with services_on(connection):
        return str(audit.head())


def _write_table(connection: Connection, out: SealedWriter, table: Table, part: rows.Part, key_ids: set[str]) -> int:
    kinds = [kind for _, kind in part.columns]
    sealed = [number for number, kind in enumerate(kinds) if kind == "bytes"]
    emptied = [number for number, (name, _) in enumerate(part.columns) if name in part.links]
    count = 0
    query = select(table).order_by(*table.primary_key)
    for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        values = list(row)
        key_ids.update(crypto.key_id_of(values[number]) for number in sealed if values[number] is not None)
        for number in emptied:
            values[number] = None
        out.line(rows.to_line(kinds, values))
        count += 1
    return count


def _write_links(connection: Connection, out: SealedWriter, table: Table, part: rows.Part, column: str) -> None:
    names = (*part.key, column)
    kinds = [part.kind_of(name) for name in names]
    query = select(*(table.c[name] for name in names)).where(table.c[column].is_not(None)).order_by(*table.primary_key)
    for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        out.line(rows.to_line(kinds, row))


def _read_back(file: BinaryIO, settings: Settings) -> int:
    """Read what was written as a restore would; gives how many rows it holds."""
    file.seek(0)
    return sum(reading.check(file, settings).rows.values())
