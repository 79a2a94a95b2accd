"""Staff's pages for what is not everyday: overbooking on purpose, taking a cancelling back, restoring later."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.booking import cancelling
from portal.booking.models import Appointment
from portal.booking.rules import UNDO_WITHIN
from portal.clients.models import Restriction
from portal.core.database import session, unit_of_work
from portal.messaging.models import Text
from tests.booking import desk as at_desk
from tests.booking.desk import book, fresh
from tests.support import make, sign_in


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk()


@pytest.fixture
def reception(page_client, desk):
    sign_in.as_staff(page_client, desk.reception)
    return page_client


def overbooked(browser, desk, client, at="10:00", **typed):
    browser.get(f"/staff/clients/{client.id}/appointments/overbook")
    facts = {"kind": desk.kind.id, "centre": desk.centre.id, "worker": desk.jo.id, "on": "2026-12-03", "local_at": at}
    return browser.submit(
        f"/staff/clients/{client.id}/appointments/overbook", **({"reason": "in need"} | facts | typed)
    )


@pytest.fixture
def other(desk):
    """A woman whom reception finds, because she is booked this week."""
    other = make.client(desk.jo, desk.centre)
    book(desk, "15:00", client=other)
    return other


def test_a_time_that_is_taken_is_booked_with_a_reason_and_the_board_says_so(reception, desk, other):
    book(desk, "10:00")
    page = overbooked(reception, desk, other)
    assert "Overbooked" in page.text
    assert "in need" not in page.text, "reception never reads why"  # R28
    board = reception.get("/staff/today?day=2026-12-03")
    assert board.text.count("Overbooked") == 1


def test_faults_are_said_at_their_field(reception, desk, other):
    page = overbooked(reception, desk, other, reason="")
    assert (page.status, "Say why." in page.text) == (422, True)
    page = overbooked(reception, desk, other, at="22:00")
    assert page.status == 422 and "does not work then" in page.text
    page = overbooked(reception, desk, other, on="2026-11-30")
    assert page.status == 422 and "past" in page.text


def test_pressed_twice_it_is_one_appointment(reception, desk, other):
    book(desk, "10:00")
    reception.get(f"/staff/clients/{other.id}/appointments/overbook")
    form = reception.page
    facts = {"kind": desk.kind.id, "centre": desk.centre.id, "worker": desk.jo.id, "on": "2026-12-03"}
    facts |= {"local_at": "10:00", "reason": "in need", "request_key": form.field("request_key")}
    for _ in range(2):
        assert reception.post(f"/staff/clients/{other.id}/appointments/overbook", facts).status == 303
    session.rollback()
    assert len(session.scalars(select(Appointment).where(Appointment.client_id == other.id)).all()) == 2


def cancel(browser, appointment):
    browser.get(f"/staff/appointments/{appointment.id}/cancel")
    return browser.submit(f"/staff/appointments/{appointment.id}/cancel", reason="a slip")


def test_a_slip_is_undone_before_anyone_is_told(reception, desk, travel):
    appointment = book(desk, "10:00")
    page = cancel(reception, appointment)
    assert "can be undone for 90 seconds" in page.html
    page = reception.submit(f"/staff/appointments/{appointment.id}/undo")
    assert "It stands again" in page.html
    travel.forward(seconds=200)
    with unit_of_work():
        assert cancelling.settle_due(travel.now) == 0
    assert fresh(appointment).stands
    assert session.scalar(select(Text.id).where(Text.kind == "appointment_cancelled")) is None


def test_later_it_is_restored_and_she_is_told(reception, desk, travel):
    make.safe_contact(desk.client)
    appointment = book(desk, "10:00")
    cancel(reception, appointment)
    travel.now += UNDO_WITHIN + timedelta(seconds=1)
    with unit_of_work():
        assert cancelling.settle_due(travel.now) == 1
    late = reception.post(f"/staff/appointments/{appointment.id}/undo")
    assert late.status == 409
    reception.get(f"/staff/appointments/{appointment.id}")
    page = reception.submit(f"/staff/appointments/{appointment.id}/restore")
    assert "She is told" in page.html
    session.rollback()
    newest = session.scalars(select(Appointment).order_by(Appointment.id.desc()).limit(1)).one()
    assert (newest.stands, newest.revision) == (True, 2)
    told = session.scalars(select(Text).where(Text.subject == f"appointment:{newest.id}")).all()
    assert [text.kind for text in told] == ["appointment_booked"]
    assert reception.post(f"/staff/appointments/{appointment.id}/restore").status == 409


def test_a_time_taken_meanwhile_is_not_restored(reception, desk, travel):
    appointment = book(desk, "10:00")
    cancel(reception, appointment)
    travel.now += UNDO_WITHIN + timedelta(seconds=1)
    book(desk, "10:00", client=make.client(desk.jo, desk.centre))
    page = reception.post(f"/staff/appointments/{appointment.id}/restore")
    assert page.status == 409 and "Its time is taken" in page.text


@pytest.mark.parametrize("what", ["undo", "restore"])
def test_who_must_not_know_of_her_changes_nothing(reception, desk, what):  # R29
    appointment = book(desk, "10:00")
    cancel(reception, appointment)
    with unit_of_work():
        session.add(Restriction(client_id=desk.client.id, staff_id=desk.reception.id, since_at=appointment.booked_at))
    assert reception.post(f"/staff/appointments/{appointment.id}/{what}").status == 404
    assert reception.get(f"/staff/clients/{desk.client.id}/appointments/overbook").status == 404
