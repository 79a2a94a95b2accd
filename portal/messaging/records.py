"""How long the words of texts and messages are kept (R33); afterwards a text is its state, to be counted."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from portal.clients.records import closed_long_ago
from portal.core.database import session
from portal.messaging.models import IncomingText, PortalMessage, Text, TextBatch

UNPLACED_KEPT = timedelta(days=90)
"""How long a text from a number that nobody could place stays."""
BATCH_KEPT = timedelta(days=180)
"""How long the words of a text to many stay beside the texts themselves."""

_NO_WORDS: dict[Any, None] = {Text._body: None, Text._facts: None, Text._number: None, Text.number_index: None}


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase words that were kept long enough; gives how many rows by table. A dry run only counts."""
    long_closed = closed_long_ago(now)
    has_words = or_(Text._body.is_not(None), Text._facts.is_not(None), Text._number.is_not(None))
    old_texts = (Text.client_id.in_(long_closed), has_words)
    old_incoming = or_(
        IncomingText.client_id.in_(long_closed),
        IncomingText.client_id.is_(None) & (IncomingText.received_at < now - UNPLACED_KEPT),
    )
    old_messages = PortalMessage.client_id.in_(long_closed)
    old_batches = TextBatch.made_at < now - BATCH_KEPT
    counts = {
        "texts": _count(*old_texts),
        "incoming_texts": _count(old_incoming),
        "portal_messages": _count(old_messages),
        "text_batches": _count(old_batches),
    }
    if not dry_run:
        session.execute(update(Text).where(*old_texts).values(_NO_WORDS), execution_options=_AT_ONCE)
        session.execute(delete(IncomingText).where(old_incoming), execution_options=_AT_ONCE)
        session.execute(delete(PortalMessage).where(old_messages), execution_options=_AT_ONCE)
        of_old = Text.batch_id.in_(select(TextBatch.id).where(old_batches))
        session.execute(update(Text).where(of_old).values(batch_id=None), execution_options=_AT_ONCE)
        session.execute(delete(TextBatch).where(old_batches), execution_options=_AT_ONCE)
    return counts


_AT_ONCE = {"synchronize_session": False}


def _count(*old: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*old)) or 0
