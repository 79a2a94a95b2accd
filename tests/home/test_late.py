"""“I will be late”: on the day only, one press, a state for the desk."""

import pytest

from portal.booking.models import Appointment
from portal.core.database import session, unit_of_work
from tests.booking import desk as at_desk
from tests.booking.desk import book, fresh, later
from tests.support import make, sign_in


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk()


def test_one_press_on_the_day_tells_the_desk(page_client, new_page_client, desk, travel):
    book(desk, "10:00")
    reception = desk.reception
    later(travel, "2026-12-03 09:40")
    sign_in.as_client(page_client, desk.client)
    page_client.get("/today")
    page = page_client.submit("/today/late")
    assert "We know that you will be late. That is OK." in page.text
    assert not [form for form in page.forms() if form.get("action") == "/today/late"]
    browser = new_page_client()
    assert "Will be late" in sign_in.staff_at(browser, make.session.merge(reception), "/staff/today").text


def test_it_is_not_there_on_another_day_nor_once_she_is_here(page_client, desk, travel):
    appointment = book(desk, "10:00")
    sign_in.as_client(page_client, desk.client)
    assert "I will be late" not in page_client.get("/today").text
    later(travel, "2026-12-03 09:40")
    assert "I will be late" in page_client.get("/today").text
    with unit_of_work():
        session.get_one(Appointment, at_desk.number_of(appointment)).arrived_at = travel.now
    assert page_client.submit("/today/late").status == 200
    assert fresh(appointment).answer == ""
    assert "I will be late" not in page_client.get("/today").text


def test_without_an_appointment_today_or_without_a_key_nothing_is_said(page_client, desk, travel):
    sign_in.as_client(page_client, desk.client)
    assert page_client.post("/today/late", {"request_key": "k"}).status == 404
    appointment = book(desk, "14:00", travel.now.date())
    assert page_client.post("/today/late", {"request_key": ""}).status == 303
    assert page_client.post("/today/late", {"request_key": "🙂" * 500}).status == 303
    assert fresh(appointment).answer == ""
    assert page_client.post("/today/late", {"request_key": "k"}, csrf=False).status in (303, 400)
