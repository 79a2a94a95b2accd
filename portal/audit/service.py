"""Writing the audit log, sealing it into its chain, and verifying the chain."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Integer, String, Table, bindparam, column, func, insert, literal, select, table

from portal.audit.append_only import is_guarded
from portal.audit.models import AuditEntry
from portal.audit.rules import EMPTY, START, Head, chain_hash
from portal.core import crypto
from portal.core.access import Actor
from portal.core.database import UtcDateTime, connection, on_sqlite, session

SEALED_WITHIN = timedelta(minutes=10)
"""The worker seals every minute; what waits for longer may be somebody's doing."""

SEAL_LOCK = 0x7365616C
"""The advisory lock under which entries are sealed one after the other, whoever does it."""

# Nobody needs the entry as an object: a plain insert is several times as fast as the session's own.
_ENTER = insert(cast(Table, AuditEntry.__table__))

# By name alone: the table is a higher room's. While somebody has a record open by break-glass, whatever she does with
# it is written down with her reason for that, unless it has one of its own; asked in the same statement.
_glass = table(
    "broken_glass",
    column("id", Integer),
    column("client_id", Integer),
    column("staff_id", Integer),
    column("reason", String),
    column("until_at", UtcDateTime),
)
_why_opened = (
    select(literal("break_glass:", String) + _glass.c.reason)
    .where(
        _glass.c.staff_id == bindparam("opener", type_=Integer),
        _glass.c.client_id == bindparam("opened", type_=Integer),
        _glass.c.until_at > bindparam("still_at", type_=UtcDateTime),
    )
    .order_by(_glass.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_ENTER_LOOKING = _ENTER.values(reason=func.coalesce(_why_opened, ""))


def record(
    actor: Actor, action: str, *, now: datetime, client_id: int | None = None, subject: str = "", reason: str = ""
) -> None:
    """Add an entry to the audit log in the running unit of work: kinds and ids only (R30).

    Without a reason of its own, what staff do with a record that they opened by break-glass gets the reason for that.
    """
    entry = {
        "at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_role": actor.role.value if actor.role else "",
        "action": action,
        "client_id": client_id,
        "subject": subject,
        "reason": reason,
    }
    if client_id is None or not actor.is_staff or reason:
        connection().execute(_ENTER, entry)
        return
    del entry["reason"]
    asked = {"opener": actor.id, "opened": client_id, "still_at": now}
    connection().execute(_ENTER_LOOKING, entry | asked)


def seal(limit: int = 500) -> int:
    """Chain up to `limit` unsealed entries in order; gives how many were sealed."""
    if not on_sqlite():
        session.execute(select(func.pg_advisory_xact_lock(SEAL_LOCK)))
    key, (position, before) = chain_key(), head()
    waiting = session.scalars(
        select(AuditEntry).where(AuditEntry.position.is_(None)).order_by(AuditEntry.id).limit(limit)
    ).all()
    for entry in waiting:
        position += 1
        entry.position = position
        entry.chain_hash = before = chain_hash(key, before, position, entry.id, entry.at, _facts(entry))
    session.flush()
    return len(waiting)


def chain_key() -> bytes:
    """The key of the chain. It comes from the index key, which a rotation of the field keys does not touch."""
    return crypto.keyring().key_for("audit chain")


def head() -> Head:
    """The end of the chain as it is now."""
    row = session.execute(
        select(AuditEntry.position, AuditEntry.chain_hash)
        .where(AuditEntry.position.is_not(None))
        .order_by(AuditEntry.position.desc())
        .limit(1)
    ).first()
    return Head(row.position, row.chain_hash or START) if row else EMPTY


def holds(written: Head) -> bool:
    """Whether the chain still holds the entry that was its end when this head was written down."""
    return _hash_at(written.position) == written.chain_hash


def first_fault(newest: int | None = None) -> int | None:
    """The position at which the chain is broken (an edit, a deletion or a reorder), or None when it is whole.

    With `newest` only so many entries at its end are looked at, for pages that must come at once.
    """
    last = session.scalar(select(func.max(AuditEntry.position))) or 0
    begin = 1 if newest is None else max(1, last - newest + 1)
    before, key = _hash_at(begin - 1), chain_key()
    entries = select(AuditEntry).where(AuditEntry.position.is_not(None)).order_by(AuditEntry.position)
    if newest is not None:
        entries = entries.where(AuditEntry.position >= begin)
    for expected, entry in enumerate(session.scalars(entries.execution_options(yield_per=500)), start=begin):
        if entry.position != expected:
            return expected
        if entry.chain_hash != chain_hash(key, before, expected, entry.id, entry.at, _facts(entry)):
            return expected
        before = entry.chain_hash
    return None


def sealed_count() -> int:
    """How many entries the chain holds."""
    return session.scalar(select(func.count()).where(AuditEntry.position.is_not(None))) or 0


def waiting_too_long(now: datetime) -> int:
    """How many entries should have been sealed by now and are not."""
    late = AuditEntry.position.is_(None) & (AuditEntry.at < now - SEALED_WITHIN)
    return session.scalar(select(func.count()).where(late)) or 0


def numbers_missing() -> int:
    """How many numbers between the first and the last entry no entry has.

    On SQLite only a deletion leaves such a gap; on PostgreSQL a change that was taken back leaves one too.
    """
    first, last, count = session.execute(
        select(func.min(AuditEntry.id), func.max(AuditEntry.id), func.count(AuditEntry.id))
    ).one()
    return last - first + 1 - count if count else 0


def guarded() -> bool:
    """Whether the database itself refuses to change the log."""
    return is_guarded(connection())


def late_faults(now: datetime) -> list[str]:
    """What is wrong before anything more is sealed, in sentences for the operator."""
    late = waiting_too_long(now)
    return [f"{late} entries waited to be sealed for more than 10 minutes: was the worker stopped?"] if late else []


def faults(heads: Iterable[Head] = ()) -> list[str]:
    """What is wrong with the log as it stands, in sentences for the operator; `heads` were written down earlier."""
    found = []
    if not guarded():
        found.append("the database does not keep the log append-only: its triggers are gone or sleep")
    broken_at = first_fault()
    if broken_at is not None:
        found.append(f"the chain is broken at entry {broken_at} of {sealed_count()}")
    found += [
        f"entry {head.position} is not the one that was written down: the end was cut off or made anew"
        for head in heads
        if not holds(head)
    ]
    return found


def _hash_at(position: int) -> str:
    """The hash that the next entry builds on; of an entry that is gone, one that fits nothing."""
    if position == 0:
        return START
    return session.scalar(select(AuditEntry.chain_hash).where(AuditEntry.position == position)) or ""


def _facts(entry: AuditEntry) -> tuple[str | int | None, ...]:
    return (
        entry.actor_kind,
        entry.actor_id,
        entry.actor_role,
        entry.action,
        entry.client_id,
        entry.subject,
        entry.reason,
    )
