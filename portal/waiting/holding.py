"""What an offer holds: worker, room and her own time, as an appointment would, so that nobody else can take them."""

from datetime import datetime

from sqlalchemy import delete, select

from portal.booking import offers, taking
from portal.booking.availability import FreeTime
from portal.booking.models import Appointment, Occupancy
from portal.clients.models import Client
from portal.clients.queries import whom_it_is
from portal.core import clock
from portal.core.database import session
from portal.waiting import courses
from portal.waiting.models import Offer, Wait


def hold(offer: Offer, at: offers.Place, free: FreeTime) -> None:
    """Hold a time for an offer; raises SlotTaken when the database refuses the overlap."""
    taking.take(taking.what_it_takes(at, free), offer_id=offer.id)


def release(offer: Offer, now: datetime) -> None:
    """Give back all that an offer holds."""
    wait = session.get_one(Wait, offer.wait_id)
    if wait.course_id is not None:
        courses.keep_until(wait, now)
    session.execute(delete(Occupancy).where(Occupancy.offer_id == offer.id))


def lock(offer: Offer, wait: Wait, client: Client) -> None:
    """Hold all that taking an offer might take, before any row is locked; raises NotFound."""
    if wait.course_id is not None:
        courses.lock(wait, client.id)
    else:
        taking.lock(place_of_offer(offer, wait, client), whom_it_is(client.id))


def place_of_wait(wait: Wait, client: Client, centre_id: int, *, on: datetime | None = None) -> offers.Place:
    """Where what she waits for could be, with the notice and the days of its kind, whoever put her on the list.

    Raises NotFound when it is not offered there any more.
    """
    if wait.appointment_id is not None:
        return offers.place_of(session.get_one(Appointment, wait.appointment_id), client)
    day = clock.london_today(on) if on is not None else None
    return offers.place(client, wait.kind_id or 0, centre_id, by_staff=True, on=day).on_her_terms()


def place_of_offer(offer: Offer, wait: Wait, client: Client) -> offers.Place:
    """The place of a time that is held: notice was looked at when it was offered. Raises NotFound."""
    if wait.appointment_id is not None:
        return offers.place_of(session.get_one(Appointment, wait.appointment_id), client, by_staff=True)
    kind_id, on = wait.kind_id or 0, clock.london_today(offer.starts_at)
    return offers.place(client, kind_id, offer.centre_id, worker_id=offer.worker_id, by_staff=True, on=on)


def fresh(offer_id: int):
    """The statement that reads an offer anew, whatever the session remembers of it."""
    return select(Offer).where(Offer.id == offer_id).execution_options(populate_existing=True)
