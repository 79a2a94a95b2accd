"""What staff and women write to each other, the test text, and reading a thread."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update

from portal.audit import service as audit
from portal.clients.queries import visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, session
from portal.core.errors import Invalid, NotFound
from portal.messaging import outbox, threads, waiting
from portal.messaging.composing import worded_for
from portal.messaging.hers import made_before, message_once
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.messaging.phrases import FOR_A_PERSON
from portal.messaging.rules import TEST_USEFUL_FOR, thread_subject
from portal.web import once
from portal.worklist import service as worklist

FURTHEST = timedelta(days=60)


def write_text(
    actor: Actor,
    client_id: int,
    *,
    body: str,
    request_key: str,
    words: Sequence[str],
    now: datetime,
    send_at: datetime | None = None,
    seen: str = "",
) -> Text:
    """Write a text to her, to leave now or at `send_at`, in her safe hours; pressed twice, it is written once.

    `seen` is what the writer saw said by others (`threads.said_by_others`), where she was shown it. Raises as
    `worded_for` and `check_send_at`, Invalid("body", "check_first") while a text from her number that may tell of a
    risk waits for the check that it is her (R25), Invalid("body", "said_meanwhile") when somebody was quicker.
    """
    require(actor, Permission.WRITE_TEXT)
    worded = worded_for(actor, client_id, body, words=words)
    check_send_at(send_at, now)
    check_first(client_id)
    known = made_before(actor, request_key, Text, now)
    if known is not None:
        return known
    _look_again(actor, client_id, seen)
    text = outbox.queue(
        client_id,
        "written",
        once=f"written:{actor.id}:{request_key}",
        now=now,
        body=worded.body,
        send_at=send_at,
        written_by=actor.id,
    )
    once.made(actor, request_key, f"{Text.__tablename__}:{text.id}")
    _answered(actor, client_id, "text_written", f"text:{text.id}", now)
    return text


def check_send_at(send_at: datetime | None, now: datetime) -> None:
    """Refuse times at which no text can be sent. Raises Invalid("send_at", "past" | "too_far")."""
    if send_at is not None and send_at < now - timedelta(minutes=5):
        raise Invalid("send_at", "past")
    if send_at is not None and send_at > now + FURTHEST:
        raise Invalid("send_at", "too_far")


def write_message(
    actor: Actor, client_id: int, *, body: str, request_key: str, now: datetime, seen: str = ""
) -> PortalMessage:
    """Write to her on the portal, where she reads it after signing in; pressed twice, it is written once.

    `seen` as in `write_text`. Raises NotFound, Invalid("body", "missing" | "too_long" | "check_first" |
    "said_meanwhile").
    """
    require(actor, Permission.WRITE_TEXT)
    visible_client(actor, client_id)
    check_first(client_id)
    message = message_once(
        actor, client_id, actor.id, body, request_key, now, lambda: _look_again(actor, client_id, seen)
    )
    _answered(actor, client_id, "message_written", f"message:{message.id}", now)
    return message


def send_test(actor: Actor, client_id: int, *, request_key: str, now: datetime) -> Text:
    """Send the text with which a number is proved: a member of staff presses it while she stands beside (R18)."""
    require(actor, Permission.RECORD_SAFE_CONTACT)
    client = visible_client(actor, client_id)
    known = made_before(actor, request_key, Text, now)
    if known is not None:
        return known
    text = outbox.queue(
        client.id,
        "test",
        once=f"test:{actor.id}:{request_key}",
        now=now,
        not_after_at=now + TEST_USEFUL_FOR,
    )
    # Whoever pressed sees why it did not go, so nobody needs a task for it.
    outbox.close_tasks(text, now)
    once.made(actor, request_key, f"{Text.__tablename__}:{text.id}")
    audit.record(actor, "test_text_sent", now=now, client_id=client.id, subject=f"text:{text.id}")
    return text


def open_thread(actor: Actor, client_id: int, *, now: datetime, by_itself: bool = False) -> None:
    """Note that staff read her thread (R30): what she wrote counts as read from now on. Raises NotFound.

    `by_itself`: an open page fetched it, so it was shown, but perhaps to nobody: it stays unread.
    """
    require(actor, Permission.READ_INBOX)
    client = visible_client(actor, client_id)
    audit.record(actor, "thread_read", now=now, client_id=client.id, reason="live" if by_itself else "")
    if not by_itself:
        _mark_read(actor, client.id, now)


def _mark_read(actor: Actor, client_id: int, now: datetime) -> None:
    session.execute(
        update(IncomingText)
        .where(
            IncomingText.client_id == client_id,
            IncomingText.read_at.is_(None),
            IncomingText.interpreted_at.is_not(None),
        )
        .values(read_at=now, read_by=actor.id)
    )
    session.execute(
        update(PortalMessage)
        .where(PortalMessage.client_id == client_id, PortalMessage.staff_id.is_(None), PortalMessage.read_at.is_(None))
        .values(read_at=now)
    )


def open_triage(actor: Actor, incoming_id: int, *, now: datetime) -> IncomingText:
    """Read a text from a number that we cannot place, or one for which this person is called out.

    Raises NotFound when it is not for her to see.
    """
    require(actor, Permission.READ_INBOX)
    incoming = get_or_none(IncomingText, incoming_id)
    if incoming is None or not _may_open(actor, incoming):
        raise NotFound("incoming")
    incoming.read_at, incoming.read_by = incoming.read_at or now, incoming.read_by or actor.id
    audit.record(actor, "triage_read", now=now, client_id=incoming.client_id, subject=f"incoming:{incoming.id}")
    session.flush()
    return incoming


def _may_open(actor: Actor, incoming: IncomingText) -> bool:
    placed = incoming.client_id is not None or incoming.meaning not in FOR_A_PERSON
    return (not placed and waiting.may_triage(actor, incoming)) or waiting.may_read_on_duty(actor, incoming)


def _answered(actor: Actor, client_id: int, action: str, subject: str, now: datetime) -> None:
    worklist.close_for_subject(thread_subject(client_id), done="answered_by_text", actor=actor, now=now)
    audit.record(actor, action, now=now, client_id=client_id, subject=subject)


def _look_again(actor: Actor, client_id: int, seen: str) -> None:
    """Two people may answer the same woman at once: the slower one looks before hers goes too."""
    if seen and seen != threads.said_by_others(client_id, actor.id):
        raise Invalid("body", "said_meanwhile")


def check_first(client_id: int) -> None:
    """Refuse to answer a text that may tell of a risk before the check that it is her (R25). Raises Invalid."""
    if waiting.must_be_checked([client_id]):
        raise Invalid("body", "check_first")
