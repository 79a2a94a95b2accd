"""What open pages ask for by themselves: a short version of a thread or an inbox that changes when something does."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import has_opted_out, safe_contact, visible_client_ids
from portal.core.access import Actor
from portal.core.database import session
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.messaging.waiting import ANSWER_TASKS, FAILED, FAILED_FOR, triage
from portal.worklist.models import Task

_AGES_SHOWN_FOR = timedelta(minutes=5)
"""How long an inbox may stand with the ages that it showed."""


def thread_version(client_id: int) -> str:
    """Changes whenever something in her thread, or in how she may be reached, does."""
    record = safe_contact(client_id)
    return _short(
        _rows(
            select(Text.state, func.count(), func.max(Text.id), func.max(Text.send_at), func.max(Text.settled_at))
            .where(Text.client_id == client_id)
            .group_by(Text.state)
            .order_by(Text.state)
        ),
        _rows(
            select(func.count(), func.max(IncomingText.id), func.max(IncomingText.interpreted_at)).where(
                IncomingText.client_id == client_id
            )
        ),
        _rows(
            select(func.count(), func.max(PortalMessage.id), func.max(PortalMessage.read_at)).where(
                PortalMessage.client_id == client_id
            )
        ),
        _rows(select(func.max(ThreadMark.id)).where(ThreadMark.client_id == client_id)),
        _rows(select(Client.keyworker_id, Client.state).where(Client.id == client_id)),
        _rows(select(func.max(SafeContact.version)).where(SafeContact.client_id == client_id)),
        (record.proved_at, record.pause_until, record.stopped_at) if record else None,
        record is not None and record.number is not None and has_opted_out(record.number),
    )


def inbox_version(actor: Actor, show: str, now: datetime) -> str:
    """Changes whenever something in somebody's inbox does, and while something waits, every few minutes."""
    ids = select(Client.id).where(Client.id.in_(visible_client_ids(actor)), Client.state == ClientState.OPEN)
    facts = [
        _rows(
            select(func.count(), func.max(IncomingText.id)).where(
                IncomingText.client_id.in_(ids), IncomingText.read_at.is_(None), IncomingText.meaning != ""
            )
        ),
        _rows(
            select(func.count(), func.max(PortalMessage.id)).where(
                PortalMessage.client_id.in_(ids), PortalMessage.read_at.is_(None), PortalMessage.staff_id.is_(None)
            )
        ),
        _rows(
            select(func.count(), func.max(Task.id)).where(
                Task.client_id.in_(ids), Task.kind.in_(ANSWER_TASKS), Task.closed_at.is_(None)
            )
        ),
        _rows(
            select(func.count(), func.max(Text.id)).where(
                Text.client_id.in_(ids), Text.state.in_(FAILED), Text.send_at > now - FAILED_FOR
            )
        ),
        # Only those that she is shown: a text of a woman of whom she must not know changes nothing here (R29).
        [(row.id, row.read_at) for row in triage(actor)],
    ]
    something_waits = any(rows and rows[0][0] for rows in facts)
    age = int(now.timestamp() // _AGES_SHOWN_FOR.total_seconds()) if something_waits else 0
    return _short(*facts, show, age)


def _rows(statement) -> list[tuple]:
    return [tuple(row) for row in session.execute(statement)]


def _short(*facts: object) -> str:
    return hashlib.blake2s(repr(facts).encode(), digest_size=9).hexdigest()
