"""Finding a woman at the desk, at once: by code name, name to call out, or the last 4 digits of her number (R28)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select

from portal.booking.models import Appointment, AppointmentState
from portal.clients.models import Client, ClientState, Restriction, SafeContact
from portal.clients.queries import safe_contacts, visible_client_ids
from portal.clients.rules import fold_code_name
from portal.core import clock, crypto
from portal.core.access import Actor, Permission, can
from portal.core.database import session
from portal.core.digits import western

DESK_DAYS = 7
"""For how many days ahead reception finds who is booked (R28)."""


@dataclass(frozen=True)
class Found:
    """A woman whom the words name, with her next appointment here, if there is one."""

    client_id: int
    called_name: str
    next_id: int | None
    next_at: datetime | None


def find(actor: Actor, words: str, now: datetime) -> list[Found]:
    """The women whom these words name: for reception those booked there within 7 days, for workers whom they may see.

    Names are sealed: the names of everybody in reach are opened and compared, without loading their records. The words
    are a whole code name, a whole name, or 4 digits. Whom the actor must not know of is not there (R29).
    """
    called = " ".join(words.split()).casefold()
    if not called:
        return []
    reach = select(Client.id, Client.seal_id, Client._called_name).where(*_reach(actor, now))
    # Nobody is called by a whole code name or by four digits, so those ask an index and open few names.
    by_code_name = crypto.keyring().index("code_name", fold_code_name(words))
    numbered = _with_number(western(words.strip()))
    named = _opened(reach.where(or_(Client.code_name_index == by_code_name, Client.id.in_(numbered))))
    if not named:
        named = {number: name for number, name in _opened(reach).items() if name.casefold() == called}
    coming = _next_here(actor, list(named), now)
    found = [Found(number, name, *coming.get(number, (None, None))) for number, name in named.items()]
    return sorted(found, key=lambda one: (one.next_at is None, one.next_at or now, one.client_id))


def _opened(rows: Select) -> dict[int, str]:
    """The names to call out in some rows of id, seal and sealed name, without loading the records."""
    keyring, bound_to = crypto.keyring(), f"{Client.__tablename__}.called_name|"
    return {number: keyring.open(sealed, bound_to + seal).decode() for number, seal, sealed in session.execute(rows)}


def _reach(actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    if can(actor, Permission.READ_CLIENT):
        return [Client.id.in_(visible_client_ids(actor)), Client.state == ClientState.OPEN]
    restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    here = select(Appointment.client_id).where(*_coming_here(actor, now))
    return [Client.id.in_(here), Client.id.not_in(restricted), Client.state == ClientState.OPEN]


def _coming_here(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    today = clock.london_today(now)
    return (
        Appointment.centre_id.in_(actor.centres),
        Appointment.state == AppointmentState.BOOKED,
        Appointment.starts_at >= clock.london_midnight(today),
        Appointment.starts_at < clock.london_midnight(today + timedelta(days=DESK_DAYS + 1)),
    )


def _with_number(end: str) -> set[int]:
    """Whose number, as she last gave it, ends with these digits."""
    if not (len(end) == 4 and end.isascii() and end.isdigit()):
        return set()
    index = crypto.keyring().index("phone_end", end)
    ever = select(SafeContact.client_id).where(SafeContact.number_end_index == index)
    newest = safe_contacts(session.scalars(ever).all())
    return {number for number, record in newest.items() if record.number_end_index == index}


def _next_here(actor: Actor, client_ids: list[int], now: datetime) -> dict[int, tuple[int, datetime]]:
    first = (
        select(Appointment.client_id, func.min(Appointment.starts_at).label("at"))
        .where(Appointment.client_id.in_(client_ids), *_coming_here(actor, now))
        .group_by(Appointment.client_id)
        .subquery()
    )
    rows = session.execute(
        select(Appointment.client_id, Appointment.id, Appointment.starts_at)
        .join(first, (first.c.client_id == Appointment.client_id) & (first.c.at == Appointment.starts_at))
        .where(*_coming_here(actor, now))
    )
    return {client_id: (number, at) for client_id, number, at in rows}
