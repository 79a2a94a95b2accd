"""Free times and bookings, each beside the least that could be done over the same rows, in alternating runs."""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from portal.app import create_app
from portal.booking import offers, service
from portal.booking.models import Appointment, Occupancy
from portal.clients.models import Client
from portal.core import clock, database
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.jobs import memory
from portal.staff.models import Staff
from portal.web import once
from tests.load import bitsets
from tests.support import databases, make

WORKERS, ROOMS, DAYS = 10, 5, 28
WARM = 10


Ids = tuple[int, int, int, list[int], list[int]]
"""Woman, kind, centre, workers, rooms."""


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """Free times of 28 days with 2,000 and 20,000 bookings, and whole bookings a second."""
    path = databases.make_sqlite(folder / "booking.db")
    ids = _house(f"sqlite:///{path}")
    rows = []
    times = {}
    for number in (2_000, 20_000):
        _fill(*ids, up_to=number)
        times[number], bare, queries, found = _free_times(*ids)
        name = f"free times, {DAYS} days, {WORKERS} workers, {ROOMS} rooms, {number:,} bookings"
        rows += [
            (name, times[number] * 1000, "ms"),
            (f"queries for them ({found} times found)", queries, ""),
            ("bare bitsets over the same two queries", bare * 1000, "ms"),
            ("free times, times the bare bitsets (limit 3)", times[number] / bare, ""),
        ]
    rows.append(("20,000 bookings, times that of 2,000 (limit 1.3)", times[20_000] / times[2_000], ""))
    rows += _bookings(ids, "SQLite") + _bookings(_reachable(ids), "SQLite, with a safe contact", 280)
    database.disconnect()
    return rows + _on_postgresql()


def _house(url: str) -> Ids:
    """A house of its own in this process, which from here on collects as a web process does."""
    create_app(Settings.from_env({"PORTAL_DATABASE_URL": url}))
    centre = make.centre(rooms=ROOMS)
    kind = make.kind("Time with your worker", centre)
    workers = [make.staff("keyworker", centre) for _ in range(WORKERS)]
    client = make.client(workers[0], centre)
    memory.after_loading()
    return client.id, kind.id, centre.id, [worker.id for worker in workers], [room.id for room in centre.rooms]


def _on_postgresql() -> list[tuple[str, float, str]]:
    try:
        with databases.postgresql() as url:
            ids = _house(url)
            _fill(*ids, up_to=2_000)
            rows = _bookings(ids, "PostgreSQL") + _bookings(_reachable(ids), "PostgreSQL, with a safe contact", 280)
            database.disconnect()
    except OperationalError:
        return []
    return rows


def _reachable(ids: Ids) -> Ids:
    """The same house once she was asked how she may be reached: a text to her waits, and is nobody's task."""
    check_again_on = clock.london_today(clock.now()) + timedelta(days=400)
    make.safe_contact(session.get_one(Client, ids[0]), check_again_on=check_again_on)
    return ids


def _fill(client_id: int, kind_id: int, centre_id: int, workers: list[int], rooms: list[int], *, up_to: int) -> None:
    """Half-hour bookings, 2,000 of them inside the 28 days, the others on the days after."""
    start = clock.london_midnight(clock.london_today(clock.now())) + timedelta(days=1, hours=9)
    near = [(day, worker, slot) for day in range(DAYS) for worker in range(WORKERS) for slot in range(15)]
    random.Random(7).shuffle(near)
    far = [(day, worker, slot) for day in range(DAYS, DAYS + 130) for worker in range(WORKERS) for slot in range(15)]
    with unit_of_work():
        there = session.scalar(select(func.count()).select_from(Appointment)) or 0
        for day, worker, slot in (near[:2_000] + far)[there:up_to]:
            starts_at = start + timedelta(days=day, minutes=30 * slot)
            ends_at = starts_at + timedelta(minutes=30)
            appointment = Appointment(
                client_id=client_id, kind_id=kind_id, centre_id=centre_id, worker_id=workers[worker],
                room_id=rooms[worker % ROOMS], starts_at=starts_at, ends_at=ends_at, booked_by_kind="staff",
                booked_by_id=workers[worker], booked_at=clock.now(),
            )  # fmt: skip
            session.add(appointment)
            session.flush()
            for resource, over in ((f"worker:{workers[worker]}", False), (f"room:{rooms[worker % ROOMS]}", True)):
                session.add(
                    Occupancy(
                        appointment_id=appointment.id, resource=resource, starts_at=starts_at, ends_at=ends_at,
                        overbooked=over,
                    )
                )  # fmt: skip
    session.remove()


