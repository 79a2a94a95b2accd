"""How long the words of needs, reviews and shared plans are kept (R33); the coded answers stay to be counted."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from portal.clients.models import Client
from portal.core.database import Base, session
from portal.plan.answer_models import NeedAnswer, PlanVersion
from portal.plan.review_models import Review, WorkerView

KEPT_AFTER_CLOSING = timedelta(days=180)
"""How long what she and her worker wrote stays after her record was closed."""

_WORDS: dict[type[Base], tuple[Any, ...]] = {
    NeedAnswer: (NeedAnswer._strength,),
    WorkerView: (WorkerView._words,),
    PlanVersion: (PlanVersion._content, PlanVersion._answer_words),
    Review: (Review._her_words,),
}


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase words that were kept long enough; gives how many rows by table. A dry run only counts.

    Of a plan that was shared the whole content goes, because it is made of words.
    """
    long_closed = select(Client.id).where(Client.closed_at < now - KEPT_AFTER_CLOSING)
    counts: dict[str, int] = {}
    for model, words in _WORDS.items():
        hers: ColumnElement[bool] = model.__table__.c.client_id.in_(long_closed)
        old = (hers, or_(*(column.is_not(None) for column in words)))
        counts[model.__tablename__] = session.scalar(select(func.count()).select_from(model).where(*old)) or 0
        if not dry_run:
            emptied = update(model).where(*old).values(dict.fromkeys(words))
            session.execute(emptied, execution_options={"synchronize_session": False})
    return counts
