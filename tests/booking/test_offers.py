"""Free times read from the database: what they hold and how many queries they take."""

from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event

from portal.booking import offers
from portal.booking.models import Appointment, Occupancy
from portal.core import clock, database
from portal.core.database import session, unit_of_work
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book
from tests.support import make


@contextmanager
def counted_queries():
    """The statements that run inside the block."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(database.engine(), "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine(), "before_cursor_execute", note)


def many_bookings(desk, workers, rooms, count: int) -> None:
    """Bookings back to back for all workers, as plain rows: only what is taken matters here."""
    with unit_of_work():
        for number in range(count):
            worker, room = workers[number % len(workers)], rooms[number % len(rooms)]
            begin = make.london(THURSDAY, "00:00") - timedelta(minutes=30 * (number // len(rooms)) + 30)
            appointment = Appointment(
                client_id=desk.client.id,
                kind_id=desk.kind.id,
                centre_id=desk.centre.id,
                worker_id=worker.id,
                starts_at=begin,
                ends_at=begin + timedelta(minutes=20),
                booked_by_kind="staff",
                booked_by_id=desk.jo.id,
                booked_at=begin,
            )
            session.add(appointment)
            session.flush()
            for resource in (f"worker:{worker.id}", f"room:{room.id}"):
                session.add(
                    Occupancy(
                        appointment_id=appointment.id,
                        resource=resource,
                        starts_at=begin,
                        ends_at=begin + timedelta(minutes=25),
                        overbooked=True,
                    )
                )


def test_free_times_take_three_queries_however_much_is_booked(app, travel):
    desk = at_desk.open_desk(rooms=5)
    workers = [desk.jo, *(make.staff("keyworker", desk.centre) for _ in range(9))]
    rooms = session.merge(desk.centre).rooms
    today = clock.london_today(travel.now)
    counts = []
    for count in (0, 300):
        many_bookings(desk, workers, rooms, count)
        session.refresh(desk.client)
        with counted_queries() as statements:
            at = offers.place(desk.client, desk.kind.id, desk.centre.id)
            found = offers.free_times(at, now=travel.now, from_on=today)
        assert found
        counts.append(len(statements))
    assert counts == [3, 3]


def test_what_is_offered_can_be_booked_and_what_is_not_cannot(either_database, app, travel):
    desk = at_desk.open_desk(rooms=1)
    book(desk, "10:00", client=make.client(desk.jo))
    at = offers.place(desk.client, desk.kind.id, desk.centre.id)
    offered = {free.starts_at for free in offers.free_times(at, now=travel.now, from_on=THURSDAY, days=1)}
    assert make.london(THURSDAY, "09:00") in offered
    assert make.london(THURSDAY, "11:00") in offered
    for taken in ("09:30", "10:00", "10:30", "16:30"):
        assert make.london(THURSDAY, taken) not in offered


def test_each_start_is_offered_once_with_the_worker_she_would_most_likely_want(app, travel):
    desk = at_desk.open_desk()
    priya = make.staff("keyworker", desk.centre, first_name="Priya")
    hers = make.client(priya, desk.centre)
    at = offers.place(hers, desk.kind.id, desk.centre.id)
    found = offers.free_times(at, now=travel.now, from_on=THURSDAY, days=1)
    assert len({free.starts_at for free in found}) == len(found)
    assert {free.worker_id for free in found} == {priya.id}


def test_an_appointment_that_moves_makes_room_for_itself(app, travel):
    desk = at_desk.open_desk()
    mine = book(desk, "10:00")
    at = offers.place_of(mine, desk.client)
    kept = offers.free_times(at, now=travel.now, from_on=THURSDAY, days=1)
    moving = offers.free_times(at, now=travel.now, from_on=THURSDAY, days=1, moving=mine.id)
    half_past = make.london(THURSDAY, "10:30")
    assert half_past in {free.starts_at for free in moving}
    assert half_past not in {free.starts_at for free in kept}


def test_when_her_worker_has_left_she_can_move_to_anyone(app, travel):
    desk = at_desk.open_desk()
    mine = book(desk, "10:00")
    priya = make.staff("keyworker", desk.centre, first_name="Priya")
    with unit_of_work():
        session.merge(desk.jo).active = False
    assert [worker.id for worker in offers.place_of(mine, desk.client).workers] == [priya.id]
