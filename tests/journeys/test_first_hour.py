"""The first hour of a charity without an engineer: from nothing to the first woman who is booked and texted."""

import io
import re
from datetime import timedelta

import pyotp
import pytest

from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.jobs import first_start, tasks
from portal.messaging.models import Text
from portal.messaging.stops import texts_off
from portal.sms.gateway import gateway_for
from tests.support.pages import Page, PageClient

PASSWORD = "green kettle sings early"
MOST_PRESSES = 25
"""Presses of a button from the first admin's first page to the first text that arrives, signing in left out."""


class Counting:
    """A browser that counts the buttons that are pressed."""

    def __init__(self, browser: PageClient) -> None:
        self.browser, self.presses = browser, 0

    def press(self, action: str | None = None, *, press: tuple[str, str] | None = None, **typed) -> Page:
        self.presses += 1
        page = self.browser.submit(action, press=press, **typed)
        assert page.status == 200, page.text[:400]
        return page


@pytest.fixture
def work(app, environ):
    """What the worker does each minute."""
    settings = Settings.from_env(environ)
    gateway = gateway_for(settings)

    def every_minute() -> None:
        session.remove()
        tasks.every_minute(settings, gateway)
        session.remove()

    return every_minute


def sign_up(browser: PageClient, address: str, email: str) -> None:
    """Open a one-time link, set password and second factor, and sign in with them."""
    page = browser.get("/staff/set-up/" + address.rpartition("/")[2])
    secret = re.search(r"[A-Z2-7]{32}", page.html).group(0)
    browser.submit(password=PASSWORD, code=pyotp.TOTP(secret).at(clock.real_now()))
    browser.get("/staff/sign-in")
    browser.submit("/staff/sign-in", email=email, password=PASSWORD)
    # The code of this half minute was used for setting up; the next one counts as well.
    code = pyotp.TOTP(secret).at(clock.real_now() + timedelta(seconds=30))
    assert browser.submit("/staff/sign-in/second", code=code).status == 200


def steps_done(page: Page) -> list[str]:
    """The keys of the steps that the start page calls done."""
    return [step.get("id") for step in page.find_all("li") if step.get("id") and " done " in " ".join(step.itertext())]