def _free_times(
    client_id: int, kind_id: int, centre_id: int, workers: list[int], rooms: list[int]
) -> tuple[float, float, int, int]:
    counted: list[str] = []
    ours, bare, found = float("inf"), float("inf"), 0
    for _ in range(9):
        session.remove()
        client = session.get_one(Client, client_id)
        note = _listen(counted)
        started = time.perf_counter()
        at = offers.place(client, kind_id, centre_id)
        found = len(offers.free_times(at, now=clock.now(), from_on=clock.london_today(clock.now()), days=DAYS))
        ours = min(ours, time.perf_counter() - started)
        event.remove(database.engine(), "before_cursor_execute", note)
        started = time.perf_counter()
        bitsets.free_starts(at, clock.now(), DAYS)
        bare = min(bare, time.perf_counter() - started)
    return ours, bare, len(counted) // 9, found


def _listen(counted: list[str]) -> Callable:
    def note(*args) -> None:
        counted.append(args[2])

    event.listen(database.engine(), "before_cursor_execute", note)
    return note


def _bookings(ids: Ids, where: str, ahead: int = 200, count: int = 150) -> list[tuple[str, float, str]]:
    """Ours and the bare ones in turn, each on a start of its own, in one process and one synchronous mode."""
    client_id, kind_id, centre_id, workers, _ = ids
    keyworker = session.get_one(Staff, workers[0]).actor
    at = offers.place(session.get_one(Client, client_id), kind_id, centre_id, by_staff=True)
    on = clock.london_today(clock.now()) + timedelta(days=ahead)
    free = offers.free_times(at, now=clock.now(), from_on=on, days=60)
    starts = [one.starts_at for one in free][::12][: 2 * count]
    session.remove()
    ours: list[float] = []
    bare: list[float] = []
    for number, (starts_at, beside_at) in enumerate(zip(starts[::2], starts[1::2], strict=True)):
        started = time.perf_counter()
        with unit_of_work():
            service.book(
                keyworker, client_id=client_id, kind_id=kind_id, centre_id=centre_id, starts_at=starts_at,
                request_key=once.new_key(), now=clock.now(),
            )  # fmt: skip
        session.remove()
        between = time.perf_counter()
        _bare_booking(ids, beside_at)
        session.remove()
        if number >= WARM:
            ours.append(between - started)
            bare.append(time.perf_counter() - between)
    # Medians, because a pause of the machine in one of the two would say nothing of either.
    took, least = median(ours), median(bare)
    return [
        (f"bookings, {where}", 1 / took, "a second"),
        (f"bare lock, check and insert, {where}", 1 / least, "a second"),
        (f"bookings as a share of the bare ones, {where} (limit 0.5)", least / took, ""),
    ]


def _bare_booking(ids: Ids, starts_at: datetime) -> None:
    """Lock, look for an overlap, insert the appointment and its three rows, commit."""
    client_id, kind_id, centre_id, workers, rooms = ids
    ends_at = starts_at + timedelta(minutes=50)
    resources = (f"client:{client_id}", f"room:{rooms[0]}", f"worker:{workers[0]}")
    with unit_of_work():
        if not database.on_sqlite():
            for resource in resources:
                session.execute(select(func.pg_advisory_xact_lock(func.hashtext(resource))))
        overlap = select(Occupancy.id).where(
            Occupancy.resource == f"worker:{workers[0]}", Occupancy.starts_at < ends_at, Occupancy.ends_at > starts_at
        )
        if session.scalar(overlap.limit(1)) is not None:
            raise RuntimeError("the bench picked a taken time")
        appointment = Appointment(
            client_id=client_id, kind_id=kind_id, centre_id=centre_id, worker_id=workers[0], room_id=rooms[0],
            starts_at=starts_at, ends_at=ends_at, booked_by_kind="staff", booked_by_id=1, booked_at=clock.now(),
        )  # fmt: skip
        session.add(appointment)
        session.flush()
        session.execute(
            Occupancy.__table__.insert(),
            [
                {"appointment_id": appointment.id, "resource": resource, "starts_at": starts_at, "ends_at": ends_at}
                for resource in resources
            ],
        )
