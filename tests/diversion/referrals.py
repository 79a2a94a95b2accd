"""Referrals and sessions for tests, made through the real tables."""

from datetime import date, datetime, timedelta

from portal.booking.models import Appointment
from portal.centres.models import Centre, Kind
from portal.clients.closing_models import CentreMove, Closing
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.diversion.condition_models import ConditionChange
from portal.diversion.models import Condition, Referral
from portal.diversion.report_models import ExcusedSession, PoliceReport
from portal.staff.models import Staff
from tests.support import make

OFFENCE = "brambleknot"
TOLD = {
    "reference": "REF-7", "condition": "appointments", "needed": 2, "attended": 0, "attended_dates": [],
    "status": "under_way", "reason_class": "",
}  # fmt: skip
"""A report as it was sent."""


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


def everything(client: Client, referral: Referral, marker: str = "") -> None:
    """A row in every table of conditions, reports, moves and closings; the closing is over."""
    now, by, before = clock.now(), client.keyworker_id, _another(client.centre_id)
    with unit_of_work():
        condition = session.query(Condition).filter_by(referral_id=referral.id).one()
        hers = {"client_id": client.id, "condition_id": condition.id}
        session.add_all([
            ConditionChange(**hers, old_sessions=3, new_sessions=2, old_due_on=condition.due_on, reason="health",
                            new_due_on=condition.due_on, changed_by=by, changed_at=now),
            ExcusedSession(**hers, reason="caring", excused_by=by, excused_at=now, taken_back_by=by,
                           taken_back_at=now),
            PoliceReport(**hers, referral_id=referral.id, status="under_way",
                         content=TOLD | {"reference": f"{marker}told"}, drafted_by=by,
                         drafted_at=now, sent_to="police", sent_to_words=f"{marker}to", sent_by=by,
                         sent_how="secure_mail", sent_at=now),
            Closing(client_id=client.id, reason="completed", checklist={"texts": "ended"}, closed_by=by, closed_at=now,
                    reopened_by=by, reopened_at=now),
            CentreMove(client_id=client.id, from_centre_id=before, to_centre_id=client.centre_id,
                       to_keyworker_id=by, moved_by=by, moved_at=now),
        ])  # fmt: skip


def _another(centre_id: int) -> int:
    found = session.query(Centre.id).filter(Centre.id != centre_id).first() or (None,)
    session.rollback()
    return found[0] or make.centre().id
