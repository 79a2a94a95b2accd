"""Keeping how a topic is going, as she says it."""

from datetime import datetime

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import Invalid
from portal.plan import needs
from portal.plan.answer_models import Rating
from portal.plan.answer_rules import SCORES, Moment
from portal.plan.answering import answering_client, moment_of
from portal.plan.rules import Pathway
from portal.plan.topic_queries import topics
from portal.web import once


def rate(actor: Actor, client_id: int, *, pathway: str, score: int, request_key: str, now: datetime) -> Rating | None:
    """Keep how a topic is going, from 1 to 5: by herself, or with a worker when staff write it. None when kept before.

    Raises Invalid("score", "missing") for anything else.
    """
    client = answering_client(actor, client_id)
    if score not in SCORES:
        raise Invalid("score", "missing")
    if pathway not in set(Pathway):
        raise Invalid("pathway", "unknown")
    if once.claim(actor, request_key, now=now, makes="ratings") is not None:
        return None
    return put(actor, client, pathway, score, moment_of(client.id), now)


def put(actor: Actor, client: Client, pathway: str, score: int, moment: Moment, now: datetime) -> Rating:
    """Write down a score of a moment; a step of what was checked. A topic without any answer gets one: not asked."""
    if pathway not in topics(client.id):
        needs.say(actor, client, Pathway(pathway), now=now)
    row = Rating(
        client_id=client.id,
        pathway=str(pathway),
        moment=moment,
        score=score,
        with_worker=actor.is_staff,
        rated_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(actor, "rated", now=now, client_id=client.id, subject=f"ratings:{row.id}", reason=moment)
    return row
