"""How long words around referrals and reports are kept (R33); that a report went, and what it said, stays."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update

from portal.clients.records import closed_long_ago
from portal.core.database import session
from portal.diversion.models import Referral
from portal.diversion.report_models import PoliceReport

_WORDS: dict[Any, tuple[Any, ...]] = {
    PoliceReport: (PoliceReport._sent_to_words,),
    Referral: (Referral._said_must_not_know, Referral._said_contact, Referral.said_number_index),
}


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase, of records closed long enough, to whom reports went, and whom and which phone a referral named.

    Gives how many rows by table. A dry run only counts.
    """
    long_closed, counts = closed_long_ago(now), {}
    for model, words in _WORDS.items():
        old = (model.client_id.in_(long_closed), or_(*(column.is_not(None) for column in words)))
        counts[model.__tablename__] = session.scalar(select(func.count()).select_from(model).where(*old)) or 0
        if not dry_run:
            erase = update(model).where(*old).values(dict.fromkeys(words))
            session.execute(erase, execution_options={"synchronize_session": False})
    return counts
