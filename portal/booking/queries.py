"""Reading appointments: who may see which, what is coming, a day at the desk, whom the desk may find."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import lazyload

from portal.booking.models import Appointment, AppointmentState, Attendance
from portal.booking.openings import open_kinds
from portal.centres.models import Centre, Kind, Room
from portal.clients.models import AvoidedCentre, AvoidedWorker, Client, ClientState, Restriction
from portal.clients.queries import client_by_code_name, readable_client_ids, visible_client, visible_client_ids
from portal.core import clock
from portal.core.access import Actor, Permission, Role, can
from portal.core.database import session
from portal.core.errors import NotFound
from portal.staff.models import Staff

LARGEST_ID = 2**31 - 1
DESK_DAYS = 7
"""For how many days back and ahead a woman booked at its centre is known to reception (R28)."""


class Booked(NamedTuple):
    """An appointment with what a page says about it; `room` is None when it takes none."""

    appointment: Appointment
    client: Client
    kind: Kind
    centre: Centre
    worker: Staff
    room: Room | None


class Again(NamedTuple):
    """What "see her again" means: kind, centre and worker of her newest appointment."""

    kind_id: int
    centre_id: int
    worker_id: int
    worker_first_name: str


def visible_appointments(actor: Actor) -> Select:
    """Appointments with client, kind, centre, worker and room, as far as an actor may see them.

    Her own; for staff those of clients they may see, at their centres and with themselves; never those of a woman of
    whom this person must not know (R29).
    """
    statement = (
        select(Appointment, Client, Kind, Centre, Staff, Room)
        .join(Client, Client.id == Appointment.client_id)
        .join(Kind, Kind.id == Appointment.kind_id)
        .join(Centre, Centre.id == Appointment.centre_id)
        .join(Staff, Staff.id == Appointment.worker_id)
        .outerjoin(Room, Room.id == Appointment.room_id)
        .options(lazyload(Staff.covers))
    )
    if actor.kind == "system":
        return statement
    if actor.is_client:
        return statement.where(Appointment.client_id == actor.id)
    if not can(actor, Permission.SEE_BOARD):
        return statement.where(false())
    restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    near = or_(
        Appointment.client_id.in_(readable_client_ids(actor)),
        Appointment.centre_id.in_(actor.centres),
        Appointment.worker_id == actor.id,
    )
    return statement.where(near, Appointment.client_id.not_in(restricted))


def known_at_desk(actor: Actor, now: datetime) -> Select[int]:
    """The ids of the women with an appointment, cancelled or not, at the actor's centres within DESK_DAYS (R28)."""
    today, reach = clock.london_today(now), timedelta(days=DESK_DAYS)
    return select(Appointment.client_id).where(
        Appointment.centre_id.in_(actor.centres),
        Appointment.starts_at >= clock.london_midnight(today - reach),
        Appointment.starts_at < clock.london_midnight(today + reach + timedelta(days=1)),
    )


def desk_client(actor: Actor, client_id: int, now: datetime) -> Client:
    """A woman whom the actor may see; at a desk, one who is booked there within DESK_DAYS (R28); raises NotFound."""
    if actor.role is not Role.RECEPTIONIST:
        return visible_client(actor, client_id)
    never = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    booked_here = Client.id.in_(known_at_desk(actor, now))
    client = session.scalars(select(Client).where(Client.id == client_id, booked_here, Client.id.not_in(never))).first()
    if client is None:
        raise NotFound("client")
    return client


def desk_names(actor: Actor, on: date, now: datetime) -> bool:
    """Whether a day's list shows names: to reception only within DESK_DAYS of today (R28)."""
    return actor.role is not Role.RECEPTIONIST or abs(on - clock.london_today(now)) <= timedelta(days=DESK_DAYS)


def booked(actor: Actor, appointment_id: int) -> Booked:
    """An appointment that the actor may see; raises NotFound."""
    if not 0 < appointment_id <= LARGEST_ID:
        raise NotFound("appointment")
    row = session.execute(visible_appointments(actor).where(Appointment.id == appointment_id)).first()
    if row is None:
        raise NotFound("appointment")
    return Booked(*row)


def appointment_for(actor: Actor, appointment_id: int) -> Appointment:
    """The bare appointment, for changing it; raises NotFound unless the actor may see it."""
    return booked(actor, appointment_id).appointment


def appointment_made(actor: Actor, seal_id: str) -> Appointment:
    """The appointment that a form made when it was sent before; raises NotFound unless the actor may see it."""
    row = session.execute(visible_appointments(actor).where(Appointment.seal_id == seal_id)).first()
    if row is None:
        raise NotFound("appointment")
    return row[0]


