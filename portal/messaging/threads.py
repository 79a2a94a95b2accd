"""Reading one woman's thread: texts, messages and marks, and what others said in it meanwhile."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select

from portal.core.database import session
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.messaging.queries import MOST_SHOWN


class Entry(NamedTuple):
    """One thing in a thread: a text of ours, a text of hers, a message on the portal, or a mark of what happened."""

    at: datetime
    kind: str
    row: Text | IncomingText | PortalMessage | ThreadMark


_SAID: tuple[tuple[str, Any, Any], ...] = (
    ("incoming", IncomingText, IncomingText.received_at),
    ("mark", ThreadMark, ThreadMark.made_at),
    ("message", PortalMessage, PortalMessage.written_at),
    ("text", Text, Text.wanted_at),
)


def thread(client_id: int, limit: int | None = MOST_SHOWN) -> list[Entry]:
    """Everything said between her and us, oldest first; at most the last `limit` of each kind (None: all)."""
    found: list[Entry] = []
    for kind, model, at in _SAID:
        rows = session.scalars(select(model).where(model.client_id == client_id).order_by(at.desc()).limit(limit))
        found += [Entry(_when(row), kind, row) for row in rows]
    return sorted(found, key=lambda entry: (entry.at, entry.kind, entry.row.id))


def said_by_others(client_id: int, staff_id: int) -> str:
    """What she, or staff other than this one, said last in her thread: it changes when somebody says something new."""
    newest = (
        select(func.max(Text.id)).where(
            Text.client_id == client_id, Text.written_by.is_not(None), Text.written_by != staff_id
        ),
        select(func.max(IncomingText.id)).where(IncomingText.client_id == client_id),
        select(func.max(PortalMessage.id)).where(
            PortalMessage.client_id == client_id,
            or_(PortalMessage.staff_id.is_(None), PortalMessage.staff_id != staff_id),
        ),
    )
    return ".".join(str(session.scalar(statement) or 0) for statement in newest)


def _when(row: Text | IncomingText | PortalMessage | ThreadMark) -> datetime:
    if isinstance(row, Text):
        return row.sent_at or max(row.send_at, row.wanted_at)
    if isinstance(row, IncomingText):
        return row.received_at
    return row.written_at if isinstance(row, PortalMessage) else row.made_at
