"""Real databases for tests: a migrated SQLite file, a PostgreSQL database of the test's own."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from portal.jobs import migrations

POSTGRESQL = os.environ.get("PORTAL_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")


def make_sqlite(path: Path) -> Path:
    """Migrate an empty SQLite file to the newest version."""
    migrations.upgrade(f"sqlite:///{path}")
    return path


@contextmanager
def postgresql(*, migrated: bool = True) -> Iterator[str]:
    """A PostgreSQL database that is dropped afterwards; gives its URL."""
    name = f"portal_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRESQL, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    url = POSTGRESQL.replace("postgresql://", "postgresql+psycopg://").rsplit("/", 1)[0] + f"/{name}"
    try:
        if migrated:
            migrations.upgrade(url)
        yield url
    finally:
        with psycopg.connect(POSTGRESQL, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
