"""What protects an account is counted in the database: a restart forgets nothing, and every process counts along."""

import subprocess
import sys

import pytest

from portal.accounts import limits, secrets
from portal.accounts.rules import ACCOUNT_LIMIT
from portal.app import create_app
from portal.clients.models import SafeContact
from portal.core import database
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.messaging.models import Text
from tests.backoffice import booked
from tests.support import make, sign_in
from tests.support.pages import PageClient

ELSEWHERE = """
import os, sys
from datetime import datetime
from portal.app import connect
from portal.accounts import limits
from portal.core import database
from portal.core.settings import Settings
connect(Settings.from_env(os.environ))
with database.unit_of_work():
    print(limits.count_try(sys.argv[1], sys.argv[2], now=datetime.fromisoformat(sys.argv[3])))
"""


def restarted(environ) -> PageClient:
    """The portal started anew on the same database."""
    database.disconnect()
    return PageClient(create_app(Settings.from_env(environ)))


def test_a_second_process_counts_along(app, travel, environ):  # R14
    for number in range(ACCOUNT_LIMIT + 1):
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE, "client|her", "192.0.2.1", travel.now.isoformat()],
            env=environ, capture_output=True, text=True, check=True,
        )  # fmt: skip
        if number < 2:
            assert done.stdout == "True\n"
        if number == 1:
            with unit_of_work():
                for _ in range(ACCOUNT_LIMIT - 2):
                    assert limits.count_try("client|her", "192.0.2.1", now=travel.now)
        if number == 2:
            assert done.stdout == "False\n"
            break


def use_up(browser, action: str, **typed) -> None:
    for _ in range(ACCOUNT_LIMIT):
        browser.submit(action, **typed)


def test_the_second_step_of_staff(page_client, environ, travel):  # R14, R17
    email = make.staff("keyworker", make.centre()).email
    page_client.get("/staff/sign-in")
    page_client.submit("/staff/sign-in", email=email, password=make.PASSWORD)
    use_up(page_client, "/staff/sign-in/second", code="000000")
    again = restarted(environ)
    again.get("/staff/sign-in")
    again.submit("/staff/sign-in", email=email, password=make.PASSWORD)
    import pyotp

    from portal.core import clock

    code = pyotp.TOTP(make.TOTP_SECRET).at(clock.real_now())
    assert again.submit("/staff/sign-in/second", code=code).status == 422
    assert session.query(Text).count() == 0, "a lock sends no text"


def test_the_passcode_asked_again(page_client, environ, travel):  # R14, R16
    client = make.client(messages_online=True)
    name = client.code_name
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    use_up(page_client, "/step-up", passcode="000111")
    again = restarted(environ)
    again.client.set_cookie("week", page_client.client.get_cookie("week").value)
    again.get("/messages", follow=True)
    assert sign_in.step_up(again).status == 422
    assert again.get("/today").status == 200
    other = PageClient(again.app)
    other.get("/sign-in")
    assert other.submit("/sign-in", code_name=name, passcode=make.PASSCODE).status == 422, "one count for both"


def test_a_set_up_code(page_client, environ, travel):  # R14
    from portal.accounts import service

    client = make.client()
    with unit_of_work():
        worker = session.get_one(make.Staff, client.keyworker_id)
        code = service.make_setup_code(worker.actor, client, how="in_person", now=travel.now)
    name = client.code_name
    page_client.get("/set-up")
    use_up(page_client, "/set-up", code_name=name, code="00000000", passcode="867530")
    again = restarted(environ)
    again.get("/set-up")
    assert again.submit("/set-up", code_name=name, code=code, passcode="867530").status == 422


def test_a_callers_code_word(page_client, environ, travel):  # R48
    centre = make.centre()
    woman = make.client(make.staff("keyworker", centre))
    booked.appointment(woman, travel.now)
    make.safe_contact(woman)
    with unit_of_work():
        hashed = secrets.hash_secret("code_word", "apple cake")
        session.query(SafeContact).filter_by(client_id=woman.id).one().code_word_hash = hashed
    address = f"/staff/clients/{woman.id}/caller"
    sign_in.staff_at(page_client, make.staff("receptionist", centre), address)
    use_up(page_client, address, code_word="plum cake")
    again = restarted(environ)
    again.client.set_cookie("week", page_client.client.get_cookie("week").value)
    again.get(address)
    assert again.submit(address, code_word="apple cake").status == 422


@pytest.mark.parametrize("path", ["/staff/set-up/{}", "/calendar/{}.ics"])
def test_links_and_calendar_addresses_that_open_nothing(page_client, environ, travel, path):  # R14
    for number in range(ACCOUNT_LIMIT):
        assert page_client.get(path.format(f"guess{number}")).status == 404
    again = restarted(environ)
    assert again.get(path.format("guess")).status == 429


def test_a_right_link_opens_however_often_right_ones_were_opened(page_client, travel):
    from portal.accounts import service
    from portal.core import clock

    admin, person = make.staff("admin"), make.staff("keyworker", make.centre())
    with unit_of_work():
        token = service.make_staff_link(admin.actor, session.get_one(make.Staff, person.id), now=clock.now())
    for _ in range(ACCOUNT_LIMIT + 5):
        assert page_client.get(f"/staff/set-up/{token}").status == 200
