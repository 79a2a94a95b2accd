"""How long words of referrals and reports are kept (R33); that there were any, and what was told, stays to be shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update

from portal.clients.records import closed_long_ago
from portal.core.database import Base, session
from portal.diversion.models import Referral
from portal.diversion.report_models import PoliceReport

_WORDS: dict[type[Base], tuple[Any, ...]] = {
    PoliceReport: (PoliceReport._sent_to_words,),
    Referral: (Referral._said_contact, Referral.said_number_index, Referral._said_must_not_know),
}


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase what was said of records closed long enough; gives of how many. A dry run only counts.

    Of reports the mailboxes go, of referrals how she said she may be reached and who must not know.
    """
    counts: dict[str, int] = {}
    for model, words in _WORDS.items():
        hers = model.__table__.c.client_id.in_(closed_long_ago(now))
        old = (hers, or_(*(column.is_not(None) for column in words)))
        counts[model.__tablename__] = session.scalar(select(func.count()).select_from(model).where(*old)) or 0
        if not dry_run:
            erase = update(model).where(*old).values(dict.fromkeys(words))
            session.execute(erase, execution_options={"synchronize_session": False})
    return counts
