"""The log is append-only by triggers, and its chain stands under a key; chains without one are made anew here.

What was whole before is whole after; where an entry did not fit, its old hash stays, so that it still does not.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from portal.audit import append_only
from portal.core import crypto

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_AT_ONCE = 1000
_Hash = Callable[[str, sa.Row], str]


def upgrade() -> None:
    _chain_anew(_plain, _keyed)
    append_only.guard(op.get_bind())


def downgrade() -> None:
    append_only.unguard(op.get_bind())
    _chain_anew(_keyed, _plain)


def _chain_anew(old: _Hash, new: _Hash) -> None:
    """Go along the chain, as `old` has it, and give each entry that fits the hash that `new` makes."""
    entries = sa.Table("audit_entries", sa.MetaData(), autoload_with=op.get_bind())
    was = now = "0" * 64
    newest = 0
    renew = (
        entries.update()
        .where(entries.c.id == sa.bindparam("number"))
        .values(chain_hash=sa.bindparam("made"))
        .execution_options(synchronize_session=False)
    )
    while True:
        some = entries.select().where(entries.c.position > newest).order_by(entries.c.position).limit(_AT_ONCE)
        rows = op.get_bind().execute(some).all()
        changes = []
        for row in rows:
            if row.position == newest + 1 and row.chain_hash == old(was, row):
                now = new(now, row)
                changes.append({"number": row.id, "made": now})
            else:
                now = row.chain_hash or ""
            newest, was = row.position, row.chain_hash or ""
        if changes:
            op.get_bind().execute(renew, changes)
        if not rows:
            return


def _plain(before: str, row: sa.Row) -> str:
    content = json.dumps([before, row.position, _at(row), *_facts(row)])
    return hashlib.sha256(content.encode()).hexdigest()


def _keyed(before: str, row: sa.Row) -> str:
    content = json.dumps([before, row.position, row.id, _at(row), *_facts(row)])
    return hmac.digest(crypto.keyring().key_for("audit chain"), content.encode(), "sha256").hex()


def _at(row: sa.Row) -> str:
    at: datetime = row.at
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds")


def _facts(row: sa.Row) -> list[str | int | None]:
    return [row.actor_kind, row.actor_id, row.actor_role, row.action, row.client_id, row.subject, row.reason]
