"""The demo's front desk: who waits today, what to prepare, what came of missed appointments, a day that was closed."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.backoffice import desk_service
from portal.booking import closing, walk_ins
from portal.booking.desk_models import DropIns
from portal.booking.models import Appointment, Attendance, Outcome, PracticalHelp
from portal.centres.models import Centre
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session
from portal.staff.models import Staff

RECEPTIONISTS = ("Sam", "Robin", "Chris", "Kim")
"""Who stands at the desk of each centre, in their order."""
CAME_IN = (("Wren", "Help with a form", 35), ("Juno", "A cup of tea and a talk", 12))
"""Called name, needs and minutes of waiting of those who came in without a record."""
DROPPED_IN = 7
SETTLED_AFTER = timedelta(days=5)
CLOSED_DAYS_AHEAD = 9


def load(centres: list[Centre], staff: dict[str, Staff], now: datetime) -> None:
    """Put what a desk would find on a working day into the demo; appointments must be there."""
    begins_at = clock.london_midnight(clock.london_today(now))
    for number, (centre, name) in enumerate(zip(centres, RECEPTIONISTS, strict=True)):
        desk = staff[name]
        for called_name, needs, minutes in CAME_IN[: 2 - number % 2]:
            came_at = max(begins_at, now - timedelta(minutes=minutes))
            walk_ins.arrive(desk.actor, centre_id=centre.id, called_name=called_name, needs=needs, now=came_at)
        session.add(DropIns(centre_id=centre.id, on=clock.london_today(now), number=DROPPED_IN + number))
        _practical_help(centre, desk, now)
        _outcomes(centre, now)
    desk_service.take_message(
        staff["Sam"].actor, worker_id=staff["Jo"].id, words="The council rang. Please ring back.", once="demo", now=now
    )
    _closed_day(staff["Chris"], staff["Hodan"], centres[2], now)


def _practical_help(centre: Centre, desk: Staff, now: datetime) -> None:
    """The next appointments of a centre need something prepared, some of it still to be booked."""
    coming = session.execute(
        select(Appointment, Client, Staff)
        .join(Client, Client.id == Appointment.client_id)
        .join(Staff, Staff.id == Appointment.worker_id)
        .where(Appointment.centre_id == centre.id, Appointment.starts_at > now)
        .order_by(Appointment.starts_at)
        .limit(4)
    )
    for appointment, client, worker in coming:
        session.add(
            PracticalHelp(
                client_id=client.id,
                appointment_id=appointment.id,
                fare="needed",
                interpreter="" if client.language in worker.languages else "needed",
                companion=client.language == "en",
                set_by=desk.id,
                set_at=now,
            )
        )


def _outcomes(centre: Centre, now: datetime) -> None:
    """What came of missed appointments (nobody was reminded: R46); of the newest the worker is still to say it."""
    missed = session.scalars(
        select(Appointment).where(
            Appointment.centre_id == centre.id,
            Appointment.attendance == Attendance.NO,
            Appointment.ends_at < now - SETTLED_AFTER,
        )
    )
    session.add_all(
        Outcome(
            client_id=one.client_id,
            appointment_id=one.id,
            happened=False,
            reason_class="service",
            offered="another_time",
            recorded_by=one.worker_id,
            recorded_at=one.ends_at,
        )
        for one in missed
    )


def _closed_day(desk: Staff, worker: Staff, centre: Centre, now: datetime) -> None:
    """A worker is away on the first day, more than a week ahead, on which she has somebody: the list is open."""
    from_at = clock.london_midnight(clock.london_today(now) + timedelta(days=CLOSED_DAYS_AHEAD))
    first = session.scalars(
        select(Appointment.starts_at)
        .where(Appointment.worker_id == worker.id, Appointment.centre_id == centre.id, Appointment.starts_at >= from_at)
        .order_by(Appointment.starts_at)
        .limit(1)
    ).first()
    if first is not None:
        on = clock.london_today(first)
        closing.close_day(desk.actor, centre_id=centre.id, worker_id=worker.id, on=on, now=now)
