"""Reading the coming sessions of groups, and who is booked in each."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from portal.booking.models import Appointment, AppointmentState
from portal.centres.models import Kind
from portal.clients.models import Client, ClientState
from portal.clients.queries import visible_client_ids
from portal.core.access import Actor
from portal.core.database import session

AHEAD = timedelta(days=28)


class ComingGroup(NamedTuple):
    """One session of a group: its name, where and when, and the ids of the women whom the reader may see in it."""

    name: str
    centre_id: int
    starts_at: datetime
    client_ids: list[int]


def coming_groups(actor: Actor, now: datetime) -> list[ComingGroup]:
    """The sessions of groups within four weeks in which women are booked whom the actor may see, the next first."""
    hers = select(Client.id).where(Client.id.in_(visible_client_ids(actor)), Client.state == ClientState.OPEN)
    rows = session.execute(
        select(Kind, Appointment.centre_id, Appointment.starts_at, Appointment.client_id)
        .join(Kind, Kind.id == Appointment.kind_id)
        .where(
            Kind.group,
            Appointment.state == AppointmentState.BOOKED,
            Appointment.starts_at > now,
            Appointment.starts_at < now + AHEAD,
            Appointment.client_id.in_(hers),
        )
        .order_by(Appointment.starts_at, Kind.id, Appointment.centre_id, Appointment.client_id)
    )
    found: dict[tuple[int, int, datetime], ComingGroup] = {}
    for kind, centre_id, starts_at, client_id in rows:
        group = ComingGroup(kind.name_in("en"), centre_id, starts_at, [])
        found.setdefault((kind.id, centre_id, starts_at), group).client_ids.append(client_id)
    return list(found.values())
