"""The first appointment, booked while she stands beside whoever refers her: a time, and nothing of the record."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import offers, openings
from portal.booking import service as booking
from portal.booking.availability import FreeTime
from portal.booking.models import Appointment, AppointmentState
from portal.centres.models import Centre, Kind
from portal.clients.models import Client, ClientState, Restriction
from portal.core import clock
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import NotFound, Stale
from portal.diversion.models import Referral

SHE_IS_THERE = timedelta(hours=2)
"""How long after a referral its maker may still book for her: afterwards her worker does."""
DAYS_SHOWN = 14


def own_recent(actor: Actor, referral_id: int, now: datetime) -> tuple[Referral, Client]:
    """A referral that the actor made within the last two hours, and the record it began, never shown to a referrer.

    Raises NotAllowed, and NotFound for any other, for a woman of whom she must not know (R29), and once the record was
    joined with another: nothing of what was known before is shown, not even that it was (R42).
    """
    require(actor, Permission.REFER)
    found = get_or_none(Referral, referral_id)
    if found is None or actor.id not in (found.referrer_id, found.taken_by) or now - found.recorded_at > SHE_IS_THERE:
        raise NotFound("referral")
    never = select(Restriction.id).where(
        Restriction.client_id == found.client_id,
        Restriction.staff_id == actor.id,
        Restriction.until_settled.is_(False),
    )
    client = session.get_one(Client, found.client_id)
    joined = select(Client.id).where(Client.merged_into_id == client.id)
    if client.state != ClientState.OPEN or any(session.scalar(one.limit(1)) for one in (never, joined)):
        raise NotFound("referral")
    return found, client


def may_book(client: Client) -> bool:
    """Whether a time can be given now: not while it is open who must not know of her (R29), as any worker may be."""
    return not client.managers_only


def kinds_and_centres(client: Client) -> tuple[list[Kind], list[Centre]]:
    """The kinds that can be booked for somebody without a keyworker, and the centres that offer one of them."""
    kinds = [kind for kind in openings.kinds_offered() if not kind.own_keyworker_only]
    centres = {centre.id: centre for kind in kinds for centre in openings.centres_offering(client.id, kind.id)}
    return kinds, sorted(centres.values(), key=lambda centre: (centre.id != client.centre_id, centre.name))


def times(client: Client, kind_id: int, centre_id: int, now: datetime) -> list[FreeTime]:
    """The free times of the next two weeks, from the day on which she is free; raises NotFound."""
    at = offers.place(client, kind_id, centre_id)
    today = clock.london_today(now)
    first = max(today, client.nothing_before_on or today)
    return offers.free_times(at, now=now, from_on=first, days=DAYS_SHOWN)


def booked_of(client: Client, now: datetime) -> Appointment | None:
    """Her next appointment, or None."""
    statement = select(Appointment).where(
        Appointment.client_id == client.id, Appointment.state == AppointmentState.BOOKED, Appointment.ends_at > now
    )
    return session.scalars(statement.order_by(Appointment.starts_at).limit(1)).first()


def book(
    actor: Actor,
    referral_id: int,
    *,
    kind_id: int,
    centre_id: int,
    starts_at: datetime,
    request_key: str,
    now: datetime,
) -> Appointment:
    """Book her first time; the same `request_key` again gives the same. She is told by the card, never by a text.

    Raises NotFound, NotAllowed, Stale when she has a time already or none may be given, and what `booking.book` raises.
    """
    referral, client = own_recent(actor, referral_id, now)
    # Whoever presses on another page at the same moment waits here, and finds what this one booked.
    session.execute(lock_rows(select(Referral.id).where(Referral.id == referral.id)))
    if not may_book(client):
        raise Stale("referral")
    first_on = client.nothing_before_on
    if first_on is not None and clock.london_today(starts_at) < first_on:
        raise Stale("referral")
    standing = booked_of(client, now)
    appointment = booking.book(
        SYSTEM,
        client_id=client.id,
        kind_id=kind_id,
        centre_id=centre_id,
        starts_at=starts_at,
        request_key=f"first-{actor.id}-{request_key}"[:64],
        now=now,
        known=True,
    )
    if standing is not None and standing.id != appointment.id:
        raise Stale("referral")
    audit.record(actor, "first_time_booked", now=now, client_id=client.id, subject=f"appointment:{appointment.id}")
    return appointment
