"""The language asked in the set-up: without script, in its own script, kept on her record and in this session."""

import pytest

from portal.accounts import service
from portal.clients.models import Client
from portal.core import clock, locales
from portal.core.database import session, unit_of_work
from tests.support import make, sign_in


@pytest.fixture
def worker(app, travel):
    return make.staff("keyworker", make.centre())


def code_for(worker, client) -> str:
    with unit_of_work():
        return service.make_setup_code(worker.actor, client, how="in_person", now=clock.now())


def set_up(browser, worker, client, press: str | None):
    code = code_for(worker, client)
    browser.get("/set-up")
    if press:
        browser.get(browser.page.find_all("a", class_="btn quiet")[0].get("href"))
        assert browser.submit("/language", press=("language", press)).address == "/set-up"
    return browser.submit("/set-up", code_name=client.code_name, code=code, passcode="867530")


def recorded(client) -> str:
    session.remove()
    return session.get_one(Client, client.id).language


def test_she_chooses_first_and_it_stays_on_her_record_and_in_her_session(page_client, new_page_client, worker):
    client = make.client(worker, language="en")
    page = set_up(page_client, worker, client, "so")
    assert page.address == "/today" and page.find_all("html")[0].get("lang") == "so"
    assert recorded(client) == "so"
    assert sign_in.as_client(new_page_client(), client, "867530").find_all("html")[0].get("lang") == "so"


def test_who_chooses_nothing_keeps_what_her_worker_recorded(page_client, worker):
    client = make.client(worker, language="ar")
    assert set_up(page_client, worker, client, None).find_all("html")[0].get("dir") == "rtl"
    assert recorded(client) == "ar"


def test_every_offered_language_stands_there_in_its_own_script_until_she_has_chosen(page_client):
    page = page_client.get("/set-up")
    shown = ", ".join(known.own_name for known in locales.LANGUAGES.values())
    assert page.links()[f"Language: {shown}"] == "/language?then=set-up"
    page_client.get("/language?then=set-up")
    page = page_client.submit("/language", press=("language", "pl"))
    assert page.address == "/set-up" and "/language?then=set-up" not in page.links().values()


def test_with_english_alone_nothing_is_asked(page_client, only_english):
    assert "/language?then=set-up" not in page_client.get("/set-up").links().values()


def test_who_takes_another_one_because_hers_is_not_offered_yet_keeps_hers_on_record(page_client, worker):
    client = make.client(worker, language="ti")
    locales.offer(["es"])
    set_up(page_client, worker, client, "en")
    assert recorded(client) == "ti"


def test_nothing_is_kept_where_the_code_is_wrong(page_client, worker):
    client = make.client(worker, language="en")
    page_client.get("/language?then=set-up")
    page_client.submit("/language", press=("language", "so"))
    page = page_client.submit("/set-up", code_name=client.code_name, code="00000000", passcode="867530")
    assert page.status == 422 and recorded(client) == "en"


def test_before_the_code_is_proved_the_account_says_nothing(page_client, worker):  # R13
    client = make.client(worker, language="ar")
    page_client.get("/set-up")
    page = page_client.submit("/set-up", code_name=client.code_name, code="00000000", passcode="867530")
    assert page.find_all("html")[0].get("lang") == "en"
