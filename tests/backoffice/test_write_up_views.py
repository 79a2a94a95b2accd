"""After a session: what came of it is recorded on one page, and R46 is explained there."""

from datetime import timedelta

import pytest

from portal.booking import outcomes
from portal.booking.models import Appointment
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from tests.backoffice import booked
from tests.support import make, sign_in


@pytest.fixture
def jo(app, travel):
    return make.staff("keyworker", make.centre("Example House"), first_name="Jo")


@pytest.fixture
def client(jo):
    return make.client(jo, called_name="Rosamunde")


@pytest.fixture
def yesterday(client, travel):
    return booked.appointment(client, travel.now - timedelta(days=1)).id


def test_the_board_counts_what_has_no_outcome_and_leads_to_recording_it(page_client, jo, client, yesterday):
    page = sign_in.staff_at(page_client, jo, "/staff/today")
    assert "1 past appointment waits for an outcome" in page.text
    page = page_client.get("/staff/outcomes")
    assert "Rosamunde" in page.text and "Rosamunde" not in page.title  # R28
    page = page_client.get(page.links()["Record"])
    page = page_client.submit(page.address, attendance="yes", happened="yes")
    assert page.address == "/staff/outcomes" and "Every past appointment has its outcome." in page.text
    session.remove()
    assert session.get_one(Appointment, yesterday).attendance == "yes"
    assert "None waits." in page_client.get("/staff/today").text


def test_without_a_reminder_the_page_says_why_only_our_reason_is_left(page_client, jo, client, yesterday):  # R46
    with unit_of_work():
        session.get_one(Appointment, yesterday).attendance = "no"
    address = f"/staff/appointments/{yesterday}/outcome"
    page = sign_in.staff_at(page_client, jo, address)
    assert "No reminder is known to have reached her" in page.text
    assert [node.get("value") for node in page.find_all("input", name="reason_class")] == ["service"]
    page = page_client.submit(address, happened="no", reason_class="service", offered="another_time")
    assert page.address == "/staff/outcomes"
    session.remove()
    assert outcomes.outcome_of(yesterday).reason_class == "service"


def test_a_reason_that_is_not_open_is_refused_with_words(page_client, jo, client, yesterday):  # R46
    address = f"/staff/appointments/{yesterday}/outcome"
    sign_in.staff_at(page_client, jo, address)
    page = page_client.submit(address, attendance="no", happened="no", reason_class="hers_not", offered="not_yet")
    assert page.status == 422
    assert "No reminder reached her, so the reason is ours." in page.text
    assert page.find_all("a", href="#reason_class")


@pytest.mark.parametrize(
    ("typed", "words"),
    [({}, "Say whether she attended."), ({"attendance": "yes"}, "Say whether the session happened."),
     ({"attendance": "no", "happened": "yes"}, "She did not attend, so the session did not happen."),
     ({"attendance": "no", "happened": "no"}, "Say whose reason it was."),
     ({"attendance": "no", "happened": "no", "reason_class": "service"}, "Say what she was offered next.")],
)  # fmt: skip
def test_what_is_missing_is_said_at_its_question(page_client, jo, client, yesterday, typed, words):
    address = f"/staff/appointments/{yesterday}/outcome"
    sign_in.staff_at(page_client, jo, address)
    page = page_client.submit(address, **typed)
    assert page.status == 422 and words in page.text
    assert page_client.post(address, {"attendance": "🙂" * 5000, "request_key": "k"}).status == 422


def test_who_may_not_record_it(page_client, new_page_client, jo, client, yesterday, travel):  # R28, R29
    coming = booked.appointment(client, travel.now + timedelta(hours=2)).id
    desk = make.staff("receptionist", session.get(make.Centre, client.centre_id))
    ana = make.staff("keyworker", session.get(make.Centre, client.centre_id), first_name="Ana")
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=ana.id, since_at=clock.now()))
    sign_in.staff_at(page_client, desk, "/staff/today")
    for address in ("/staff/outcomes", f"/staff/appointments/{yesterday}/outcome"):
        assert page_client.get(address).status == 403
    browser = new_page_client()
    sign_in.staff_at(browser, ana, "/staff/today")
    assert browser.get(f"/staff/appointments/{yesterday}/outcome").status == 404
    browser = new_page_client()
    sign_in.staff_at(browser, jo, "/staff/today")
    for number in (coming, 0, 2**31, "x"):
        assert browser.get(f"/staff/appointments/{number}/outcome").status == 404
