"""Reading referrals, and making the one report that the referrer, she and the command line all read (R31)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from portal.booking.models import Appointment, AppointmentState, Attendance
from portal.centres.models import Kind
from portal.clients.models import Client, ClientState, Restriction
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session
from portal.diversion import rules
from portal.diversion.models import Condition, Referral

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
    since_on: date


def report_for(client: Client, now: datetime) -> dict[str, Any]:
    """What referrers are told of a client at `now`: `{"reports": [...]}`, each with the fields of `rules.Report`."""
    asked = session.execute(
        select(Referral, Condition)
        .join(Condition, Condition.referral_id == Referral.id)
        .where(Referral.client_id == client.id)
        .order_by(Referral.id, Condition.id)
    ).all()
    attended = _attended(client.id, now) if asked else []
    return {"reports": [_report(referral, condition, attended).as_dict() for referral, condition in asked]}


def with_sessions_to_do(client_ids: Collection[int], now: datetime) -> set[int]:
    """Which of some women have a condition that is still open with sessions to do, in two queries at most."""
    today = clock.london_today(now)
    asked = session.execute(
        select(Condition.client_id, Condition.sessions_needed, Referral.referred_on)
        .join(Referral, Referral.id == Condition.referral_id)
        .where(Condition.client_id.in_(list(client_ids)), Condition.due_on >= today)
    ).all()
    attended: dict[int, list[date]] = defaultdict(list)
    if asked:
        for client_id, starts_at in session.execute(_attending({row[0] for row in asked}, now)):
            attended[client_id].append(clock.london_today(starts_at))
    return {
        client_id
        for client_id, needed, referred_on in asked
        if sum(on >= referred_on for on in attended[client_id]) < needed
    }


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
    seen = _first_seen({referral.client_id for referral, _, _ in rows})
    return [_shown(referral, state, closed_at, seen.get(referral.client_id)) for referral, state, closed_at in rows]


def _report(referral: Referral, condition: Condition, attended: Sequence[datetime]) -> rules.Report:
    return rules.report(
        reference=referral.reference,
        needed=condition.sessions_needed,
        due_on=condition.due_on,
        attended_at=[at for at in attended if clock.london_today(at) >= referral.referred_on],
        counts_only=referral.reporter_is_family,
    )


def _attended(client_id: int, now: datetime) -> Sequence[datetime]:
    return [starts_at for _, starts_at in session.execute(_attending([client_id], now))]


def _attending(client_ids: Iterable[int], now: datetime) -> Select:
    """The sessions that count for a condition and to which she came: whose, when."""
    return (
        select(Appointment.client_id, Appointment.starts_at)
        .join(Kind, Kind.id == Appointment.kind_id)
        .where(
            Kind.counts,
            Appointment.client_id.in_(list(client_ids)),
            Appointment.state == AppointmentState.BOOKED,
            Appointment.attendance.in_((Attendance.YES, Attendance.LATE)),
            Appointment.starts_at <= now,
        )
    )


def _first_seen(client_ids: Collection[int]) -> dict[int, datetime]:
    """When each of some women first came to an appointment, in one query."""
    came = Appointment.attendance.in_((Attendance.YES, Attendance.LATE))
    statement = select(Appointment.client_id, func.min(Appointment.starts_at)).where(
        Appointment.client_id.in_(list(client_ids)), Appointment.state == AppointmentState.BOOKED, came
    )
    return {row[0]: row[1] for row in session.execute(statement.group_by(Appointment.client_id))}


def _shown(referral: Referral, state: str, closed_at: datetime | None, seen_at: datetime | None) -> ReferralShown:
    stands, since_at = _where_it_stands(referral, state, closed_at, seen_at)
    return ReferralShown(
        reference=referral.reference,
        referred_on=referral.referred_on,
        state=stands,
        since_on=clock.london_today(since_at),
    )


def _where_it_stands(
    referral: Referral, state: str, closed_at: datetime | None, seen_at: datetime | None
) -> tuple[ReferralState, datetime]:
    decided_at = referral.decided_at or referral.recorded_at
    if referral.state == "declined":
        return ReferralState.DECLINED, decided_at
    if state == ClientState.CLOSED and closed_at is not None:
        return ReferralState.CLOSED, closed_at
    # What she came to before this referral says nothing about it.
    if seen_at is not None and clock.london_today(seen_at) >= referral.referred_on:
        return ReferralState.FIRST_SEEN, seen_at
    return (ReferralState.RECEIVED if referral.state == "received" else ReferralState.ACCEPTED), decided_at
