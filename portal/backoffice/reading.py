"""Opening a woman's record: whoever reads it stands in the audit log first (R30)."""

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.database import unit_of_work
from portal.web.guards import actor


def open_record(client_id: int, what: str) -> Client:
    """The client whose record the signed-in member of staff opens, noted in the audit log; raises NotFound.

    `what` names the part that she reads, as the log keeps it.
    """
    with unit_of_work():
        client = visible_client(actor(), client_id)
        audit.record(actor(), "client_read", now=clock.now(), client_id=client.id, subject=what)
    return client
