"""Free times and bookings, each beside the least that could be done over the same rows."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event, func, select

from portal.app import create_app
from portal.booking import offers, service
from portal.booking.models import Appointment, Occupancy
from portal.booking.rules import NotOffered
from portal.core import clock, database
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from tests.support import databases, make

WORKERS, ROOMS, DAYS = 10, 5, 28


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """Free times of 28 days with 2,000 and 20,000 bookings, and whole bookings a second."""
    path = databases.make_sqlite(folder / "booking.db")
    create_app(Settings.from_env({"PORTAL_DATABASE_URL": f"sqlite:///{path}"}))
    centre = make.centre(rooms=ROOMS)
    kind = make.kind("Time with your worker", centre)
    workers = [make.staff("keyworker", centre) for _ in range(WORKERS)]
    client = make.client(workers[0], centre)
    ids = (client.id, kind.id, centre.id, [worker.id for worker in workers], [room.id for room in centre.rooms])
    rows = []
    times = {}
    for number in (2_000, 20_000):
        _fill(*ids, up_to=number)
        times[number], queries, found = _free_times(ids[0], ids[1], ids[2])
        rows.append(
            (
                f"free times, {DAYS} days, {WORKERS} workers, {ROOMS} rooms, {number:,} bookings",
                times[number] * 1000,
                "ms",
            )
        )
        rows.append((f"queries for them ({found} times found)", queries, ""))
    rows.append(("20,000 bookings, times that of 2,000", times[20_000] / times[2_000], ""))
    rows += _bookings(client.id, ids)
    database.disconnect()
    return rows


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


def _free_times(client_id: int, kind_id: int, centre_id: int) -> tuple[float, int, int]:
    from portal.clients.models import Client

    counted: list[str] = []
    best, found = float("inf"), 0
    for _ in range(9):
        session.remove()
        client = session.get_one(Client, client_id)
        note = _listen(counted)
        started = time.perf_counter()
        at = offers.place(client, kind_id, centre_id)
        found = len(offers.free_times(at, now=clock.now(), from_on=clock.london_today(clock.now()), days=DAYS))
        best = min(best, time.perf_counter() - started)
        event.remove(database.engine(), "before_cursor_execute", note)
    return best, len(counted) // 9, found


def _listen(counted: list[str]) -> Callable:
    def note(*args) -> None:
        counted.append(args[2])

    event.listen(database.engine(), "before_cursor_execute", note)
    return note


def _bookings(client_id: int, ids: tuple, count: int = 60) -> list[tuple[str, float, str]]:
    from portal.clients.models import Client
    from portal.staff.models import Staff

    keyworker = session.get_one(Staff, ids[3][0]).actor
    at = offers.place(session.get_one(Client, client_id), ids[1], ids[2], by_staff=True)
    free = offers.free_times(
        at, now=clock.now(), from_on=clock.london_today(clock.now()) + timedelta(days=200), days=60
    )
    starts = [one.starts_at for one in free][::12][: 2 * count]
    session.remove()
    started, done = time.perf_counter(), 0
    for number, starts_at in enumerate(starts[:count]):
        try:
            with unit_of_work():
                service.book(
                    keyworker, client_id=client_id, kind_id=ids[1], centre_id=ids[2], starts_at=starts_at,
                    request_key=f"bench-{number}", now=clock.now(),
                )  # fmt: skip
            done += 1
        except NotOffered:
            continue
        finally:
            session.remove()
    ours = done / (time.perf_counter() - started)
    bare = _bare_bookings(ids, starts[count:])
    return [
        ("bookings", ours, "a second"),
        ("bare lock, check and insert", bare, "a second"),
        ("bookings as a share of the bare ones", ours / bare, ""),
    ]


def _bare_bookings(ids: tuple, starts: list) -> float:
    """Take the write lock, look for an overlap, insert the appointment and its three rows, commit."""
    started = time.perf_counter()
    for starts_at in starts:
        ends_at = starts_at + timedelta(minutes=50)
        with unit_of_work():
            overlap = select(Occupancy.id).where(
                Occupancy.resource == f"worker:{ids[3][1]}",
                Occupancy.starts_at < ends_at,
                Occupancy.ends_at > starts_at,
            )
            if session.scalar(overlap.limit(1)) is None:
                appointment = Appointment(
                    client_id=ids[0], kind_id=ids[1], centre_id=ids[2], worker_id=ids[3][1], starts_at=starts_at,
                    ends_at=ends_at, booked_by_kind="staff", booked_by_id=1, booked_at=clock.now(),
                )  # fmt: skip
                session.add(appointment)
                session.flush()
                session.execute(
                    Occupancy.__table__.insert(),
                    [
                        {"appointment_id": appointment.id, "resource": resource, "starts_at": starts_at,
                         "ends_at": ends_at, "overbooked": True}
                        for resource in (f"worker:{ids[3][1]}", f"room:{ids[4][0]}", f"client:{ids[0]}")
                    ],
                )  # fmt: skip
        session.remove()
    return len(starts) / (time.perf_counter() - started)
