"""Where her ways in, her words and a centre's screen meet: nothing is lost, left behind or carried to the next."""

import pytest
from flask import g
from sqlalchemy.exc import OperationalError

from portal.accounts.models import KeptForm, SignedIn
from portal.messaging import hers
from portal.messaging.models import PortalMessage
from portal.web import floods
from tests.support import make, sign_in


def kept() -> list[str]:
    make.session.rollback()
    return [form.typed["path"] for form in make.session.query(KeptForm)]


def test_a_passcode_typed_too_late_does_not_take_the_place_of_her_words(page_client, travel):  # R38
    client = make.client(messages_online=True)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    sign_in.step_up(page_client)
    travel.forward(minutes=11)
    page_client.submit("/messages", body="I wrote this slowly.")
    assert sign_in.as_client(page_client, client).address == "/step-up"
    travel.forward(minutes=11)
    assert page_client.submit("/step-up", passcode=make.PASSCODE).address == "/sign-in"
    assert kept() == ["/messages"]
    sign_in.as_client(page_client, client)
    assert "I wrote this slowly." in sign_in.step_up(page_client).html


@pytest.mark.parametrize("path", ["/step-up", "/me/passcode", "/me/no-codes", "/me/signed-in", "/kept"])
def test_of_a_press_without_words_she_is_not_asked_whether_to_send_it(page_client, travel, path):
    client = make.client()
    sign_in.as_client(page_client, client)
    travel.forward(minutes=11)
    page_client.get("/sign-in")
    fields = {"passcode": make.PASSCODE, "new_passcode": "918273"}
    assert page_client.post(path, fields).location == "/sign-in"
    assert kept() == []
    assert sign_in.as_client(page_client, client).address == "/today"


@pytest.fixture
def kiosk(app):
    """The portal as a centre's screen asks for it."""
    app.before_request(lambda: setattr(g, "device_kind", "kiosk"))


def test_when_her_time_is_over_the_page_is_not_in_the_language_of_her_record(page_client, travel):  # R13
    sign_in.as_client(page_client, make.client(language="ar"))
    assert page_client.get("/today").find_all("html")[0].get("lang") == "ar"
    travel.forward(minutes=10)
    assert page_client.get("/sign-in?over=1").find_all("html")[0].get("lang") == "en"


def test_whoever_signs_out_at_a_centres_screen_leaves_her_choice_of_language_to_nobody(kiosk, page_client):  # R13
    page_client.get("/language")
    page_client.submit("/language", press=("language", "so"))
    sign_in.as_client(page_client, make.client())
    page_client.get("/me")
    page = page_client.submit("/sign-out")
    assert page.find_all("html")[0].get("lang") == "en"


def test_whoever_signs_out_elsewhere_keeps_the_language_that_she_chose_in_her_browser(page_client):
    page_client.get("/language")
    page_client.submit("/language", press=("language", "so"))
    sign_in.as_client(page_client, make.client())
    page_client.get("/me")
    page = page_client.submit("/sign-out")
    assert page.find_all("html")[0].get("lang") == "so"


def test_an_idle_tab_does_not_change_the_language_of_the_one_in_use(page_client, travel):
    sign_in.as_client(page_client, make.client(language="ar"))
    page_client.get("/sign-in?over=1")
    assert page_client.get("/today").find_all("html")[0].get("lang") == "ar"


def test_at_a_kiosk_the_next_woman_begins_anew(kiosk, page_client, travel):  # R13 R15
    sign_in.as_client(page_client, make.client(seen_by_online=True))
    page_client.get("/language")
    page_client.submit("/language", press=("language", "ar"))
    travel.forward(minutes=2)
    assert page_client.get("/me/seen-by").location == "/sign-in"
    assert page_client.get("/sign-in?over=1").find_all("html")[0].get("lang") == "en"
    assert sign_in.as_client(page_client, make.client(seen_by_online=True)).address == "/today"


def test_on_her_own_phone_she_goes_on_where_she_was(page_client, travel):
    client = make.client()
    sign_in.as_client(page_client, client)
    travel.forward(minutes=10)
    page_client.get("/appointments")
    assert sign_in.as_client(page_client, client).address == "/appointments"


def test_signing_in_again_in_the_same_browser_leaves_no_second_place(page_client, travel):  # R15
    client = make.client()
    sign_in.as_client(page_client, client)
    sign_in.as_client(page_client, client)
    assert "You are signed in only here." in page_client.get("/me").text
    make.session.rollback()
    assert [row.ended_at is None for row in make.session.query(SignedIn).order_by(SignedIn.id)] == [False, True]


def test_a_kiosk_offers_no_way_in_that_it_refuses(kiosk, page_client, new_page_client):  # R13
    assert page_client.get("/sign-in").find_all("a", href="/sign-in/text") == []


def test_a_phone_offers_the_code_by_text(page_client):
    assert len(page_client.get("/sign-in").find_all("a", href="/sign-in/text")) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_words_that_were_refused_for_want_of_room_are_sent_with_one_press(page_client, travel, status, monkeypatch):
    # R38
    client = make.client(messages_online=True)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    sign_in.step_up(page_client)
    with monkeypatch.context() as busy:
        if status == 429:
            busy.setattr(floods, "RULES", [rule._replace(of_session=0) for rule in floods.RULES])
        else:
            busy.setattr(hers, "write_to_us", no_room)
        page = page_client.submit("/messages", body="The bus\nwas late.")
    assert page.status == status
    page_client.submit("/messages")
    make.session.rollback()
    assert [message.body for message in make.session.query(PortalMessage)] == ["The bus\nwas late."]


def test_a_refused_passcode_is_not_written_into_the_page(page_client, travel, monkeypatch):
    page_client.get("/sign-in")
    monkeypatch.setattr(floods, "RULES", [rule._replace(of_session=0) for rule in floods.RULES])
    page = page_client.submit("/sign-in", code_name="Blue Heron 12", passcode=make.PASSCODE)
    assert page.status == 429 and make.PASSCODE not in page.html and page.forms() == []


def no_room(*args, **kwargs):
    raise OperationalError("", None, Exception("database is locked"))
