"""What a woman writes to us on her own pages, and that she read what we wrote."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import update

from portal.clients.queries import visible_client
from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import Invalid
from portal.messaging.models import PortalMessage, Text
from portal.messaging.phrases import Meaning, meaning_of
from portal.messaging.rules import RISK_DUE, thread_subject
from portal.web import once
from portal.worklist import service as worklist

Made = TypeVar("Made", Text, PortalMessage)

LONGEST_MESSAGE = 2000


def write_to_us(actor: Actor, *, body: str, request_key: str, now: datetime) -> PortalMessage:
    """Her message to her worker: somebody's task, within minutes where it may tell of a risk (R25).

    Raises Invalid("body", "missing" | "too_long").
    """
    client = visible_client(actor, actor.id)
    message = message_once(actor, client.id, None, body, request_key, now)
    raise_task = partial(
        worklist.raise_task,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
    )
    # Late: it brings the lists of phrases in twelve languages.
    from portal.messaging import phrase_book

    if Meaning.RISK in meaning_of(message.body, phrase_book.current()):
        raise_task("risk_text", subject=f"message:{message.id}", due_at=now + RISK_DUE)
    raise_task("incoming_text", subject=thread_subject(client.id))
    return message


def open_own(actor: Actor, *, now: datetime) -> None:
    """She opened her messages: what staff wrote counts as read."""
    session.execute(
        update(PortalMessage)
        .where(
            PortalMessage.client_id == actor.id, PortalMessage.staff_id.is_not(None), PortalMessage.read_at.is_(None)
        )
        .values(read_at=now)
    )


def message_once(
    actor: Actor,
    client_id: int,
    staff_id: int | None,
    body: str,
    request_key: str,
    now: datetime,
    look_again: Callable[[], None] | None = None,
) -> PortalMessage:
    """A message on the portal, made once for each form; `look_again` may refuse it before it is written.

    Raises Invalid("body", "missing" | "too_long").
    """
    body = body.strip()
    if not body:
        raise Invalid("body", "missing")
    if len(body) > LONGEST_MESSAGE:
        raise Invalid("body", "too_long")
    known = made_before(actor, request_key, PortalMessage, now)
    if known is not None:
        return known
    if look_again is not None:
        look_again()
    message = PortalMessage(client_id=client_id, staff_id=staff_id, body=body, written_at=now)
    session.add(message)
    session.flush()
    once.made(actor, request_key, f"{PortalMessage.__tablename__}:{message.id}")
    return message


def made_before(actor: Actor, request_key: str, model: type[Made], now: datetime) -> Made | None:
    """What this form made when it was sent before, or None; a key that some other form used is refused."""
    done = once.claim(actor, request_key, now=now)
    if done is None:
        return None
    table, _, number = done.partition(":")
    if table != model.__tablename__ or not number.isdecimal():
        raise Invalid("request_key", "used")
    return session.get_one(model, int(number))
