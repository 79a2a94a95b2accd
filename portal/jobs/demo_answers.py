"""The demo's made-up answers: topics and ratings, a worker's view, plans as they were shared, reviews."""

from datetime import datetime, timedelta

from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session
from portal.jobs.demo_people import MadeUpWoman
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.plan.answer_queries import snapshot
from portal.plan.queries import whole_plan
from portal.plan.review_models import Review, WorkerView

_TOPICS = (
    ("accommodation", "high", "I know every bus in the borough.", 1, 3, 4),
    ("money", "some", None, 2, 3, 3),
    ("health", "rather_not_say", None, 3, 4, 5),
)
"""Pathway, need, her strength, and how it goes at the start, at a review and at the end."""


def load(woman: MadeUpWoman, client: Client, now: datetime) -> None:
    """What she and her worker said about her plan, as far as it is; nothing for a woman without one."""
    if not woman.plan:
        return
    begun = now - timedelta(days=29)
    for position, (pathway, need, strength, *scores) in enumerate(_TOPICS, 1):
        session.add(
            NeedAnswer(
                client_id=client.id,
                pathway=pathway,
                moment="start",
                need=need,
                strength=strength,
                language="en",
                position=position,
                answered_by_kind="client",
                answered_by_id=client.id,
                answered_at=begun,
            )
        )
        for moment, score in zip(_moments(woman.plan), scores, strict=False):
            session.add(
                Rating(
                    client_id=client.id,
                    pathway=pathway,
                    moment=moment,
                    score=score,
                    with_worker=moment != "start",
                    rated_at=now - timedelta(days=28 if moment == "start" else 4),
                )
            )
    session.add(
        WorkerView(
            client_id=client.id,
            pathway="money",
            moment="start",
            need="high",
            words="Letters from three companies.",
            viewed_by=client.keyworker_id,
            viewed_at=begun,
        )
    )
    session.flush()
    if woman.plan != "draft":
        _shared(woman, client, now)


def _moments(state: str) -> tuple[str, ...]:
    if state == "closed":
        return ("start", "review", "end")
    return ("start", "review") if state in ("agreed", "under_review") else ("start",)


def _shared(woman: MadeUpWoman, client: Client, now: datetime) -> None:
    agreed, today = woman.plan != "shared", clock.london_today(now)
    partly = agreed and woman.number % 3 == 0
    session.add(
        PlanVersion(
            client_id=client.id,
            number=1,
            content=snapshot(whole_plan(client.id).pathways),
            shared_at=now - timedelta(days=22),
            shared_by=client.keyworker_id,
            answer=("partly" if partly else "yes") if agreed else None,
            answer_words="The second part can wait until spring." if partly else None,
            language="en" if agreed else None,
            answered_by_kind="client" if agreed else None,
            answered_by_id=client.id if agreed else None,
            answered_at=now - timedelta(days=20) if agreed else None,
        )
    )
    if not agreed:
        return
    held = woman.plan == "closed"
    session.add(
        Review(
            client_id=client.id,
            kind="end" if held else "first",
            due_on=today + timedelta(days=-4 if held else 22),
            held_on=today - timedelta(days=4) if held else None,
            held_by=client.keyworker_id if held else None,
            held_with="in_person" if held else None,
            decided="close" if held else None,
            her_words="I did more than I thought." if held else None,
            made_at=now - timedelta(days=20),
            recorded_at=now - timedelta(days=4) if held else None,
        )
    )
