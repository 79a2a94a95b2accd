"""Reading the outbox and the inbox: what decides over a text, one woman's thread, what waits for staff."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.centres.models import Centre
from portal.centres.queries import bank_holidays_from
from portal.clients.models import Client, SafeContact
from portal.clients.rules import ContactFacts, read_safe_hours
from portal.core import clock, crypto
from portal.core.database import session
from portal.messaging.models import IncomingText, PortalMessage, Text, TextState
from portal.messaging.phrases import FOR_A_PERSON, Meaning
from portal.messaging.rules import MOST_A_DAY, READING_DAYS
from portal.staff.models import Staff

LEFT = (TextState.SENDING, TextState.UNKNOWN, TextState.HANDED_OVER, TextState.REACHED, TextState.NOT_DELIVERED)
"""States of texts that left us, or may have."""
MOST_SHOWN = 300
DAYS_OFF_SHOWN = timedelta(days=14)


def contact_facts(record: SafeContact | None) -> ContactFacts | None:
    """The safe-contact record as the rules take it."""
    if record is None:
        return None
    return ContactFacts(
        may_text=record.may_text,
        has_number=record.has_number,
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


def unread(*, for_a_person: bool) -> ColumnElement[bool]:
    """That a text which came in has no meaning yet, or (`for_a_person`) that nobody has read what needs reading."""
    no_meaning: ColumnElement[bool] = IncomingText.interpreted_at.is_(None)
    if not for_a_person:
        return no_meaning
    return or_(no_meaning, and_(IncomingText.read_at.is_(None), IncomingText.meaning.in_(FOR_A_PERSON)))


def freezes(proved_at: datetime | None) -> ColumnElement[bool]:
    """That a text which came in asked who we are since the number was last proved to be hers (R23)."""
    asked: ColumnElement[bool] = IncomingText.meaning == Meaning.WHO_IS_THIS
    return asked if proved_at is None else and_(asked, IncomingText.received_at >= proved_at)


def is_frozen(index: str, proved_at: datetime | None) -> bool:
    """Whether somebody at this number asked who we are since it was last proved to be hers (R23)."""
    asked = select(IncomingText.id).where(IncomingText.number_index == index, freezes(proved_at))
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


class NamesAtWork(NamedTuple):
    """Names that stand for us: of centres and surnames of staff, in no text; first names by staff id."""

    always: tuple[str, ...]
    first: dict[int, str]

    def for_her(self, client: Client, record: SafeContact | None, author_id: int | None) -> list[str]:
        """Names that no text to her carries: her workers' first names too, unless she chose so (R20)."""
        if record is not None and record.names_worker:
            return list(self.always)
        workers = dict.fromkeys((client.keyworker_id, author_id))
        return [*self.always, *(self.first[worker] for worker in workers if worker in self.first)]

    def for_everybody(self, author_id: int) -> list[str]:
        """Names that words for many women never carry."""
        return [*self.always, *([self.first[author_id]] if author_id in self.first else [])]


def names_at_work() -> NamesAtWork:
    """The names of every centre and of everybody who works here, or did: a text may have been planned before."""
    people = list(session.scalars(select(Staff)))
    surnames = [person.name.rpartition(" ")[2] for person in people if " " in person.name]
    always = dict.fromkeys((*session.scalars(select(Centre.name)), *surnames))
    return NamesAtWork(tuple(name for name in always if name), {person.id: person.first_name for person in people})


def names_never_in_texts(client: Client, record: SafeContact | None, author_id: int | None) -> list[str]:
    """Names that no text to her carries: centres, surnames, and her workers' first names unless she chose so (R20)."""
    return names_at_work().for_her(client, record, author_id)


def own_messages(client_id: int) -> list[PortalMessage]:
    """The messages on the portal between her and staff, newest first."""
    return list(
        session.scalars(
            select(PortalMessage)
            .where(PortalMessage.client_id == client_id)
            .order_by(PortalMessage.written_at.desc())
            .limit(MOST_SHOWN)
        )
    )


def days_off(now: datetime) -> list[date]:
    """The bank holidays of the next fortnight on which people would else read messages (R25)."""
    today = clock.london_today(now)
    coming = (day for day in bank_holidays_from(today) if day.weekday() in READING_DAYS)
    return sorted(day for day in coming if day < today + DAYS_OFF_SHOWN)


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
