"""Opening a woman's record or an appointment of hers at the desk: whoever reads it stands in the audit log (R30)."""

from collections.abc import Iterable

from flask import session

from portal.audit import service as audit
from portal.booking import desk_guests, queries, walk_ins
from portal.booking.queries import Booked
from portal.booking.rules import ANOTHER_CENTRE
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Role
from portal.core.database import unit_of_work
from portal.web.guards import actor

FOUND = "found_at_desk"
"""Where the session keeps whom the desk has just found, so that it can give her a time."""


def client_known(client_id: int) -> Client:
    """A woman whom the reader may see; reception only one who stands or is booked there (R28)."""
    if stands_here(client_id):
        return desk_guests.client_here(actor(), client_id)
    return queries.desk_client(actor(), client_id, clock.now())


def stands_here(client_id: int) -> bool:
    """Whether she stands at reception, just found by what she said or in the queue, so that it can give her a time."""
    if actor().role is not Role.RECEPTIONIST:
        return False
    return client_id in session.get(FOUND, ()) or walk_ins.waits(actor(), client_id, clock.now())


def read_client(client_id: int) -> Client:
    """Such a woman, and a line in the log."""
    client = client_known(client_id)
    _note(client, "booking")
    return client


def read_booked(appointment_id: int) -> Booked:
    """An appointment of such a woman, and a line in the log."""
    booked = queries.booked(actor(), appointment_id)
    client_known(booked.client.id)
    _note(booked.client, f"appointment:{appointment_id}")
    return booked


def note_found(clients: Iterable[Client]) -> None:
    """Note a search at the desk and each reading that it made; the words that were searched for are not kept."""
    found = list(clients)
    with unit_of_work():
        audit.record(actor(), "desk_search", now=clock.now(), subject=f"found:{len(found)}")
        for client in found:
            _record(client, "desk_search")
    session[FOUND] = [client.id for client in found]


def _note(client: Client, subject: str) -> None:
    with unit_of_work():
        _record(client, subject)


def _record(client: Client, subject: str) -> None:
    reason = ANOTHER_CENTRE if desk_guests.is_guest(actor(), client) else ""
    audit.record(actor(), "client_read", now=clock.now(), client_id=client.id, subject=subject, reason=reason)
