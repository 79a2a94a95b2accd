"""Telling a woman that a time is free for her: by text where her record allows one in time, else by a person."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from portal.clients.models import Client, SafeContact
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import get_or_none, session
from portal.messaging import gate, outbox, registry
from portal.messaging.models import Text, TextState
from portal.messaging.queries import LEFT, contact_facts
from portal.staff.models import Staff
from portal.waiting import rules
from portal.waiting.models import Offer, OfferState
from portal.worklist.models import Task
from portal.worklist.rules import working_hours_after
from portal.worklist.service import close_for_subject, raise_task

TEXT, KEPT, GONE = "offer", "offer_kept", "offer_gone"
TASK, CONFIRM, LOST = "offer_time", "confirm_offer", "offer_lost"
LEAST_LEFT = timedelta(minutes=15)
"""A text about an offer is of no use when it comes later than this before the offer lapses."""
CONFIRM_WITHIN = 2
"""Working hours in which a person confirms what she said yes to by text."""
_NOT_TOLD = ("not_needed", "could_not_reach")


class Way(NamedTuple):
    """How she can be told, and how long an offer stands then."""

    by_text: bool
    standing: rules.Standing


def register_texts() -> None:
    """Tell messaging about the texts of this room."""
    registry.register(TEXT, still_wanted=_is_open, facts=_facts, offers_replies=True)
    registry.register(KEPT, still_wanted=_is_kept, facts=_facts, answers_her=True)
    registry.register(GONE, answers_her=True)


def way_to_tell(client: Client, record: SafeContact | None, now: datetime, answer_by: datetime) -> Way | None:
    """By text, if one may go to her in time; else by a person; None when neither could, or nothing may (R47)."""
    contact = contact_facts(record)
    if contact is not None and contact.stopped:
        return None
    if contact is not None:
        text = Text(kind=TEXT, client_id=client.id, not_after_at=answer_by)
        verdict = gate.wanted_at(text, client, record, now)
        if verdict.state in (TextState.SENDING, TextState.WAITING):
            leaves_at = verdict.at or now
            hours = rules.text_hours(contact.safe_hours, leaves_at)
            standing = rules.standing(hours, leaves_at, answer_by)
            if standing is not None:
                return Way(True, standing)
    hours = rules.ringing_hours(contact.safe_hours if contact else (), now)
    standing = rules.standing(hours, now, answer_by)
    return Way(False, standing) if standing is not None else None


def tell(offer: Offer, client: Client, way: Way, now: datetime) -> None:
    """Want the text about an offer, or raise the task of telling her."""
    if way.by_text:
        _queue(offer, TEXT, now, send_at=way.standing.told_at, not_after_at=offer.lapses_at - LEAST_LEFT)
        return
    half = (way.standing.lapses_at - way.standing.told_at) / 2
    _ask(offer, client, TASK, now, due_at=way.standing.told_at + half)


def say_kept(offer: Offer, client: Client, now: datetime) -> None:
    """She said yes by text: tell her that the time is kept, and have a person confirm it with her (R23)."""
    due_at = max(now + LEAST_LEFT, min(working_hours_after(now, CONFIRM_WITHIN), offer.starts_at - rules.COMES_IN))
    _ask(offer, client, CONFIRM, now, due_at=due_at)
    _queue(offer, KEPT, now, not_after_at=offer.starts_at)


def say_gone(offer: Offer, client: Client, now: datetime) -> None:
    """She said yes to what is gone: tell her so, and have somebody ring her."""
    _ask(offer, client, LOST, now)
    _queue(offer, GONE, now, not_after_at=max(offer.starts_at, now + LEAST_LEFT))


def ask_to_tell_lost(offer: Offer, client: Client, now: datetime) -> None:
    """A time that was kept for her cannot be had any more: a person tells her."""
    _ask(offer, client, LOST, now)


def take_back(offer: Offer, *, done: str, actor: Actor, now: datetime) -> None:
    """Nothing more is to be said about an offer: its texts and tasks end."""
    outbox.skip_for_subject(subject_of(offer), "not_wanted", now)
    for text in session.scalars(select(Text).where(Text.subject == subject_of(offer))).all():
        outbox.close_tasks(text, now)
    close_for_subject(subject_of(offer), done=done, actor=actor, now=now)


def could_know(offer: Offer) -> bool:
    """Whether she could have known of an offer: a text left, a person told her, or it was offered by hand."""
    texts = session.scalars(select(Text.state).where(Text.subject == subject_of(offer), Text.kind == TEXT)).all()
    tasks = session.scalars(select(Task).where(Task.subject == subject_of(offer), Task.kind == TASK)).all()
    if not texts and not tasks:
        return True
    told = any(task.closed_at is not None and task.done not in _NOT_TOLD for task in tasks)
    return told or any(state in LEFT and state != TextState.NOT_DELIVERED for state in texts)


def subject_of(offer: Offer) -> str:
    """What texts, tasks and audit entries call an offer."""
    return f"offer:{offer.id}"


def _queue(offer: Offer, kind: str, now: datetime, *, not_after_at: datetime, send_at: datetime | None = None) -> None:
    outbox.queue(
        offer.client_id,
        kind,
        subject=subject_of(offer),
        once=f"{kind}:{offer.id}",
        now=now,
        send_at=send_at,
        not_after_at=not_after_at,
    )


def _ask(offer: Offer, client: Client, kind: str, now: datetime, *, due_at: datetime | None = None) -> None:
    starts = clock.london(offer.starts_at)
    raise_task(
        kind,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=subject_of(offer),
        due_at=due_at,
        note=f"{starts:%A} {starts.day} {starts:%B}, {starts:%H:%M}.",
    )


def _facts(offer_id: int) -> Mapping[str, object]:
    offer = get_or_none(Offer, offer_id)
    if offer is None:
        return {}
    worker = session.get(Staff, offer.worker_id)
    return {"starts_at": offer.starts_at, "worker": worker.first_name if worker else ""}


def _is_open(offer_id: int, now: datetime) -> bool:
    offer = get_or_none(Offer, offer_id)
    return offer is not None and offer.state == OfferState.OPEN and now < offer.lapses_at


def _is_kept(offer_id: int, now: datetime) -> bool:
    offer = get_or_none(Offer, offer_id)
    return offer is not None and offer.state == OfferState.SAID_YES
