"""Opening a woman's record: whoever reads it stands in the audit log first (R30)."""

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import standing_client, visible_client
from portal.core import clock
from portal.core.database import unit_of_work
from portal.web.guards import actor


def open_record(client_id: int, what: str, *, for_good: bool = False) -> Client:
    """The client whose record the signed-in member of staff opens, noted in the audit log; raises NotFound.

    `what` names the part that she reads, as the log keeps it. What is `for_good` opens to nobody by break-glass.
    """
    with unit_of_work():
        client = (standing_client if for_good else visible_client)(actor(), client_id)
        _record(client_id, what)
    return client


def note_reading(client_id: int, what: str) -> None:
    """Write into the audit log that the signed-in member of staff reads a part of a record that she may see."""
    with unit_of_work():
        _record(client_id, what)


def _record(client_id: int, what: str) -> None:
    audit.record(actor(), "client_read", now=clock.now(), client_id=client_id, subject=what)
