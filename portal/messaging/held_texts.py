"""Held texts that may go after all: all of them are looked at, in a few queries however many there are.

Were only the first so many looked at, those that stay held would stand before those that may go.
"""

from datetime import datetime

from sqlalchemy import func, select

from portal.clients.models import Client, ClientState, OptOut, SafeContact
from portal.clients.queries import safe_contacts
from portal.core.database import session
from portal.messaging.gate import TEST
from portal.messaging.models import IncomingText, Text, TextState
from portal.messaging.phrases import Meaning
from portal.messaging.queries import contact_facts
from portal.messaging.rules import SendingFacts, verdict
from portal.messaging.stops import texts_off


def ready(now: datetime) -> list[int]:
    """The ids of the held texts whose time is to come and whose reason is gone, the soonest first; for the gate to see.

    It reads only, and asks what `gate.wanted_at` asks of one text.
    """
    held = session.execute(
        select(
            Text.id,
            Text.client_id,
            Text.kind,
            Text.send_at,
            Text.not_after_at,
            Client.state,
            Client.nothing_before_on,
        )
        .join(Client, Client.id == Text.client_id)
        .where(Text.state == TextState.HELD, Text.send_at > now)
        .order_by(Text.send_at, Text.id)
    ).all()
    if not held:
        return []
    records = safe_contacts({row.client_id for row in held})
    contacts = {client_id: contact_facts(record) for client_id, record in records.items()}
    opted_out = set(session.scalars(select(OptOut.number_index).where(OptOut.undone_at.is_(None))))
    asked_at = _asked_who_we_are()
    on = texts_off() is None
    frozen = {client_id for client_id, record in records.items() if _is_frozen(record, asked_at)}
    return [
        row.id
        for row in held
        if not verdict(
            SendingFacts(
                contact=contacts.get(row.client_id),
                open_record=row.state == ClientState.OPEN,
                opted_out=row.client_id in records and records[row.client_id].number_index in opted_out,
                frozen=row.client_id in frozen,
                unread=False,
                free_at=None,
                wanted=True,
                not_after_at=row.not_after_at,
                texts_on=on,
                nothing_before_on=row.nothing_before_on,
                needs_proof=row.kind != TEST,
            ),
            row.send_at,
        ).needs_person
    ]


def _asked_who_we_are() -> dict[str, datetime]:
    """When somebody last asked who we are, by the blind index of the number."""
    asked = select(IncomingText.number_index, func.max(IncomingText.received_at))
    rows = session.execute(asked.where(IncomingText.meaning == Meaning.WHO_IS_THIS).group_by(IncomingText.number_index))
    return {row[0]: row[1] for row in rows}


def _is_frozen(record: SafeContact, asked_at: dict[str, datetime]) -> bool:
    at = asked_at.get(record.number_index or "")
    return at is not None and (record.proved_at is None or at >= record.proved_at)
