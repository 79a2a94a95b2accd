"""Her answer to an offer: taken or declined by herself or with a person; by text it is only kept (R23)."""

from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import service as booking
from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import NotFound, Stale
from portal.waiting import courses, ending, holding, service, telling
from portal.waiting.models import HELD, Offer, OfferState, Wait


def take(actor: Actor, offer_id: int, *, now: datetime) -> Appointment:
    """She takes an offer, signed in or through a person: in one transaction it is booked, or her appointment is moved.

    Her old time is given back only then. Taken already, it gives the appointment. Raises NotFound, Stale when the
    offer is over, and the refusals of booking when the time cannot be had after all.
    """
    offer = offer_for(actor, offer_id)
    wait, client = session.get_one(Wait, offer.wait_id), session.get_one(Client, offer.client_id)
    holding.lock(offer, wait, client)
    # First the wait, then the offer, as everybody does who locks both.
    wait = session.scalars(lock_rows(service.fresh_wait(wait.id))).one()
    offer = session.scalars(lock_rows(holding.fresh(offer.id))).one()
    if offer.state == OfferState.TAKEN and offer.appointment_id is not None:
        return session.get_one(Appointment, offer.appointment_id)
    if offer.state not in HELD or now >= offer.lapses_at:
        raise Stale("offer")
    appointment = courses.take(actor, wait, offer, now) if wait.course_id else _book(actor, offer, wait, now)
    offer.state, offer.appointment_id = OfferState.TAKEN, appointment.id
    offer.answered_at, offer.answered_by_kind, offer.answered_by_id = now, actor.kind, actor.id
    wait.ended_at, wait.ended_why = now, "booked"
    telling.take_back(offer, done="changed_booking", actor=actor, now=now)
    session.flush()
    subject = telling.subject_of(offer)
    audit.record(actor, "offer_taken", now=now, client_id=client.id, subject=subject)
    return appointment


def decline(actor: Actor, offer_id: int, *, now: datetime) -> Offer:
    """She does not want this time: it goes to the next woman, and she stays on the list; over already, nothing happens.

    Raises NotFound.
    """
    offer = session.scalars(lock_rows(holding.fresh(offer_for(actor, offer_id).id))).one()
    if offer.state in HELD:
        ending.end_offer(offer, OfferState.DECLINED, actor=actor, now=now, done="dealt_with")
    return offer


def say_yes_by_text(offer: Offer, now: datetime) -> bool:
    """A 1 came from her number: the time and any old one are kept until a person or she herself confirms it (R23).

    Gives False when the offer is over; said again, nothing more happens.
    """
    offer = session.scalars(lock_rows(holding.fresh(offer.id))).one()
    if offer.state in (OfferState.SAID_YES, OfferState.TAKEN):
        return True
    if offer.state != OfferState.OPEN or now >= offer.lapses_at:
        return False
    client = session.get_one(Client, offer.client_id)
    telling.take_back(offer, done="answered_by_text", actor=SYSTEM, now=now)
    offer.state, offer.lapses_at = OfferState.SAID_YES, offer.starts_at
    wait = session.get_one(Wait, offer.wait_id)
    if wait.course_id is not None:
        courses.keep_until(wait, offer.starts_at)
    session.flush()
    telling.say_kept(offer, client, now)
    subject = telling.subject_of(offer)
    audit.record(SYSTEM, "offer_said_yes", now=now, client_id=client.id, subject=subject)
    return True


def say_no_by_text(offer: Offer, now: datetime) -> None:
    """A 2 came from her number: an open offer is declined; what a yes had kept stays kept until a person has asked."""
    offer = session.scalars(lock_rows(holding.fresh(offer.id))).one()
    if offer.state == OfferState.OPEN:
        ending.end_offer(offer, OfferState.DECLINED, actor=SYSTEM, now=now, done="answered_by_text")


def offer_for(actor: Actor, offer_id: int) -> Offer:
    """An offer to a woman whom the actor may see; raises NotFound."""
    if actor.is_staff:
        require(actor, Permission.KEEP_WAITING_LIST)
    offer = get_or_none(Offer, offer_id)
    if offer is None:
        raise NotFound("offer")
    visible_client(actor, offer.client_id)
    return offer


def held_for(client_id: int) -> Offer | None:
    """The offer that is held for a woman, or None: one look at an index."""
    return session.scalars(select(Offer).where(Offer.client_id == client_id, Offer.state.in_(HELD)).limit(1)).first()


def _book(actor: Actor, offer: Offer, wait: Wait, now: datetime) -> Appointment:
    holding.release(offer, now)
    key = f"offer:{offer.id}"
    if wait.appointment_id is not None:
        return booking.change(
            actor, wait.appointment_id, starts_at=offer.starts_at, request_key=key, now=now, offered=True
        )
    return booking.book(
        actor,
        client_id=offer.client_id,
        kind_id=wait.kind_id or 0,
        centre_id=offer.centre_id,
        worker_id=offer.worker_id,
        starts_at=offer.starts_at,
        request_key=key,
        now=now,
        offered=True,
    )
