"""Incoming texts: what they mean and whose task they are."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.clients.models import ClientState
from portal.clients.queries import clients_with_number
from portal.core.database import on_sqlite, session
from portal.messaging.models import IncomingText, Text, TextState

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


def answerable_text(incoming: IncomingText) -> Text | None:
    """The text that digits from this number answer: the latest that offered replies, sent to it in the last 7 days.

    None when the number is not exactly one open client's: then nobody can know who answered (R23).
    """
    holders = clients_with_number(incoming.number)
    if len(holders) != 1 or holders[0].state != ClientState.OPEN:
        return None
    return session.scalars(
        select(Text)
        .where(
            Text.number_index == incoming.number_index,
            Text.client_id == holders[0].id,
            Text.offers_replies,
            Text.state.in_((TextState.HANDED_OVER, TextState.REACHED, TextState.UNKNOWN)),
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
    """Give a meaning to what is left."""
    raise NotImplementedError
