"""Her signing in, set-up and signing out, as she meets them."""

import pytest

from portal.accounts import service
from portal.app import create_app
from portal.core.database import unit_of_work
from portal.core.settings import Settings
from portal.messaging.models import Text
from tests.support import make, sign_in
from tests.support.pages import PageClient


def test_she_sets_her_passcode_with_the_one_time_code_and_signs_in_with_it(page_client, travel):
    client = make.client()
    worker = make.session.get(make.Staff, client.keyworker_id)
    with unit_of_work():
        code = service.make_setup_code(worker.actor, client, how="in_person", now=travel.now)
    page_client.get("/set-up")
    page = page_client.submit("/set-up", code_name=client.code_name.upper(), code=code, passcode="867 530")
    assert page.address == "/today"
    page_client.get("/today")
    assert page_client.post("/sign-out").location == "/"
    assert page_client.get("/today").location == "/sign-in"
    assert sign_in.as_client(page_client, client, "867530").address == "/today"


@pytest.mark.parametrize("path", ["/set-up", "/messages"])
def test_set_up_and_messages_say_when_people_read_and_that_it_is_not_for_emergencies(page_client, travel, path):  # R25
    if path == "/messages":
        sign_in.as_client(page_client, make.client())
    page = page_client.get(path)
    assert "People read messages Monday to Friday, 9 to 5." in page.text
    assert "emergency. Call 999." in page.text


def test_the_one_time_code_works_once_and_for_24_hours(page_client, travel):
    client = make.client()
    worker = make.session.get(make.Staff, client.keyworker_id)
    with unit_of_work():
        code = service.make_setup_code(worker.actor, client, how="in_person", now=travel.now)
    travel.forward(hours=24)
    page_client.get("/set-up")
    assert page_client.submit("/set-up", code_name=client.code_name, code=code, passcode="867530").status == 422


def test_after_ten_idle_minutes_she_is_signed_out(page_client, travel):  # R15
    sign_in.as_client(page_client, make.client())
    travel.forward(minutes=9)
    assert page_client.get("/today").status == 200
    travel.forward(minutes=10)
    assert page_client.get("/today").location == "/sign-in"


def _answer(browser, code_name: str, passcode: str):
    browser.get("/sign-in")
    page = browser.submit("/sign-in", code_name=code_name, passcode=passcode)
    return page.status, page.text.replace(code_name, "…")


def test_unknown_wrong_paused_and_locked_get_the_same_answer(new_page_client, travel):  # R14 R41
    client, paused = make.client(), make.client(sign_in_paused=True)
    wrong = _answer(new_page_client(), client.code_name, "000111")
    assert wrong[0] == 422
    assert _answer(new_page_client(), "Nobody Here 99", "000111") == wrong
    assert _answer(new_page_client(), paused.code_name, make.PASSCODE) == wrong
    for _ in range(10):
        _answer(new_page_client(), client.code_name, "000111")
    assert _answer(new_page_client(), client.code_name, make.PASSCODE) == wrong, "the account is locked"


def test_a_lock_ends_after_a_quarter_of_an_hour_and_sends_no_text(new_page_client, travel):  # R14
    client = make.client()
    make.safe_contact(client)
    for _ in range(11):
        _answer(new_page_client(), client.code_name, "000111")
    travel.forward(minutes=16)
    assert sign_in.as_client(new_page_client(), client).address == "/today"
    assert make.session.query(Text).count() == 0


def test_a_lock_survives_a_restart(new_page_client, travel, environ):  # R14
    client = make.client()
    for _ in range(11):
        _answer(new_page_client(), client.code_name, "000111")
    code_name = client.code_name
    again = create_app(Settings.from_env(environ))
    assert _answer(PageClient(again), code_name, make.PASSCODE)[0] == 422


def test_her_code_name_may_be_in_her_own_script_and_typed_loosely(page_client, travel):
    make.client(code_name="قمر أزرق 23", language="ar")
    page_client.get("/sign-in")
    page = page_client.submit("/sign-in", code_name="  قمر ازرق‎ ٢٣ ".replace("ازرق", "أزرق"), passcode="٢٧١٨٢٨")
    assert page.address == "/today"
    assert page.find_all("html")[0].get("dir") == "rtl"


@pytest.mark.parametrize("passcode", ["12345", "111111", "123456", "654321", "271271", "abcdef", "9" * 40])
def test_weak_passcodes_are_refused_in_plain_words(page_client, travel, passcode):
    client = make.client()
    with unit_of_work():
        code = service.make_setup_code(
            make.session.get(make.Staff, client.keyworker_id).actor, client, how="in_person", now=travel.now
        )
    page_client.get("/set-up")
    page = page_client.submit("/set-up", code_name=client.code_name, code=code, passcode=passcode)
    assert page.status == 422
    assert page.find_all("a", href="#passcode"), "the summary leads to the field"
    assert page.field("code") == code, "what she typed is kept"
    assert page_client.submit("/set-up", code_name=client.code_name, code=code, passcode="867530").address == "/today"


def test_a_new_passcode_ends_every_session(new_page_client, travel):  # R15
    client = make.client()
    phone, other = new_page_client(), new_page_client()
    sign_in.as_client(phone, client)
    with unit_of_work():
        code = service.make_setup_code(
            make.session.get(make.Staff, client.keyworker_id).actor, client, how="in_person", now=travel.now
        )
    other.get("/set-up")
    other.submit("/set-up", code_name=client.code_name, code=code, passcode="867530")
    assert phone.get("/today").location == "/sign-in"
    assert other.get("/today").status == 200


def test_signing_in_changes_the_cookie(page_client, travel):
    client = make.client()
    page_client.get("/sign-in")
    before = page_client.client.get_cookie("week").value
    sign_in.as_client(page_client, client)
    assert page_client.client.get_cookie("week").value != before
    page_client.client.set_cookie("week", before)
    assert page_client.get("/today").location == "/sign-in"


def test_what_she_had_typed_comes_back_to_her_alone(page_client, new_page_client, travel):  # R38
    client, other = make.client(messages_online=True), make.client(messages_online=True)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    sign_in.step_up(page_client)
    typed = "I could not come. The bus was late. Sorry!"
    travel.forward(minutes=11)
    assert page_client.submit("/messages", body=typed).address == "/sign-in"
    stranger = new_page_client()
    assert typed not in sign_in.as_client(stranger, other).html
    page = sign_in.as_client(page_client, client)
    assert page.address == "/kept"
    assert typed in page.html


def test_kept_words_are_gone_after_half_an_hour(page_client, travel):  # R38
    client = make.client(messages_online=True)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    sign_in.step_up(page_client)
    travel.forward(minutes=11)
    page_client.submit("/messages", body="Typed and left.")
    travel.forward(minutes=31)
    assert sign_in.as_client(page_client, client).address == "/today"


def test_next_never_leads_away(page_client, travel):
    client = make.client()
    for address in ("//evil.example/today", "/\\evil.example", "/staff/today"):
        page_client.get(address)
        page = sign_in.as_client(page_client, client)
        assert page.address == "/today"
        page_client.post("/sign-out")
