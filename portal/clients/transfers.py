"""Whose caseload a woman is on: one given to another keyworker, or a whole caseload in one act."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from portal.audit import service as audit
from portal.centres.queries import centre_names
from portal.clients.models import Client, ClientState, Restriction
from portal.clients.queries import standing_client, visible_client_ids
from portal.core.access import Actor, Permission, can, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.staff.models import Staff
from portal.staff.queries import COVERING, cover_for, is_away, keyworkers, person


@dataclass(frozen=True)
class Moved:
    """What a transfer did: who changed hands, how many stay because the new keyworker must not know of them (R29), and
    how many because she does not work at their centre."""

    client_ids: list[int]
    must_not_know: int = 0
    elsewhere: int = 0


def give_keyworker(actor: Actor, client_id: int, *, from_id: int | None, to_id: int, now: datetime) -> Moved:
    """Give one woman another keyworker at her centre; `from_id` is whom the page named as her keyworker.

    Raises NotFound, Invalid("to_id", "not_there" | "same" | "away" | "must_not_know" | "elsewhere"), and
    Invalid("to_id", "moved") when somebody else did so meanwhile.
    """
    require(actor, Permission.MAKE_CLIENT)
    standing_client(actor, client_id)
    return _move(actor, _locked([client_id]), from_id, to_id, now)


def transfer(actor: Actor, *, from_id: int, to_id: int, client_ids: Iterable[int] | None, now: datetime) -> Moved:
    """Move women of one keyworker to another in one act: these, or with None all that the actor may move.

    Whom the new keyworker must not know, and who is at a centre where she does not work, stay and are counted.
    Raises as `give_keyworker`, and Invalid("client_ids", "missing") for nobody.
    """
    require(actor, Permission.TRANSFER_CLIENTS)
    if not may_move_from(actor, person(from_id)):
        raise NotFound("staff")
    movable = set(session.scalars(movable_ids(actor, from_id)))
    wanted = movable if client_ids is None else set(client_ids)
    if not wanted:
        raise Invalid("client_ids", "missing")
    if not wanted <= set(session.scalars(_reachable(actor))):
        raise NotFound("client")
    if to_id not in {found.id for found in possible_keyworkers(actor, from_id)}:
        raise Invalid("to_id", "not_there")
    return _move(actor, _locked(wanted), from_id, to_id, now)


def movable_ids(actor: Actor, from_id: int) -> Select[int]:
    """The ids of the open clients of a keyworker whom an actor may give to another."""
    return _reachable(actor).where(Client.keyworker_id == from_id, Client.state == ClientState.OPEN)


def may_move_from(actor: Actor, found: Staff) -> bool:
    """Whether somebody is within an actor's reach: an admin's all, a manager's those of her centres."""
    return can(actor, Permission.MANAGE_PEOPLE) or bool(actor.centres & set(found.centre_ids))


def possible_keyworkers(actor: Actor, from_id: int) -> list[Staff]:
    """Who can take over somebody's women: a manager's own people, an admin's all, by name."""
    centres = centre_names() if can(actor, Permission.MANAGE_PEOPLE) else actor.centres
    return [found for found in keyworkers(centres) if found.id != from_id]


def _reachable(actor: Actor) -> Select[int]:
    """An admin opens no record, but may move those that are not kept from her."""
    if can(actor, Permission.MANAGE_PEOPLE):
        return select(Client.id).where(
            Client.id.not_in(select(Restriction.client_id).where(Restriction.staff_id == actor.id))
        )
    return visible_client_ids(actor)


def _locked(client_ids: Iterable[int]) -> list[Client]:
    statement = select(Client).where(Client.id.in_(list(client_ids))).order_by(Client.id)
    return list(session.scalars(lock_rows(statement).execution_options(populate_existing=True)))


def _move(actor: Actor, clients: list[Client], from_id: int | None, to_id: int, now: datetime) -> Moved:
    new = who_takes_over(from_id, to_id, now)
    if any(client.keyworker_id != from_id or client.state != ClientState.OPEN for client in clients):
        raise Invalid("to_id", "moved")
    restricted = set(session.scalars(select(Restriction.client_id).where(Restriction.staff_id == new.id)))
    may_know = [client for client in clients if client.id not in restricted]
    moving = [client for client in may_know if client.centre_id in new.centre_ids]
    if not moving:
        raise Invalid("to_id", "elsewhere" if may_know else "must_not_know")
    for client in moving:
        client.keyworker_id = new.id
        audit.record(actor, "keyworker_changed", now=now, client_id=client.id, subject=f"staff:{new.id}")
    session.flush()
    return Moved([client.id for client in moving], len(clients) - len(may_know), len(may_know) - len(moving))


def who_takes_over(from_id: int | None, to_id: int, now: datetime) -> Staff:
    """The new keyworker, if she can take anybody over; raises Invalid("to_id", "same" | "not_there" | "away")."""
    if to_id == from_id:
        raise Invalid("to_id", "same")
    try:
        new = person(to_id)
    except NotFound:
        raise Invalid("to_id", "not_there") from None
    if not new.active or new.role not in COVERING:
        raise Invalid("to_id", "not_there")
    if is_away(new.id, now) and cover_for(new.id, now) is None:
        raise Invalid("to_id", "away")
    return new
