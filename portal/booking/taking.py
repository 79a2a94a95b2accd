"""The rows of an appointment and of what it takes: locked, read again, written and ended; the services decide."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Select, Table, delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from portal.booking import offers, queries
from portal.booking.availability import FreeTime, Interval
from portal.booking.models import Appointment, AppointmentState, Occupancy
from portal.booking.rules import SlotTaken
from portal.centres.models import Room
from portal.clients.models import Client, ClientState
from portal.clients.queries import Whom, state_apart_and_contact, visible_client, visible_whom
from portal.core.access import Actor, Permission, require
from portal.core.at_once import write_at_once
from portal.core.database import connection, new_seal_id, on_sqlite, session
from portal.core.errors import NotFound
from portal.staff.models import WorkingHours

_LOCK_IN_ORDER = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name"
)
# Rows that nobody needs as objects: a plain insert is several times as fast as the session's own.
_TAKE = insert(cast(Table, Occupancy.__table__))


def appointment_to_change(actor: Actor, appointment_id: int) -> Appointment:
    """An appointment that the actor may move or cancel; raises NotFound, NotAllowed."""
    if actor.is_staff:
        require(actor, Permission.BOOK_FOR_CLIENT)
    return queries.appointment_for(actor, appointment_id)


def fresh(appointment_id: int) -> Select[Appointment]:
    """The statement that reads an appointment anew, whatever the session remembers of it."""
    return select(Appointment).where(Appointment.id == appointment_id).execution_options(populate_existing=True)


def whom_to_book_for(actor: Actor, client_id: int) -> Whom:
    """The woman for whom an actor may book, to be given to `lock` next; raises NotFound, and NotAllowed to staff.

    Where only one can write, what is read here still holds then; elsewhere `lock` reads how she may be reached.
    """
    if actor.is_staff:
        require(actor, Permission.BOOK_FOR_CLIENT)
    whom = visible_whom(actor, client_id) if on_sqlite() else Whom(visible_client(actor, client_id), None)
    if whom.client.state != ClientState.OPEN:
        raise NotFound("client")
    return whom


def lock(at: offers.Place, whom: Whom) -> Whom:
    """Hold everything that a booking here might take until the transaction ends; on SQLite there is one writer anyway.

    PostgreSQL evaluates the locks in the order of the sorted list, so two bookings never wait for each other. Gives her
    as she may be reached by then. Raises NotFound when her record is closed by then, or goes on in another one, and
    SlotTaken when there is a woman by then whom she must not meet.
    """
    if on_sqlite():
        return whom
    hold([*at.resources, *([f"centre:{at.centre_id}"] if at.has_kept_apart else [])])
    state, kept_apart, contact = state_apart_and_contact(at.client_id)
    if state != ClientState.OPEN:
        raise NotFound("client")
    # Said while this waited: the centre is not held, so what the other woman is booking now would not be seen (R43).
    if kept_apart and not at.has_kept_apart:
        raise SlotTaken
    return whom._replace(contact=contact)


def hold(names: Iterable[str]) -> None:
    """Hold some resources by name (`worker:3`, `course:5`) until the transaction ends; all that it needs, at once."""
    if not on_sqlite():
        session.execute(_LOCK_IN_ORDER, {"names": sorted(names)})


def refuse_closed(client_id: int) -> None:
    """Raise NotFound when her record was closed, or went on in another one, while this change waited for its locks."""
    if session.scalar(select(Client.state).where(Client.id == client_id)) != ClientState.OPEN:
        raise NotFound("client")


def hold_centres(centre_ids: Iterable[int]) -> None:
    """Hold whatever a booking at some centres might take until the transaction ends: for whoever books many at once.

    Locks that single bookings ask for afterwards are held already, so that none is asked for out of order.
    """
    if on_sqlite():
        return
    ids = list(centre_ids)
    workers = session.scalars(select(WorkingHours.staff_id).where(WorkingHours.centre_id.in_(ids)).distinct())
    rooms = session.scalars(select(Room.id).where(Room.centre_id.in_(ids)))
    names = [f"worker:{worker}" for worker in workers] + [f"room:{room}" for room in rooms]
    session.execute(_LOCK_IN_ORDER, {"names": sorted([*names, *(f"centre:{centre_id}" for centre_id in ids)])})


def hold_clients(client_ids: Iterable[int]) -> None:
    """Let nobody book, move or cancel for some women until the transaction ends."""
    hold(f"client:{client_id}" for client_id in client_ids)


def add(
    actor: Actor,
    at: offers.Place,
    free: FreeTime,
    now: datetime,
    *,
    instead_of: Appointment | None = None,
    walk_in: bool = False,
    overbooked_reason: str | None = None,
    seal_id: str | None = None,
) -> Appointment:
    """Write an appointment and all that it takes; raises SlotTaken when the database refuses the overlap.

    With `overbooked_reason` worker and room may be taken already; she herself may not. `seal_id` is for whoever had to
    name the appointment before it was there.
    """
    appointment = Appointment(
        seal_id=seal_id or new_seal_id(),
        client_id=at.client_id,
        kind_id=at.kind.id,
        centre_id=at.centre_id,
        worker_id=free.worker_id,
        room_id=free.room_id,
        starts_at=free.starts_at,
        ends_at=free.starts_at + timedelta(minutes=at.terms.minutes),
        supersedes_id=instead_of.id if instead_of else None,
        revision=instead_of.revision + 1 if instead_of else 1,
        walk_in=walk_in,
        overbooked_reason=overbooked_reason,
        booked_by_kind=actor.kind,
        booked_by_id=actor.id,
        booked_at=now,
    )
    write_at_once(appointment)
    take(what_it_takes(at, free), overbooked=overbooked_reason is not None, appointment_id=appointment.id)
    return appointment


def what_it_takes(at: offers.Place, free: FreeTime) -> dict[str, Interval]:
    """Worker and room with their buffers, and her own time, by resource."""
    ends_at = free.starts_at + timedelta(minutes=at.terms.minutes)
    before, after = timedelta(minutes=at.terms.buffer_before), timedelta(minutes=at.terms.buffer_after)
    whole = (free.starts_at - before, ends_at + after)
    takes = {f"worker:{free.worker_id}": whole, f"client:{at.client_id}": (free.starts_at, ends_at)}
    if free.room_id is not None:
        takes[f"room:{free.room_id}"] = whole
    return takes


def take(takes: Mapping[str, Interval], *, overbooked: bool = False, **holder: int) -> None:
    """Take resources for their times; `holder` names what takes them: appointment_id, session_id or offer_id.

    The database's own rule against overlaps is the net under the locks: it too says SlotTaken. `overbooked` lies
    outside that rule, for all but the woman herself.
    """
    rows = [
        {
            **holder,
            "resource": resource,
            "starts_at": begins_at,
            "ends_at": ends_at,
            "overbooked": overbooked and not resource.startswith("client:"),
        }
        for resource, (begins_at, ends_at) in takes.items()
    ]
    try:
        connection().execute(_TAKE, rows)
    except IntegrityError as fault:
        if "occupancies_no_overlap" in str(fault.orig):
            raise SlotTaken from None
        raise


def end(appointment: Appointment, state: AppointmentState, actor: Actor, now: datetime) -> None:
    """Note that an appointment stands no more, by whom and when; what it takes stays taken until `free`."""
    appointment.state = state
    appointment.ended_at, appointment.ended_by_kind, appointment.ended_by_id = now, actor.kind, actor.id
    session.flush()


def free(appointment: Appointment) -> None:
    """Give back all that an appointment takes."""
    session.execute(delete(Occupancy).where(Occupancy.appointment_id == appointment.id))
