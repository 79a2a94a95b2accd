"""How conditions stand, and the one place where a report is made of that (R31)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from portal.booking.models import Appointment, AppointmentState, Attendance
from portal.centres.models import Kind
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session
from portal.diversion import report_schema, rules
from portal.diversion.models import Condition, Referral
from portal.diversion.report_models import ExcusedSession, PoliceReport

Sitting = tuple[datetime, bool]
"""When a session began, and whether it was one of a group."""


class Standing(NamedTuple):
    """One condition with all that decides how it stands.

    `attended_at` are the sessions she came to that count for it. `not_met_because` is the reason class of a report
    that two people made and that still stands, else empty.
    """

    referral: Referral
    condition: Condition
    excused: int
    not_met_because: str
    attended_at: list[datetime]

    @property
    def needed(self) -> int:
        """How many sessions are asked of her, those she was let off taken away."""
        return max(self.condition.sessions_needed - self.excused, 1)

    @property
    def left(self) -> int:
        """How many sessions up to and including the day are still to come to."""
        in_time = sum(clock.london_today(at) <= self.condition.due_on for at in self.attended_at)
        return max(self.needed - in_time, 0)


def told(client: Client, one: Standing, *, not_met_because: str | None = None) -> dict[str, Any]:
    """The report of a condition, the only one there is; `not_met_because` tries a reason that two people may give.

    Raises report_schema.NotAReport rather than tell what does not fit its shape.
    """
    made = rules.report(
        reference=one.referral.reference,
        what=one.condition.what,
        needed=one.needed,
        due_on=one.condition.due_on,
        attended_at=one.attended_at,
        counts_only=one.referral.reporter_is_family,
        not_met_because=one.not_met_because if not_met_because is None else not_met_because,
    )
    plain = {name: str(value) if isinstance(value, str) else value for name, value in made.as_dict().items()}
    return report_schema.checked(plain, (client.called_name, client.code_name))


def standings(client_ids: Collection[int], now: datetime, *, due_from: date | None = None) -> list[Standing]:
    """How the conditions of some women stand that nobody withdrew, the oldest first, in two queries.

    None of a referral that was declined, as that of a joined record may be: nobody asks it of her. With `due_from` only
    those whose day is not before it.
    """
    later = () if due_from is None else (Condition.due_on >= due_from,)
    rows = session.execute(
        select(Referral, Condition, _excused(), _not_met())
        .join(Condition, Condition.referral_id == Referral.id)
        .where(
            Condition.client_id.in_(list(client_ids)),
            Condition.withdrawn_at.is_(None),
            Referral.state != "declined",
            *later,
        )
        .order_by(Referral.id, Condition.id)
    ).all()
    attended = _attended({row[1].client_id for row in rows}, now) if rows else {}
    return [
        Standing(referral, condition, excused, reason or "", _counting(referral, condition, attended))
        for referral, condition, excused, reason in rows
    ]


def standing_of(condition: Condition, now: datetime) -> Standing | None:
    """How one condition stands, or None once it was withdrawn."""
    found = standings([condition.client_id], now)
    return next((one for one in found if one.condition.id == condition.id), None)


def counts_for(referral: Referral, condition: Condition, starts_at: datetime, in_group: bool) -> bool:
    """Whether a session that counts at all counts for a condition: of its sort, and since she was referred."""
    if clock.london_today(starts_at) < referral.referred_on:
        return False
    return condition.what == rules.What.APPOINTMENTS or (condition.what == rules.What.GROUP) == in_group


def sittings(client_ids: Collection[int], *conditions: Any) -> Select:
    """Sessions that count and stand: whose, when, whether in a group."""
    return (
        select(Appointment.client_id, Appointment.starts_at, Appointment.session_id.is_not(None))
        .join(Kind, Kind.id == Appointment.kind_id)
        .where(
            Kind.counts,
            Appointment.client_id.in_(list(client_ids)),
            Appointment.state == AppointmentState.BOOKED,
            *conditions,
        )
    )


def _attended(client_ids: Collection[int], now: datetime) -> dict[int, list[Sitting]]:
    came = (Appointment.attendance.in_((Attendance.YES, Attendance.LATE)), Appointment.starts_at <= now)
    found: dict[int, list[Sitting]] = defaultdict(list)
    for client_id, starts_at, in_group in session.execute(sittings(client_ids, *came)):
        found[client_id].append((starts_at, in_group))
    return found


def _counting(referral: Referral, condition: Condition, attended: dict[int, list[Sitting]]) -> list[datetime]:
    hers = attended.get(condition.client_id, [])
    return [at for at, in_group in hers if counts_for(referral, condition, at, in_group)]


def _excused() -> Any:
    return (
        select(func.count(ExcusedSession.id))
        .where(ExcusedSession.condition_id == Condition.id, ExcusedSession.taken_back_at.is_(None))
        .scalar_subquery()
    )


def _not_met() -> Any:
    """The reason class of a report that two people made and that nothing has ended."""
    return (
        select(func.min(PoliceReport.reason_class))
        .where(
            PoliceReport.condition_id == Condition.id,
            PoliceReport.status == rules.ReportStatus.NOT_MET,
            PoliceReport.confirmed_by.is_not(None),
            PoliceReport.confirmed_by != PoliceReport.drafted_by,
            PoliceReport.ended_at.is_(None),
        )
        .scalar_subquery()
    )
