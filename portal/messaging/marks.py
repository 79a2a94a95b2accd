"""Marks that stand in a thread: that it changed hands, or that two records became one."""

from datetime import datetime

from portal.core.access import Actor
from portal.core.database import session
from portal.messaging.desk_models import ThreadMark


def mark(
    actor: Actor, client_id: int, kind: str, *, from_id: int | None = None, to_id: int | None = None, now: datetime
) -> None:
    """Put a mark (`transfer`, `merge`, `split`) into a thread; `from_id` and `to_id` are staff."""
    session.add(ThreadMark(client_id=client_id, kind=kind, made_by=actor.id, from_id=from_id, to_id=to_id, made_at=now))
