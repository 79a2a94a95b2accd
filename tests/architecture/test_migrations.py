"""Migrations go up and down on both databases and end where the models are."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError

from portal.audit import service as audit
from portal.core import crypto, database
from portal.core.database import Base, make_engine
from portal.core.settings import Settings
from portal.jobs import migrations, tables
from tests.support import databases

assert tables.ALL


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'migrated.db'}"
    else:
        with databases.postgresql(migrated=False) as url:
            yield url


def test_migrations_end_where_the_models_are(url):
    migrations.upgrade(url)
    engine = make_engine(url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert [difference for difference in differences if not _is_ours(difference)] == []


def test_migrations_go_down_to_nothing_and_up_again(url):
    migrations.upgrade(url)
    migrations.downgrade(url, "base")
    engine = make_engine(url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
    migrations.upgrade(url)
    assert migrations.current(url) == "0022"


def test_the_database_itself_refuses_an_overlap(url):
    """Whatever the code does, nobody and no room is taken twice: the net below the booking's own check."""
    migrations.upgrade(url)
    engine = make_engine(url)
    with engine.connect() as connection:
        _without_foreign_keys(connection)
        _take(connection, "10:00", "11:00")
        _take(connection, "11:00", "12:00")
        with pytest.raises(DatabaseError, match="occupancies_no_overlap"):
            _take(connection, "10:30", "11:30")
    engine.dispose()


def _take(connection, start: str, end: str) -> None:
    statement = (
        "INSERT INTO occupancies (appointment_id, resource, starts_at, ends_at, overbooked)"
        " VALUES (1, 'room:1', :start, :end, :overbooked)"
    )
    times = {"start": f"2026-12-01 {start}:00.000000", "end": f"2026-12-01 {end}:00.000000", "overbooked": False}
    connection.execute(text(statement), times)


def _without_foreign_keys(connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
    else:
        connection.execute(text("SET session_replication_role = replica"))


def _is_ours(difference) -> bool:
    """SQLite cannot tell a JSON or a time-zone column from its like."""
    return isinstance(difference, list) and all(part[0] == "modify_type" for part in difference)


def test_going_down_makes_no_window_of_one_date_one_of_every_week(url):
    migrations.upgrade(url)
    engine = make_engine(url)
    with engine.connect() as connection:
        _without_foreign_keys(connection)
        for table, whose in (("opening_hours", "centre_id"), ("working_hours", "staff_id, centre_id")):
            ones = whose.replace("staff_id", "1").replace("centre_id", "1")
            connection.execute(
                text(
                    f"INSERT INTO {table} ({whose}, weekday, local_from, local_until, only_on) VALUES"
                    f" ({ones}, 0, '09:00:00.000000', '12:00:00.000000', NULL),"
                    f" ({ones}, 3, '09:00:00.000000', '12:00:00.000000', '2026-12-03')"
                )
            )
        connection.commit()
    engine.dispose()
    migrations.downgrade(url, "0004")
    engine = make_engine(url)
    with engine.connect() as connection:
        for table in ("opening_hours", "working_hours"):
            assert connection.execute(text(f"SELECT weekday FROM {table}")).scalars().all() == [0]
    engine.dispose()


@pytest.mark.parametrize(("edited", "broken_at"), [(None, None), (3, 3), (1, 1)])
def test_a_chain_without_a_key_is_chained_anew_and_what_did_not_fit_still_does_not(url, edited, broken_at):
    crypto.use(Settings.from_env({}).keyring)
    migrations.upgrade(url, "0009")
    engine, before = make_engine(url), "0" * 64
    with engine.begin() as connection:
        for position in range(1, 6):
            at = datetime(2026, 11, 1, 10, position, 0, 120, tzinfo=UTC)
            facts = ["staff", 7, "admin", "client_read", None, "file", ""]
            content = json.dumps([before, position, at.isoformat(timespec="microseconds"), *facts])
            before = hashlib.sha256(content.encode()).hexdigest()
            _enter(connection, position, at, 8 if position == edited else 7, before)
    engine.dispose()
    migrations.upgrade(url)
    database.connect(url)
    assert (audit.first_fault(), audit.sealed_count(), audit.guarded()) == (broken_at, 5, True)
    if edited is None:
        assert audit.head().chain_hash != before
        database.disconnect()
        migrations.downgrade(url, "0009")
        with make_engine(url).connect() as connection:
            last = connection.scalar(text("SELECT chain_hash FROM audit_entries WHERE position = 5"))
        assert last == before
    database.disconnect()


def _enter(connection, position: int, at: datetime, actor_id: int, chain_hash: str) -> None:
    columns = "actor_kind, actor_role, action, subject, reason, at, actor_id, position, chain_hash"
    connection.execute(
        text(
            f"INSERT INTO audit_entries ({columns}) VALUES ('staff', 'admin', 'client_read', 'file', '', :at, :actor,"
            " :position, :hash)"
        ),
        {
            "at": at if connection.dialect.name == "postgresql" else f"{at:%Y-%m-%d %H:%M:%S.%f}",
            "actor": actor_id, "position": position, "hash": chain_hash,
        },
    )  # fmt: skip
