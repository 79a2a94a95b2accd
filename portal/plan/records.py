"""How long the words of plans, needs, reviews and assessments are kept (R33); the coded answers stay to be counted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from portal.clients.records import closed_long_ago
from portal.core.database import Base, session
from portal.plan.answer_models import NeedAnswer, PlanVersion
from portal.plan.models import KeptWording
from portal.plan.review_models import Review, WorkerView
from portal.plan.risk_models import RiskAssessment
from portal.plan.safety_models import SafetyPlan

_WORDS: dict[type[Base], tuple[Any, ...]] = {
    NeedAnswer: (NeedAnswer._strength,),
    WorkerView: (WorkerView._words,),
    PlanVersion: (PlanVersion._content, PlanVersion._answer_words),
    Review: (Review._her_words,),
    RiskAssessment: (RiskAssessment._note, RiskAssessment._why_not),
}

_WORDS_ALONE: tuple[type[Base], ...] = (KeptWording, SafetyPlan)
"""Tables that hold nothing but words: their rows go."""


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase words that were kept long enough; gives how many rows by table. A dry run only counts.

    Of a plan that was shared the whole content goes, because it is made of words.
    """
    long_closed = closed_long_ago(now)
    counts: dict[str, int] = {}
    for model, words in _WORDS.items():
        hers: ColumnElement[bool] = model.__table__.c.client_id.in_(long_closed)
        old = (hers, or_(*(column.is_not(None) for column in words)))
        counts[model.__tablename__] = session.scalar(select(func.count()).select_from(model).where(*old)) or 0
        if not dry_run:
            emptied = update(model).where(*old).values(dict.fromkeys(words))
            session.execute(emptied, execution_options={"synchronize_session": False})
    for model in _WORDS_ALONE:
        hers = model.__table__.c.client_id.in_(long_closed)
        counts[model.__tablename__] = session.scalar(select(func.count()).select_from(model).where(hers)) or 0
        if not dry_run:
            session.execute(delete(model).where(hers), execution_options={"synchronize_session": False})
    return counts
