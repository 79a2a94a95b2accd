"""What the tests of this room share: a centre with one worker, one kind and one woman, and short ways to book."""

import itertools
from datetime import date
from types import SimpleNamespace

from sqlalchemy import inspect, update

from portal.accounts.models import SignedIn
from portal.booking import cancelling, service
from portal.booking.models import Appointment
from portal.booking.rules import UNDO_WITHIN
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from tests.support import make

_keys = itertools.count(1)

THURSDAY = date(2026, 12, 3)


def open_desk(*, rooms: int = 2, **client_values) -> SimpleNamespace:
    """A centre open from 9 to 5, Jo who works there, a kind of 50 minutes, and a woman of hers."""
    centre = make.centre(rooms=rooms)
    kind = make.kind("Time with your worker", centre)
    jo = make.staff("keyworker", centre, first_name="Jo")
    reception = make.staff("receptionist", centre, first_name="Sam")
    client = make.client(jo, centre, **client_values)
    return SimpleNamespace(centre=centre, kind=kind, jo=jo, reception=reception, client=client)


def own(client) -> Actor:
    """A woman as one who acts."""
    return Actor("client", client.id)


def book(desk, at: str, on: date = THURSDAY, *, actor: Actor | None = None, client=None, **values) -> Appointment:
    """Book a London time for the desk's woman, by herself if nobody else is named."""
    client = client or desk.client
    facts = {"kind_id": desk.kind.id, "centre_id": desk.centre.id, "request_key": f"key-{next(_keys)}"}
    with unit_of_work():
        return service.book(
            actor or own(client),
            client_id=client.id,
            starts_at=make.london(on, at),
            now=clock.now(),
            **(facts | values),
        )


def change(desk, appointment, at: str, on: date = THURSDAY, *, actor: Actor | None = None, key: str | None = None):
    """Move an appointment to a London time."""
    with unit_of_work():
        return service.change(
            actor or own(desk.client),
            appointment.id,
            starts_at=make.london(on, at),
            request_key=key or f"key-{next(_keys)}",
            now=clock.now(),
        )


def cancel(appointment, *, actor: Actor, reason: str = ""):
    """Cancel an appointment."""
    with unit_of_work():
        return service.cancel(actor, appointment.id, reason=reason, now=clock.now())


def settle() -> int:
    """Let the time pass in which a cancelling can be undone."""
    with unit_of_work():
        return cancelling.settle_due(clock.now() + UNDO_WITHIN)


def mark(appointment, attendance: str, *, actor: Actor):
    """Mark an appointment."""
    with unit_of_work():
        return service.mark(actor, appointment.id, attendance=attendance, now=clock.now())


def fresh(appointment) -> Appointment:
    """The appointment as the database has it now."""
    session.remove()
    return session.get_one(Appointment, number_of(appointment))


def number_of(appointment: Appointment) -> int:
    """Its id, also when another request has let go of its row meanwhile."""
    return inspect(appointment).identity[0]


def later(travel, wall_time: str):
    """Go to a London wall time with every session kept alive; gives the instant."""
    at = travel.to(wall_time)
    with unit_of_work():
        session.execute(update(SignedIn).values(seen_at=at))
    return at
