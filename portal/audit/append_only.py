"""Keeps the log append-only in the database itself: whoever writes there, whatever program it is.

An entry is inserted unsealed, sealed once, and then stands. The one door is `opened`, for a restore, which puts back
entries that were sealed already; it works inside one transaction, so that nobody else ever sees it open.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, inspect, text

from portal.audit.models import AuditEntry

TABLE = AuditEntry.__tablename__
REFUSED = f"{TABLE} is append-only"

_FACTS = ("id", "at", "actor_kind", "actor_id", "actor_role", "action", "client_id", "subject", "reason")
_SEALED_ONCE = (
    "old.position IS NULL AND old.chain_hash IS NULL AND new.position IS NOT NULL AND new.chain_hash IS NOT NULL"
)

# SQLite's REPLACE removes a row in the way without asking a trigger on DELETE, so that is refused where it begins.
_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
_NUMBER_TAKEN = "EXISTS (SELECT 1 FROM audit_entries WHERE id = new.id)"
_POSITION_TAKEN = "EXISTS (SELECT 1 FROM audit_entries WHERE position = new.position)"
_SQLITE = {
    f"{TABLE}_insert": (
        f"BEFORE INSERT ON {TABLE} WHEN new.position IS NOT NULL OR new.chain_hash IS NOT NULL OR {_NUMBER_TAKEN}"
    ),
    f"{TABLE}_update": (
        f"BEFORE UPDATE ON {TABLE} WHEN NOT ({_SEALED_ONCE}"
        + "".join(f" AND new.{name} IS old.{name}" for name in _FACTS)
        + f") OR {_POSITION_TAKEN}"
    ),
    f"{TABLE}_delete": f"BEFORE DELETE ON {TABLE}",
}

_FUNCTION = f"{TABLE}_append_only"
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF new.position IS NULL AND new.chain_hash IS NULL THEN RETURN new; END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF {_SEALED_ONCE}
            AND ({", ".join(f"new.{name}" for name in _FACTS)})
                IS NOT DISTINCT FROM ({", ".join(f"old.{name}" for name in _FACTS)})
        THEN RETURN new; END IF;
    END IF;
    RAISE EXCEPTION '{REFUSED}';
END $$
"""
_POSTGRESQL = {
    f"{TABLE}_rows": f"BEFORE INSERT OR UPDATE OR DELETE ON {TABLE} FOR EACH ROW",
    f"{TABLE}_truncate": f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT",
}


def guard(connection: Connection) -> None:
    """Put the triggers in place, anew where they stand already; the table must be there."""
    unguard(connection)
    if connection.dialect.name == "sqlite":
        for name, when in _SQLITE.items():
            connection.execute(text(f"CREATE TRIGGER {name} {when} {_REFUSE}"))
        return
    connection.execute(text(_POSTGRESQL_FUNCTION))
    for name, when in _POSTGRESQL.items():
        connection.execute(text(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {_FUNCTION}()"))


def unguard(connection: Connection) -> None:
    """Take the triggers away; without them or without the table nothing happens."""
    if connection.dialect.name == "sqlite":
        for name in _SQLITE:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        return
    connection.execute(text(f"DROP FUNCTION IF EXISTS {_FUNCTION}() CASCADE"))


@contextmanager
def opened(connection: Connection) -> Iterator[None]:
    """Let whole entries be put in, in the transaction that runs; the triggers stand again at the end of the block."""
    unguard(connection)
    yield
    if inspect(connection).has_table(TABLE):
        guard(connection)


def is_guarded(connection: Connection) -> bool:
    """Whether every trigger stands and none sleeps."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"), {"table": TABLE}
        )
        wanted = {(name, f"CREATE TRIGGER {name} {when} {_REFUSE}") for name, when in _SQLITE.items()}
        return wanted <= {(name, sql) for name, sql in found}
    awake = connection.scalars(
        text(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE c.relname = :table AND pg_table_is_visible(c.oid) AND p.proname = :function AND t.tgenabled <> 'D'"
        ),
        {"table": TABLE, "function": _FUNCTION},
    )
    return set(_POSTGRESQL) <= set(awake)
