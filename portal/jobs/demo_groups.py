"""The groups of the demo: one at each centre on Tuesday afternoons, held once already, with two members each."""

from datetime import datetime, time, timedelta

from portal.booking.models import Appointment, Occupancy
from portal.centres.models import Centre, Kind
from portal.centres.queries import bank_holidays_from
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session
from portal.groups.models import Course, GroupSession, Place

TUESDAY, AT, WEEKS_TO_COME = 1, time(15, 30), 4
FULL_AT = 2
"""The centre, by its place in the list, whose group is full, so that its page can be seen."""


def load(centres: list[Centre], kind: Kind, clients: list[Client], now: datetime) -> None:
    """Write a course at each centre, without a word to anybody."""
    today = clock.london_today(now)
    back = (today.weekday() - TUESDAY) % 7 or 7
    first_on = today - timedelta(days=back)
    shut = bank_holidays_from(first_on)
    days = [first_on + timedelta(weeks=week) for week in range(WEEKS_TO_COME + 1)]
    starts = [clock.from_london(on, AT) for on in days if on not in shut]
    for number, centre in enumerate(centres):
        women = [client for client in clients if client.centre_id == centre.id]
        course = _course(centre, kind, women, 2 if number == FULL_AT else 6, now)
        for starts_at in starts:
            _sitting(course, kind, women[1:3], starts_at, now)


def _course(centre: Centre, kind: Kind, women: list[Client], places: int, now: datetime) -> Course:
    holds = women[-1].keyworker_id
    course = Course(kind_id=kind.id, centre_id=centre.id, worker_id=holds, room_id=centre.rooms[0].id, places=places,
                    join_late=True, made_by=holds, made_at=now - timedelta(days=20))  # fmt: skip
    session.add(course)
    session.flush()
    for number, client in enumerate(women[1:3], 1):
        session.add(
            Place(course_id=course.id, of_places=places, number=number, client_id=client.id, joined_at=course.made_at,
                  joined_by_kind="staff", joined_by_id=holds)
        )  # fmt: skip
    return course


def _sitting(course: Course, kind: Kind, women: list[Client], starts_at: datetime, now: datetime) -> None:
    ends_at = starts_at + timedelta(minutes=kind.minutes)
    sitting = GroupSession(course_id=course.id, worker_id=course.worker_id, room_id=course.room_id,
                           starts_at=starts_at, ends_at=ends_at)  # fmt: skip
    session.add(sitting)
    session.flush()
    for resource in (f"worker:{course.worker_id}", f"room:{course.room_id}"):
        session.add(
            Occupancy(session_id=sitting.id, resource=resource, starts_at=starts_at,
                      ends_at=ends_at + timedelta(minutes=kind.buffer_after))
        )  # fmt: skip
    for client in women:
        _part(sitting, course, client, past=ends_at < now)


def _part(sitting: GroupSession, course: Course, client: Client, *, past: bool) -> None:
    appointment = Appointment(
        client_id=client.id,
        kind_id=course.kind_id,
        centre_id=course.centre_id,
        worker_id=sitting.worker_id,
        room_id=sitting.room_id,
        starts_at=sitting.starts_at,
        ends_at=sitting.ends_at,
        session_id=sitting.id,
        booked_by_kind="staff",
        booked_by_id=course.made_by,
        booked_at=course.made_at,
        attendance="yes" if past else "",
        marked_at=sitting.ends_at if past else None,
        marked_by=sitting.worker_id if past else None,
    )
    session.add(appointment)
    session.flush()
    session.add(
        Occupancy(appointment_id=appointment.id, resource=f"client:{client.id}", starts_at=sitting.starts_at,
                  ends_at=sitting.ends_at)
    )  # fmt: skip
