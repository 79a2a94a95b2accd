"""Storing a text as it came in; what it means is for the worker, in `inbox`."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core.database import session
from portal.core.phone import normalise
from portal.messaging.models import IncomingText
from portal.messaging.queries import number_index


def receive(gateway_sid: str, number: str, body: str, now: datetime) -> bool:
    """Keep a text as it came in, once for each id of the gateway; gives whether it is new. It decides nothing."""
    if session.scalar(select(IncomingText.id).where(IncomingText.gateway_sid == gateway_sid)) is not None:
        return False
    number = normalise(number)
    incoming = IncomingText(
        gateway_sid=gateway_sid, number=number, number_index=number_index(number), body=body, received_at=now
    )
    try:
        with session.begin_nested():
            session.add(incoming)
    except IntegrityError:
        return False
    return True
