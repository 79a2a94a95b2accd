"""An appointment as a row, for pages that only read it."""

from datetime import datetime, timedelta

from portal.booking.models import Appointment
from portal.centres.models import Centre
from portal.clients.models import Client
from portal.core.database import session, unit_of_work
from tests.support import make


def appointment(client: Client, starts_at: datetime, *, centre: Centre | None = None, **values) -> Appointment:
    """A booked appointment of a client with her keyworker, at her own centre unless another is given."""
    kind = make.kind()
    with unit_of_work():
        row = Appointment(
            client_id=client.id,
            kind_id=kind.id,
            centre_id=centre.id if centre else client.centre_id,
            worker_id=client.keyworker_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=50),
            booked_by_kind="staff",
            booked_by_id=client.keyworker_id,
            booked_at=starts_at,
            **values,
        )
        session.add(row)
    return row
