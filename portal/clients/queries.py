"""Reading clients' records: who may see whom, and the safe-contact record that counts."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Integer, Select, and_, bindparam, or_, select

from portal.clients.models import Client, ClientState, OptOut, Restriction, SafeContact
from portal.core import crypto
from portal.core.access import Actor, Role
from portal.core.database import session
from portal.core.errors import NotFound


def visible_client_ids(actor: Actor) -> Select[int]:
    """The ids of the clients whose record an actor may see.

    Herself; a keyworker's caseload and the centres she covers; a manager's and a receptionist's centres; nobody for
    admins and referrers. Who must not know (R29) never sees her, whatever the role.
    """
    if actor.kind == "system":
        return select(Client.id)
    if actor.is_client:
        return select(Client.id).where(Client.id == actor.id)
    restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    ids = select(Client.id).where(Client.id.not_in(restricted))
    in_centres = Client.centre_id.in_(actor.centres)
    if actor.role is Role.KEYWORKER:
        return ids.where(or_(Client.keyworker_id == actor.id, in_centres))
    if actor.role in (Role.MANAGER, Role.RECEPTIONIST):
        return ids.where(in_centres)
    return ids.where(Client.id == -1)


def visible_client(actor: Actor, client_id: int) -> Client:
    """The record of a client whom the actor may see; raises NotFound otherwise, and for ids that are not there."""
    if not 0 < client_id < 2**31:
        raise NotFound("client")
    client = session.scalars(
        _visible_by_id(actor.kind, actor.role, actor.centres), {"client_id": client_id, "actor_id": actor.id}
    ).first()
    if client is None:
        raise NotFound("client")
    return client


@lru_cache(100)
def _visible_by_id(kind: str, role: Role | None, centres: frozenset[int]) -> Select[Client]:
    """The statement of `visible_client` for one sort of actor: putting it together takes longer than running it."""
    actor = Actor(kind, cast(Any, bindparam("actor_id", type_=Integer)), role, centres)
    return select(Client).where(
        Client.id == bindparam("client_id", type_=Integer), Client.id.in_(visible_client_ids(actor))
    )


def client_by_code_name(code_name: str) -> Client | None:
    """The client with this code name, however it is spaced or capitalised, or None."""
    from portal.clients.rules import fold_code_name

    index = crypto.keyring().index("code_name", fold_code_name(code_name))
    return session.scalars(select(Client).where(Client.code_name_index == index)).first()


# Built once, as it is asked with every booking and every text.
_NEWEST_CONTACT = (
    select(SafeContact)
    .where(SafeContact.client_id == bindparam("client_id", type_=Integer))
    .order_by(SafeContact.version.desc())
    .limit(1)
)


def safe_contact(client_id: int) -> SafeContact | None:
    """Her newest safe-contact record, or None when nobody asked yet."""
    return session.scalars(_NEWEST_CONTACT, {"client_id": client_id}).first()


def safe_contacts(client_ids: Iterable[int]) -> dict[int, SafeContact]:
    """The newest safe-contact record of each client, in one query."""
    rows = session.scalars(
        select(SafeContact).where(SafeContact.client_id.in_(list(client_ids))).order_by(SafeContact.version)
    )
    return {row.client_id: row for row in rows}


def clients_with_number(number: str) -> list[Client]:
    """The clients whose newest safe-contact record holds this E.164 number; two women may share one (R23)."""
    index = crypto.keyring().index("phone", number)
    having = session.scalars(select(SafeContact.client_id).where(SafeContact.number_index == index).distinct())
    newest = safe_contacts(having.all())
    ids = [client_id for client_id, record in newest.items() if record.number_index == index]
    return list(session.scalars(select(Client).where(Client.id.in_(ids)).order_by(Client.id)))


def has_opted_out(number: str) -> bool:
    """Whether this E.164 number asked for no more texts and she has not undone it (R22)."""
    index = crypto.keyring().index("phone", number)
    statement = select(OptOut.id).where(and_(OptOut.number_index == index, OptOut.undone_at.is_(None)))
    return session.scalar(statement.limit(1)) is not None


def caseload(actor: Actor) -> list[Client]:
    """The open clients that a member of staff may see, her own first, then by name."""
    statement = select(Client).where(Client.id.in_(visible_client_ids(actor)), Client.state == ClientState.OPEN)
    clients = list(session.scalars(statement))
    return sorted(clients, key=lambda client: (client.keyworker_id != actor.id, client.called_name.casefold()))
