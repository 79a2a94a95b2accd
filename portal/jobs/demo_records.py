"""The demo's made-up records: a plan in every state, a referral with its condition, a note of risk, a message."""

from datetime import date, datetime, timedelta

from portal.clients.models import Client
from portal.clients.reach_models import BrokenGlass, OutsideRestriction
from portal.core import clock
from portal.core.database import session
from portal.diversion.models import Condition, Referral
from portal.jobs.demo_people import MadeUpWoman
from portal.messaging.models import PortalMessage
from portal.plan.models import Action, Goal, OwnWords, Plan, RiskNote
from portal.staff.models import Staff


def plan(woman: MadeUpWoman, client: Client, now: datetime) -> None:
    """Her plan in the state that she was made up with, with goals, actions and words of her own; none for some."""
    if not woman.plan:
        return
    today, (home_marker, money_marker) = clock.london_today(now), woman.markers["plan"]
    agreed = woman.plan in ("agreed", "under_review", "closed")
    session.add(
        Plan(
            client_id=client.id,
            state=woman.plan,
            agreed_on=today - timedelta(days=20) if agreed else None,
            review_on=today + timedelta(days=22) if agreed else None,
            started_at=now - timedelta(days=30),
        )
    )
    home = _goal(client, "accommodation", f"I want my own front door. {home_marker}", 1, now)
    money = _goal(client, "money", f"Stop the letters. {money_marker}", 2, now)
    _action(client, home, "Fill in the council form", "her", today - timedelta(days=2), "done", now)
    _action(client, home, "Find your National Insurance number", "her", today + timedelta(days=6), "to_do", now)
    _action(client, home, "Ring the council", "worker", today + timedelta(days=9), "to_do", now)
    _action(
        client, money, "Bring the letters to your next appointment", "her", today + timedelta(days=12), "to_do", now
    )
    _action(client, money, "Ask the gas company for more time", "worker", today + timedelta(days=14), "doing", now)
    if woman.number % 8 == 1:
        hidden = _goal(client, "abuse", f"I want quiet evenings. {home_marker}", 3, now)
        _action(client, hidden, "Talk it through together", "worker", today + timedelta(days=8), "to_do", now)
    session.add(
        OwnWords(
            client_id=client.id,
            goal_id=home.id,
            words=f"The bus is better on Thursdays. {home_marker}",
            language=woman.language,
            written_at=now - timedelta(days=3),
        )
    )


def records(woman: MadeUpWoman, client: Client, referrer: Staff, now: datetime) -> None:
    """What staff keep of her beside the plan, with its markers."""
    today, markers = clock.london_today(now), woman.markers
    referral = Referral(
        client_id=client.id,
        referrer_id=referrer.id,
        source="police",
        disposal="conditional_caution" if woman.number % 2 else "community_resolution",
        reference=f"REF-{1000 + woman.number}",
        offence_group=f"Theft from a shop {markers['offence'][0]}",
        reporter_is_family=woman.number == 5,
        referred_on=today - timedelta(days=42),
        recorded_at=now,
    )
    session.add(referral)
    session.flush()
    session.add(
        Condition(referral_id=referral.id, client_id=client.id, sessions_needed=2, due_on=today + timedelta(days=60))
    )
    session.add(
        RiskNote(
            client_id=client.id,
            note=f"Made-up note of risk. {markers['risk'][0]}",
            noted_by=client.keyworker_id,
            noted_at=now - timedelta(days=20),
        )
    )
    session.add(
        PortalMessage(
            client_id=client.id,
            staff_id=client.keyworker_id,
            body=f"Your letter came. Bring it on the day. {markers['message'][0]}",
            written_at=now - timedelta(days=1),
        )
    )


def _goal(client: Client, pathway: str, words: str, position: int, now: datetime) -> Goal:
    goal = Goal(
        client_id=client.id,
        pathway=pathway,
        her_words=words,
        position=position,
        added_by=client.keyworker_id,
        added_at=now - timedelta(days=30),
    )
    session.add(goal)
    session.flush()
    return goal


def _action(client: Client, goal: Goal, what: str, doer: str, due_on: date, status: str, now: datetime) -> None:
    session.add(
        Action(
            client_id=client.id,
            goal_id=goal.id,
            what=what,
            doer=doer,
            due_on=due_on,
            status=status,
            status_at=now - timedelta(days=2) if status != "to_do" else None,
            added_by=client.keyworker_id,
            added_at=now - timedelta(days=30),
        )
    )


def beyond_reach(clients: list[Client], staff: dict[str, Staff], now: datetime) -> None:
    """One opening of a record beyond reach that no manager has looked at yet, and an outsider who must not know."""
    jo = staff["Jo"]
    elsewhere = next(client for client in clients if client.centre_id not in jo.centre_ids)
    session.add(
        BrokenGlass(
            client_id=elsewhere.id,
            staff_id=jo.id,
            reason="she_is_here",
            words="She came to our door and her worker was not in.",
            opened_at=now - timedelta(days=1),
            until_at=now - timedelta(days=1) + timedelta(hours=1),
        )
    )
    own = next(client for client in clients if client.keyworker_id == jo.id)
    session.add(
        OutsideRestriction(
            client_id=own.id, kind="interpreter", name="Mr Sample", recorded_by=jo.id, since_at=now - timedelta(days=9)
        )
    )
