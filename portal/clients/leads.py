"""Who leads on safeguarding for one woman: staff pages and what they record ask it."""

from datetime import datetime

from portal.clients.models import Client
from portal.clients.queries import visible_client_ids
from portal.core.access import Role
from portal.core.database import session
from portal.staff import queries as staff_queries
from portal.staff.models import Staff


def lead_for(client: Client, now: datetime) -> Staff | None:
    """A safeguarding lead, else a manager of her centre: somebody who may see her record, not away if that can be."""
    people = staff_queries.people(active_only=True)
    managers = [person for person in people if person.role == Role.MANAGER and client.centre_id in person.centre_ids]
    wanted = [person for person in people if person.safeguarding_lead] + managers
    seeing = [person for person in wanted if _may_see(person, client)]
    return min(seeing, key=lambda person: is_away(person, now), default=None)


def is_away(person: Staff, now: datetime) -> bool:
    """Whether somebody is away at this moment."""
    return any(absence.starts_at <= now for absence in staff_queries.absences(person.id, now))


def _may_see(person: Staff, client: Client) -> bool:
    return session.scalar(visible_client_ids(person.actor).where(Client.id == client.id)) is not None
