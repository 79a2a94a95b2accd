"""Somebody must not know of a woman from now on, said while she is being booked with that very person (R29)."""

from concurrent import futures
from contextlib import suppress

import pytest
from sqlalchemy import select

from portal.backoffice import must_not_know
from portal.booking import service, taking
from portal.booking.models import Appointment
from portal.booking.rules import NotOffered
from portal.core import clock
from portal.core.database import session, unit_of_work
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
