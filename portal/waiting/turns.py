"""Whose turn it is: the waits for which something may be free, fairest first, read in few queries."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, String, cast, exists, func, literal, or_, select

from portal.booking import offers
from portal.booking.availability import FreeTime
from portal.booking.models import Appointment
from portal.booking.rules import suits
from portal.centres.models import CentreKind, Kind
from portal.clients.models import Client, ClientState
from portal.core import clock
from portal.core.database import session
from portal.core.errors import NotFound
from portal.diversion.queries import with_sessions_to_do
from portal.groups.models import Course
from portal.messaging.models import Text
from portal.messaging.queries import LEFT
from portal.waiting import courses, rules, telling
from portal.waiting.models import HELD, Offer, OfferState, Wait
from portal.waiting.rules import Waiting

MOST_READ = 1000
MOST_TRIED = 100
"""Waits for which a time is looked for in one beat."""

Supply = tuple[int, list[FreeTime]]


def anything_to_do() -> bool:
    """Whether anybody waits or an offer is held: the one question that a beat asks where nobody does."""
    waits, held = exists().where(Wait.ended_at.is_(None)), exists().where(Offer.state.in_(HELD))
    return bool(session.scalar(select(or_(waits, held))))


def in_turn(now: datetime) -> list[int]:
    """The ids of the waits for which something may be free, fairest first; at most MOST_TRIED."""
    rows = {wait.id: (wait, one) for wait, one in _who_waits(now)}
    supply = cache(_free_for_anyone)
    with_places = courses.with_places((wait.course_id for wait, _ in rows.values() if wait.course_id), now)
    tried = []
    for each in rules.fair_order(order_facts([wait for wait, _ in rows.values()], now)):
        wait, one = rows[each.wait_id]
        listed = _supply_for(wait, supply, now) if wait.kind_id else ()
        if wait.course_id in with_places or any(suits_her(wait, one, free, minutes) for minutes, free in listed):
            tried.append(wait.id)
        if len(tried) == MOST_TRIED:
            break
    return tried


def order_facts(waits: Collection[Wait], now: datetime) -> list[Waiting]:
    """What decides over the order of some waits, in four queries at most."""
    if not waits:
        return []
    kinds = set(session.scalars(select(Kind.id).where(Kind.counts)))
    of_courses = {wait.course_id for wait in waits if wait.course_id}
    named = session.execute(select(Course.id, Course.kind_id).where(Course.id.in_(of_courses)))
    kind_of = {row[0]: row[1] for row in named}
    needing = with_sessions_to_do({wait.client_id for wait in waits}, now)
    return [
        Waiting(
            wait_id=wait.id,
            since_at=wait.since_at,
            for_condition=wait.client_id in needing and (wait.kind_id or kind_of.get(wait.course_id or 0)) in kinds,
        )
        for wait in waits
    ]


def suits_her(wait: Wait, one: Appointment | None, free: FreeTime, minutes: int) -> bool:
    """Whether a time is of use to her: usefully sooner than what she has, in the part of the day that suits her."""
    useful = rules.is_useful(free.starts_at, one.starts_at if one else None)
    return useful and suits(free.starts_at, minutes, wait.suits or None)


def centres_of(wait: Wait) -> list[int]:
    """The centres at which she would take what she waits for."""
    if wait.centre_id is not None:
        return [wait.centre_id]
    offering = select(CentreKind.centre_id).where(CentreKind.kind_id == wait.kind_id)
    return list(session.scalars(offering.order_by(CentreKind.centre_id)))


def may_be_offered(client_id: int, now: datetime) -> bool:
    """Whether she has no offer now, and fewer than three within 7 days."""
    offered = session.scalars(select(Offer.offered_at).where(Offer.client_id == client_id, counts_for_the_week()))
    return rules.may_be_offered(offered, now) and not has_one_held(client_id)


def has_one_held(client_id: int) -> bool:
    """Whether an offer is held for her."""
    held = select(Offer.id).where(Offer.client_id == client_id, Offer.state.in_(HELD))
    return session.scalar(held.limit(1)) is not None


def counts_for_the_week() -> ColumnElement[bool]:
    """That an offer is one of her three a week: of one that was withdrawn she may never have known, unless a text left.

    So three texts a week are the most, whatever becomes of what they offered.
    """
    about_it = Text.subject == literal("offer:") + cast(Offer.id, String)
    told = exists().where(about_it, Text.kind == telling.TEXT, Text.state.in_(LEFT))
    return or_(Offer.state != OfferState.WITHDRAWN, told)


def _who_waits(now: datetime) -> list[tuple[Wait, Appointment | None]]:
    """The open waits of women who may be offered something now, in one query."""
    held = exists().where(Offer.client_id == Wait.client_id, Offer.state.in_(HELD))
    this_week = (
        select(func.count())
        .where(Offer.client_id == Wait.client_id, Offer.offered_at > now - rules.WEEK, counts_for_the_week())
        .scalar_subquery()
    )
    rows = session.execute(
        select(Wait, Appointment)
        .join(Client, Client.id == Wait.client_id)
        .outerjoin(Appointment, Appointment.id == Wait.appointment_id)
        .where(Wait.ended_at.is_(None), Client.state == ClientState.OPEN)
        .where(~held, this_week < rules.MOST_A_WEEK)
        .order_by(Wait.since_at, Wait.id)
        .limit(MOST_READ)
    )
    return [(wait, one) for wait, one in rows]


def _supply_for(wait: Wait, supply: Callable[..., Supply], now: datetime) -> Iterator[tuple[int, FreeTime]]:
    """The times that are free for anybody, with the minutes of a session, at each centre that she would go to."""
    for centre_id in centres_of(wait):
        minutes, times = supply(wait.kind_id, centre_id, now)
        yield from ((minutes, free) for free in times)


def _free_for_anyone(kind_id: int, centre_id: int, now: datetime) -> Supply:
    try:
        at = offers.place_for_anyone(kind_id, centre_id)
    except NotFound:
        return 0, []
    return at.terms.minutes, offers.free_times(at, now=now, from_on=clock.london_today(now))
