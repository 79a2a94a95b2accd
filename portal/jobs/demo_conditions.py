"""The demo's conditions: one given more time, one session let off, one that runs short of time, one report sent."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.clients.models import Client
from portal.core.database import session
from portal.diversion.condition_models import ConditionChange
from portal.diversion.models import Condition
from portal.diversion.report_models import ExcusedSession, PoliceReport
from portal.diversion.standing import standing_of, told


def load(clients: list[Client], now: datetime) -> None:
    """Change what was asked of the first three women, and tell of the fourth, as their keyworkers would have."""
    hers = {one.client_id: one for one in session.scalars(select(Condition))}
    varied, excused, short, reported = (hers[client.id] for client in clients[:4])
    session.add(
        ConditionChange(
            client_id=varied.client_id,
            condition_id=varied.id,
            old_sessions=varied.sessions_needed,
            new_sessions=varied.sessions_needed,
            old_due_on=varied.due_on - timedelta(days=28),
            new_due_on=varied.due_on,
            reason="caring",
            changed_by=clients[0].keyworker_id,
            changed_at=now - timedelta(days=12),
        )
    )
    excused.sessions_needed, short.sessions_needed = 8, 6
    session.add(
        ExcusedSession(
            client_id=excused.client_id,
            condition_id=excused.id,
            reason="health",
            excused_by=clients[1].keyworker_id,
            excused_at=now - timedelta(days=6),
        )
    )
    short.due_on -= timedelta(days=52)
    session.flush()
    _send(clients[3], reported, now)


def _send(client: Client, condition: Condition, now: datetime) -> None:
    standing = standing_of(condition, now)
    if standing is None:
        return
    content = told(client, standing)
    session.add(
        PoliceReport(
            client_id=client.id,
            referral_id=condition.referral_id,
            condition_id=condition.id,
            status=content["status"],
            content=content,
            drafted_by=client.keyworker_id,
            drafted_at=now - timedelta(hours=1),
            sent_to="police",
            sent_to_words="The made-up unit",
            sent_how="secure_mail",
            sent_by=client.keyworker_id,
            sent_at=now - timedelta(hours=1),
        )
    )
