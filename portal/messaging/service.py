"""What staff and women write to each other, the test text, and reading a thread."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import select, update

from portal.audit import service as audit
from portal.clients.queries import safe_contact, visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, session
from portal.core.errors import Invalid, NotFound
from portal.core.locales import shown_in
from portal.messaging import outbox, phrase_book, queries, waiting, wording
from portal.messaging.inbox import thread_subject
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.messaging.phrases import FOR_A_PERSON, Meaning, meaning_of
from portal.messaging.rules import MOST_PARTS_WRITTEN, RISK_DUE, TEST_USEFUL_FOR, refused_in
from portal.messaging.wording import Worded
from portal.web import once
from portal.worklist import service as worklist
from portal.worklist.models import Task

Made = TypeVar("Made", Text, PortalMessage)

FURTHEST = timedelta(days=60)
LONGEST_MESSAGE = 2000


class WordsRefused(Invalid):
    """A body holds something that no text may carry; `found` says what."""

    def __init__(self, found: list[str]) -> None:
        super().__init__("body", "refused_words")
        self.found = found


def worded_for(actor: Actor, client_id: int, body: str, *, words: Sequence[str]) -> Worded:
    """What would stand on her screen if this were sent; nothing is sent.

    Raises NotFound, WordsRefused, and Invalid("body", "missing" | "too_long").
    """
    client, record = visible_client(actor, client_id), safe_contact(client_id)
    worded = wording.written(body, shown_in(record.text_language if record else client.language))
    if not worded.body:
        raise Invalid("body", "missing")
    found = refused_in(worded.body, words=words, names=queries.names_never_in_texts(client, record, actor.id))
    if found:
        raise WordsRefused(found)
    if worded.segments.parts > MOST_PARTS_WRITTEN:
        raise Invalid("body", "too_long")
    return worded


def write_text(
    actor: Actor,
    client_id: int,
    *,
    body: str,
    request_key: str,
    words: Sequence[str],
    now: datetime,
    send_at: datetime | None = None,
) -> Text:
    """Write a text to her, to leave now or at `send_at`, in her safe hours; pressed twice, it is written once.

    Raises as `worded_for`, and Invalid("body", "check_first") while a text from her number that may tell of a risk
    waits for the check that it is her (R25), Invalid("send_at", "past" | "too_far").
    """
    require(actor, Permission.WRITE_TEXT)
    worded = worded_for(actor, client_id, body, words=words)
    if send_at is not None and send_at < now - timedelta(minutes=5):
        raise Invalid("send_at", "past")
    if send_at is not None and send_at > now + FURTHEST:
        raise Invalid("send_at", "too_far")
    _check_first(client_id)
    known = _made_before(actor, request_key, Text, now)
    if known is not None:
        return known
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


def write_message(actor: Actor, client_id: int, *, body: str, request_key: str, now: datetime) -> PortalMessage:
    """Write to her on the portal, where she reads it after signing in; pressed twice, it is written once.

    Raises NotFound, Invalid("body", "missing" | "too_long" | "check_first").
    """
    require(actor, Permission.WRITE_TEXT)
    visible_client(actor, client_id)
    _check_first(client_id)
    message = _message(actor, client_id, actor.id, body, request_key, now)
    _answered(actor, client_id, "message_written", f"message:{message.id}", now)
    return message


def write_to_us(actor: Actor, *, body: str, request_key: str, now: datetime) -> PortalMessage:
    """Her message to her worker: somebody's task, within minutes where it may tell of a risk (R25).

    Raises Invalid("body", "missing" | "too_long").
    """
    client = visible_client(actor, actor.id)
    message = _message(actor, client.id, None, body, request_key, now)
    raise_task = partial(
        worklist.raise_task,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
    )
    if Meaning.RISK in meaning_of(message.body, phrase_book.current()):
        raise_task("risk_text", subject=f"message:{message.id}", due_at=now + RISK_DUE)
    raise_task("incoming_text", subject=thread_subject(client.id))
    return message


def send_test(actor: Actor, client_id: int, *, request_key: str, now: datetime) -> Text:
    """Send the text with which a number is proved: a member of staff presses it while she stands beside (R18)."""
    require(actor, Permission.RECORD_SAFE_CONTACT)
    client = visible_client(actor, client_id)
    known = _made_before(actor, request_key, Text, now)
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


def open_thread(actor: Actor, client_id: int, *, now: datetime) -> None:
    """Note that staff read her thread (R30): what she wrote counts as read from now on. Raises NotFound."""
    require(actor, Permission.READ_INBOX)
    client = visible_client(actor, client_id)
    session.execute(
        update(IncomingText)
        .where(
            IncomingText.client_id == client.id,
            IncomingText.read_at.is_(None),
            IncomingText.interpreted_at.is_not(None),
        )
        .values(read_at=now, read_by=actor.id)
    )
    session.execute(
        update(PortalMessage)
        .where(PortalMessage.client_id == client.id, PortalMessage.staff_id.is_(None), PortalMessage.read_at.is_(None))
        .values(read_at=now)
    )
    audit.record(actor, "thread_read", now=now, client_id=client.id)


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


def open_own(actor: Actor, *, now: datetime) -> None:
    """She opened her messages: what staff wrote counts as read."""
    session.execute(
        update(PortalMessage)
        .where(
            PortalMessage.client_id == actor.id, PortalMessage.staff_id.is_not(None), PortalMessage.read_at.is_(None)
        )
        .values(read_at=now)
    )


def _message(
    actor: Actor, client_id: int, staff_id: int | None, body: str, request_key: str, now: datetime
) -> PortalMessage:
    body = body.strip()
    if not body:
        raise Invalid("body", "missing")
    if len(body) > LONGEST_MESSAGE:
        raise Invalid("body", "too_long")
    known = _made_before(actor, request_key, PortalMessage, now)
    if known is not None:
        return known
    message = PortalMessage(client_id=client_id, staff_id=staff_id, body=body, written_at=now)
    session.add(message)
    session.flush()
    once.made(actor, request_key, f"{PortalMessage.__tablename__}:{message.id}")
    return message


def _made_before(actor: Actor, request_key: str, model: type[Made], now: datetime) -> Made | None:
    """What this form made when it was sent before, or None; a key that some other form used is refused."""
    done = once.claim(actor, request_key, now=now)
    if done is None:
        return None
    table, _, number = done.partition(":")
    if table != model.__tablename__ or not number.isdecimal():
        raise Invalid("request_key", "used")
    return session.get_one(model, int(number))


def _answered(actor: Actor, client_id: int, action: str, subject: str, now: datetime) -> None:
    worklist.close_for_subject(thread_subject(client_id), done="answered_by_text", actor=actor, now=now)
    audit.record(actor, action, now=now, client_id=client_id, subject=subject)


def _check_first(client_id: int) -> None:
    open_risk = select(Task.id).where(
        Task.client_id == client_id,
        Task.kind == "risk_text",
        Task.subject.startswith("incoming:"),
        Task.closed_at.is_(None),
    )
    if session.scalar(open_risk.limit(1)) is not None:
        raise Invalid("body", "check_first")
