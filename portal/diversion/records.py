"""How long the words about to whom a report went are kept (R33); that it went, and what it said, stays to be shown."""

from datetime import datetime

from sqlalchemy import func, select, update

from portal.clients.records import closed_long_ago
from portal.core.database import session
from portal.diversion.report_models import PoliceReport


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase the mailboxes of reports about records closed long enough; gives how many. A dry run only counts."""
    long_closed = closed_long_ago(now)
    old = (PoliceReport.client_id.in_(long_closed), PoliceReport._sent_to_words.is_not(None))
    count = session.scalar(select(func.count()).select_from(PoliceReport).where(*old)) or 0
    if not dry_run:
        erase = update(PoliceReport).where(*old).values({PoliceReport._sent_to_words: None})
        session.execute(erase, execution_options={"synchronize_session": False})
    return {"police_reports": count}
