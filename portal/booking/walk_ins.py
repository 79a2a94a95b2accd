"""Who came without an appointment: a fair queue, first come first served unless urgent, and an anonymous tally."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from portal.audit import service as audit
from portal.booking.desk_guests import client_here
from portal.booking.desk_models import DropIns, WalkIn, WalkInState
from portal.clients.models import Client, Restriction
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Actor, Permission, can, require
from portal.core.database import insert_unless_there, lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.worklist.service import raise_task

INTAKE = "walk_in_intake"


def arrive(
    actor: Actor,
    *,
    centre_id: int,
    client: Client | None = None,
    called_name: str = "",
    needs: str = "",
    urgent: bool = False,
    now: datetime,
) -> WalkIn:
    """Put somebody who came in at the end of the queue; without a record only a name to call out and needs are kept.

    Somebody without a record makes an intake task for the centre's workers. Who waits already is not put in twice.
    Raises NotFound for a centre that the actor does not cover or a woman of whom she may not know,
    Invalid("called_name", "missing").
    """
    require(actor, Permission.BOOK_FOR_CLIENT)
    if centre_id not in actor.centres:
        raise NotFound("centre")
    if client is not None:
        _check_may_know(actor, client)
    called_name, needs = " ".join(called_name.split()), needs.strip()
    if client is None and not called_name:
        raise Invalid("called_name", "missing")
    waiting = _waiting_already(client, centre_id, now)
    if waiting is not None:
        return waiting
    walk_in = WalkIn(
        centre_id=centre_id,
        client_id=client.id if client else None,
        called_name=None if client else called_name,
        needs=needs or None,
        urgent=urgent,
        came_at=now,
        noted_by=actor.id,
    )
    session.add(walk_in)
    session.flush()
    if client is None:
        note = f"{called_name}. {needs}".strip() if needs else called_name
        raise_task(INTAKE, now=now, centre_id=centre_id, subject=f"walk_in:{walk_in.id}", note=note)
    audit.record(actor, "walked_in", now=now, client_id=walk_in.client_id, subject=f"walk_in:{walk_in.id}")
    return walk_in


def settle(actor: Actor, walk_in_id: int, *, state: str, now: datetime) -> WalkIn:
    """Somebody of the queue was `seen`, has `left`, or is `waiting` again; the same once more changes nothing.

    Raises NotFound, Invalid("state", "unknown").
    """
    require(actor, Permission.BOOK_FOR_CLIENT)
    if state not in set(WalkInState):
        raise Invalid("state", "unknown")
    if not 0 < walk_in_id < 2**31:
        raise NotFound("walk-in")
    walk_in = session.scalars(lock_rows(_visible(actor, actor.centres).where(WalkIn.id == walk_in_id))).first()
    if walk_in is None:
        raise NotFound("walk-in")
    if walk_in.state != state:
        walk_in.state = state
        walk_in.settled_at = None if state == WalkInState.WAITING else now
        session.flush()
        audit.record(actor, f"walk_in_{state}", now=now, client_id=walk_in.client_id, subject=f"walk_in:{walk_in.id}")
    return walk_in


def has_a_time(client_id: int, now: datetime) -> None:
    """She was given a time, so she waits in the queue no more."""
    session.execute(
        update(WalkIn)
        .where(WalkIn.client_id == client_id, WalkIn.state == WalkInState.WAITING)
        .values(state=WalkInState.SEEN, settled_at=now)
    )


def queue(actor: Actor, centre_ids: Iterable[int], now: datetime) -> list[tuple[WalkIn, Client | None]]:
    """Who waits today, in the order in which they are seen: urgent ones first, then whoever came first (R29)."""
    begins_at = clock.london_midnight(clock.london_today(now))
    rows = session.execute(
        _visible(actor, centre_ids)
        .add_columns(Client)
        .outerjoin(Client, Client.id == WalkIn.client_id)
        .where(WalkIn.state == WalkInState.WAITING, WalkIn.came_at >= begins_at)
        .order_by(WalkIn.urgent.desc(), WalkIn.came_at, WalkIn.id)
    )
    return [(walk_in, client) for walk_in, client in rows]


def waits(actor: Actor, client_id: int, now: datetime) -> bool:
    """Whether a woman with a record waits in today's queue at one of the actor's centres."""
    begins_at = clock.london_midnight(clock.london_today(now))
    waiting = _visible(actor, actor.centres).where(
        WalkIn.client_id == client_id, WalkIn.state == WalkInState.WAITING, WalkIn.came_at >= begins_at
    )
    return session.scalars(waiting.limit(1)).first() is not None


def count_drop_in(actor: Actor, *, centre_id: int, step: int, now: datetime) -> int:
    """Count one person who dropped in today, or (`step` -1) take one back; gives today's number. Nobody is named."""
    require(actor, Permission.BOOK_FOR_CLIENT)
    if centre_id not in actor.centres:
        raise NotFound("centre")
    if step not in (1, -1):
        raise Invalid("step", "unknown")
    today = clock.london_today(now)
    session.execute(insert_unless_there(DropIns, centre_id=centre_id, on=today, number=0))
    row = session.scalars(lock_rows(_tally(centre_id, today))).one()
    row.number = max(0, row.number + step)
    session.flush()
    return row.number


def drop_ins(centre_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """How many dropped in today, by centre."""
    today = clock.london_today(now)
    rows = session.execute(
        select(DropIns.centre_id, DropIns.number).where(DropIns.centre_id.in_(list(centre_ids)), DropIns.on == today)
    )
    return {row.centre_id: row.number for row in rows}


def _tally(centre_id: int, on):
    return (
        select(DropIns)
        .where(DropIns.centre_id == centre_id, DropIns.on == on)
        .execution_options(populate_existing=True)
    )


def _waiting_already(client: Client | None, centre_id: int, now: datetime) -> WalkIn | None:
    if client is None:
        return None
    session.scalars(lock_rows(select(Client.id).where(Client.id == client.id))).one()
    return session.scalars(
        select(WalkIn).where(
            WalkIn.client_id == client.id,
            WalkIn.centre_id == centre_id,
            WalkIn.state == WalkInState.WAITING,
            WalkIn.came_at > now - timedelta(days=1),
        )
    ).first()


def _check_may_know(actor: Actor, client: Client) -> None:
    """Whom a worker may see; at a desk, where she stands before it, everybody whom it may know of (R29)."""
    if can(actor, Permission.FIND_CLIENT_AT_DESK):
        client_here(actor, client.id)
    else:
        visible_client(actor, client.id)


def _visible(actor: Actor, centre_ids: Iterable[int]):
    restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    return select(WalkIn).where(
        WalkIn.centre_id.in_(list(centre_ids)),
        or_(WalkIn.client_id.is_(None), WalkIn.client_id.not_in(restricted)),
    )
