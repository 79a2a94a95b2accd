"""Group sessions for the desk: one row each for board, diary and feed, and the register of who comes to one."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, or_, select

from portal.booking import practical
from portal.booking.attendance import standing
from portal.booking.availability import Interval
from portal.booking.group_reading import Sitting
from portal.booking.models import Appointment, AppointmentState, Attendance
from portal.booking.queries import Booked, visible_appointments
from portal.centres.models import Kind, Room
from portal.clients.models import Client, Restriction
from portal.core.access import Actor
from portal.core.database import session
from portal.groups.models import Course, GroupSession, Place
from portal.groups.queries import open_place
from portal.staff.queries import first_names


class Row(NamedTuple):
    """One woman on a register: her appointment, where it stands at the desk, what to prepare for her."""

    booked: Booked
    standing: str
    needs: list[str]


class Register(NamedTuple):
    """Who comes to a session, and who has a place but cannot come this time."""

    rows: list[Row]
    not_coming: list[Client]

    @property
    def here(self) -> int:
        """How many have come."""
        return sum(row.standing not in ("expected", "no") for row in self.rows)


def sittings(actor: Actor, span: Interval, centre_ids: Iterable[int] | None, worker_id: int | None) -> list[Sitting]:
    """As `booking.group_reading.sittings` asks: three queries, whatever the number of sessions."""
    which = [GroupSession.starts_at >= span[0], GroupSession.starts_at < span[1], GroupSession.cancelled_at.is_(None)]
    if centre_ids is not None:
        which.append(Course.centre_id.in_(list(centre_ids)))
    if worker_id is not None:
        which.append(GroupSession.worker_id == worker_id)
    rows = session.execute(
        select(GroupSession, Course, Kind, Room)
        .join(Course, Course.id == GroupSession.course_id)
        .join(Kind, Kind.id == Course.kind_id)
        .outerjoin(Room, Room.id == GroupSession.room_id)
        .where(*which)
        .order_by(GroupSession.starts_at, GroupSession.id)
    ).all()
    if not rows:
        return []
    names = first_names({row[0].worker_id for row in rows})
    counts = _counts(actor, [row[0].id for row in rows])
    return [
        Sitting(one.id, kind.name_in("en"), course.centre_id, one.worker_id, names.get(one.worker_id, ""), one.room_id,
                room.name if room else "", one.starts_at, one.ends_at, *counts.get(one.id, (0, 0)))
        for one, course, kind, room in rows
    ]  # fmt: skip


def register(actor: Actor, sitting: GroupSession, now: datetime) -> Register:
    """The register of a session, by name; none of whom the actor must not know (R29)."""
    of_it = visible_appointments(actor).where(
        Appointment.session_id == sitting.id, Appointment.state == AppointmentState.BOOKED
    )
    booked = sorted((Booked(*row) for row in session.execute(of_it)), key=lambda one: one.client.called_name.casefold())
    prepared = practical.to_prepare(booked)
    rows = [Row(one, standing(one.appointment), prepared[one.appointment.id].words) for one in booked]
    return Register(rows, members(actor, sitting.course_id, now, without={one.client.id for one in booked}))


def members(actor: Actor, course_id: int, now: datetime, *, without: Iterable[int] = ()) -> list[Client]:
    """The women who have a place in a course, by name; none of whom the actor must not know (R29)."""
    ids = select(Place.client_id).where(
        Place.course_id == course_id, open_place(now), or_(Place.held_until_at.is_(None), Place.left_by_kind != "")
    )
    known = select(Client).where(
        Client.id.in_(ids), Client.id.not_in(list(without)), Client.id.not_in(_must_not_know(actor))
    )
    return sorted(session.scalars(known), key=lambda client: client.called_name.casefold())


def hidden_places(actor: Actor, course_id: int, now: datetime) -> int:
    """How many places women have of whom the actor must not know: for her the course is so many places smaller."""
    statement = select(func.count()).select_from(Place).where(
        Place.course_id == course_id, open_place(now), Place.client_id.in_(_must_not_know(actor))
    )  # fmt: skip
    return session.scalar(statement) or 0


def _must_not_know(actor: Actor):
    return select(Restriction.client_id).where(Restriction.staff_id == (actor.id if actor.is_staff else 0))


def _counts(actor: Actor, session_ids: list[int]) -> dict[int, tuple[int, int]]:
    came = or_(
        Appointment.attendance.in_((Attendance.YES, Attendance.LATE)),
        (Appointment.arrived_at.is_not(None)) & (Appointment.attendance != Attendance.NO),
    )
    rows = session.execute(
        select(Appointment.session_id, func.count(), func.sum(case((came, 1), else_=0)))
        .where(
            Appointment.session_id.in_(session_ids),
            Appointment.state == AppointmentState.BOOKED,
            Appointment.client_id.not_in(_must_not_know(actor)),
        )
        .group_by(Appointment.session_id)
    )
    return {number: (booked, here or 0) for number, booked, here in rows}
