"""A caseload goes to another keyworker in one act: records, open tasks, and a mark in each thread.

Planned texts stay queued as whoever wrote them left them, and what is unread stays unread.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.clients import transfers
from portal.clients.models import Client
from portal.clients.transfers import Moved
from portal.core.access import Actor
from portal.core.database import session
from portal.diversion import allocation
from portal.messaging import marks
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.messaging.outbox import QUEUED
from portal.messaging.phrases import FOR_A_PERSON
from portal.waiting.models import Wait
from portal.worklist import service as worklist
from portal.worklist.models import Task

ENDED_BY_IT = ("choose_keyworker", "look_after_her")
"""Tasks that are done once she has a keyworker who is there."""


@dataclass(frozen=True)
class Caseload:
    """What would change hands: the women, and by woman how much is open, planned, unread and waited for."""

    clients: list[Client]
    tasks: dict[int, int]
    planned: dict[int, int]
    unread: dict[int, int]
    waits: dict[int, int]


def transfer(actor: Actor, *, from_id: int, to_id: int, client_ids: Iterable[int] | None, now: datetime) -> Moved:
    """Move women, these or all, to another keyworker with all that is open; raises as `clients.transfers.transfer`."""
    moved = transfers.transfer(actor, from_id=from_id, to_id=to_id, client_ids=client_ids, now=now)
    follow(actor, moved.client_ids, from_id, to_id, now)
    return moved


def give_keyworker(actor: Actor, client_id: int, *, from_id: int | None, to_id: int, now: datetime) -> Moved:
    """Give one woman another keyworker with all that is open; raises as `clients.transfers.give_keyworker`."""
    moved = transfers.give_keyworker(actor, client_id, from_id=from_id, to_id=to_id, now=now)
    follow(actor, moved.client_ids, from_id, to_id, now)
    return moved


def caseload_of(actor: Actor, from_id: int) -> Caseload:
    """What an actor may give of somebody's caseload, by the name that is called out."""
    ids = transfers.movable_ids(actor, from_id)
    clients = session.scalars(select(Client).where(Client.id.in_(ids)))
    unread = _counts(IncomingText, ids, IncomingText.read_at.is_(None), IncomingText.meaning.in_(FOR_A_PERSON))
    for client_id, count in _counts(
        PortalMessage, ids, PortalMessage.read_at.is_(None), PortalMessage.staff_id.is_(None)
    ).items():
        unread[client_id] = unread.get(client_id, 0) + count
    return Caseload(
        clients=sorted(clients, key=lambda client: client.called_name.casefold()),
        tasks=_counts(Task, ids, Task.closed_at.is_(None)),
        planned=_counts(Text, ids, Text.state.in_(QUEUED)),
        unread=unread,
        waits=_counts(Wait, ids, Wait.ended_at.is_(None)),
    )


def _counts(model, ids, *conditions) -> dict[int, int]:
    statement = select(model.client_id, func.count()).where(model.client_id.in_(ids), *conditions)
    return {row[0]: row[1] for row in session.execute(statement.group_by(model.client_id))}


def follow(actor: Actor, client_ids: Iterable[int], from_id: int | None, to_id: int, now: datetime) -> None:
    """Give open tasks of women who changed hands to the new keyworker, with a mark in each thread.

    Who had nobody until then has her referral accepted by it, on whatever page she got her keyworker.
    """
    for client_id in client_ids:
        worklist.close_for_client(client_id, ENDED_BY_IT, done="chose_keyworker", actor=actor, now=now)
        worklist.give_to(client_id, from_id, to_id)
        marks.mark(actor, client_id, "transfer", from_id=from_id, to_id=to_id, now=now)
        if from_id is None:
            allocation.allocated(actor, client_id, now=now)
    session.flush()
