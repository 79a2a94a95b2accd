"""Whom an actor may act on, for services that also reception calls: its reach is who is booked at its desk (R28)."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Select, or_, select

from portal.clients.models import Client, Restriction
from portal.clients.queries import standing_client, visible_client_ids
from portal.core.access import Actor, Role
from portal.core.database import session
from portal.core.errors import NotFound

KnownAtDesk = Callable[[Actor, datetime], Select[int]]

_known: list[KnownAtDesk] = []


def register(known: KnownAtDesk) -> None:
    """Tell this room how the room above it knows who is booked at a desk."""
    _known[:] = [known]


def client_to_act_on(actor: Actor, client_id: int, now: datetime) -> Client:
    """A woman whom the actor may see for good, or who is known at its desk; raises NotFound, R29 before all else."""
    if actor.role is not Role.RECEPTIONIST:
        return standing_client(actor, client_id)
    never = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    known = or_(Client.id.in_(visible_client_ids(actor, now)), *(Client.id.in_(ask(actor, now)) for ask in _known))
    hers = select(Client).where(Client.id == client_id, known, Client.id.not_in(never), Client.merged_into_id.is_(None))
    client = session.scalars(hers).first() if 0 < client_id < 2**31 else None
    if client is None:
        raise NotFound("client")
    return client
