"""Threads for tests: a text that comes in, a page of messages, a worker who is told nothing of a woman."""

from datetime import datetime

from sqlalchemy import select

from portal.core.database import session, unit_of_work
from portal.messaging import inbox
from portal.messaging.models import Text


def address(client) -> str:
    """Where her thread is."""
    return f"/staff/clients/{client.id}/messages"


def come_in(body: str, now: datetime, number: str = "+447700900001") -> None:
    """A text comes in and is given its meaning."""
    with unit_of_work():
        inbox.receive(f"SM{body}{now}", number, body, now)
    with unit_of_work():
        inbox.interpret_waiting(now)


def texts() -> list[Text]:
    """Every text, oldest first, as it stands in the database now."""
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Text).order_by(Text.id)))
