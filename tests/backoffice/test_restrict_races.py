"""Somebody must not know of a woman from now on, said while she is being booked with that very person (R29)."""

from concurrent import futures
from contextlib import suppress

import pytest
from sqlalchemy import select

from portal.backoffice import keeping_apart, must_not_know
from portal.booking import service, taking
from portal.booking.models import Appointment
from portal.booking.rules import NotOffered, SlotTaken
from portal.core import clock
from portal.core.database import on_sqlite, session, unit_of_work
from portal.worklist.models import Task
from tests.backoffice import two_records
from tests.support import make

LONG = 1.5
"""Seconds in which a restriction that need not wait is done."""


@pytest.fixture
def house(either_database, app, travel):
    """Jo has Rose and works beside Priya."""
    house = two_records.open_house()
    house.priya = make.staff("keyworker", house.centre, first_name="Priya").actor
    house.actor, house.woman = house.jo.actor, house.kept.id
    house.kind = make.kind("Time with your worker", house.centre).id
    house.place = house.centre.id
    return house


@pytest.mark.parametrize("moment", ["lock", "add"])
def test_a_booking_under_way_is_refused_or_becomes_a_task(house, monkeypatch, moment):  # R29
    def restrict() -> int:
        try:
            with unit_of_work():
                return must_not_know.restrict_staff(house.actor, house.woman, house.priya.id, now=clock.now())
        finally:
            session.remove()

    step, restrictions = getattr(taking, moment), []
    with futures.ThreadPoolExecutor(1) as other:

        def meanwhile(*args, **kwargs):
            if not restrictions:
                restrictions.append(other.submit(restrict))
                with suppress(futures.TimeoutError):
                    restrictions[0].result(LONG)
            return step(*args, **kwargs)

        monkeypatch.setattr(taking, moment, meanwhile)
        with suppress(NotOffered), unit_of_work():
            service.book(
                house.actor, client_id=house.woman, kind_id=house.kind, centre_id=house.place, request_key="k1",
                starts_at=make.london(make.monday(), "11:00"), worker_id=house.priya.id, now=clock.now(),
            )  # fmt: skip
        met = restrictions[0].result(20)
    session.rollback()
    booked = session.scalars(select(Appointment.id).where(Appointment.worker_id == house.priya.id)).all()
    tasks = session.scalars(select(Task.subject).where(Task.kind == must_not_know.MEETS)).all()
    assert (met, tasks) == (len(booked), [f"appointment:{number}" for number in booked])


def test_whom_she_must_not_meet_said_while_a_booking_waits_for_its_locks_ends_it(house, monkeypatch):  # R43
    """It does not hold the centre, so it would not see what the other woman is booking there at that moment."""
    if on_sqlite():
        pytest.skip("one writer: nothing is said while a booking is under way")
    other = make.client(session.get_one(make.Staff, house.jo.id), house.centre).code_name

    def say() -> None:
        try:
            with unit_of_work():
                keeping_apart.keep_apart(house.actor, house.woman, other, now=clock.now())
        finally:
            session.remove()

    lock = taking.lock
    with futures.ThreadPoolExecutor(1) as elsewhere:

        def meanwhile(*args):
            elsewhere.submit(say).result(20)
            return lock(*args)

        monkeypatch.setattr(taking, "lock", meanwhile)
        with pytest.raises(SlotTaken), unit_of_work():
            service.book(
                house.actor, client_id=house.woman, kind_id=house.kind, centre_id=house.place, request_key="k1",
                starts_at=make.london(make.monday(), "11:00"), now=clock.now(),
            )  # fmt: skip
