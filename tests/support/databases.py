"""Real databases for tests: a migrated SQLite file, a PostgreSQL database of the test's own."""

import atexit
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path

import psycopg
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from portal.core import database
from portal.jobs import migrations

POSTGRESQL = os.environ.get("PORTAL_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")


def make_sqlite(path: Path) -> Path:
    """Migrate an empty SQLite file to the newest version."""
    migrations.upgrade(f"sqlite:///{path}")
    return path


def share_statements() -> None:
    """What one test compiled, the next one reads: a quarter of all their time went into compiling the same anew."""
    make_engine, first = database.make_engine, {}

    @wraps(make_engine)
    def make_one_more(url: str) -> Engine:
        engine = make_engine(url)
        dialect, compiled = first.setdefault(engine.dialect.name, (engine.dialect, LRUCache(2000)))
        if dialect.server_version_info is None:
            # Its engine never reached a database, so it has not learnt yet whom it speaks with: this one takes over.
            first[engine.dialect.name] = (engine.dialect, compiled)
        else:
            engine.dialect = dialect
        return engine.execution_options(compiled_cache=compiled)

    database.make_engine = make_one_more


@cache
def _migrated() -> str:
    """The name of a migrated PostgreSQL database of this process, to make others from."""
    name = _new_name()
    with psycopg.connect(POSTGRESQL, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    atexit.register(_drop, name)
    migrations.upgrade(_url(name))
    return name


@contextmanager
def postgresql(*, migrated: bool = True) -> Iterator[str]:
    """A PostgreSQL database that is dropped afterwards; gives its URL."""
    name, like = _new_name(), _migrated() if migrated else "template1"
    with psycopg.connect(POSTGRESQL, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    try:
        yield _url(name)
    finally:
        _drop(name)


def _new_name() -> str:
    return f"portal_test_{uuid.uuid4().hex[:12]}"


def _url(name: str) -> str:
    return POSTGRESQL.replace("postgresql://", "postgresql+psycopg://").rsplit("/", 1)[0] + f"/{name}"


def _drop(name: str) -> None:
    with psycopg.connect(POSTGRESQL, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
