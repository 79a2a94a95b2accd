"""Reading clients' records: who may see whom, and the safe-contact record that counts."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select

from portal.clients.models import Client, ClientState, OptOut, Restriction, SafeContact
from portal.clients.rules import sign_is_old
from portal.core import clock, crypto
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
        select(Client).where(Client.id == client_id, Client.id.in_(visible_client_ids(actor)))
    ).first()
    if client is None:
        raise NotFound("client")
    return client


def client_by_code_name(code_name: str) -> Client | None:
    """The client with this code name, however it is spaced or capitalised, or None."""
    from portal.clients.rules import fold_code_name

    index = crypto.keyring().index("code_name", fold_code_name(code_name))
    return session.scalars(select(Client).where(Client.code_name_index == index)).first()


def safe_contact(client_id: int) -> SafeContact | None:
    """Her newest safe-contact record, or None when nobody asked yet."""
    return session.scalars(
        select(SafeContact).where(SafeContact.client_id == client_id).order_by(SafeContact.version.desc()).limit(1)
    ).first()


def safe_contacts(client_ids: Iterable[int]) -> dict[int, SafeContact]:
    """The newest safe-contact record of each client, in one query."""
    newest = (
        select(SafeContact.client_id, func.max(SafeContact.version).label("version"))
        .where(SafeContact.client_id.in_(list(client_ids)))
        .group_by(SafeContact.client_id)
        .subquery()
    )
    this = and_(SafeContact.client_id == newest.c.client_id, SafeContact.version == newest.c.version)
    return {row.client_id: row for row in session.scalars(select(SafeContact).join(newest, this))}


def must_be_asked(record: SafeContact | None, now: datetime) -> bool:
    """Whether somebody must ask her how she may be reached before anything goes to her again (R18, R47)."""
    if record is None or record.stopped_at is not None or record.check_again_on <= clock.london_today(now):
        return True
    return record.may_text and record.proved_at is not None and sign_is_old(record.sign_at, now)


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
