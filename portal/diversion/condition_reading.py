"""Everything that the page of one woman's conditions shows, in a constant number of queries."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.diversion import conditions, reporting
from portal.diversion.condition_models import ConditionChange
from portal.diversion.models import Condition, Referral
from portal.diversion.report_models import ExcusedSession, PoliceReport
from portal.diversion.standing import told
from portal.staff.queries import first_names


class Asked(NamedTuple):
    """One condition in force with what the next report of it would say, its changes, excuses and reports."""

    paced: conditions.Paced
    told: dict[str, Any]
    changes: list[ConditionChange]
    excused: list[tuple[ExcusedSession, Appointment | None]]
    reports: list[reporting.MadeReport]

    @property
    def open_report(self) -> PoliceReport | None:
        """The report that was drafted and neither sent nor ended."""
        return next((one.report for one in self.reports if not one.report.sent_at and not one.report.ended_at), None)

    @property
    def has_changed_since(self) -> bool:
        """Whether "not met" was sent, does not stand any more, and nobody has sent a correction yet."""
        last = next((one.report for one in self.reports if one.report.sent_at), None)
        return last is not None and last.status == "not_met" and self.told["status"] != "not_met"


def all_of(client: Client, now: datetime) -> dict[str, Any]:
    """The conditions of a woman in force, those withdrawn, and the names of whoever did anything to them."""
    in_force = conditions.paced([client.id], now)
    ids = [one.standing.condition.id for one in in_force]
    changes = list(session.scalars(select(ConditionChange).where(ConditionChange.client_id == client.id)))
    excused = session.execute(
        select(ExcusedSession, Appointment)
        .outerjoin(Appointment, Appointment.id == ExcusedSession.appointment_id)
        .where(ExcusedSession.condition_id.in_(ids), ExcusedSession.taken_back_at.is_(None))
        .order_by(ExcusedSession.id)
    ).all()
    reports = reporting.reports_of(client.id)
    withdrawn = session.execute(
        select(Condition, Referral)
        .join(Referral, Referral.id == Condition.referral_id)
        .where(Condition.client_id == client.id, Condition.withdrawn_at.is_not(None))
        .order_by(Condition.id)
    ).all()
    asked = [
        Asked(
            paced=one,
            told=told(client, one.standing),
            changes=[each for each in changes if each.condition_id == one.standing.condition.id],
            excused=[(row[0], row[1]) for row in excused if row[0].condition_id == one.standing.condition.id],
            reports=reports.get(one.standing.condition.id, []),
        )
        for one in in_force
    ]
    made = [each.report for found in reports.values() for each in found]
    people = {each.changed_by for each in changes} | {row[0].excused_by for row in excused}
    people |= {person for each in made for person in (each.drafted_by, each.confirmed_by, each.sent_by) if person}
    return {"asked": asked, "withdrawn": withdrawn, "reports": reports, "people": first_names(people)}


def excused_condition(actor: Actor, excused_id: int) -> Condition:
    """The condition of an excused session of a woman whom the actor may see; raises NotFound."""
    row = get_or_none(ExcusedSession, excused_id)
    if row is None:
        raise NotFound("excused")
    return conditions.condition_for(actor, row.condition_id)
