"""The database: one session per thread, sealed columns, and `unit_of_work`, the only place that commits."""

import json
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    Connection,
    DateTime,
    Engine,
    MetaData,
    String,
    Table,
    any_,
    bindparam,
    create_engine,
    event,
    false,
    func,
    inspect,
    or_,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    scoped_session,
    sessionmaker,
)
from sqlalchemy.types import TypeDecorator

from portal.core import crypto

BUSY_SECONDS = 5
STATEMENTS_KEPT = 200
"""How many compiled statements an engine remembers; her pages need about sixty."""


_PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "secure_delete=ON", "cache_size=-400")
"""The page cache is small because every thread has its own; the machine's file cache stands behind it."""


class Base(DeclarativeBase):
    """Base of every table; the naming convention gives constraints names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, a naive UTC timestamp on SQLite, timestamptz on PostgreSQL."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect) -> datetime | None:
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    # SQLite keeps texts, and instants are most of what is read: one step each way, in place of four.
    def bind_processor(self, dialect):
        return _to_sqlite if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect, coltype):
        return _from_sqlite if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return value.astimezone(UTC)


def _to_sqlite(value: datetime | None) -> str | None:
    return None if value is None else _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_sqlite(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class SealedRow:
    """Mixin of tables with sealed columns: `seal_id` is made once per row and binds its ciphertexts to it (R32).

    `new_seal_id` gives one to whoever must name a row before it is written.
    """

    seal_id: Mapped[str] = mapped_column(String(32), unique=True)

    def __init__(self, **values: Any) -> None:
        # A row that is new has no earlier values to keep, so its columns are put in place without asking for them.
        names = column_names(cast(Any, type(self)))
        self.__dict__.update({name: values.pop(name) for name in [*values] if name in names})
        seal_id = self.__dict__.setdefault("seal_id", new_seal_id())
        for name in [name for name in values if f"_{name}" in names]:
            self.__dict__[f"_{name}"] = getattr(type(self), name).sealed(values.pop(name), seal_id)
        super().__init__(**values)


def new_seal_id() -> str:
    """What binds the ciphertexts of one new row to it."""
    return secrets.token_hex(16)


class EncryptedText:
    """Attribute that keeps a text sealed in the column attribute `_name` beside it.

    Declare both: `_called_name: Mapped[bytes | None] = mapped_column("called_name", LargeBinary)` and
    `called_name = EncryptedText()`. It opens only in its own table, column and row.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.table = name, owner.__tablename__  # type: ignore[attr-defined]  # every row class names its table

    def __get__(self, row: Any, owner: type) -> Any:
        if row is None:
            return self
        sealed = getattr(row, f"_{self.name}")
        if sealed is None:
            return None
        return self.from_plain(crypto.keyring().open(sealed, self.bound_to(row.seal_id)).decode())

    def __set__(self, row: Any, value: Any) -> None:
        setattr(row, f"_{self.name}", self.sealed(value, row.seal_id))

    def sealed(self, value: Any, seal_id: str) -> bytes | None:
        """A value as it is stored in the row with this seal id."""
        if value is None:
            return None
        return crypto.keyring().seal(self.to_plain(value).encode(), self.bound_to(seal_id))

    def bound_to(self, seal_id: str) -> str:
        """What the ciphertext is bound to: table, column and row."""
        return f"{self.table}.{self.name}|{seal_id}"

    def to_plain(self, value: Any) -> str:
        """The text that is sealed."""
        return value

    def from_plain(self, plain: str) -> Any:
        """The value that a sealed text stands for."""
        return plain


