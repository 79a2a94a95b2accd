"""Texts of staff's own that have not left yet: changing one, and taking it back."""

from collections.abc import Sequence
from datetime import datetime

from portal.audit import service as audit
from portal.clients.queries import safe_contact, visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import NotFound, Stale
from portal.messaging import gate, outbox
from portal.messaging.composing import worded_for
from portal.messaging.models import Text, TextState
from portal.messaging.receipts import fresh
from portal.messaging.rules import USEFUL_FOR, Reason
from portal.messaging.service import check_first, check_send_at


def may_be_taken_back(text: Text) -> bool:
    """Whether somebody wrote it and it has not left; once a worker has claimed it, it is gone."""
    return text.written_by is not None and text.state in outbox.QUEUED


def open_planned(actor: Actor, client_id: int, text_id: int, *, now: datetime) -> Text:
    """Read a text that has not left yet. Raises NotFound, Stale when it has left."""
    require(actor, Permission.WRITE_TEXT)
    text = _planned(actor, client_id, text_id)
    audit.record(actor, "thread_read", now=now, client_id=client_id, subject=f"text:{text.id}")
    return text


def change(
    actor: Actor,
    client_id: int,
    text_id: int,
    *,
    body: str,
    send_at: datetime | None,
    words: Sequence[str],
    now: datetime,
) -> Text:
    """Change the words or the time of a text before it leaves; without a time it leaves as soon as it may.

    Raises as `worded_for`, `check_send_at` and `check_first`, and Stale when it has left meanwhile, or is one of many.
    """
    require(actor, Permission.WRITE_TEXT)
    worded = worded_for(actor, client_id, body, words=words)
    check_send_at(send_at, now)
    check_first(client_id)
    text = _planned(actor, client_id, text_id)
    if text.batch_id is not None:
        raise Stale("text")
    client, record = visible_client(actor, client_id), safe_contact(client_id)
    text.body, text.written_by, text.send_at = worded.body, actor.id, max(send_at or now, now)
    text.not_after_at = text.send_at + USEFUL_FOR
    text.state = TextState.WAITING
    outbox.close_tasks(text, now)
    outbox.address(text, record)
    outbox.apply(text, client, gate.wanted_at(text, client, record, text.send_at), now)
    audit.record(actor, "text_changed", now=now, client_id=client_id, subject=f"text:{text.id}")
    return text


def take_back(actor: Actor, client_id: int, text_id: int, *, now: datetime) -> Text:
    """Keep a text from ever leaving. Raises NotFound, Stale when it has left."""
    require(actor, Permission.WRITE_TEXT)
    text = _planned(actor, client_id, text_id)
    skip(text, now)
    audit.record(actor, "text_taken_back", now=now, client_id=client_id, subject=f"text:{text.id}")
    return text


def skip(text: Text, now: datetime) -> None:
    """A text that its writer no longer wants is of no use to anybody: nobody has to tell her."""
    text.state, text.reason, text.settled_at = TextState.SKIPPED, Reason.TAKEN_BACK, now
    session.flush()
    outbox.close_tasks(text, now)


def _planned(actor: Actor, client_id: int, text_id: int) -> Text:
    """The text, locked, so that no worker claims it meanwhile."""
    visible_client(actor, client_id)
    text = fresh(text_id)
    if text is None or text.client_id != client_id or text.written_by is None:
        raise NotFound("text")
    if not may_be_taken_back(text):
        raise Stale("text")
    return text
