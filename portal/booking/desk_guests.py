"""Women of other centres at the desk: who stands there and says her code name can be given a time there, no more.

The code name is the only way to find her: it is hers to say, and nobody can guess one. R29 holds as everywhere, and so
does all that booking honours (R43); her file stays closed, and her own keyworker has a task to look at what was booked.
"""

from datetime import datetime

from sqlalchemy import select

from portal.booking import queries
from portal.clients.models import Client, ClientState, Restriction
from portal.clients.queries import client_by_code_name, visible_client_ids
from portal.core.access import Actor, Permission, can, require
from portal.core.database import session
from portal.core.errors import NotFound


def by_code_name(actor: Actor, words: str) -> list[Client]:
    """The open record with exactly this code name, whatever its centre, unless the actor must not know of her (R29)."""
    known = client_by_code_name(words) if can(actor, Permission.FIND_CLIENT_AT_DESK) else None
    return [known] if known is not None and _may_know(actor, known.id) else []


def client_here(actor: Actor, client_id: int) -> Client:
    """A woman who stands at the actor's desk and was found there by her code name; raises NotFound."""
    require(actor, Permission.FIND_CLIENT_AT_DESK)
    client = session.get(Client, client_id) if 0 < client_id <= queries.LARGEST_ID else None
    if client is None or not _may_know(actor, client_id):
        raise NotFound("client")
    return client


def client_to_book_for(actor: Actor, client_id: int, centre_id: int, *, stands_here: bool, now: datetime) -> Client:
    """Whom reception may book: women of its centres, those booked there, and who stands at its desk, there alone.

    `stands_here`: she was found by her code name. Raises NotFound.
    """
    if session.scalar(visible_client_ids(actor).where(Client.id == client_id)) is not None:
        return session.get_one(Client, client_id)
    if centre_id not in actor.centres:
        raise NotFound("centre")
    return client_here(actor, client_id) if stands_here else queries.desk_client(actor, client_id, now)


def is_guest(actor: Actor, client: Client) -> bool:
    """Whether reception has before it a woman of a centre that is not its own."""
    return can(actor, Permission.FIND_CLIENT_AT_DESK) and client.centre_id not in actor.centres


def _may_know(actor: Actor, client_id: int) -> bool:
    never = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    open_one = select(Client.id).where(
        Client.id == client_id,
        Client.state == ClientState.OPEN,
        Client.merged_into_id.is_(None),
        Client.id.not_in(never),
    )
    return session.scalar(open_one) is not None
