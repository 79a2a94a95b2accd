"""How long what staff wrote down about a woman is kept (R33)."""

from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select

from portal.clients.models import Client
from portal.clients.note_models import StaffNote
from portal.core.database import session

KEPT_AFTER_CLOSING = timedelta(days=180)
"""How long what was written down about her stays after her record was closed."""


def closed_long_ago(now: datetime) -> Select[int]:
    """The ids of the clients whose record was closed for that long."""
    return select(Client.id).where(Client.closed_at < now - KEPT_AFTER_CLOSING)


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase notes that were kept long enough; gives how many. A dry run only counts."""
    old = StaffNote.client_id.in_(closed_long_ago(now))
    count = session.scalar(select(func.count()).select_from(StaffNote).where(old)) or 0
    if not dry_run:
        session.execute(delete(StaffNote).where(old), execution_options={"synchronize_session": False})
    return {"staff_notes": count}
