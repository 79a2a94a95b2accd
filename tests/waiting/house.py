"""What the tests of this room share: a full day at a centre, women who wait, and the worker's beat."""

import itertools
from datetime import date, timedelta
from types import SimpleNamespace

from sqlalchemy import select

from portal.booking.models import Appointment, AppointmentState, Occupancy
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.jobs import tasks
from portal.messaging.models import Text
from portal.staff.models import Staff
from portal.waiting import answering, service
from portal.waiting.models import Offer, Wait
from portal.worklist.models import Task
from tests.booking import desk as at_desk
from tests.booking.desk import book, own
from tests.support import make


def kept(row):
    """A row that stays readable as it is now, whatever sessions come and go."""
    session.refresh(row)
    for cover in row.covers if isinstance(row, Staff) else ():
        session.refresh(cover)
        session.expunge(cover)
    session.expunge(row)
    return row


TUESDAY = date(2026, 12, 1)
WEDNESDAY = TUESDAY + timedelta(days=1)


def full_house(travel, **kind_values) -> SimpleNamespace:
    """Tuesday 10:00: today and Wednesday are full, and nothing further ahead can be booked."""
    house = open_house(**kind_values)
    house.travel = travel
    house.today, house.tomorrow = fill(house, TUESDAY, 10), fill(house, WEDNESDAY)
    return house


def open_house(*, horizon: int = 1, **kind_values) -> SimpleNamespace:
    """A centre with Jo and one room, where a kind of 50 minutes can be booked for `horizon` days ahead."""
    centre = kept(make.centre(rooms=1))
    kind = kept(make.kind("Time with your worker", centre, **({"furthest_days": horizon} | kind_values)))
    jo = kept(make.staff("keyworker", centre, first_name="Jo"))
    return SimpleNamespace(centre=centre, kind=kind, jo=jo, client=kept(make.client(jo, centre)))


def fill(house, on: date, first: int = 9) -> dict[int, Appointment]:
    """Book every hour of a day from one on by women who do not wait; gives the appointments by hour."""
    return {
        hour: book(house, f"{hour:02}:00", on, client=make.client(house.jo, house.centre), actor=house.jo.actor)
        for hour in range(first, 17)
    }


def woman(house, **contact) -> object:
    """A woman of Jo's with a live safe-contact record."""
    client = kept(make.client(house.jo, house.centre))
    make.safe_contact(client, **contact)
    return client


def waits(client, house, *, actor: Actor | None = None, **values) -> Wait:
    """She goes on the list for the kind."""
    with unit_of_work():
        return service.wait_for_kind(
            actor or own(client), client.id,
            **({"kind_id": house.kind.id, "centre_id": house.centre.id, "now": clock.now()} | values),
        )  # fmt: skip


def wants_sooner(client, appointment) -> Wait:
    """She would come sooner."""
    with unit_of_work():
        return service.wait_for_sooner(own(client), appointment.id, now=clock.now())


def freed(appointment) -> None:
    """An appointment is cancelled for good, so that its time is free."""
    with unit_of_work():
        row = session.get_one(Appointment, at_desk.number_of(appointment))
        row.state = AppointmentState.CANCELLED
        session.query(Occupancy).filter_by(appointment_id=row.id).delete()


def beat() -> None:
    """The worker's duty of a minute."""
    tasks.offer_free_times()
    session.rollback()


def offers(client=None) -> list[tuple]:
    """(start in London, state) of every offer, the oldest first."""
    session.rollback()
    statement = select(Offer).order_by(Offer.id)
    if client is not None:
        statement = statement.where(Offer.client_id == client.id)
    return [(f"{clock.london(one.starts_at):%a %H:%M}", one.state) for one in session.scalars(statement)]


def held(client) -> Offer | None:
    """The offer that is held for her."""
    session.rollback()
    offer = answering.held_for(client.id)
    return kept(offer) if offer is not None else None


def take(actor: Actor, offer: Offer) -> Appointment:
    """She takes it."""
    with unit_of_work():
        return answering.take(actor, offer.id, now=clock.now())


def decline(actor: Actor, offer: Offer) -> Offer:
    """She does not take it."""
    with unit_of_work():
        return answering.decline(actor, offer.id, now=clock.now())


def texts(client) -> list[tuple[str, str]]:
    """(kind, state) of her texts."""
    session.rollback()
    found = session.scalars(select(Text).where(Text.client_id == client.id).order_by(Text.id))
    return [(text.kind, text.state) for text in found]


def tasks_about(client) -> list[tuple[str, bool]]:
    """(kind, still open) of the tasks about her."""
    session.rollback()
    found = session.scalars(select(Task).where(Task.client_id == client.id).order_by(Task.id))
    return [(task.kind, task.closed_at is None) for task in found]


def overlaps() -> int:
    """How many pairs of rows take the same thing at the same time."""
    session.rollback()
    rows = session.scalars(select(Occupancy).order_by(Occupancy.resource, Occupancy.starts_at)).all()
    return sum(
        one.resource == other.resource and other.starts_at < one.ends_at for one, other in itertools.pairwise(rows)
    )


def waits_of(client) -> list[Wait]:
    """Everything she waits or waited for, the oldest first."""
    session.rollback()
    found = session.scalars(select(Wait).where(Wait.client_id == client.id).order_by(Wait.id)).all()
    return [kept(wait) for wait in found]
