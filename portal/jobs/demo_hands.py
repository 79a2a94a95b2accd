"""The demo's made-up plans in both hands: why a goal matters, what she added, an earlier wording, risk, own notes."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session
from portal.plan.models import Action, Goal, KeptWording
from portal.plan.risk_models import RiskAssessment
from portal.plan.safety_models import SafetyPlan

_OWN_NOTES_ONLINE, _OWN_NOTES_OFF = 3, 4
"""Of so many women the one with the switch for her own notes on, and one whose notes stay off her pages."""


def load(clients: list[Client], now: datetime) -> None:
    """Add to every plan of the demo what she and her worker wrote beside each other."""
    for number, client in enumerate(clients, start=1):
        goal = session.scalars(
            select(Goal).where(Goal.client_id == client.id, Goal.pathway == "accommodation").limit(1)
        ).first()
        if goal is not None:
            _both_hands(client, goal, now)
        if number % 8 in (_OWN_NOTES_ONLINE, _OWN_NOTES_OFF):
            client.safety_plan_online = number % 8 == _OWN_NOTES_ONLINE
            _own_notes(client, now)
        _risk(client, number, now)


def _both_hands(client: Client, goal: Goal, now: datetime) -> None:
    goal.worker_words, goal.why_matters = "Find a flat to rent within 6 months.", "So that my children can visit."
    goal.revision = 2
    session.add(
        KeptWording(
            client_id=client.id, goal_id=goal.id, field="worker_words", revision=2, text="Find a flat to rent.",
            replaced_by_kind="staff", replaced_by_id=client.keyworker_id, replaced_at=now - timedelta(days=10),
        )
    )  # fmt: skip
    session.add(
        Action(
            client_id=client.id, goal_id=goal.id, what="Ask my sister to come with me", doer="her",
            due_on=clock.london_today(now) + timedelta(days=5), note="She is free on Fridays.", reminder_wanted=True,
            added_by_kind="client", added_by=None, added_at=now - timedelta(days=4),
        )
    )  # fmt: skip


def _own_notes(client: Client, now: datetime) -> None:
    parts = {"helps": "A walk to the park and back.", "ring": "My sister, in the evening."}
    session.add(
        SafetyPlan(
            client_id=client.id, version=1, parts=parts, language="en", worker_may_read=True,
            written_by_kind="staff", written_by_id=client.keyworker_id, written_at=now - timedelta(days=12),
        )
    )  # fmt: skip


def _risk(client: Client, number: int, now: datetime) -> None:
    high = number % 8 == 1
    session.add(
        RiskAssessment(
            client_id=client.id, kind="dash", done_by=client.keyworker_id,
            done_on=clock.london_today(now) - timedelta(days=20), score=15 if high else 6,
            judgement="high" if high else "standard", marac="referred" if high else "none",
            marac_on=clock.london_today(now) - timedelta(days=18) if high else None, told_her_first=True,
            note="Made-up note of an assessment.", next_on=clock.london_today(now) + timedelta(days=40),
            recorded_at=now - timedelta(days=20),
        )
    )  # fmt: skip
