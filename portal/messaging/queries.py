"""Reading the outbox and the inbox: what decides over a text, one woman's thread, what waits for staff."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.centres.models import Centre
from portal.clients.models import Client, SafeContact
from portal.clients.rules import ContactFacts, read_safe_hours
from portal.core import crypto
from portal.core.database import session
from portal.messaging.models import IncomingText, PortalMessage, Text, TextState
from portal.messaging.phrases import FOR_A_PERSON, Meaning
from portal.messaging.rules import MOST_A_DAY
from portal.staff.models import Staff

LEFT = (TextState.SENDING, TextState.UNKNOWN, TextState.HANDED_OVER, TextState.REACHED, TextState.NOT_DELIVERED)
"""States of texts that left us, or may have."""
MOST_SHOWN = 300


def contact_facts(record: SafeContact | None) -> ContactFacts | None:
    """The safe-contact record as the rules take it."""
    if record is None:
        return None
    return ContactFacts(
        may_text=record.may_text,
        number=record.number,
        proved_at=record.proved_at,
        sign_at=record.sign_at,
        stopped=record.stopped_at is not None,
        safe_hours=read_safe_hours(record.safe_hours or []),
        pause_until=record.pause_until,
        check_again_on=record.check_again_on,
    )


def number_index(number: str) -> str:
    """The blind index under which an E.164 number is looked up."""
    return crypto.keyring().index("phone", number)


def waits_unread(index: str, *, for_a_person: bool) -> bool:
    """Whether a text from this number has no meaning yet, or (`for_a_person`) nobody has read what needs reading."""
    unread: ColumnElement[bool] = IncomingText.interpreted_at.is_(None)
    if for_a_person:
        unread = or_(unread, and_(IncomingText.read_at.is_(None), IncomingText.meaning.in_(FOR_A_PERSON)))
    waiting = select(IncomingText.id).where(IncomingText.number_index == index, unread)
    return session.scalar(waiting.limit(1)) is not None


def is_frozen(index: str, proved_at: datetime | None) -> bool:
    """Whether somebody at this number asked who we are since it was last proved to be hers (R23)."""
    asked = select(IncomingText.id).where(
        IncomingText.number_index == index, IncomingText.meaning == Meaning.WHO_IS_THIS
    )
    if proved_at is not None:
        asked = asked.where(IncomingText.received_at >= proved_at)
    return session.scalar(asked.limit(1)) is not None


def last_sent(index: str, now: datetime, *, but: int) -> list[datetime]:
    """When the last texts left for this number within a day, newest first; the text with the id `but` left out."""
    return list(
        session.scalars(
            select(Text.sent_at)
            .where(Text.number_index == index, Text.sent_at > now - timedelta(days=1), Text.id != but)
            .order_by(Text.sent_at.desc())
            .limit(MOST_A_DAY)
        )
    )


def names_never_in_texts(client: Client, record: SafeContact | None, author_id: int | None) -> list[str]:
    """Names that no text to her carries: centres, surnames, and her workers' first names unless she chose so (R20)."""
    names = list(session.scalars(select(Centre.name)))
    for person in session.scalars(select(Staff).where(Staff.active)):
        names.append(person.name.rpartition(" ")[2] if " " in person.name else "")
        if person.id in (client.keyworker_id, author_id) and not (record is not None and record.names_worker):
            names.append(person.first_name)
    return [name for name in names if name]


class Entry(NamedTuple):
    """One thing said in a thread: a text of ours, a text of hers, or a message on the portal."""

    at: datetime
    kind: str
    row: Text | IncomingText | PortalMessage


def thread(client_id: int) -> list[Entry]:
    """Everything said between her and us, oldest first; at most the last 300 of each kind."""
    texts = _newest(select(Text).where(Text.client_id == client_id), Text.wanted_at)
    incoming = _newest(select(IncomingText).where(IncomingText.client_id == client_id), IncomingText.received_at)
    messages = _newest(select(PortalMessage).where(PortalMessage.client_id == client_id), PortalMessage.written_at)
    entries = [Entry(text.sent_at or max(text.send_at, text.wanted_at), "text", text) for text in texts]
    entries += [Entry(row.received_at, "incoming", row) for row in incoming]
    entries += [Entry(row.written_at, "message", row) for row in messages]
    return sorted(entries, key=lambda entry: (entry.at, entry.row.id))


def own_messages(client_id: int) -> list[PortalMessage]:
    """The messages on the portal between her and staff, newest first."""
    return list(_newest(select(PortalMessage).where(PortalMessage.client_id == client_id), PortalMessage.written_at))


def unread_for_client(client_id: int) -> int:
    """How many messages on the portal she has not opened yet."""
    unread = (
        PortalMessage.client_id == client_id, PortalMessage.staff_id.is_not(None), PortalMessage.read_at.is_(None)
    )  # fmt: skip
    return session.scalar(select(func.count()).where(*unread)) or 0


def last_contacts(client_ids: Iterable[int]) -> dict[int, datetime]:
    """When each client last heard from us or we from her, by text or on the portal; clients without are left out."""
    ids = list(client_ids)
    latest: dict[int, datetime] = {}
    for column, at, condition in (
        (Text.client_id, Text.sent_at, Text.state.in_((TextState.HANDED_OVER, TextState.REACHED))),
        (IncomingText.client_id, IncomingText.received_at, IncomingText.client_id.is_not(None)),
        (PortalMessage.client_id, PortalMessage.written_at, PortalMessage.id.is_not(None)),
    ):
        rows = session.execute(select(column, func.max(at)).where(column.in_(ids), condition).group_by(column))
        for client_id, last_at in rows:
            if client_id is not None and last_at is not None:
                latest[client_id] = max(last_at, latest.get(client_id, last_at))
    return latest


def _newest(statement, at):
    return session.scalars(statement.order_by(at.desc()).limit(MOST_SHOWN)).all()
