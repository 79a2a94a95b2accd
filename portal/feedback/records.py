"""How long her words about us are kept: what was ticked stays to be counted."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from portal.core import clock
from portal.core.database import session
from portal.feedback.models import Feedback

WORDS_KEPT = timedelta(days=730)


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase words of months that are two years past; gives how many. A dry run only counts."""
    last = f"{clock.london_today(now - WORDS_KEPT):%Y-%m}"
    old = (Feedback.month < last, Feedback._words.is_not(None))
    count = session.scalar(select(func.count()).select_from(Feedback).where(*old)) or 0
    if not dry_run:
        erased = update(Feedback).where(*old).values({Feedback._words: None})
        session.execute(erased, execution_options={"synchronize_session": False})
    return {"feedback": count}
