"""What a merge changed, row by row, so that exactly that can be taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, delete, select, update

from portal.core.database import Base, UtcDateTime, session

Stored = dict[str, Any]


class Changes:
    """Rows that changed hands, values before and after, rows that were added; kept as plain JSON."""

    def __init__(self, stored: Stored | None = None) -> None:
        stored = stored or {}
        self.rows: dict[str, list[int]] = stored.get("rows", {})
        self.values: dict[str, dict[str, dict[str, list]]] = stored.get("values", {})
        self.added: dict[str, list[int]] = stored.get("added", {})
        self.raised: list[int] = stored.get("raised", [])

    def as_json(self) -> Stored:
        """What is stored."""
        return {"rows": self.rows, "values": self.values, "added": self.added, "raised": self.raised}

    def move(self, model: type[Base], from_id: int, to_id: int) -> int:
        """Give every row of one woman's record to the other record; gives how many."""
        owner = model.__table__.c.client_id
        ids = list(session.scalars(select(_key(model)).where(owner == from_id)))
        self.rows[model.__tablename__] = [*self.rows.get(model.__tablename__, []), *ids]
        _give(model, ids, from_id, to_id)
        return len(ids)

    def add(self, row: Any) -> None:
        """Add a row that goes when the merge is undone."""
        session.add(row)
        session.flush()
        self.added.setdefault(row.__tablename__, []).append(row.id)

    def put(self, row: Any, **values: Any) -> None:
        """Set values of a row and keep what they were."""
        with self.watching(row, *values):
            for name, value in values.items():
                setattr(row, name, value)

    @contextmanager
    def watching(self, row: Any, *names: str) -> Iterator[None]:
        """Keep what the block makes of these values of a row, and what they were."""
        before = {name: _plain(getattr(row, name)) for name in names}
        yield
        changed = {name: [before[name], _plain(getattr(row, name))] for name in names}
        changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
        if changed:
            self.values.setdefault(row.__tablename__, {}).setdefault(str(row.id), {}).update(changed)

    def take_back(self, kept_id: int, merged_id: int) -> None:
        """Give the rows back, and every value that nobody changed since; what came since stays with the kept record."""
        models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
        for table, ids in self.rows.items():
            _give(models[table], ids, kept_id, merged_id)
        for table, ids in self.added.items():
            session.execute(delete(models[table]).where(_key(models[table]).in_(ids)))
        for table, rows in self.values.items():
            for row_id, changed in rows.items():
                row = session.get(models[table], int(row_id), populate_existing=True)
                if row is not None:
                    _restore(row, changed)
        session.flush()


def _give(model: type[Base], ids: list[int], from_id: int, to_id: int) -> None:
    owner = model.__table__.c.client_id
    session.execute(update(model).where(_key(model).in_(ids), owner == from_id).values(client_id=to_id))


def _key(model: type[Base]) -> Any:
    return model.__mapper__.primary_key[0]


def _restore(row: Any, changed: dict[str, list]) -> None:
    for name, (before, after) in changed.items():
        if _plain(getattr(row, name)) == after:
            setattr(row, name, _typed(row, name, before))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _typed(row: Any, name: str, value: Any) -> Any:
    column = row.__table__.c.get(name)
    if value is None or column is None:
        return value
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value
