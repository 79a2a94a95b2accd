"""Referrals and sessions for tests, made through the real tables."""

from datetime import date, datetime, timedelta

from portal.booking.models import Appointment
from portal.centres.models import Kind
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.diversion.models import Condition, Referral
from portal.staff.models import Staff

OFFENCE = "brambleknot"


def referral(client: Client, referrer: Staff | None = None, *, needed: int = 2, due_on: date | None = None, **values):
    """A referral of six weeks ago with one condition."""
    today = clock.london_today(clock.now())
    with unit_of_work():
        row = Referral(
            client_id=client.id, referrer_id=referrer.id if referrer else None, source="police",
            disposal="conditional_caution", offence_group=OFFENCE, recorded_at=clock.now(),
            **{"reference": "REF-7", "referred_on": today - timedelta(days=42)} | values,
        )  # fmt: skip
        session.add(row)
        session.flush()
        due_on = due_on or today + timedelta(days=60)
        session.add(Condition(referral_id=row.id, client_id=client.id, sessions_needed=needed, due_on=due_on))
    return row


def came(client: Client, kind: Kind, starts_at: datetime, attendance: str = "yes", **values) -> None:
    """A session of hers with what happened."""
    with unit_of_work():
        session.add(
            Appointment(
                client_id=client.id, kind_id=kind.id, centre_id=client.centre_id, worker_id=client.keyworker_id,
                starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50), attendance=attendance,
                booked_by_kind="staff", booked_by_id=client.keyworker_id, booked_at=starts_at - timedelta(days=7),
                end_reason="lanternwick", **values,
            )
        )  # fmt: skip
