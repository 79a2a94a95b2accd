"""Two women who must never meet (R43): said on the record of either, and what already brings them together is found."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.limits import count_look_up
from portal.audit import service as audit
from portal.booking.models import Appointment, AppointmentState
from portal.booking.rules import KEPT_APART
from portal.booking.taking import hold_clients
from portal.clients import restrictions
from portal.clients.models import Client, ClientState, KeptApart, Restriction
from portal.clients.queries import (
    client_by_code_name,
    clients_with_number,
    kept_record,
    standing_client,
    visible_client_ids,
)
from portal.clients.restrictions import LIFTED_BECAUSE
from portal.core import phone
from portal.core.access import Actor, Permission, Role, require
from portal.core.database import get_or_none, insert_unless_there, session
from portal.core.errors import Invalid, NotFound
from portal.groups.models import Course, Place
from portal.groups.queries import open_place
from portal.staff import queries as staff
from portal.worklist import service as worklist

CLASH = "meets_whom_she_must_not"
ASK = "keep_apart"


@dataclass(frozen=True)
class Pair:
    """A woman whom she must not meet; without a name where the reader may not see that record."""

    id: int
    called_name: str | None
    code_name: str | None
    can_lift: bool


def pairs(actor: Actor, client_id: int, now: datetime) -> list[Pair]:
    """The women whom a client must not meet, named as far as the actor may see them.

    One of whom the actor must not know is not there (R29). Raises NotFound, NotAllowed.
    """
    require(actor, Permission.RESTRICT_CLIENT)
    client = standing_client(actor, client_id)
    found = restrictions.pairs_of(client.id)
    others = {row.id: row for row in session.scalars(select(Client).where(Client.id.in_({pair[1] for pair in found})))}
    seen = set(session.scalars(visible_client_ids(actor, now).where(Client.id.in_(others))))
    hidden = _must_not_know(actor)
    return [
        Pair(
            pair.id,
            others[number].called_name if number in seen else None,
            others[number].code_name if number in seen else None,
            number in seen or actor.role is Role.MANAGER,
        )
        for pair, number in found
        if number not in hidden
    ]


def count_try(actor: Actor, *, now: datetime) -> bool:
    """Count a try to find another woman by exact words; False when there were too many."""
    require(actor, Permission.RESTRICT_CLIENT)
    return count_look_up(f"keep_apart:{actor.id}", now=now)


def keep_apart(actor: Actor, client_id: int, typed: str, *, now: datetime) -> int:
    """Two women must never meet from now on; gives how many coming times of theirs do, each now a task.

    `typed` is the other's whole code name or number. A keyworker names whom she may see; a manager anybody, without
    being shown who that is. Raises NotFound, NotAllowed, Invalid("typed", "not_there" | "same"); whom the actor must
    not know of is not there (R29).
    """
    require(actor, Permission.RESTRICT_CLIENT)
    client = standing_client(actor, client_id)
    other = _named(actor, typed, now)
    if other is None:
        raise Invalid("typed", "not_there")
    if other.id == client.id:
        raise Invalid("typed", "same")
    # Whoever books for either now does so before this is decided, or sees it.
    hold_clients([client.id, other.id])
    one_id, other_id = sorted((client.id, other.id))
    if session.execute(
        insert_unless_there(KeptApart, one_id=one_id, other_id=other_id).returning(KeptApart.id)
    ).first():
        for one in (client, other):
            audit.record(actor, "kept_apart", now=now, client_id=one.id)
    return _ask_to_part(client, other, now)


def ask_manager(actor: Actor, client_id: int, typed: str, *, now: datetime) -> None:
    """Have a manager set it, because the other woman is beyond one's reach; the words go into the task, sealed.

    The same whoever is meant, and whether she is there: nobody learns anything by asking. Raises NotFound, NotAllowed.
    """
    require(actor, Permission.RESTRICT_CLIENT)
    client = standing_client(actor, client_id)
    managers = [person for person in staff.managers() if client.centre_id in person.centre_ids]
    hidden = set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id == client.id)))
    owner = next((person.id for person in managers if person.id not in hidden), None)
    task = worklist.raise_task(
        ASK,
        now=now,
        client_id=client.id,
        owner_id=owner,
        centre_id=client.centre_id if owner is None else None,
        subject=f"asked_by:{actor.id}",
        once=f"{ASK}|{client.id}|{now.isoformat()}",
        note=f"The other woman: {' '.join(typed.split())}",
    )
    audit.record(actor, "keep_apart_asked", now=now, client_id=client.id, subject=f"task:{task.id}")


def let_meet(actor: Actor, client_id: int, pair_id: int, *, why: str, now: datetime) -> None:
    """Two women may meet after all; by whoever may see both, or a manager. Raises NotFound, NotAllowed, Invalid why."""
    found = next((pair for pair in pairs(actor, client_id, now) if pair.id == pair_id and pair.can_lift), None)
    row = get_or_none(KeptApart, pair_id) if found is not None else None
    if row is None:
        raise NotFound("kept_apart")
    if why not in LIFTED_BECAUSE:
        raise Invalid("why", "missing")
    for number in (row.one_id, row.other_id):
        audit.record(actor, "let_meet", now=now, client_id=number, reason=why)
    session.delete(row)
    session.flush()


def _named(actor: Actor, typed: str, now: datetime) -> Client | None:
    """The one open record that exact words name: in a keyworker's reach, or known to a manager."""
    found = client_by_code_name(typed)
    named = [found] if found else clients_with_number(phone.normalise(typed)) if typed.strip() else []
    kept = {client.id: client for client in map(kept_record, named)}
    if actor.role is Role.MANAGER:
        known = set(kept) - _must_not_know(actor)
    else:
        known = set(session.scalars(visible_client_ids(actor, now).where(Client.id.in_(kept))))
    open_ones = [client for number, client in kept.items() if number in known and client.state == ClientState.OPEN]
    return open_ones[0] if len(open_ones) == 1 else None


