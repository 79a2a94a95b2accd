"""Offering a free time to one woman: who is next, which time, held for her and told."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import exists, func, or_, select

from portal.audit import service as audit
from portal.booking import offers, openings, taking
from portal.booking.availability import FreeTime
from portal.booking.models import Appointment
from portal.booking.rules import suits
from portal.centres.models import CentreKind, Kind
from portal.clients.models import Client, ClientState
from portal.clients.queries import safe_contact
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.database import lock_rows, session, write_at_once
from portal.core.errors import Invalid, NotFound, Stale
from portal.diversion.queries import with_sessions_to_do
from portal.waiting import holding, rules, service, telling
from portal.waiting.models import HELD, Offer, OfferState, Wait
from portal.waiting.rules import Waiting

MOST_READ = 1000
MOST_TRIED = 100
"""Waits for which a time is looked for in one beat."""
MOST_LOOKED_AT = 40
"""Free times that are looked at for one woman in one beat."""
BY_HAND = timedelta(minutes=30)
"""How long a time is held that a person offers her on the phone."""


class Found(NamedTuple):
    """A time to offer, the place that it takes, and how she can be told."""

    at: offers.Place
    free: FreeTime
    way: telling.Way


def anything_to_do() -> bool:
    """Whether anybody waits or an offer is held: the one question that a beat asks where nobody does."""
    waits, held = exists().where(Wait.ended_at.is_(None)), exists().where(Offer.state.in_(HELD))
    return bool(session.scalar(select(or_(waits, held))))


def in_turn(now: datetime) -> list[int]:
    """The ids of the waits for which a time may be free, fairest first; at most MOST_TRIED."""
    rows = _who_waits(now)
    ordered = rules.fair_order(order_facts([wait for wait, _ in rows], now))
    waits = {wait.id: (wait, one) for wait, one in rows}
    supply = cache(_free_for_anyone)
    tried = []
    for each in ordered:
        wait, one = waits[each.wait_id]
        if any(_suits_her(wait, one, free, minutes) for minutes, free in _supply_for(wait, supply, now)):
            tried.append(wait.id)
        if len(tried) == MOST_TRIED:
            break
    return tried


def order_facts(waits: Collection[Wait], now: datetime) -> list[Waiting]:
    """What decides over the order of some waits, in a constant number of queries."""
    counting = set(session.scalars(select(Kind.id).where(Kind.counts)))
    needing = with_sessions_to_do({wait.client_id for wait in waits}, now)
    return [Waiting(wait.id, wait.since_at, wait.kind_id in counting and wait.client_id in needing) for wait in waits]


def offer_next(wait_id: int, now: datetime) -> Offer | None:
    """Hold the best free time for who waits, and have her told; None where there is none, or she has an offer already.

    Raises SlotTaken when somebody was quicker.
    """
    wait = session.scalars(service.fresh_wait(wait_id)).first()
    if wait is None or wait.ended_at is not None or not _may_be_offered(wait.client_id, now):
        return None
    client = session.get_one(Client, wait.client_id)
    found = _best(wait, client, now)
    if found is None:
        return None
    return _hold(SYSTEM, wait, client, found, now)


def offer_by_hand(actor: Actor, wait_id: int, *, starts_at: datetime, now: datetime) -> Offer:
    """Hold a time for a woman to whom somebody is talking, for BY_HAND; what she answers is noted next.

    Raises NotFound, Stale when she is off the list or has an offer, Invalid("starts_at", "enough") after three offers
    in a week or "not_sooner", and the refusals of booking.
    """
    wait = service.wait_for(actor, wait_id)
    if wait.ended_at is not None or _has_one_held(wait.client_id):
        raise Stale("wait")
    if not _may_be_offered(wait.client_id, now):
        raise Invalid("starts_at", "enough")
    client = session.get_one(Client, wait.client_id)
    one = session.get(Appointment, wait.appointment_id) if wait.appointment_id else None
    if not rules.is_useful(starts_at, one.starts_at if one else None):
        raise Invalid("starts_at", "not_sooner")
    for centre_id in _centres(wait):
        at = holding.place_of_wait(wait, client, centre_id)
        free = next(iter(_exactly(at, wait, starts_at, now)), None)
        if free is not None:
            standing = rules.Standing(now, min(now + BY_HAND, starts_at))
            offer = _hold(actor, wait, client, Found(at, free, telling.Way(False, standing)), now, by_hand=True)
            if offer is None:
                raise Stale("wait")
            return offer
    raise Invalid("starts_at", "gone")


def times_for(actor: Actor, wait: Wait, now: datetime, most: int) -> list[tuple[int, FreeTime]]:
    """The first free times that somebody could offer her on the phone, with the centre."""
    client, found = session.get_one(Client, wait.client_id), []
    for centre_id in _centres(wait):
        if centre_id in actor.centres:
            try:
                at = holding.place_of_wait(wait, client, centre_id)
            except NotFound:
                continue
            found += [(centre_id, free) for free in _times(at, wait, now)]
    return sorted(found, key=lambda each: each[1].starts_at)[:most]


def _who_waits(now: datetime) -> list[tuple[Wait, Appointment | None]]:
    """The open waits of women who may be offered something now, in one query."""
    held = exists().where(Offer.client_id == Wait.client_id, Offer.state.in_(HELD))
    week = (
        select(func.count())
        .where(Offer.client_id == Wait.client_id, Offer.offered_at > now - rules.WEEK, _counts())
        .scalar_subquery()
    )
    rows = session.execute(
        select(Wait, Appointment)
        .join(Client, Client.id == Wait.client_id)
        .outerjoin(Appointment, Appointment.id == Wait.appointment_id)
        .where(Wait.ended_at.is_(None), Wait.kind_id.is_not(None), Client.state == ClientState.OPEN)
        .where(~held, week < rules.MOST_A_WEEK)
        .order_by(Wait.since_at, Wait.id)
        .limit(MOST_READ)
    )
    return [(wait, one) for wait, one in rows]


def _counts():
    """That an offer is one of her three a week."""
    return Offer.state != OfferState.WITHDRAWN


def _may_be_offered(client_id: int, now: datetime) -> bool:
    offered = session.scalars(select(Offer.offered_at).where(Offer.client_id == client_id, _counts()))
    return rules.may_be_offered(offered, now) and not _has_one_held(client_id)


def _has_one_held(client_id: int) -> bool:
    held = select(Offer.id).where(Offer.client_id == client_id, Offer.state.in_(HELD))
    return session.scalar(held.limit(1)) is not None


def _supply_for(wait: Wait, supply, now: datetime):
    """The times that are free for anybody, with the minutes of a session, at each centre that she would go to."""
    for centre_id in _centres(wait):
        minutes, times = supply(wait.kind_id, centre_id, now)
        yield from ((minutes, free) for free in times)


def _free_for_anyone(kind_id: int, centre_id: int, now: datetime) -> tuple[int, list[FreeTime]]:
    try:
        at = offers.place_for_anyone(kind_id, centre_id)
    except NotFound:
        return 0, []
    return at.terms.minutes, offers.free_times(at, now=now, from_on=clock.london_today(now))


def _suits_her(wait: Wait, one: Appointment | None, free: FreeTime, minutes: int) -> bool:
    useful = rules.is_useful(free.starts_at, one.starts_at if one else None)
    return useful and suits(free.starts_at, minutes, wait.suits or None)


def _centres(wait: Wait) -> list[int]:
    if wait.centre_id is not None:
        return [wait.centre_id]
    offering = select(CentreKind.centre_id).where(CentreKind.kind_id == wait.kind_id)
    return list(session.scalars(offering.order_by(CentreKind.centre_id)))


def _best(wait: Wait, client: Client, now: datetime) -> Found | None:
    """The first time that suits her, was not offered to her before, and of which she can be told in time."""
    before = set(session.scalars(select(Offer.starts_at).where(Offer.client_id == client.id, Offer.starts_at > now)))
    listed: list[tuple[offers.Place, FreeTime]] = []
    open_to_her = {centre.id for centre in openings.centres_offering(client.id, wait.kind_id or 0)}
    for centre_id in _centres(wait):
        if centre_id in open_to_her:
            try:
                at = holding.place_of_wait(wait, client, centre_id)
            except NotFound:
                continue
            listed += [(at, free) for free in _times(at, wait, now) if free.starts_at not in before]
    record = safe_contact(client.id)
    for at, free in sorted(listed, key=lambda each: each[1].starts_at)[:MOST_LOOKED_AT]:
        answer_by = rules.answer_by(free.starts_at, at.kind.least_notice_minutes)
        way = telling.way_to_tell(client, record, now, answer_by)
        if way is not None:
            return Found(at, free, way)
    return None


def _times(at: offers.Place, wait: Wait, now: datetime) -> list[FreeTime]:
    one = session.get(Appointment, wait.appointment_id) if wait.appointment_id else None
    free = offers.free_times(at, now=now, from_on=clock.london_today(now), moving=wait.appointment_id)
    return [each for each in free if _suits_her(wait, one, each, at.terms.minutes)]


def _exactly(at: offers.Place, wait: Wait, starts_at: datetime, now: datetime) -> list[FreeTime]:
    return [free for free in _times(at, wait, now) if free.starts_at == starts_at]


def _hold(
    actor: Actor, wait: Wait, client: Client, found: Found, now: datetime, *, by_hand: bool = False
) -> Offer | None:
    """Lock, look again, write; None when somebody else gave her an offer or took her off the list meanwhile."""
    at, free, way = found
    taking.lock(at)
    wait = session.scalars(lock_rows(service.fresh_wait(wait.id))).one()
    if wait.ended_at is not None or not _may_be_offered(client.id, now):
        return None
    free = offers.free_at(at, free.starts_at, now=now, moving=wait.appointment_id)
    offer = Offer(
        wait_id=wait.id,
        client_id=client.id,
        centre_id=at.centre_id,
        worker_id=free.worker_id,
        room_id=free.room_id,
        starts_at=free.starts_at,
        ends_at=free.starts_at + timedelta(minutes=at.terms.minutes),
        offered_at=now,
        lapses_at=way.standing.lapses_at,
        state=OfferState.OPEN,
        answered_by_kind="",
    )
    if not write_at_once(offer):
        return None
    holding.hold(offer, at, free)
    if not by_hand:
        telling.tell(offer, client, way, now)
    audit.record(actor, "time_offered", now=now, client_id=client.id, subject=telling.subject_of(offer))
    return offer
