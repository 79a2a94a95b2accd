"""Rows read and written past the session's own unit of work, in a third of the time, and kept in the session as ever.

For what every booking asks and writes, and for nothing else: elsewhere the session's own way is quick enough.
"""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlalchemy.orm.util import identity_key

from portal.core.database import (
    STATEMENTS_KEPT,
    Base,
    column_names,
    connection,
    insert_unless_there,
    on_sqlite,
    session,
)


def read_plain(statement: Any, facts: Mapping[str, Any]) -> Any:
    """What a statement finds, its columns as they come; the statement is one that was put together once and is kept."""
    session.flush()
    return connection().execute(statement, facts, execution_options=_known_by_itself(statement))


def read_at_once(statement: Any, facts: Mapping[str, Any], *models: type[Base]) -> tuple[Any, ...] | None:
    """The first row of a statement that selects nothing but whole models: their objects in order, or None.

    In place of a model that an outer join did not find stands None. What the session holds already keeps its changes.
    """
    row = read_plain(statement, facts).first()
    if row is None:
        return None
    found, begins = [], 0
    for model in models:
        names = tuple(column_names(model))
        found.append(_kept(model, dict(zip(names, row[begins : begins + len(names)], strict=True))))
        begins += len(names)
    return tuple(found)


def write_at_once(row: Base) -> bool:
    """Insert a new row and keep it in the session.

    Gives False, and writes nothing, when a unique row is there already; concurrent ones wait for each other.
    """
    names = column_names(type(row))
    values = {column: row.__dict__[name] for name, column in names.items() if name in row.__dict__}
    result: Any = connection().execute(_inserting(type(row), on_sqlite()), values)
    number = result.scalar()
    if number is None:
        return False
    written = result.last_inserted_params()
    row.__dict__.update({name: written.get(column) for name, column in names.items()}, id=number)
    _keep(row)
    return True


def write_all_at_once(rows: Sequence[Base]) -> set[Base]:
    """Insert new rows of one table as `write_at_once` does, all with one statement; gives those that were written.

    The table has sealed columns: by its seal id a row is known again in what the database answers.
    """
    if len(rows) < 2:
        return {row for row in rows if write_at_once(row)}
    table, names = cast(Table, type(rows[0]).__table__), column_names(type(rows[0]))
    filled = [name for name in names if any(row.__dict__.get(name) is not None for row in rows)]
    values = [{names[name]: row.__dict__.get(name) for name in filled} for row in rows]
    blank = [column for name, column in names.items() if name not in filled and column != "id"]
    given = insert_unless_there(table).returning(table.c.id, table.c.seal_id, *(table.c[name] for name in blank))
    found = {row.seal_id: row for row in connection().execute(given, values)}
    written = {row for row in rows if row.__dict__["seal_id"] in found}
    for row in rows:
        if row not in written:
            continue
        answer = found[row.__dict__["seal_id"]]
        row.__dict__.update({name: getattr(answer, column) for name, column in names.items() if column in blank})
        row.__dict__["id"] = answer.id
        _keep(row)
    return written


class _LastCompiled(dict[Any, Any]):
    """What one statement was last compiled to, in place of the engine's memory of all statements.

    SQLAlchemy looks there with dialect, parts of the statement, names of parameters and how it is run. To hash some
    hundred parts takes as long as a small query, so they are left out: the statement is always the same.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_but_parts(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        # What was compiled for an engine that is gone would keep that engine's dialect for ever.
        self.clear()
        super().__setitem__(_but_parts(key), compiled)


def _but_parts(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return key[:1] + key[2:]


@lru_cache(STATEMENTS_KEPT)
def _known_by_itself(_statement: Any) -> dict[str, Any]:
    return {"compiled_cache": _LastCompiled()}


def _kept(model: type[Base], values: dict[str, Any]) -> Base | None:
    number = values["id"]
    if number is None:
        return None
    key = identity_key(model, number)
    there = session.identity_map.get(key)
    if there is not None:
        for name in values.keys() - there.__dict__.keys():
            set_committed_value(there, name, values[name])
        return there
    row = model.__mapper__.class_manager.new_instance()
    row.__dict__.update(values)
    # As the session's own loading does: the row is whole and unchanged, so that nothing is left to look through.
    state = instance_state(row)
    state.key, state.session_id = key, session().hash_key
    session.identity_map.add(state)
    return cast(Base, row)


def _keep(row: Base) -> None:
    make_transient_to_detached(row)
    session.add(row)


@cache
def _inserting(model: type[Base], _on_sqlite: bool) -> Any:
    table = cast(Table, model.__table__)
    return insert_unless_there(table).returning(table.c.id)
