"""Incoming texts: what they mean and whose task they are."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from portal.clients.models import Client, ClientState, Restriction
from portal.clients.queries import clients_with_number, safe_contact
from portal.core.database import on_sqlite, session
from portal.messaging import duty, outbox, phrase_book, queries
from portal.messaging.incoming import receive as receive
from portal.messaging.models import IncomingText, Text, TextState
from portal.messaging.phrases import PRESSING, Meaning, PhraseBook, digit_of, meaning_of
from portal.messaging.rules import (
    AUTO_REPLY_EVERY,
    AUTO_REPLY_USEFUL_FOR,
    LEFT_FOR_REPLIES,
    RISK_DUE,
    thread_subject,
)
from portal.staff.queries import keyworkers
from portal.worklist import service as worklist

ANSWERABLE_FOR = timedelta(days=7)
MOST_AT_ONCE = 200


def uninterpreted(now: datetime) -> list[IncomingText]:
    """The texts that came in up to `now` and have no meaning yet, oldest first; locked until the unit of work ends."""
    statement = (
        select(IncomingText)
        .where(IncomingText.interpreted_at.is_(None), IncomingText.received_at <= now)
        .order_by(IncomingText.id)
        .limit(MOST_AT_ONCE)
    )
    return list(session.scalars(statement if on_sqlite() else statement.with_for_update(skip_locked=True)))


def only_holder(incoming: IncomingText) -> Client | None:
    """The open client whose number it is, when it is exactly one's; else nobody can know who wrote (R23)."""
    holders = clients_with_number(incoming.number)
    return holders[0] if len(holders) == 1 and holders[0].state == ClientState.OPEN else None


def is_frozen(incoming: IncomingText, client: Client) -> bool:
    """Whether somebody at this number asked who we are since she proved it: then it says nothing for her (R23)."""
    record = safe_contact(client.id)
    return queries.is_frozen(incoming.number_index, record.proved_at if record else None)


def answerable_text(incoming: IncomingText) -> Text | None:
    """The text that digits from this number answer: the latest that offered replies, sent to it in the last 7 days.

    None when the number is not exactly one open client's (R23).
    """
    client = only_holder(incoming)
    if client is None:
        return None
    return session.scalars(
        select(Text)
        .where(
            Text.number_index == incoming.number_index,
            Text.client_id == client.id,
            Text.offers_replies,
            Text.state.in_((TextState.SENDING, TextState.UNKNOWN, TextState.HANDED_OVER, TextState.REACHED)),
            Text.sent_at <= incoming.received_at,
            Text.sent_at > incoming.received_at - ANSWERABLE_FOR,
        )
        .order_by(Text.sent_at.desc(), Text.id.desc())
        .limit(1)
    ).first()


def take(
    incoming: IncomingText,
    meaning: str,
    *,
    client_id: int | None = None,
    answers_text_id: int | None = None,
    now: datetime,
) -> None:
    """Give an incoming text its meaning (at most 20 letters), whose it is, and the text that it answers."""
    incoming.meaning, incoming.client_id, incoming.answers_text_id = meaning, client_id, answers_text_id
    incoming.interpreted_at = now
    session.flush()


def interpret_waiting(now: datetime) -> int:
    """Give every text that no other room took a meaning and a person whose task it is (R25); gives how many.

    None of it signs in, books, changes or shows anything: the text may not be hers (R23).
    """
    texts = [incoming for incoming in uninterpreted(now) if not _is_left_for_replies(incoming, now)]
    book = phrase_book.current() if texts else None
    for incoming in texts:
        if not duty.take_answer(incoming, now):
            _interpret(incoming, book, now)
    return len(texts)


def _is_left_for_replies(incoming: IncomingText, now: datetime) -> bool:
    fresh = now - incoming.received_at < LEFT_FOR_REPLIES
    return fresh and digit_of(incoming.body) is not None and answerable_text(incoming) is not None


def _interpret(incoming: IncomingText, book: PhraseBook | None, now: datetime) -> None:
    # What concerns the day alone was for the room that keeps the day: here it is words for a person.
    found = [meaning for meaning in meaning_of(incoming.body, book) if meaning in PRESSING]
    holders = clients_with_number(incoming.number)
    client = only_holder(incoming)
    if Meaning.OPT_OUT in found:
        outbox.opt_out(incoming.number, now)
    if Meaning.WHO_IS_THIS in found:
        outbox.freeze(incoming.number, now)
    meaning = Meaning.WHO_IS_THIS if Meaning.WHO_IS_THIS in found else next(iter(found), Meaning.WORDS)
    if client is None and meaning is Meaning.WORDS:
        meaning = Meaning.TRIAGE
    take(incoming, meaning, client_id=client.id if client else None, now=now)
    _raise_tasks(incoming, found, client, holders, now)
    if client is not None and not found:
        _reply_automatically(incoming, client, now)


def _raise_tasks(
    incoming: IncomingText, found: list[Meaning], client: Client | None, holders: list[Client], now: datetime
) -> None:
    """Whose task it is: her keyworker's; of a number that we cannot place, its women's centre, or the managers.

    Where somebody must not know of one of its women (R29), it is one person's who may know of all.
    """
    centres = {holder.centre_id for holder in holders}
    centre_id = centres.pop() if len(centres) == 1 else None
    owner_id = client.keyworker_id if client else _who_may_know(holders)
    raise_task = partial(
        worklist.raise_task,
        now=now,
        client_id=client.id if client else None,
        owner_id=owner_id,
        centre_id=centre_id if client or owner_id is None else None,
    )
    own_subject = f"incoming:{incoming.id}"
    if Meaning.RISK in found:
        raise_task("risk_text", subject=own_subject, due_at=now + RISK_DUE)
    if Meaning.WHO_IS_THIS in found:
        raise_task("who_is_this", subject=own_subject)
    if not found or (client is None and found == [Meaning.OPT_OUT]):
        # One task for a conversation: it is closed by the answer to all of it.
        raise_task("incoming_text", subject=thread_subject(client.id) if client else own_subject)


def _who_may_know(holders: list[Client]) -> int | None:
    """Of women of whom somebody must not know: a keyworker or manager of theirs who may know of all; else None."""
    ids = [holder.id for holder in holders]
    never = set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id.in_(ids))))
    if not never:
        return None
    theirs = [holder.keyworker_id for holder in holders]
    around = keyworkers({holder.centre_id for holder in holders})
    able = [person.id for person in sorted(around, key=lambda person: person.id not in theirs)]
    return next((staff_id for staff_id in able if staff_id not in never), None)


def _reply_automatically(incoming: IncomingText, client: Client, now: datetime) -> None:
    """R24: neutral, at most once in 24 hours, and only where her record says so."""
    record = safe_contact(client.id)
    if record is None or not (record.auto_reply and record.may_reply):
        return
    recent = select(Text.id).where(
        Text.number_index == incoming.number_index, Text.kind == "auto_reply", Text.wanted_at > now - AUTO_REPLY_EVERY
    )
    if session.scalar(recent.limit(1)) is None:
        outbox.queue(
            client.id,
            "auto_reply",
            once=f"auto_reply:{incoming.id}",
            now=now,
            not_after_at=now + AUTO_REPLY_USEFUL_FOR,
        )