def _must_not_know(actor: Actor) -> set[int]:
    return set(session.scalars(select(Restriction.client_id).where(Restriction.staff_id == actor.id)))


def _ask_to_part(client: Client, other: Client, now: datetime) -> int:
    """A task for each coming time of hers too near one of the other's, and each group in which both have a place.

    It names neither the other nor why, and is her keyworker's: one has to move, and hers is the page at hand.
    """
    subjects = [f"appointment:{number}" for number in _too_near(client.id, other.id, now)]
    subjects += [f"course:{number}" for number in _same_groups(client.id, other.id, now)]
    for subject in subjects:
        worklist.raise_task(
            CLASH,
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
            subject=subject,
        )
    return len(subjects)


def _too_near(client_id: int, other_id: int, now: datetime) -> list[int]:
    hers, theirs = aliased(Appointment), aliased(Appointment)
    rows = session.execute(
        select(hers.id, hers.starts_at, hers.ends_at, theirs.starts_at, theirs.ends_at)
        .join(theirs, theirs.centre_id == hers.centre_id)
        .where(
            hers.client_id == client_id,
            theirs.client_id == other_id,
            _takes_place(hers),
            _takes_place(theirs),
            hers.ends_at > now,
            theirs.ends_at > now,
        )
        .order_by(hers.starts_at)
    )
    near = [row[0] for row in rows if row[1] < row[4] + KEPT_APART and row[3] < row[2] + KEPT_APART]
    return list(dict.fromkeys(near))


def _takes_place(one: type[Appointment]) -> ColumnElement[bool]:
    return or_(one.state == AppointmentState.BOOKED, one.settles_at.is_not(None))


def _same_groups(client_id: int, other_id: int, now: datetime) -> list[int]:
    def places(of: int):
        return select(Place.course_id).where(Place.client_id == of, open_place(now))

    both = Course.id.in_(places(client_id)), Course.id.in_(places(other_id)), Course.ended_at.is_(None)
    return list(session.scalars(select(Course.id).where(*both).order_by(Course.id)))
