"""The main job, end to end: keyworker and woman meet in the portal, and the worker does its part in between."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from portal.booking.models import Appointment
from portal.clients.queries import safe_contact
from portal.core.database import session
from portal.core.settings import Settings
from portal.jobs import tasks
from portal.messaging.models import Text
from portal.sms.gateway import gateway_for
from portal.worklist.models import Task
from tests.support import make, sign_in
from tests.support.pages import Page, PageClient


@pytest.fixture
def work(app, environ):
    """What the worker does each minute."""
    settings = Settings.from_env(environ)
    gateway = gateway_for(settings)

    def every_minute() -> None:
        session.remove()
        tasks.every_minute(settings, gateway)

    return every_minute


@pytest.fixture
def house(app, travel):
    """A centre with a keyworker and one kind of appointment."""
    centre = make.centre("Example House")
    make.kind("Time with your worker", centre)
    return make.staff("keyworker", centre, first_name="Jo")


def book(browser: PageClient, pick: int = -1) -> Page:
    """Book through the pages: every step that is asked, the last time that is offered."""
    page = browser.get("/appointments/new", follow=True)
    for _ in range(4):
        if page.find_all("input", name="starts_at"):
            break
        choices = [address for address in page.links().values() if address.startswith("/appointments/new?")]
        page = browser.get(choices[pick], follow=True)
    times = page.find_all("input", name="starts_at")
    hidden = {one.get("name"): one.get("value") for one in page.find_all("input", type="hidden")}
    query = dict(parse_qsl(urlsplit(page.address).query)) | hidden | {"starts_at": times[pick].get("value")}
    page = browser.get(f"/appointments/new?{urlencode(query)}", follow=True)
    assert page.find_all("input", name="request_key"), page.text
    return browser.submit("/appointments")


def texts(kind: str | None = None) -> list[Text]:
    session.remove()
    rows = session.query(Text).order_by(Text.id).all()
    return [row for row in rows if kind in (None, row.kind)]


def answer(browser: PageClient, client, body: str) -> None:
    """Answer a text as she would, on the demo's phone."""
    page = browser.get("/demo/phone")
    number = safe_contact(client.id).number
    assert page.find_all("input", name="number", value=number), "her phone is there"
    browser.post("/demo/phone", {"number": number, "body": body}, follow=True)


def test_from_set_up_to_reminder_and_answer(house, travel, work, page_client, new_page_client):
    jo, her, phone = new_page_client(), page_client, new_page_client()

    sign_in.as_staff(jo, house)
    jo.get("/staff/clients/new")
    form = next(form for form in jo.page.forms() if form.get("action") in (None, "", "/staff/clients/new"))
    names = {node.get("name") for node in form.iter() if node.get("name")}
    assert {"code_name", "called_name"} <= names

    client = make.client(house, called_name="Rose")
    make.safe_contact(client)
    sign_in.as_client(her, client)
    page = book(her)
    assert re.fullmatch(r"/appointments/\d+", page.address), page.text

    work()
    confirmation = texts("appointment_booked")
    assert [text.state for text in confirmation] == ["reached"]
    starts_at = session.query(Appointment).one().starts_at

    travel.now = starts_at - timedelta(days=4)
    for _ in range(4 * 24):
        work()
        travel.forward(hours=1)
    reminders = texts("appointment_reminder")
    assert len(reminders) == 1, "exactly one reminder"
    assert reminders[0].sent_at.date() == (starts_at - timedelta(days=1)).date(), "the day before"

    travel.now = reminders[0].sent_at + timedelta(minutes=5)
    answer(phone, client, "2")
    work()
    assert session.query(Appointment).one().answer == "change"
    assert session.query(Appointment).one().state == "booked", "an answer moves nothing by itself"  # R23
    assert [task.kind for task in session.query(Task)] == ["change_appointment"]
    assert len(texts("change_asked")) == 1, "she is told that we will find a new time"


@pytest.mark.parametrize(("digit", "state", "kinds"), [("1", "coming", []), ("٣", "call", ["ring_her"])])
def test_her_answer_has_its_effect_and_shows_on_the_board(
    house, travel, work, page_client, new_page_client, digit, state, kinds
):
    client = make.client(house, called_name="Rose")
    make.safe_contact(client)
    sign_in.as_client(page_client, client)
    book(page_client)
    work()
    travel.forward(minutes=1)
    answer(new_page_client(), client, digit)
    work()
    appointment = session.query(Appointment).one()
    assert appointment.answer == state
    day = appointment.starts_at.date()
    assert [task.kind for task in session.query(Task)] == kinds
    reception = new_page_client()
    sign_in.as_staff(reception, make.staff("receptionist", make.session.get(make.Centre, client.centre_id)))
    board = reception.get(f"/staff/today?day={day}")
    assert {"coming": "Coming", "call": "Ring her"}[state] in board.text


def test_without_a_safe_contact_record_nothing_is_sent_and_a_person_is_asked(house, travel, work, page_client):  # R18
    client = make.client(house, called_name="Rose")
    sign_in.as_client(page_client, client)
    book(page_client)
    work()
    assert {text.state for text in texts()} == {"held"}
    assert session.query(Task).count() >= 1


def test_moving_and_cancelling_each_send_one_text_and_no_second_reminder(house, travel, work, page_client):
    client = make.client(house, called_name="Rose")
    make.safe_contact(client)
    sign_in.as_client(page_client, client)
    page = book(page_client)
    work()
    page = page_client.get(f"{page.address}/change", follow=True)
    first = page.find_all("input", name="starts_at")[0].get("value")
    page = page_client.submit(starts_at=first)
    assert re.fullmatch(r"/appointments/\d+", page.address)
    work()
    page_client.get(f"{page.address}/cancel")
    page_client.submit(f"{page.address}/cancel")
    travel.forward(seconds=90)
    for _ in range(30):
        work()
        travel.forward(hours=12)
    kinds = [text.kind for text in texts() if text.state == "reached"]
    assert sorted(kinds) == ["appointment_booked", "appointment_cancelled", "appointment_changed"]
