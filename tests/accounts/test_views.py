"""Her signing in, set-up and signing out, as she meets them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import g

from portal.accounts import limits, secrets, service
from portal.accounts.models import KeptForm, SignedIn
from portal.app import create_app
from portal.clients.rules import fold_code_name
from portal.core.database import unit_of_work
from portal.core.settings import Settings
from portal.messaging.models import Text
from tests.support import make, sign_in
from tests.support.measures import statements
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
    assert "In danger? Do not write here. Call 999." in page.text


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


@pytest.mark.parametrize(
    ("passcode", "rule"),
    [("12345", "6 numbers or more"), ("111111", "3 different numbers"), ("121212", "3 different numbers"),
     ("123456", "in a row"), ("654321", "in a row"), ("271271", "same numbers twice"), ("abcdef", "numbers only"),
     ("9" * 40, "32 numbers or fewer"), ("١٢٣٤٥٦", "in a row"), ("123-456", "in a row")],
)  # fmt: skip
def test_weak_passcodes_are_refused_by_the_rule_that_the_page_said_before(page_client, travel, passcode, rule):
    client = make.client()
    with unit_of_work():
        code = service.make_setup_code(
            make.session.get(make.Staff, client.keyworker_id).actor, client, how="in_person", now=travel.now
        )
    page = page_client.get("/set-up")
    for said in ("6 numbers or more", "Numbers only", "3 different numbers", "in a row", "same numbers twice"):
        assert said in page.text
    page = page_client.submit("/set-up", code_name=client.code_name, code=code, passcode=passcode)
    assert page.status == 422
    assert page.find_all("a", href="#passcode"), "the summary leads to the field"
    fault = next(node for node in page.find_all("span", class_="fault"))
    assert rule.casefold() in "".join(fault.itertext()).casefold()
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
    assert page.address == "/step-up" and typed not in page.html, "R16: it was typed on a sensitive page"
    page = sign_in.step_up(page_client)
    assert page.address == "/kept"
    assert typed in page.html
    travel.forward(minutes=5)
    assert page_client.get("/kept").location == "/step-up"


def test_what_was_typed_into_a_calm_form_comes_back_at_once(page_client, travel):  # R38
    client = make.client()
    sign_in.as_client(page_client, client)
    page_client.get("/me")
    travel.forward(minutes=11)
    page = page_client.post("/appointments", {"kind": "1", "starts_at": "2026-12-08T10:00", "request_key": "k"})
    assert page.location == "/sign-in"
    page = sign_in.as_client(page_client, client)
    assert page.address == "/kept"
    assert page_client.submit("/kept").address == "/today"
    assert page_client.get("/kept").location == "/today"


def test_of_a_form_that_held_only_secrets_nothing_is_kept(page_client, travel):
    client = make.client()
    sign_in.as_client(page_client, client)
    page_client.get("/me/passcode")
    travel.forward(minutes=11)
    page_client.submit("/me/passcode", passcode=make.PASSCODE, new_passcode="918273")
    assert make.session.query(KeptForm).count() == 0


def test_kept_words_are_gone_after_half_an_hour(page_client, travel):  # R38
    client = make.client(messages_online=True)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    sign_in.step_up(page_client)
    travel.forward(minutes=11)
    page_client.submit("/messages", body="Typed and left.")
    travel.forward(minutes=31)
    assert sign_in.as_client(page_client, client).address == "/today"


def test_a_code_may_be_pasted_with_what_stands_around_it(page_client, travel):
    client = make.client()
    worker = make.session.get(make.Staff, client.keyworker_id)
    with unit_of_work():
        code = service.make_setup_code(worker.actor, client, how="in_person", now=travel.now)
    page_client.get("/set-up")
    pasted = f" \u200e{code[:4]} - {code[4:]}\u200f\n"
    page = page_client.submit("/set-up", code_name=client.code_name, code=pasted, passcode="８６７-５３０")
    assert page.address == "/today"
    page_client.post("/sign-out")
    assert sign_in.as_client(page_client, client, "867530").address == "/today"


def autocompletes(page) -> dict[str, str]:
    return {
        field.get("name"): field.get("autocomplete") for field in page.find_all("input") if field.get("autocomplete")
    }


def test_no_field_asks_a_phone_that_he_holds_to_remember(page_client, travel):  # decision 0023
    off = {"code_name": "off", "passcode": "off"}
    assert autocompletes(page_client.get("/sign-in")) == off
    assert autocompletes(page_client.get("/set-up")) == off | {"code": "off"}
    assert "Your phone may ask to save it. Say no if someone else may look." in page_client.page.text
    assert autocompletes(page_client.get("/sign-in/text")) == {"code_name": "off"}
    assert autocompletes(page_client.submit("/sign-in/text", code_name="Any Body 1")) == {"code": "one-time-code"}
    sign_in.as_client(page_client, make.client())
    assert autocompletes(page_client.get("/step-up")) == {"passcode": "off"}
    assert autocompletes(page_client.get("/me/passcode")) == {"passcode": "off", "new_passcode": "off"}


@contextmanager
def hashing() -> Iterator[list[str]]:
    """Notes every slow hash that is made or checked meanwhile."""
    done: list[str] = []

    def note(frame, event, arg):
        if event == "call" and frame.f_code.co_name in ("hash", "verify") and "argon2" in frame.f_code.co_filename:
            done.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        yield done
    finally:
        sys.setprofile(None)


WHO = ("right", "wrong", "unknown", "paused", "closed", "locked")


def _try_of(who: str, new_page_client, travel, way: str):
    client = make.client(sign_in_paused=who == "paused", state="closed" if who == "closed" else "open")
    browser, code_name = new_page_client(), "Nobody Here 99" if who == "unknown" else client.code_name
    code = "12345678"
    if way == "/set-up":
        with unit_of_work():
            actor = make.session.get(make.Staff, client.keyworker_id).actor
            made = service.make_setup_code(actor, client, how="in_person", now=travel.now)
        code = code if who in ("wrong", "unknown") else made
    if who == "locked":
        with unit_of_work():
            for _ in range(11):
                limits.count_try(f"{'client' if way == '/sign-in' else 'set-up'}|{fold_code_name(code_name)}", "",
                                 now=travel.now)  # fmt: skip
    browser.get(way)
    secrets._nobody_s_hash.cache_clear()
    secrets._nobody_s_hash()
    typed = {"passcode": "000112" if who == "wrong" and way == "/sign-in" else make.PASSCODE}
    if way == "/set-up":
        typed = {"passcode": "867530", "code": code}
    with hashing() as slow:
        page = browser.submit(way, code_name=code_name, follow=False, **typed)
    assert page.status == (303 if who == "right" else 422), who
    return slow


@pytest.mark.parametrize(("way", "work"), [("/sign-in", ["verify"]), ("/set-up", ["hash"])])
def test_every_answer_takes_the_same_slow_work(new_page_client, travel, way, work):  # R14
    for who in WHO:
        assert _try_of(who, new_page_client, travel, way) == work, who


def test_the_first_of_all_tries_takes_the_same_work_for_everybody(new_page_client, travel):  # R14
    seen = []
    for name in (make.client().code_name, "Nobody Here 99"):
        browser = new_page_client()
        browser.get("/sign-in")
        secrets._nobody_s_hash.cache_clear()
        with hashing() as slow:
            browser.submit("/sign-in", code_name=name, passcode="000112")
        seen.append(slow)
    assert seen[0] == seen[1] == ["hash", "verify"]


@pytest.mark.parametrize("way", ["/sign-in", "/set-up"])
def test_a_refusal_asks_the_database_the_same_whoever_it_was(new_page_client, travel, way):  # R14
    asked = []
    for name in (make.client().code_name, make.client(sign_in_paused=True).code_name, "Nobody Here 99"):
        browser = new_page_client()
        browser.get(way)
        typed = {"code": "12345678", "passcode": "867530"} if way == "/set-up" else {"passcode": "000112"}
        with statements() as said:
            assert browser.submit(way, code_name=name, **typed).status == 422
        asked.append(said)
    assert asked[0] == asked[1] == asked[2]


def test_stepping_up_takes_the_same_work_right_wrong_and_locked(page_client, travel):  # R14
    client = make.client()
    sign_in.as_client(page_client, client)
    for passcode, times in (("000112", 11), (make.PASSCODE, 1)):
        for _ in range(times):
            page_client.get("/step-up")
            with hashing() as slow:
                assert page_client.submit("/step-up", passcode=passcode).status == 422
            assert slow == ["verify"]


def test_no_way_in_by_text_does_slow_work_at_all(page_client, travel):  # R14
    client = make.client()
    make.safe_contact(client, code_by_text=True)
    for name in (client.code_name, "Nobody Here 99"):
        page_client.get("/sign-in/text?again=1")
        with hashing() as slow:
            page_client.submit("/sign-in/text", code_name=name)
            page_client.submit("/sign-in/text", code="123456")
        assert slow == []


def kinds() -> list[str]:
    return [row.kind for row in make.session.query(SignedIn).order_by(SignedIn.id)]


def test_a_shared_phone_is_hers_to_name_and_closes_after_five_minutes(page_client, travel):  # R15
    client = make.client()
    page = page_client.get("/sign-in")
    box = page.find_all("input", name="shared")[0]
    assert box.get("checked") is None, "nothing is guessed"
    page_client.submit("/sign-in", code_name=client.code_name, passcode=make.PASSCODE, shared="y")
    assert kinds() == ["shared"]
    assert page_client.get("/today").headers["Refresh"] == "300; url=/sign-in?over=1"
    travel.forward(minutes=5)
    assert page_client.get("/today").location == "/sign-in"


def test_a_centres_screen_closes_after_two_minutes_whatever_she_ticks(app, page_client, travel):  # R15
    app.before_request(lambda: setattr(g, "device_kind", "kiosk"))
    client = make.client()
    page_client.get("/sign-in")
    page_client.submit("/sign-in", code_name=client.code_name, passcode=make.PASSCODE, shared="y")
    assert kinds() == ["kiosk"]
    page = page_client.get("/today")
    assert page.headers["Refresh"] == "120; url=/sign-in?over=1"
    said = page.find_all("div", id="idle")[0]
    assert (said.get("data-warn"), said.get("data-end"), said.get("role")) == ("75", "120", "status")
    travel.forward(minutes=2)
    assert page_client.get("/today").location == "/sign-in"


def test_the_warning_is_neutral_counts_nothing_and_stays_hidden_without_script(page_client, travel):  # R15 R36
    sign_in.as_client(page_client, make.client())
    said = page_client.get("/today").find_all("div", id="idle")[0]
    assert (said.get("data-warn"), said.get("data-end")) == ("510", "600")
    hidden = next(iter(said))
    assert hidden.get("hidden") is not None
    assert " ".join("".join(said.itertext()).split()) == "This page closes soon. Stay here"
    assert page_client.get("/sign-in").find_all("div", id="idle") == []


def test_staying_is_a_real_request_that_gives_the_whole_time_anew(page_client, travel):  # R15
    sign_in.as_client(page_client, make.client())
    travel.forward(minutes=9)
    assert page_client.get("/stay").status == 204
    travel.forward(minutes=9)
    assert page_client.get("/today").status == 200
    travel.forward(minutes=10)
    assert page_client.get("/stay").location == "/sign-in"
    assert sign_in.as_client(page_client, make.session.query(make.Client).one()).address == "/today"


def test_who_forgot_something_is_told_to_ask_a_person(page_client, travel):  # R48
    page = page_client.get("/sign-in")
    page = page_client.get(page.links()["Forgot something? Ask a worker. She can give you a new code today."])
    assert "Ring your worker" in page.text and "We never send this by text." in page.text
    assert page.forms() == []


def test_next_never_leads_away(page_client, travel):
    client = make.client()
    for address in ("//evil.example/today", "/\\evil.example", "/staff/today"):
        page_client.get(address)
        page = sign_in.as_client(page_client, client)
        assert page.address == "/today"
        page_client.post("/sign-out")
