"""A woman with a condition, her keyworker and the two managers of her centre, for tests of conditions and reports."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.booking.models import Appointment
from portal.centres.models import Kind
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.diversion import reporting
from portal.diversion.models import Condition
from portal.staff.models import Staff
from portal.worklist.models import Task
from tests.diversion import referrals
from tests.support import make


@dataclass
class House:
    """Who acts, and the ids of the woman and what was asked of her; her rows are read anew each time."""

    jo: Actor
    fran: Actor
    mo: Actor
    centre_id: int
    kind_id: int
    client_id: int
    referral_id: int
    condition_id: int

    @property
    def client(self) -> Client:
        return session.get_one(Client, self.client_id)

    @property
    def condition(self) -> Condition:
        return session.get_one(Condition, self.condition_id)


def open_house(*, needed: int = 2, due_on: date | None = None, **values) -> House:
    """Everybody, and a condition whose day is over unless another is given."""
    centre = make.centre()
    jo, fran, mo = make.staff("keyworker", centre), make.staff("manager", centre), make.staff("manager", centre)
    client = make.client(jo, centre)
    due_on = due_on or clock.london_today(clock.now()) - timedelta(days=1)
    referral = referrals.referral(client, needed=needed, due_on=due_on, **values)
    condition = session.query(Condition).filter_by(referral_id=referral.id).one()
    return House(
        jo.actor, fran.actor, mo.actor, centre.id, make.kind().id, client.id, condition.referral_id, condition.id
    )


def came(house, days_ago: int, attendance: str = "yes") -> Appointment:
    """A session of hers, so many days ago."""
    referrals.came(
        house.client, session.get_one(Kind, house.kind_id), clock.now() - timedelta(days=days_ago), attendance
    )
    return session.query(Appointment).order_by(Appointment.id.desc()).first()


def missed(house, days_ago: int, *, reminded: bool) -> Appointment:
    """A session she could not come to, of which a person had reminded her or nobody had."""
    one = came(house, days_ago, "no")
    if reminded:
        with unit_of_work():
            session.add(
                Task(kind="reminder_by_person", client_id=house.client_id, owner_id=house.jo.id,
                     subject=f"appointment:{one.id}", once=f"r{one.id}", raised_at=one.booked_at,
                     due_at=one.starts_at, closed_at=one.starts_at - timedelta(hours=1), closed_by=house.jo.id,
                     done="rang_her")
            )  # fmt: skip
    return one


def drafted(house, by=None, reason: str = "hers_not", **values):
    """A report drafted about the condition."""
    with unit_of_work():
        return reporting.draft(
            by or house.jo, house.condition_id, not_met_because=reason,
            **{"corrects": False, "now": clock.now()} | values,
        )  # fmt: skip


def confirmed(house, report, by=None):
    """A report confirmed by the manager."""
    with unit_of_work():
        return reporting.confirm(by or house.fran, report.id, now=clock.now())


def sent(house, report, by=None, **values):
    """A report noted as sent."""
    with unit_of_work():
        return reporting.note_sent(
            by or house.jo, report.id, now=clock.now(),
            **{"to": "police", "words": "The unit's mailbox", "how": "secure_mail"} | values,
        )  # fmt: skip


def again(house) -> Client:
    """Her record, read anew."""
    session.remove()
    return house.client


def person(actor) -> Staff:
    """The member of staff behind an actor."""
    return session.get_one(Staff, actor.id)