def test_from_nothing_to_the_first_woman_who_is_booked_and_texted(app, travel, work, new_page_client):
    with unit_of_work():
        link = first_start._first_admin("Alex Example", "alex@example.org")
    browser = new_page_client()
    sign_up(browser, link, "alex@example.org")
    assert "Texts to women are off" in browser.get("/staff/people").html
    assert "/staff/start" in browser.page.links().values()
    admin = Counting(browser)
    assert steps_done(browser.get("/staff/start")) == []
    admin.press("/staff/start/centre", name="Willow House", borough="Camden")
    admin.press("/staff/start/rooms", room_names="Room 1\nRoom 2\n\nRoom 1")
    admin.press("/staff/start/kinds", ready=["worker", "phone"])
    page = admin.press("/staff/start/people", person_1="Frances Example", email_1="frances@example.org",
                       role_1="manager", person_2="Jo Example", email_2="jo@example.org")  # fmt: skip
    links = re.findall(r"/staff/set-up/[\w-]+", page.html)
    assert len(links) == 2, "one link each, shown once"
    assert browser.get("/staff/start/people/links").status == 410
    browser.get("/staff/start")
    page = admin.press("/staff/start/working-hours")
    assert steps_done(page) == ["centre", "rooms", "kinds", "people", "hours"]
    assert "A manager does this." in page.text

    browser = new_page_client()
    sign_up(browser, links[0], "frances@example.org")
    manager = Counting(browser)
    browser.get("/staff/start")
    manager.press("/staff/start/test-text", number="07700 900801", theirs="y")
    work()
    assert "test" in steps_done(browser.get("/staff/start")), "the test text left while texts to women are off"
    assert "+447700900801" not in browser.get("/staff/start").html
    page = browser.get("/staff/start/clients")
    text = "Called name,Phone,Keyworker,Must not know\r\nRose,07700 900501,Jo Example,nobody\r\n"
    fields = {name: page.field(name) for name in ("csrf_token", "request_key")}
    fields["list"] = (io.BytesIO(text.encode()), "list.csv")
    page = browser.post("/staff/start/clients", fields, follow=True, content_type="multipart/form-data")
    manager.presses += 1
    manager.press(f"{page.address}/import")
    work()
    rose = session.query(Client).one()
    assert session.query(Text).count() == 0

    browser.get("/staff/start")
    manager.press("/staff/switches/texts-on")
    assert texts_off() is None
    page = browser.get("/staff/start")
    assert "All steps are done." in page.text
    assert "/staff/start" not in browser.get("/staff/today").links().values(), "nothing is left to do"

    page = browser.get(f"/staff/clients/{rose.id}/safe-contact")
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-20:00")
    manager.press(f"/staff/clients/{rose.id}/safe-contact", may_text="yes", may_ring="no", may_post="no",
                  may_email="no", whose_phone="own", stable_phone="yes", stable_home="yes", wording="plain",
                  names_worker="no", may_reply="yes", auto_reply="no", reminds_week_before="no",
                  reminds_same_morning="no", **week)  # fmt: skip
    manager.press(f"/staff/clients/{rose.id}/test-text")
    work()
    browser.get(f"/staff/clients/{rose.id}/safe-contact")
    manager.press(f"/staff/clients/{rose.id}/prove-number")
    book_first_time(manager, rose.id)
    travel.forward(minutes=1)
    work()
    assert session.query(Appointment).count() == 1
    assert [(text.kind, text.state) for text in session.query(Text).order_by(Text.id)] == [
        ("test", "reached"), ("appointment_booked", "reached"),
    ]  # fmt: skip
    assert admin.presses + manager.presses <= MOST_PRESSES


def book_first_time(manager: Counting, client_id: int) -> None:
    """Book the first free time of tomorrow through the pages of staff; showing the times is a press too."""
    tomorrow = clock.london_today(clock.now()) + timedelta(days=1)
    address = f"/staff/clients/{client_id}/appointments/new"
    page = manager.browser.get(f"{address}?kind=1&centre=1&worker=&day={tomorrow}")
    manager.presses += 1
    times = page.find_all("input", name="starts_at") or page.find_all("button", name="starts_at")
    assert times, page.text
    if times[0].tag.endswith("button"):
        manager.press(press=("starts_at", times[0].get("value")))
    else:
        manager.press(starts_at=times[0].get("value"))


@pytest.mark.parametrize(
    ("action", "typed", "words"),
    [
        ("/staff/start/centre", {"name": ""}, "Fill this in."),
        ("/staff/start/centre", {"name": "The refuge"}, "This would say too much on her phone"),
        ("/staff/start/kinds", {}, "Tick at least one."),
        ("/staff/start/people", {}, "Write at least one person."),
        ("/staff/start/people", {"person_1": "Jo", "email_1": "nobody", "person_3": "Ana", "email_3": "x"},
         "That is not an e-mail address."),
        ("/staff/start/test-text", {"number": "12", "theirs": "y"}, "That is not a UK mobile number."),
        ("/staff/start/test-text", {"number": "07700 900801"}, "a test goes to no other phone"),
    ],
)  # fmt: skip
def test_each_step_says_what_is_wrong_and_makes_nothing(app, travel, page_client, action, typed, words):
    from tests.support import make, sign_in

    make.centre("Willow House")
    before = session.query(Text).count(), session.query(make.Staff).count() + 1, session.query(make.Centre).count()
    sign_in.staff_at(page_client, make.staff("admin"), "/staff/start")
    page = page_client.submit(action, **typed)
    assert page.status == 422 and words in page.html.replace("&#39;", "'")
    for value in typed.values():
        assert value == "y" or value in page.html, "nothing typed is lost"  # R38
    session.remove()
    after = session.query(Text).count(), session.query(make.Staff).count(), session.query(make.Centre).count()
    assert after == before
