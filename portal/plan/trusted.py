"""Who of the staff stands near enough to a woman for what is kept to few: what her risk is, what keeps her well.

Her keyworker, who covers for her, the managers of her centre, and who leads on safeguarding: never on the strength of
break-glass, which has a press of its own.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from portal.clients.models import Client
from portal.clients.queries import standing_client, visible_client
from portal.core.access import Actor, Permission, Role, can, require
from portal.core.database import session
from portal.core.errors import MovedTo, NotFound
from portal.staff.models import Staff
from portal.staff.queries import looked_after_by


class Way(StrEnum):
    """How somebody comes to what is kept to few."""

    STANDING = "standing"
    BY_PRESS = "by_press"


def trusted_client(actor: Actor, client_id: int, permission: Permission, *, now: datetime) -> Client:
    """The client to whom the actor stands near enough; raises NotAllowed, and NotFound for everybody else."""
    require(actor, permission)
    client = standing_client(actor, client_id)
    if not is_trusted(actor, client, now):
        raise NotFound("client")
    return client


def way_to(actor: Actor, client_id: int, *, now: datetime) -> tuple[Client, Way]:
    """The client, and whether the actor needs the press of its own that break-glass has.

    Raises NotAllowed, NotFound.
    """
    require(actor, Permission.READ_RISK)
    try:
        return trusted_client(actor, client_id, Permission.READ_RISK, now=now), Way.STANDING
    except MovedTo:
        raise
    except NotFound:
        client = visible_client(actor, client_id)
    if is_in_reach(actor, client.id):
        raise NotFound("client")
    return client, Way.BY_PRESS


def is_trusted(actor: Actor, client: Client, now: datetime) -> bool:
    """Whether the actor, who has this record in reach, is near enough to her."""
    if client.keyworker_id == actor.id or actor.role is Role.MANAGER:
        return True
    covers = looked_after_by(actor.id, now)
    if client.keyworker_id is not None and session.scalar(
        select(Staff.id).where(Staff.id == client.keyworker_id, Staff.id.in_(covers))
    ):
        return True
    return bool(session.scalar(select(Staff.safeguarding_lead).where(Staff.id == actor.id)))


def is_in_reach(actor: Actor, client_id: int) -> bool:
    """Whether a record is in the actor's reach without break-glass."""
    try:
        standing_client(actor, client_id)
    except NotFound:
        return False
    return True


def way_on(actor: Actor, client: Client, *, now: datetime) -> Way | None:
    """How a page that the actor has opened may lead on to what is kept to few; None when it may not."""
    if not can(actor, Permission.READ_RISK):
        return None
    if not is_in_reach(actor, client.id):
        return Way.BY_PRESS
    return Way.STANDING if is_trusted(actor, client, now) else None
