"""Erasing the words of texts at the gateway once they have ended there, so that only ours remain, sealed.

The gateway refuses until a text has ended, and erasing twice does no harm. So each try is counted and the next one put
off before the gateway is asked: whoever is killed in between leaves a text that is only asked for once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from portal.core.database import on_sqlite, session
from portal.messaging.models import IncomingText, Text, TextStatus
from portal.messaging.rules import redact_pause


@dataclass(frozen=True)
class Erasure:
    """A text, ours or hers, whose words are to be erased: the ids of all its tries; `put_off_to` marks this claim."""

    table: type[Text] | type[IncomingText]
    row_id: int
    sids: tuple[str, ...]
    put_off_to: datetime


def claim(now: datetime, most: int) -> list[Erasure]:
    """Take up to `most` of our texts and as many of hers whose words can be erased now. The caller commits first."""
    texts = _take(Text, Text.redact_at <= now, now, most)
    incoming = _take(IncomingText, _interpreted(now), now, most)
    tries: dict[int, set[str]] = {text.id: {text.gateway_sid} if text.gateway_sid else set() for text in texts}
    statuses = select(TextStatus.text_id, TextStatus.gateway_sid).where(TextStatus.text_id.in_(tries))
    for text_id, sid in session.execute(statuses):
        if sid:
            tries[text_id].add(sid)
    ours = [Erasure(Text, text.id, tuple(sorted(tries[text.id])), text.redact_at) for text in texts]
    return ours + [Erasure(IncomingText, row.id, (row.gateway_sid,), row.redact_at) for row in incoming]


def settle(erased: Sequence[Erasure], now: datetime) -> None:
    """Note what was erased; a text of which another try ended in the meantime stays to be done."""
    for erasure in erased:
        table = erasure.table
        session.execute(
            update(table)
            .where(table.id == erasure.row_id, table.redact_at == erasure.put_off_to)
            .values(redacted_at=now, redact_at=None)
            .execution_options(synchronize_session=False)
        )


def waiting(now: datetime) -> int:
    """How many texts have ended, or were understood, and still have their words at the gateway."""
    ours = select(func.count()).where(or_(Text.redact_at <= now, and_(Text.redact_at > now, Text.redact_tries > 0)))
    hers = select(func.count()).where(IncomingText.redacted_at.is_(None), IncomingText.interpreted_at.is_not(None))
    return (session.scalar(ours) or 0) + (session.scalar(hers) or 0)


def _interpreted(now: datetime) -> ColumnElement[bool]:
    return and_(
        IncomingText.redacted_at.is_(None),
        IncomingText.interpreted_at.is_not(None),
        or_(IncomingText.redact_at.is_(None), IncomingText.redact_at <= now),
    )


def _take(table, ready: ColumnElement[bool], now: datetime, most: int) -> list:
    statement = select(table).where(ready).order_by(table.redact_at, table.id).limit(most)
    statement = statement.execution_options(populate_existing=True)
    rows = session.scalars(statement if on_sqlite() else statement.with_for_update(skip_locked=True)).all()
    for row in rows:
        row.redact_tries += 1
        row.redact_at = now + redact_pause(row.redact_tries)
    session.flush()
    return list(rows)
