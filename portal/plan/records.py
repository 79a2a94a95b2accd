"""How long words of the plan are kept (R33); coded facts stay to be counted."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update

from portal.clients.models import Client
from portal.core.database import session
from portal.plan.models import KeptWording
from portal.plan.risk_models import RiskAssessment
from portal.plan.safety_models import SafetyPlan

KEPT_AFTER_CLOSING = timedelta(days=180)
"""How long earlier wordings, her safety plan and the words of assessments stay after her record was closed."""


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase what was kept long enough; gives how many rows by table. A dry run only counts."""
    over = select(Client.id).where(Client.closed_at < now - KEPT_AFTER_CLOSING)
    counts = {}
    for model in (KeptWording, SafetyPlan):
        old = model.client_id.in_(over)
        counts[model.__tablename__] = session.scalar(select(func.count()).select_from(model).where(old)) or 0
        if not dry_run:
            session.execute(delete(model).where(old), execution_options={"synchronize_session": False})
    worded = or_(RiskAssessment._note.is_not(None), RiskAssessment._why_not.is_not(None))
    old = RiskAssessment.client_id.in_(over) & worded
    counts["risk_assessments"] = session.scalar(select(func.count()).select_from(RiskAssessment).where(old)) or 0
    if not dry_run:
        erased = update(RiskAssessment).where(old).values({"note": None, "why_not": None})
        session.execute(erased, execution_options={"synchronize_session": False})
    return counts
