"""How long what this part keeps stays: words go, codes stay to be counted (R33)."""

from datetime import timedelta

from sqlalchemy import select

from portal.clients.models import Client
from portal.core.database import session, unit_of_work
from portal.plan import goals, records, safety
from portal.plan.models import KeptWording
from portal.plan.risk_models import RiskAssessment
from portal.plan.safety_models import SafetyPlan
from tests.plan import plans
from tests.support import make


def with_words(now) -> Client:
    """A woman with an earlier wording, a safety plan and an assessment."""
    client = make.client(safety_plan_online=True)
    goal = plans.goal(client)
    plans.state(client)
    her = plans.herself(client)
    with unit_of_work():
        goals.reword(her, goal.id, {"her_words": "Another"}, made_from=1, now=now)
        safety.write(her, client.id, {"helps": "A walk"}, made_from=0, language="en", now=now)
        session.add(
            RiskAssessment(client_id=client.id, kind="dash", done_by=client.keyworker_id, done_on=now.date(), score=15,
                           judgement="high", told_her_first=False, why_not="Harrowmere", note="Harrowmere",
                           recorded_at=now)
        )  # fmt: skip
    return client


def test_half_a_year_after_closing_the_words_go_and_the_codes_stay(app, travel):  # R33
    closed, standing = with_words(travel.now), with_words(travel.now)
    with unit_of_work():
        row = session.get_one(Client, closed.id)
        row.state, row.closed_at = "closed", travel.now
    for days, left in ((179, 2), (2, 1)):
        travel.forward(days=days)
        with unit_of_work():
            dry = records.purge(travel.now, dry_run=True)
        with unit_of_work():
            assert records.purge(travel.now, dry_run=False) == dry
        session.expire_all()
        assert len(session.scalars(select(KeptWording)).all()) == len(session.scalars(select(SafetyPlan)).all()) == left
        assert {name: dry[name] for name in ("kept_wordings", "safety_plans", "risk_assessments")} == {
            "kept_wordings": 2 - left, "safety_plans": 2 - left, "risk_assessments": 2 - left,
        }  # fmt: skip
    kept = {row.client_id: row for row in session.scalars(select(RiskAssessment))}
    assert (kept[closed.id].score, kept[closed.id].note, kept[closed.id].why_not) == (15, None, None)
    assert kept[standing.id].note == "Harrowmere"
    assert timedelta(days=180) == records.KEPT_AFTER_CLOSING
