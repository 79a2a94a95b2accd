"""Opening a woman's record or an appointment of hers at the desk: whoever reads it stands in the audit log (R30)."""

from flask import session

from portal.audit import service as audit
from portal.booking import queries
from portal.booking.queries import Booked
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Role
from portal.core.database import unit_of_work
from portal.web.guards import actor

FOUND = "found_at_desk"
"""Where the session keeps whom the desk has just found, so that it can give her a time."""


def client_known(client_id: int) -> Client:
    """A woman whom the reader may see; reception only one whom it has just found or who is booked there (R28)."""
    if actor().role is Role.RECEPTIONIST and client_id in session.get(FOUND, ()):
        return visible_client(actor(), client_id)
    return queries.desk_client(actor(), client_id, clock.now())


def read_client(client_id: int) -> Client:
    """Such a woman, and a line in the log."""
    client = client_known(client_id)
    _note(client.id, "booking")
    return client


def read_booked(appointment_id: int) -> Booked:
    """An appointment of such a woman, and a line in the log."""
    booked = queries.booked(actor(), appointment_id)
    client_known(booked.client.id)
    _note(booked.client.id, f"appointment:{appointment_id}")
    return booked


def _note(client_id: int, subject: str) -> None:
    with unit_of_work():
        audit.record(actor(), "client_read", now=clock.now(), client_id=client_id, subject=subject)
