"""The demo's appointments: past and coming ones on every open day, what each needs, and what came of the past ones."""

from datetime import datetime, time, timedelta

from portal.booking.models import Appointment, Occupancy
from portal.centres.models import Centre, Kind, Room
from portal.centres.queries import bank_holidays_from
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session

PAST_DAYS, COMING_DAYS = 14, 21
_REVIEW_KIND = 3
_TIMES = (time(10), time(11, 30), time(14))


def load(clients: list[Client], centres: list[Centre], kinds: list[Kind], now: datetime) -> None:
    """One on every open day at every centre, its women in turn; two on past days and three today."""
    today = clock.london_today(now)
    shut = bank_holidays_from(today - timedelta(days=PAST_DAYS))
    for centre in centres:
        women = [client for client in clients if client.centre_id == centre.id]
        days = [today + timedelta(days=offset) for offset in range(-PAST_DAYS, COMING_DAYS + 1)]
        for turn, on in enumerate(day for day in days if day.weekday() < 5 and day not in shut):
            for number in range(3 if on == today else 2 if on < today else 1):
                at = clock.from_london(on, _TIMES[(turn + number) % 3])
                client = women[(turn + number) % len(women)]
                _appointment(client, centre, kinds[_REVIEW_KIND], at, centre.rooms[number], now)


def _appointment(client: Client, centre: Centre, kind: Kind, starts_at: datetime, room: Room, now: datetime) -> None:
    ends_at = starts_at + timedelta(minutes=kind.minutes)
    past = ends_at < now
    missed = past and starts_at.toordinal() % 5 == 0
    appointment = Appointment(
        client_id=client.id,
        kind_id=kind.id,
        centre_id=centre.id,
        worker_id=client.keyworker_id,
        room_id=room.id,
        starts_at=starts_at,
        ends_at=ends_at,
        booked_by_kind="staff",
        booked_by_id=client.keyworker_id,
        booked_at=now - timedelta(days=PAST_DAYS + 7),
        arrived_at=starts_at - timedelta(minutes=4) if past and not missed else None,
        left_at=ends_at if past and not missed else None,
        attendance=("no" if missed else "yes") if past else "",
        marked_at=ends_at if past else None,
        marked_by=client.keyworker_id if past else None,
    )
    session.add(appointment)
    session.flush()
    buffered = ends_at + timedelta(minutes=kind.buffer_after)
    for resource, until in (
        (f"worker:{client.keyworker_id}", buffered),
        (f"room:{room.id}", buffered),
        (f"client:{client.id}", ends_at),
    ):
        session.add(Occupancy(appointment_id=appointment.id, resource=resource, starts_at=starts_at, ends_at=until))
