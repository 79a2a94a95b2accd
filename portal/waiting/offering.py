"""Offering what is free to one woman: which time, held for her and told; by the worker, or by a person on the phone."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import offers, openings, taking
from portal.booking.availability import FreeTime
from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.clients.queries import safe_contact, whom_it_is
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.at_once import write_at_once
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups.rules import CannotJoin
from portal.waiting import courses, holding, rules, service, telling, turns
from portal.waiting.models import Offer, OfferState, Wait

MOST_LOOKED_AT = 40
"""Free times that are looked at for one woman in one beat."""
BY_HAND = timedelta(minutes=30)
"""How long a time is held that a person offers her on the phone."""


class Found(NamedTuple):
    """A time to offer, the place that it takes, and how she can be told."""

    at: offers.Place
    free: FreeTime
    way: telling.Way


def offer_next(wait_id: int, now: datetime) -> Offer | None:
    """Hold the best that is free for who waits, and have her told; None where nothing is, or she has an offer already.

    Raises SlotTaken when somebody was quicker.
    """
    wait = session.scalars(service.fresh_wait(wait_id)).first()
    if wait is None or wait.ended_at is not None or not turns.may_be_offered(wait.client_id, now):
        return None
    client = session.get_one(Client, wait.client_id)
    if wait.course_id is not None:
        return _offer_place(wait, client, now)
    found = _best(wait, client, now)
    return _offer_time(SYSTEM, wait, client, found, now) if found is not None else None


def offer_by_hand(actor: Actor, wait_id: int, *, starts_at: datetime, now: datetime) -> Offer:
    """Hold a time for a woman to whom somebody is talking, for BY_HAND; what she answers is noted next.

    Raises NotFound, Stale when she is off the list or has an offer, Invalid("starts_at", "enough") after three offers
    in a week, "not_sooner" or "gone", and the refusals of booking.
    """
    wait = service.wait_for(actor, wait_id)
    if wait.ended_at is not None or wait.course_id is not None or turns.has_one_held(wait.client_id):
        raise Stale("wait")
    if not turns.may_be_offered(wait.client_id, now):
        raise Invalid("starts_at", "enough")
    one = _hers(wait)
    if not rules.is_useful(starts_at, one.starts_at if one else None):
        raise Invalid("starts_at", "not_sooner")
    client = session.get_one(Client, wait.client_id)
    for at in _places(wait, client):
        free = next((each for each in _times(at, wait, now) if each.starts_at == starts_at), None)
        if free is not None:
            way = telling.Way(False, rules.Standing(now, min(now + BY_HAND, starts_at)))
            offer = _offer_time(actor, wait, client, Found(at, free, way), now, by_hand=True)
            if offer is None:
                raise Stale("wait")
            return offer
    raise Invalid("starts_at", "gone")


def times_for(actor: Actor, wait: Wait, now: datetime, most: int) -> list[tuple[int, FreeTime]]:
    """The first free times that somebody could offer her on the phone, with the centre."""
    client = session.get_one(Client, wait.client_id)
    places = [at for at in _places(wait, client) if at.centre_id in actor.centres]
    found = [(at.centre_id, free) for at in places for free in _times(at, wait, now)]
    return sorted(found, key=lambda each: each[1].starts_at)[:most]


def _best(wait: Wait, client: Client, now: datetime) -> Found | None:
    """The first time that suits her, was not offered to her before, and of which she can be told in time."""
    before = set(session.scalars(select(Offer.starts_at).where(Offer.client_id == client.id, Offer.starts_at > now)))
    listed = [(at, free) for at in _places(wait, client) for free in _times(at, wait, now)]
    listed = [each for each in listed if each[1].starts_at not in before]
    record = safe_contact(client.id)
    for at, free in sorted(listed, key=lambda each: each[1].starts_at)[:MOST_LOOKED_AT]:
        answer_by = rules.answer_by(free.starts_at, at.kind.least_notice_minutes)
        way = telling.way_to_tell(client, record, now, answer_by)
        if way is not None:
            return Found(at, free, way)
    return None


def _places(wait: Wait, client: Client) -> list[offers.Place]:
    """Where what she waits for can be: never a centre from which she must stay away."""
    open_to_her = {centre.id for centre in openings.centres_offering(client.id, wait.kind_id or 0)}
    found = []
    for centre_id in turns.centres_of(wait):
        if centre_id in open_to_her:
            try:
                found.append(holding.place_of_wait(wait, client, centre_id))
            except NotFound:
                continue
    return found


def _times(at: offers.Place, wait: Wait, now: datetime) -> list[FreeTime]:
    one, today = _hers(wait), clock.london_today(now)
    free = offers.free_times(at, now=now, from_on=today, moving=wait.appointment_id)
    return [each for each in free if turns.suits_her(wait, one, each, at.terms.minutes)]


def _hers(wait: Wait) -> Appointment | None:
    return session.get_one(Appointment, wait.appointment_id) if wait.appointment_id is not None else None


def _offer_time(
    actor: Actor, wait: Wait, client: Client, found: Found, now: datetime, *, by_hand: bool = False
) -> Offer | None:
    """Lock, look again, hold, tell; None when somebody else gave her an offer or took her off the list meanwhile."""
    at, free, way = found
    taking.lock(at, whom_it_is(client.id))
    wait = session.scalars(lock_rows(service.fresh_wait(wait.id))).one()
    if wait.ended_at is not None or not turns.may_be_offered(client.id, now):
        return None
    free = offers.free_at(at, free.starts_at, now=now, moving=wait.appointment_id)
    ends_at = free.starts_at + timedelta(minutes=at.terms.minutes)
    takes = {"centre_id": at.centre_id, "worker_id": free.worker_id, "room_id": free.room_id}
    offer = _written(actor, wait, way, now, starts_at=free.starts_at, ends_at=ends_at, **takes)
    if offer is not None:
        holding.hold(offer, at, free)
        if not by_hand:
            telling.tell(offer, client, way, now)
    return offer


def _offer_place(wait: Wait, client: Client, now: datetime) -> Offer | None:
    """Hold a place in a course for who waits for it, and have her told of her first session; once for that session."""
    found = courses.open_for(wait, client, now)
    if found is None:
        return None
    shown, first = found
    before = select(Offer.id).where(Offer.wait_id == wait.id, Offer.starts_at == first.starts_at)
    answer_by = rules.answer_by(first.starts_at, shown.kind.least_notice_minutes)
    way = telling.way_to_tell(client, safe_contact(client.id), now, answer_by)
    if way is None or session.scalar(before.limit(1)) is not None:
        return None
    courses.lock(wait, client.id)
    wait = session.scalars(lock_rows(service.fresh_wait(wait.id))).one()
    if wait.ended_at is not None or not turns.may_be_offered(client.id, now):
        return None
    try:
        courses.hold(wait, way.standing.lapses_at, now)
    except (CannotJoin, Stale, NotFound):
        return None
    takes = {"centre_id": shown.course.centre_id, "worker_id": first.worker_id, "room_id": first.room_id}
    offer = _written(SYSTEM, wait, way, now, starts_at=first.starts_at, ends_at=first.ends_at, **takes)
    if offer is None:
        courses.keep_until(wait, now)
    else:
        telling.tell(offer, client, way, now)
    return offer


def _written(actor: Actor, wait: Wait, way: telling.Way, now: datetime, **what) -> Offer | None:
    """A new open offer, or None when she has another by now."""
    offer = Offer(
        wait_id=wait.id,
        client_id=wait.client_id,
        offered_at=now,
        lapses_at=way.standing.lapses_at,
        state=OfferState.OPEN,
        answered_by_kind="",
        **what,
    )
    if not write_at_once(offer):
        return None
    audit.record(actor, "time_offered", now=now, client_id=wait.client_id, subject=telling.subject_of(offer))
    return offer
