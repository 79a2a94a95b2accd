"""Changing what stands about her topics: what she picked, in which order, what she needs and is good at.

Each answer is a row of its own; nothing that she said is written over. Words that she takes back are gone from all.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import Invalid
from portal.plan import answer_rules as rules
from portal.plan.answer_models import NeedAnswer
from portal.plan.answer_rules import HER_NEEDS, Moment, Need
from portal.plan.answering import answering_client, kept_text, moment_of
from portal.plan.rules import Pathway
from portal.plan.topic_queries import Topic, order_of, topics
from portal.web import once


def pick(
    actor: Actor, client_id: int, *, wanted: Collection[str], offered: Collection[str], request_key: str, now: datetime
) -> list[str]:
    """Keep which topics she ticked out of those offered; gives her order. What was not offered stays as it is.

    Raises Invalid("picked", "too_many") where she begins with more than MOST_TO_BEGIN of those offered.
    """
    client = answering_client(actor, client_id)
    found = topics(client.id)
    before = order_of(found)
    if once.claim(actor, request_key, now=now, makes="topics") is not None:
        return before
    after = rules.picked(before, wanted, offered)
    if rules.too_many_to_begin(_among(before, offered), _among(after, offered)):
        raise Invalid("picked", "too_many")
    put_order(actor, client, found, after, now)
    return after


def move_up(actor: Actor, client_id: int, *, pathway: str, shown: Collection[str], now: datetime) -> list[str]:
    """Put a topic before the one above it among those shown to her; gives her order. The first one stays."""
    client = answering_client(actor, client_id)
    found = topics(client.id)
    after = rules.moved_up(order_of(found), pathway, shown)
    put_order(actor, client, found, after, now)
    return after


def put_order(actor: Actor, client: Client, found: dict[str, Topic], order: list[str], now: datetime) -> None:
    """Write down the topics and their order where they differ from what stands; a step of what was checked."""
    places: dict[str, int | None] = dict.fromkeys(found)
    places |= {pathway: number for number, pathway in enumerate(order, 1)}
    changed = False
    for pathway, position in places.items():
        before = found[pathway].answer if pathway in found else None
        if before is None or before.position != position:
            session.add(_next_row(actor, client, before, pathway, now, position=position))
            changed = True
    if changed:
        session.flush()
        audit.record(actor, "topics_ordered", now=now, client_id=client.id)


def answer(
    actor: Actor, client_id: int, *, pathway: str, need: str, request_key: str, now: datetime
) -> NeedAnswer | None:
    """Keep what she says about a topic: what she needs, or that she would rather not say. None when kept before.

    Raises Invalid("need", "missing") for what is no answer of hers.
    """
    client = answering_client(actor, client_id)
    if once.claim(actor, request_key, now=now, makes="need_answers") is not None:
        return None
    if need not in HER_NEEDS:
        raise Invalid("need", "missing")
    return say(actor, client, _known(pathway), now=now, need=need, moment=moment_of(client.id))


def say_strength(
    actor: Actor, client_id: int, *, pathway: str, words: str, language: str, request_key: str, now: datetime
) -> NeedAnswer | None:
    """Keep what she is good at already, in her own words; empty words take them back. None when kept before.

    Raises Invalid("words", "too_long").
    """
    client = answering_client(actor, client_id)
    strength = kept_text("words", words)
    if once.claim(actor, request_key, now=now, makes="need_answers") is not None:
        return None
    return say(actor, client, _known(pathway), now=now, strength=strength or "", language=language)


def say(
    actor: Actor,
    client: Client,
    pathway: Pathway,
    *,
    now: datetime,
    need: str | None = None,
    moment: Moment | None = None,
    strength: str | None = None,
    language: str | None = None,
) -> NeedAnswer:
    """Write down the next answer about a topic, with what stood before where nothing new is said; a step of these.

    Her own answer about a topic that she had not picked puts it last in her order.
    """
    found = topics(client.id)
    before = found[pathway].answer if pathway in found else None
    row = _next_row(actor, client, before, pathway, now, position=before.position if before else None)
    if actor.is_client and row.position is None:
        row.position = max((topic.answer.position or 0 for topic in found.values()), default=0) + 1
    if need is not None and moment is not None:
        row.need, row.moment = need, moment
    if strength is not None:
        row.strength, row.language = strength or None, language or client.language
    if strength == "":
        _forget_words(client.id, pathway)
    session.add(row)
    session.flush()
    audit.record(
        actor, "need_answered", now=now, client_id=client.id, subject=f"need_answers:{row.id}", reason=row.moment
    )
    return row


def _next_row(
    actor: Actor, client: Client, before: NeedAnswer | None, pathway: str, now: datetime, *, position: int | None
) -> NeedAnswer:
    """A row that says what stood before; its moment too, so that an order alone is no new answer of hers."""
    return NeedAnswer(
        client_id=client.id,
        pathway=str(pathway),
        moment=before.moment if before else moment_of(client.id),
        need=before.need if before else Need.NOT_ASKED,
        strength=before.strength if before else None,
        language=before.language if before else client.language,
        position=position,
        answered_by_kind=actor.kind,
        answered_by_id=actor.id,
        answered_at=now,
    )


def _forget_words(client_id: int, pathway: str) -> None:
    """Earlier wordings, which nobody sees any more, go when she takes her words back."""
    hers = (NeedAnswer.client_id == client_id, NeedAnswer.pathway == pathway)
    session.execute(update(NeedAnswer).where(*hers).values({NeedAnswer._strength: None}))


def _known(pathway: str) -> Pathway:
    if pathway not in set(Pathway):
        raise Invalid("pathway", "unknown")
    return Pathway(pathway)


def _among(order: Collection[str], offered: Collection[str]) -> list[str]:
    return [pathway for pathway in order if pathway in offered]
