"""A worker asks with her: all topics at once on one page, her answers and the worker's own view kept apart."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import get_or_none, session
from portal.core.errors import Invalid, NotAllowed, Stale
from portal.plan import needs, ratings
from portal.plan.answer_models import NeedAnswer, Rating
from portal.plan.answer_rules import HER_NEEDS, SCORES, WORKER_NEEDS, Moment, in_order
from portal.plan.answering import answering_client, kept_text
from portal.plan.review_models import WorkerView
from portal.plan.rules import Pathway
from portal.plan.topic_queries import topics
from portal.web import once

POSITIONS = range(1, len(Pathway) + 1)
"""The places that a topic can have in her order."""


class Asked(NamedTuple):
    """One line of the page: empty is "nothing new". `seen` is the last answer or rating the page knew of."""

    pathway: str
    position: int | None
    need: str
    strength: str
    score: int | None
    view: str
    view_words: str
    seen: str


def record(
    actor: Actor,
    client_id: int,
    lines: Sequence[Asked],
    *,
    moment: str,
    language: str,
    request_key: str,
    now: datetime,
) -> None:
    """Keep what she answered to her worker, at one moment, and how the worker sees it.

    Raises Invalid(field of a line, "unknown" or "too_long"); Stale when she answered the same topic meanwhile.
    """
    client = answering_client(actor, client_id)
    if not actor.is_staff:
        raise NotAllowed("asking")
    for line in lines:
        _check(line)
    if moment not in set(Moment):
        raise Invalid("moment", "unknown")
    if once.claim(actor, request_key, now=now, makes="asked") is not None:
        return
    if newer(client.id, lines):
        raise Stale("needs")
    for line in lines:
        _say(actor, client, line, Moment(moment), language, now)
    _put_in_order(actor, client, lines, now)


def newer(client_id: int, lines: Iterable[Asked]) -> list[str]:
    """The topics that somebody answered since the page was opened, out of those that it answers too."""
    seen = seen_now(client_id)
    return [line.pathway for line in lines if line.seen != seen[line.pathway] and _touches(line, client_id)]


def seen_now(client_id: int) -> dict[str, str]:
    """For each topic what names its newest answer and rating, to tell later whether there are newer ones."""
    answers, rated = _newest_ids(NeedAnswer, client_id), _newest_ids(Rating, client_id)
    return {str(pathway): f"{answers.get(pathway, 0)}.{rated.get(pathway, 0)}" for pathway in Pathway}


def views(client_id: int) -> dict[str, WorkerView]:
    """The newest view of a worker of each topic."""
    rows = session.scalars(select(WorkerView).where(WorkerView.client_id == client_id).order_by(WorkerView.id))
    return {row.pathway: row for row in rows}


def _check(line: Asked) -> None:
    if line.pathway not in set(Pathway):
        raise Invalid("pathway", "unknown")
    if line.need and line.need not in (*HER_NEEDS, "not_asked"):
        raise Invalid("need", "unknown")
    if line.position is not None and line.position not in POSITIONS:
        raise Invalid("position", "unknown")
    if line.score is not None and line.score not in SCORES:
        raise Invalid("score", "unknown")
    if line.view and line.view not in WORKER_NEEDS:
        raise Invalid("view", "unknown")
    if line.view_words.strip() and not line.view:
        raise Invalid("view", "missing")
    kept_text("strength", line.strength)
    kept_text("view_words", line.view_words)


def _touches(line: Asked, client_id: int) -> bool:
    return bool(line.need or line.strength.strip() or line.score is not None or _moves(line, client_id))


def _moves(line: Asked, client_id: int) -> bool:
    """Whether the page puts a topic elsewhere than where it was when the page was opened."""
    known = line.seen.partition(".")[0]
    row = get_or_none(NeedAnswer, int(known)) if known.isascii() and known.isdecimal() and len(known) < 10 else None
    hers = row is not None and (row.client_id, row.pathway) == (client_id, line.pathway)
    return line.position != (row.position if row is not None and hers else None)


def _put_in_order(actor: Actor, client: Client, lines: Sequence[Asked], now: datetime) -> None:
    """Her order as the page has it; what the page does not move stays where it is by now."""
    found = topics(client.id)
    wanted = {line.pathway: line.position for line in lines if _moves(line, client.id)}
    if wanted:
        places = {pathway: topic.answer.position for pathway, topic in found.items()}
        needs.put_order(actor, client, found, in_order(places | wanted), now)


def _say(actor: Actor, client: Client, line: Asked, moment: Moment, language: str, now: datetime) -> None:
    pathway, strength = Pathway(line.pathway), kept_text("strength", line.strength)
    if line.need or strength:
        needs.say(
            actor, client, pathway, now=now,
            need=line.need or None, moment=moment if line.need else None, strength=strength, language=language,
        )  # fmt: skip
    if line.score is not None:
        ratings.put(actor, client, pathway, line.score, moment, now)
    if line.view:
        row = WorkerView(
            client_id=client.id, pathway=str(pathway), moment=moment, need=line.view,
            words=kept_text("view_words", line.view_words), viewed_by=actor.id, viewed_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(
            actor, "need_viewed", now=now, client_id=client.id, subject=f"worker_views:{row.id}", reason=moment
        )


def _newest_ids(model: type[NeedAnswer] | type[Rating], client_id: int) -> dict[str, int]:
    newest = select(model.pathway, func.max(model.id)).where(model.client_id == client_id).group_by(model.pathway)
    return {row[0]: row[1] for row in session.execute(newest)}
