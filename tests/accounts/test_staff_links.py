"""One-time links of staff: once, 72 hours, void when a newer is made or she leaves; told to nobody but its holder."""

import logging
import re

import pyotp
import pytest

from portal.accounts import queries, service, staff_service
from portal.app import create_app
from portal.core import clock, database
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound
from portal.core.settings import Settings
from portal.staff.models import Staff
from tests.core.test_settings import PRODUCTION
from tests.support import authenticator, make, sign_in
from tests.support.authenticator import Authenticator
from tests.support.together import at_once

NEW_PASSWORD = "seven quiet lanterns"


@pytest.fixture
def person(app, travel):
    return make.staff("keyworker", make.centre())


@pytest.fixture
def admin(person):
    return make.staff("admin", first_name="Alex")


@pytest.fixture
def link(admin, person):
    """Makes a link and gives its address."""
    actor, person_id = admin.actor, person.id

    def made() -> str:
        with unit_of_work():
            return "/staff/set-up/" + service.make_staff_link(actor, session.get_one(Staff, person_id), now=clock.now())

    return made


def finish(browser, address: str):
    page = browser.get(address)
    if page.status != 200:
        return page
    secret = "".join(page.find_all("code")[0].itertext())
    return browser.submit(address, password=NEW_PASSWORD, code=pyotp.TOTP(secret).at(clock.real_now()))


def test_a_used_a_replaced_and_an_old_link_and_a_guess_get_the_same_answer(link, page_client, travel):
    replaced, used = link(), link()
    assert finish(page_client, used).status == 200
    old = link()
    travel.forward(hours=72)
    answers = {(page.status, page.text) for page in map(page_client.get, (replaced, used, old, "/staff/set-up/guess"))}
    assert len(answers) == 1
    [(status, text)] = answers
    assert status == 404 and "ask an admin" in text and "Jo" not in text


def test_a_link_says_who_it_is_for_to_its_holder(link, page_client, person):
    assert person.email in page_client.get(link()).text


def test_when_she_leaves_her_link_is_void_and_stays_so(link, page_client, new_page_client, admin, person):
    address = link()
    sign_in.staff_at(page_client, admin, f"/staff/people/{person.id}")
    page_client.submit(f"/staff/people/{person.id}/active", press=("to", "no"))
    assert new_page_client().get(address).status == 404
    page_client.get(f"/staff/people/{person.id}")
    page_client.submit(f"/staff/people/{person.id}/active", press=("to", "yes"))
    assert new_page_client().get(address).status == 404


def test_a_link_opens_nothing_for_who_does_not_work_here(link, page_client, person):
    address = link()
    with unit_of_work():
        session.get(Staff, person.id).active = False
    assert page_client.get(address).status == 404


def test_pressed_twice_at_once_one_sets_it_up(either_database, app, travel):
    person, admin = make.staff("keyworker", make.centre()), make.staff("admin")
    with unit_of_work():
        token = service.make_staff_link(admin.actor, person, now=travel.now)
    secret = queries.live_staff_link(token, travel.now).totp_secret
    code = pyotp.TOTP(secret).at(clock.real_now())
    session.remove()

    def press() -> int:
        link = queries.live_staff_link(token, travel.now)
        if link is None:
            return 0
        try:
            with unit_of_work():
                return len(
                    staff_service.set_up(
                        link, NEW_PASSWORD, code=code, add_passkey=None, now=travel.now, real_now=clock.real_now()
                    )
                )
        except NotFound:
            return 0

    assert sorted(at_once(press, 4)) == [0, 0, 0, 10]


def test_the_token_stands_in_no_log_and_goes_to_nobody(link, page_client, caplog):  # R10
    caplog.set_level(logging.DEBUG)
    address = link()
    page = page_client.get(address)
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert finish(page_client, address).status == 200
    page_client.get(address)
    assert address.rpartition("/")[2] not in caplog.text
    assert address.rpartition("/")[2] not in page_client.page.html


def test_a_link_sets_up_a_passkey_and_ends_what_was_there_before(link, page_client, new_page_client, person):
    sign_in.as_staff(page_client, person)
    page_client.get("/staff/me")
    old = authenticator.add(page_client)
    address = link()
    browser, device = new_page_client(), Authenticator()
    browser.get(address)
    made = device.make(authenticator.options(browser, "set_up", address.rpartition("/")[2]))
    page = browser.post(address, {"password": NEW_PASSWORD, "passkey": made}, follow=True)
    assert page.address == "/staff/set-up/codes" and len(page.find_all("code")) == 10
    assert authenticator.sign_in(new_page_client(), old).status == 422
    assert authenticator.sign_in(new_page_client(), device).status == 200
    app = new_page_client()
    app.get("/staff/sign-in")
    app.submit("/staff/sign-in", email=person.email, password=NEW_PASSWORD)
    code = pyotp.TOTP(make.TOTP_SECRET).at(int(clock.real_now().timestamp()) + 30)
    assert app.post("/staff/sign-in/second", {"code": code}).status == 422, "the old app is no way in any more"


def test_a_passkey_for_another_link_sets_up_nothing(link, page_client, admin):
    other = make.staff("keyworker", make.centre(), first_name="Ana")
    with unit_of_work():
        theirs = service.make_staff_link(admin.actor, session.get(Staff, other.id), now=clock.now())
    address, device = link(), Authenticator()
    made = device.make(authenticator.options(page_client, "set_up", theirs))
    assert page_client.post(address, {"password": NEW_PASSWORD, "passkey": made}).status == 422
    assert page_client.get(address).status == 200, "the link is not used up"


def test_neither_code_nor_passkey_is_said_kindly(link, page_client):
    address = link()
    page_client.get(address)
    page = page_client.submit(address, password=NEW_PASSWORD, code="")
    assert page.status == 422 and "Type the code of your app, or make a passkey." in page.text
    assert page_client.get("/staff/set-up/codes").status == 410


def test_an_operator_makes_the_only_admin_a_new_link(app, admin, page_client):
    done = app.test_cli_runner().invoke(args=["staff", "link", admin.email])
    assert done.exit_code == 0, done.output
    path = done.output.strip().removeprefix("http://127.0.0.1:8000")
    assert finish(page_client, path).address == "/staff/set-up/codes"
    assert app.test_cli_runner().invoke(args=["staff", "link", "nobody@example.org"]).exit_code == 1


def test_over_https_the_form_is_still_checked_against_where_it_comes_from(environ, travel):
    app = create_app(Settings.from_env({**PRODUCTION, **environ}))
    person, admin = make.staff("keyworker", make.centre()), make.staff("admin")
    with unit_of_work():
        address = "/staff/set-up/" + service.make_staff_link(admin.actor, person, now=clock.now())
    browser, base = app.test_client(), "https://week.example.org"
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(address, base_url=base).text).group(1)
    statuses = [
        browser.post(address, base_url=base, data={"csrf_token": token}, headers=headers).status_code
        for headers in ({"Referer": f"{base}/"}, {"Referer": "https://week.example.net/"}, {})
    ]
    assert statuses == [422, 400, 400]
    database.disconnect()
