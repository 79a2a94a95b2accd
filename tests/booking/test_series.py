"""Repeating appointments: one act, the same wall time through a clock change, dates that cannot be had are named."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from portal.booking import series
from portal.booking.models import Appointment
from portal.centres.models import Closure
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.messaging.models import Text
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book, own
from tests.support import make, sign_in


@pytest.fixture
def desk(either_database, app, travel):
    return at_desk.open_desk()


@pytest.fixture
def small_desk(app, travel):
    return at_desk.open_desk()


def book_series(desk, at=time(10), on=THURSDAY, *, actor=None, **values):
    facts = {"every_weeks": 1, "times": 4, "worker_id": desk.jo.id, "kind_id": desk.kind.id} | values
    with unit_of_work():
        return series.book_series(
            actor or desk.jo.actor, client_id=desk.client.id, centre_id=desk.centre.id, first_on=on, local_at=at,
            now=clock.now(), **facts,
        )  # fmt: skip


def test_what_can_be_had_is_booked_and_the_rest_is_named_and_she_is_told_once(desk):
    make.safe_contact(desk.client)
    book(desk, "10:00", THURSDAY + timedelta(days=7), client=make.client(desk.jo))
    shut = THURSDAY + timedelta(days=14)
    with unit_of_work():
        session.add(Closure(centre_id=desk.centre.id, starts_on=shut, ends_on=shut))
    made = book_series(desk)
    assert [each.starts_at for each in made.booked] == [
        make.london(THURSDAY, "10:00"), make.london(THURSDAY + timedelta(days=21), "10:00"),
    ]  # fmt: skip
    assert made.not_had == [THURSDAY + timedelta(days=7), shut]
    told = session.scalars(select(Text.subject).where(Text.client_id == desk.client.id)).all()
    assert told == [f"appointment:{made.booked[0].id}"]


@pytest.mark.parametrize(
    ("first_on", "travelled"), [(date(2027, 3, 23), "2027-03-15"), (date(2027, 10, 25), "2027-10-18")]
)
def test_the_wall_time_stays_when_the_clock_changes(app, travel, first_on, travelled):
    travel.to(f"{travelled} 10:00")
    made = book_series(at_desk.open_desk(), on=first_on, times=3, every_weeks=1)
    assert [clock.london(each.starts_at).time() for each in made.booked] == [time(10)] * 3
    assert made.booked[1].starts_at - made.booked[0].starts_at != timedelta(weeks=1)


def test_no_date_at_all_is_a_fault_and_nothing_is_booked(small_desk):
    with pytest.raises(Invalid):
        book_series(small_desk, time(20))
    for far in (date.min, date.max, THURSDAY - timedelta(days=7)):
        with pytest.raises(Invalid):
            book_series(small_desk, on=far)
    for wrong in ({"times": 0}, {"times": 27}, {"every_weeks": 0}, {"every_weeks": 9}):
        with pytest.raises(Invalid):
            book_series(small_desk, **wrong)
    assert session.scalars(select(Appointment)).all() == []


def test_only_staff_who_may_see_her_book_several(small_desk):  # R29
    with pytest.raises(NotAllowed):
        book_series(small_desk, actor=own(small_desk.client))
    with pytest.raises(NotFound):
        book_series(small_desk, actor=make.staff("keyworker", make.centre()).actor)
    with pytest.raises(NotFound):
        book_series(small_desk, kind_id=0)


def test_her_worker_books_several_on_one_form_and_reads_what_cannot_be_had(page_client, small_desk):
    book(small_desk, "10:00", THURSDAY + timedelta(days=7), client=make.client(small_desk.jo))
    sign_in.as_staff(page_client, small_desk.jo)
    file = page_client.get(f"/staff/clients/{small_desk.client.id}")
    page_client.get(file.links()["Book several"])
    fields = {"kind": small_desk.kind.id, "centre": small_desk.centre.id, "worker": small_desk.jo.id}
    page = page_client.submit(**fields, first_on="2026-12-03", local_at="10:00", times="3")
    assert "Booked: " in page.html
    assert "Cannot be had: Thu 10 Dec." in page.html
    assert len(session.scalars(select(Appointment).where(Appointment.client_id == small_desk.client.id)).all()) == 2
    page = page_client.get(f"/staff/clients/{small_desk.client.id}/appointments/series")
    page = page_client.submit(**fields, first_on="2026-12-03", local_at="21:00", times="3")
    assert page.status == 422
    assert "None of these dates can be had." in page.text
    for number in (0, 2**31):
        assert page_client.get(f"/staff/clients/{number}/appointments/series").status == 404
