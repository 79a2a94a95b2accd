"""What booking must honour for a woman: whom and where she does not go, what a session of hers must have."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from portal.audit import service as audit
from portal.centres.models import Room
from portal.centres.queries import centre_names
from portal.centres.queries import centres as centres_in_use
from portal.clients.models import AvoidedCentre, AvoidedWorker, BookingNeeds
from portal.clients.queries import visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid
from portal.staff import queries as staff

NEEDS = {
    "step_free": "A step-free room",
    "female_interpreter": "Female interpreter only",
    "childcare": "Childcare",
    "fares": "Fares paid",
    "quiet_room": "A quiet room",
    "child_corner": "A room with a children's corner, as she brings a child",
}
"""What a session of hers may need, in the words of staff."""


ROOM_NEEDS = {"step_free": "step_free", "quiet_room": "quiet", "child_corner": "child_corner"}
"""Needs of a room, and what such a room has."""


@dataclass(frozen=True)
class Needs:
    """What is recorded: the needs that she has, and the ids of workers and centres never offered to her."""

    needs: frozenset[str]
    workers: frozenset[int]
    centres: frozenset[int]


def read(actor: Actor, client_id: int) -> Needs:
    """What is recorded of a client; raises NotFound."""
    require(actor, Permission.READ_CLIENT)
    client = visible_client(actor, client_id)
    workers = session.scalars(select(AvoidedWorker.staff_id).where(AvoidedWorker.client_id == client.id))
    centres = session.scalars(select(AvoidedCentre.centre_id).where(AvoidedCentre.client_id == client.id))
    return Needs(frozenset(needs_of([client.id]).get(client.id, ())), frozenset(workers), frozenset(centres))


def needs_of(client_ids: Iterable[int]) -> dict[int, list[str]]:
    """The needs of some clients by id, in the order of NEEDS; those who have none are left out."""
    rows = session.scalars(select(BookingNeeds).where(BookingNeeds.client_id.in_(list(client_ids))))
    found = {row.client_id: named(row) for row in rows}
    return {client_id: needs for client_id, needs in found.items() if needs}


def named(row: BookingNeeds | None) -> list[str]:
    """The needs that a row says, in the order of NEEDS; without a row none."""
    return [name for name in NEEDS if row is not None and getattr(row, name)]


def rooms_missing(needs: Iterable[str], avoided: Collection[int]) -> dict[str, list[str]]:
    """The centres in use, but for those she stays away from, that have no room with what she needs, by need."""
    used = [centre for centre in centres_in_use() if centre.id not in avoided]
    found = {}
    for need in needs:
        thing = ROOM_NEEDS.get(need)
        without = [centre.name for centre in used if thing and not any(_has(room, thing) for room in centre.rooms)]
        if without:
            found[need] = without
    return found


def _has(room: Room, thing: str) -> bool:
    return not room.archived and bool(getattr(room, thing))


def record(
    actor: Actor, client_id: int, *, needs: set[str], workers: set[int], centres: set[int], now: datetime
) -> None:
    """Replace what is recorded; raises NotFound, Invalid("needs" | "workers" | "centres", "unknown")."""
    require(actor, Permission.RECORD_SAFE_CONTACT)
    client = visible_client(actor, client_id)
    if not needs <= set(NEEDS):
        raise Invalid("needs", "unknown")
    if not workers <= {each.id for each in staff.people()}:
        raise Invalid("workers", "unknown")
    if not centres <= set(centre_names()):
        raise Invalid("centres", "unknown")
    for model in (BookingNeeds, AvoidedWorker, AvoidedCentre):
        session.execute(delete(model).where(model.client_id == client.id))
    session.add(
        BookingNeeds(
            client_id=client.id, recorded_by=actor.id, recorded_at=now, **{name: name in needs for name in NEEDS}
        )
    )
    session.add_all(AvoidedWorker(client_id=client.id, staff_id=number) for number in sorted(workers))
    session.add_all(AvoidedCentre(client_id=client.id, centre_id=number) for number in sorted(centres))
    session.flush()
    audit.record(actor, "booking_needs_recorded", now=now, client_id=client.id)
