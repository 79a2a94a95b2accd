"""How long the notes of sessions are kept (R33); that a session was, and what came of it, stays to be counted."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from portal.booking.desk_models import SessionNote
from portal.clients.models import Client
from portal.core.database import session

KEPT_AFTER_CLOSING = timedelta(days=180)
"""How long what was written down about her sessions stays after her record was closed."""


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase notes that were kept long enough; gives how many. A dry run only counts."""
    old = SessionNote.client_id.in_(select(Client.id).where(Client.closed_at < now - KEPT_AFTER_CLOSING))
    count = session.scalar(select(func.count()).select_from(SessionNote).where(old)) or 0
    if not dry_run:
        session.execute(delete(SessionNote).where(old), execution_options={"synchronize_session": False})
    return {"session_notes": count}
