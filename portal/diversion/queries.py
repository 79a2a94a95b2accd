"""Reading referrals, and making the one report that the referrer, she and the command line all read (R31)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.booking.models import Appointment, AppointmentState, Attendance
from portal.clients.models import Client, ClientState, Restriction
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session
from portal.diversion.models import Referral
from portal.diversion.standing import standings, told

MOST_REFERRALS = 200


class ReferralState(StrEnum):
    """All that a referrer sees of her own referral."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    FIRST_SEEN = "first_seen"
    CLOSED = "closed"


class ReferralShown(NamedTuple):
    """One referral as its referrer sees it: her own reference and coded facts, nothing of the woman."""

    reference: str
    referred_on: date
    state: ReferralState
    since_on: date | None


def report_for(client: Client, now: datetime) -> dict[str, Any]:
    """What referrers are told of a client at `now`: `{"reports": [...]}`, each with the fields of `rules.Report`."""
    return {"reports": [told(client, one) for one in standings([client.id], now)]}


def with_sessions_to_do(client_ids: Collection[int], now: datetime) -> set[int]:
    """Which of some women have a condition whose day is to come with sessions to do, in two queries at most."""
    still_open = standings(client_ids, now, due_from=clock.london_today(now))
    return {one.condition.client_id for one in still_open if one.needed > len(one.attended_at)}


def own_referrals(actor: Actor) -> list[ReferralShown]:
    """A referrer's own newest referrals, MOST_REFERRALS at most; none of a woman who must not be known to her (R29)."""
    restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    rows = session.execute(
        select(Referral, Client.state, Client.closed_at)
        .join(Client, Client.id == Referral.client_id)
        .where(Referral.referrer_id == actor.id, Referral.client_id.not_in(restricted))
        .order_by(Referral.referred_on.desc(), Referral.id.desc())
        .limit(MOST_REFERRALS)
    ).all()
    seen = _first_seen([referral for referral, _, _ in rows])
    return [_shown(referral, state, closed_at, seen.get(referral.id)) for referral, state, closed_at in rows]


def _first_seen(referrals: Iterable[Referral]) -> dict[int, datetime]:
    """When a woman first came to an appointment since she was referred, by referral, in one query.

    What she came to before says nothing about it, nor that she was known (R42).
    """
    listed = list(referrals)
    statement = select(Appointment.client_id, Appointment.starts_at).where(
        Appointment.client_id.in_({one.client_id for one in listed}),
        Appointment.state == AppointmentState.BOOKED,
        Appointment.attendance.in_((Attendance.YES, Attendance.LATE)),
    )
    came: dict[int, list[datetime]] = defaultdict(list)
    for client_id, starts_at in session.execute(statement):
        came[client_id].append(starts_at)
    return {
        one.id: min(since)
        for one in listed
        if (since := [at for at in came[one.client_id] if clock.london_today(at) >= one.referred_on])
    }


def _shown(referral: Referral, state: str, closed_at: datetime | None, seen_at: datetime | None) -> ReferralShown:
    stands, since_at = _where_it_stands(referral, state, closed_at, seen_at)
    # R45: where family reported her nobody is told on which day she came.
    is_kept = stands is ReferralState.FIRST_SEEN and referral.reporter_is_family
    return ReferralShown(
        reference=referral.reference,
        referred_on=referral.referred_on,
        state=stands,
        since_on=None if is_kept else clock.london_today(since_at),
    )


def _where_it_stands(
    referral: Referral, state: str, closed_at: datetime | None, seen_at: datetime | None
) -> tuple[ReferralState, datetime]:
    decided_at = referral.decided_at or referral.recorded_at
    if referral.state == "declined":
        return ReferralState.DECLINED, decided_at
    if state == ClientState.CLOSED and closed_at is not None:
        return ReferralState.CLOSED, closed_at
    if seen_at is not None:
        return ReferralState.FIRST_SEEN, seen_at
    return (ReferralState.RECEIVED if referral.state == "received" else ReferralState.ACCEPTED), decided_at
