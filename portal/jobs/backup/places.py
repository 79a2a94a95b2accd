"""Where a restore writes: on SQLite a new file that takes the old one's place, on PostgreSQL one transaction."""

import fcntl
import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url

from portal.audit import append_only
from portal.core import clock, database
from portal.core.database import BUSY_SECONDS, Base, make_engine
from portal.jobs import migrations  # importing tables makes every one known
from portal.jobs.backup.sealed import CannotUse
from portal.jobs.backup.writing import sync_folder

RUNS_IF_SEEN = timedelta(minutes=2)
IN_USE = "the portal runs: stop its web server and worker, then restore"
_NOT_A_DATABASE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


@contextmanager
def place_for(url: str, names: Collection[str]) -> Iterator[Connection]:
    """A transaction on a database without rows; at the end of the block it becomes the portal's, or nothing does.

    `names` are the tables of the backup: emptied are they and the portal's own, whatever else stands beside them.

    Raises CannotUse while the portal uses its database.
    """
    # A connection of this very process would look like a portal that runs.
    database.disconnect()
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    try:
        with _new_file(Path(parsed.database or "")) if sqlite else _emptied(url, names) as connection:
            # The session's own questions (which database is this?) go to the engine of the process.
            database.connect(url)
            yield connection
    finally:
        database.connect(url)


@contextmanager
def _new_file(path: Path) -> Iterator[Connection]:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.restoring")
    with _alone_in(path.parent):
        _let_go_of(path)
        _remove(new)
        try:
            engine = make_engine(f"sqlite:///{new}")
            try:
                with engine.connect().execution_options(writes_within=BUSY_SECONDS) as connection, connection.begin():
                    yield connection
            finally:
                engine.dispose()
            _into_one_file(new, like=path)
            _swap(new, path)
        except BaseException:
            _remove(new)
            raise


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotUse("another restore is at work at this moment") from None
    finally:
        os.close(number)


def _let_go_of(path: Path) -> None:
    """See that nobody uses the database, and let its journal go into it: one beside a new file would spoil that."""
    if not path.exists():
        _remove_journals(path)
        return
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.DatabaseError as fault:
            if fault.sqlite_errorname == "SQLITE_BUSY":
                raise CannotUse(IN_USE) from None
            if fault.sqlite_errorname not in _NOT_A_DATABASE:
                raise CannotUse(f"nothing was restored: the database refused it ({fault.sqlite_errorname})") from None


def _into_one_file(new: Path, like: Path) -> None:
    """Bring a finished database into its one file and onto the disk, with the owner and mode of the one it replaces."""
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    if like.exists():
        old = like.stat()
        new.chmod(old.st_mode & 0o777)
        if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(new, old.st_uid, old.st_gid)
    with new.open("rb") as file:
        os.fsync(file.fileno())


def _swap(new: Path, path: Path) -> None:
    _let_go_of(path)
    if path.exists():
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as held:
            try:
                # Whoever starts meanwhile waits, and then finds the new file.
                held.execute("BEGIN EXCLUSIVE")
            except sqlite3.DatabaseError as fault:
                if fault.sqlite_errorname not in _NOT_A_DATABASE:
                    raise CannotUse(IN_USE) from None
                _remove_journals(path)
            new.replace(path)
    else:
        new.replace(path)
    sync_folder(path.parent)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _remove_journals(path)


def _remove_journals(path: Path) -> None:
    for ending in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


@contextmanager
def _emptied(url: str, names: Collection[str]) -> Iterator[Connection]:
    engine = make_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            revision = migrations.revision_of(connection)
            if revision is not None and revision not in migrations.known():
                raise CannotUse(f"the database is of a newer version of the portal ({revision}): update first")
            ours = sorted((set(Base.metadata.tables) | set(names)) & set(inspect(connection).get_table_names()))
            if revision is None and ours:
                raise CannotUse("the database holds tables of the portal's names that are not its: name an empty one")
            if ours:
                _refuse_if_it_runs(connection)
                listed = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in ours)
                with append_only.opened(connection):
                    connection.execute(text(f"TRUNCATE {listed}"))
            yield connection
    finally:
        engine.dispose()


def _refuse_if_it_runs(connection: Connection) -> None:
    """The worker was there a moment ago and somebody is still connected: then the portal runs."""
    others = connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
    )
    newest = connection.scalar(text("SELECT max(beat_at) FROM heartbeats"))
    if others and newest is not None and clock.real_now() - newest < RUNS_IF_SEEN:
        raise CannotUse(IN_USE)