def upcoming(client_id: int, now: datetime) -> list[Booked]:
    """Her booked appointments that are not over, the next one first."""
    return _listed(
        visible_appointments(Actor("client", client_id))
        .where(Appointment.state == AppointmentState.BOOKED, Appointment.ends_at > now)
        .order_by(Appointment.starts_at)
    )


def of_the_day(client_id: int, at: datetime) -> Appointment | None:
    """Her next appointment on the London day of an instant that is not over and to which she has not come yet."""
    return session.scalars(
        select(Appointment)
        .where(
            Appointment.client_id == client_id,
            Appointment.state == AppointmentState.BOOKED,
            Appointment.ends_at > at,
            Appointment.starts_at < clock.london_midnight(clock.london_today(at) + timedelta(days=1)),
            Appointment.arrived_at.is_(None),
            Appointment.attendance == Attendance.UNKNOWN,
        )
        .order_by(Appointment.starts_at)
        .limit(1)
    ).first()


def next_appointment(client_id: int, now: datetime) -> Booked | None:
    """Her next booked appointment, or the one that is going on."""
    found = upcoming(client_id, now)
    return found[0] if found else None


def past(client_id: int, now: datetime, limit: int = 12) -> list[Booked]:
    """Her appointments that are over and the cancelled ones before now, the newest first."""
    return _listed(
        visible_appointments(Actor("client", client_id))
        .where(Appointment.state != AppointmentState.SUPERSEDED, Appointment.ends_at <= now)
        .order_by(Appointment.starts_at.desc())
        .limit(limit)
    )


def follower(appointment_id: int) -> int | None:
    """The id of the appointment that took this one's place, or None."""
    return session.scalar(select(Appointment.id).where(Appointment.supersedes_id == appointment_id).limit(1))


def see_again(client_id: int) -> Again | None:
    """Kind, centre and worker of her newest appointment that can still be booked so, or None."""
    row = session.execute(
        select(Appointment.kind_id, Appointment.centre_id, Staff)
        .join(Staff, Staff.id == Appointment.worker_id)
        .join(Kind, Kind.id == Appointment.kind_id)
        .join(Centre, Centre.id == Appointment.centre_id)
        .options(lazyload(Staff.covers))
        .where(
            Appointment.client_id == client_id,
            Appointment.state == AppointmentState.BOOKED,
            Staff.active,
            Staff.id.not_in(select(Restriction.staff_id).where(Restriction.client_id == client_id)),
            Staff.id.not_in(select(AvoidedWorker.staff_id).where(AvoidedWorker.client_id == client_id)),
            Centre.id.not_in(select(AvoidedCentre.centre_id).where(AvoidedCentre.client_id == client_id)),
            *open_kinds(by_staff=False),
            ~Centre.archived,
        )
        .order_by(Appointment.starts_at.desc())
        .limit(1)
    ).first()
    return Again(row[0], row[1], row[2].id, row[2].first_name) if row else None


def day_board(actor: Actor, centre_ids: Iterable[int], on: date) -> list[Booked]:
    """What is booked at some centres on a London day, by time: one query, whatever the number."""
    begins_at, ends_at = clock.london_midnight(on), clock.london_midnight(on + timedelta(days=1))
    return _listed(
        visible_appointments(actor)
        .where(
            Appointment.centre_id.in_(list(centre_ids)),
            Appointment.state == AppointmentState.BOOKED,
            Appointment.starts_at >= begins_at,
            Appointment.starts_at < ends_at,
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )


def client_at_desk(actor: Actor, name: str, *, now: datetime) -> list[Client]:
    """Open clients whom the desk may find: by code name, or by called name when booked there within 7 days (R28)."""
    known = client_by_code_name(name)
    if known is not None:
        seen = select(Client).where(Client.id == known.id, Client.id.in_(visible_client_ids(actor)))
        return list(session.scalars(seen.where(Client.state == ClientState.OPEN)))
    # Names are sealed, so the few women of these days are opened and compared here.
    clients = session.scalars(
        select(Client).where(
            Client.id.in_(known_at_desk(actor, now)),
            Client.id.in_(visible_client_ids(actor)),
            Client.state == ClientState.OPEN,
        )
    )
    wanted = name.strip().casefold()
    return [client for client in clients if client.called_name.casefold() == wanted]


def open_of_kind(client_id: int, kind_id: int, now: datetime) -> int | None:
    """The id of an open booking of a kind that she made herself, or None; what staff booked does not count."""
    return session.scalar(
        select(Appointment.id)
        .where(
            Appointment.client_id == client_id,
            Appointment.kind_id == kind_id,
            Appointment.state == AppointmentState.BOOKED,
            Appointment.booked_by_kind == "client",
            Appointment.starts_at > now,
        )
        .limit(1)
    )


def _listed(statement: Select) -> list[Booked]:
    return [Booked(*row) for row in session.execute(statement)]
