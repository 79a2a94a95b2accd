"""How long the notes of sessions are kept (R33); that a session was, and what came of it, stays to be counted."""

from datetime import datetime

from sqlalchemy import delete, func, select

from portal.booking.desk_models import SessionNote
from portal.clients.records import closed_long_ago
from portal.core.database import session


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase notes that were kept long enough; gives how many. A dry run only counts."""
    old = SessionNote.client_id.in_(closed_long_ago(now))
    count = session.scalar(select(func.count()).select_from(SessionNote).where(old)) or 0
    if not dry_run:
        session.execute(delete(SessionNote).where(old), execution_options={"synchronize_session": False})
    return {"session_notes": count}