class EncryptedJson(EncryptedText):
    """Attribute that keeps a JSON value sealed, as EncryptedText does a text."""

    def to_plain(self, value: Any) -> str:
        """The JSON text that is sealed."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def from_plain(self, plain: str) -> Any:
        """The JSON value that was sealed."""
        return json.loads(plain)


Row = TypeVar("Row", bound=Base)

_factory = sessionmaker(expire_on_commit=False)
session = scoped_session(_factory)
"""The session of the running thread. Queries read through it; only `unit_of_work` makes its changes stay."""

_engine: Engine | None = None
_one_writer = threading.RLock()


def connect(url: str) -> Engine:
    """Point this process at a database; an earlier engine is let go."""
    global _engine
    disconnect()
    _engine = make_engine(url)
    _factory.configure(bind=_engine)
    return _engine


def disconnect() -> None:
    """Let go of the database."""
    global _engine
    session.remove()
    if _engine is not None:
        _engine.dispose()
        _engine = None


def engine() -> Engine:
    """The engine of this process; raises RuntimeError before `connect`."""
    if _engine is None:
        raise RuntimeError("no database: create_app has not run")
    return _engine


def on_sqlite() -> bool:
    """Whether this process runs on the embedded database."""
    return engine().dialect.name == "sqlite"


def make_engine(url: str) -> Engine:
    """An engine with this project's settings: SQLite in WAL mode with foreign keys, values never in error messages."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed,
            query_cache_size=STATEMENTS_KEPT,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=10,
            connect_args={
                # Else a server that takes a connection and never answers holds every thread, and help with it (R35).
                "connect_timeout": 5,
                "options": "-c timezone=utc -c lock_timeout=5000 -c statement_timeout=20000",
            },
        )
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    sqlite = create_engine(
        parsed,
        query_cache_size=STATEMENTS_KEPT,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(sqlite, "connect")
    def _prepare(connection, _record) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(sqlite, "begin")
    def _begin(connection) -> None:
        patience = connection.get_execution_options().get("writes_within")
        if patience is None:
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience * 1000:.0f}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return sqlite


@contextmanager
def unit_of_work(patience: float | None = None) -> Iterator[scoped_session[Any]]:
    """One change, whole or not at all: commits at the end of the block, rolls back when it raises.

    On SQLite it takes the write lock with its first statement, and threads of one process queue for it; it raises
    OperationalError when the lock cannot be had within `patience` seconds (BUSY_SECONDS if nothing else is said).
    Blocks do not nest: the outermost caller (view, webhook, task, command) owns the transaction.
    """
    if session.info.get("in_unit_of_work"):
        raise RuntimeError("unit_of_work does not nest: services flush, only views, tasks and commands open one")
    sqlite = on_sqlite()
    patience = BUSY_SECONDS if patience is None else patience
    if sqlite and not _one_writer.acquire(timeout=patience):
        raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError())
    try:
        session.rollback()
        session.info["in_unit_of_work"] = session.connection(execution_options={"writes_within": patience})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("in_unit_of_work", None)
        if sqlite:
            _one_writer.release()


def connection() -> Connection:
    """The connection that this session writes through: in a unit of work known already, elsewhere asked for."""
    known = session.info.get("in_unit_of_work")
    return session.connection() if known is None or known.closed else known


@contextmanager
def services_on(connection: Connection) -> Iterator[None]:
    """Let services work in a transaction that its caller began and ends, on a database that is only being made."""
    session.remove()
    session(bind=connection, join_transaction_mode="rollback_only")
    try:
        yield
        session.flush()
    finally:
        session.remove()


def lock_rows(statement: Any) -> Any:
    """A select that locks what it reads where the database can (PostgreSQL); SQLite has one writer anyway."""
    return statement if on_sqlite() else statement.with_for_update()


def insert_unless_there(model: type[Base] | Table, **values: Any) -> Any:
    """An insert that does nothing when a unique row is there already; concurrent ones wait for each other."""
    if on_sqlite():
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]  # the two dialects' own statements
    return insert(model).values(**values).on_conflict_do_nothing()


def among(column: Any, parameter: str) -> Any:
    """That a column holds one of the values of a list parameter: one statement to remember, however long the list."""
    if on_sqlite():
        listed = func.json_each(bindparam(parameter, type_=JSON)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(parameter, type_=ARRAY(column.type)))


def one_of(column: Any, values: Iterable[Any]) -> Any:
    """That a column holds one of a few values that are known when the statement is put together.

    An `in_` is written out anew at each run, which takes longer than the run; this stands as it is.
    """
    return or_(false(), *(column == value for value in values))


@cache
def column_names(model: type[Base]) -> dict[str, str]:
    """The columns of a model by the names of its attributes, in the order in which a select of it gives them."""
    return {attribute.key: attribute.columns[0].name for attribute in inspect(model).column_attrs}


class HasId:
    """Mixin: the surrogate key that every table has."""

    id: Mapped[int] = mapped_column(primary_key=True)


def get_or_none(model: type[Row], key: Any) -> Row | None:
    """The row with this primary key, or None; a key out of the integer range is simply not there."""
    if key is None or (isinstance(key, int) and not 0 < key < 2**31):
        return None
    return session.get(model, key)
