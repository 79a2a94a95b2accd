"""A cookie from before the sign-in opens nothing after it (session fixation), for women and for staff."""

import pyotp
import pytest

from portal.core import clock
from tests.support import make, sign_in

COOKIE = "week"


def cookie(browser) -> str:
    return browser.client.get_cookie(COOKIE).value


def with_cookie(new_page_client, value: str):
    browser = new_page_client()
    browser.client.set_cookie(COOKIE, value)
    return browser


def opens(new_page_client, value: str, address: str) -> bool:
    page = with_cookie(new_page_client, value).get(address)
    assert page.status in (200, 303)
    return page.status == 200


@pytest.fixture
def woman(app, travel):
    return make.client()


def test_the_cookie_that_he_gave_her_before_she_signed_in_stays_a_stranger_s(page_client, new_page_client, woman):
    page_client.get("/sign-in")
    his = cookie(page_client)
    victim = with_cookie(new_page_client, his)
    sign_in.as_client(victim, woman)
    assert opens(new_page_client, cookie(victim), "/today")
    assert cookie(victim) != his
    assert not opens(new_page_client, his, "/today")
    assert page_client.get("/today").status == 303


def test_signing_in_over_another_woman_s_session_ends_up_as_herself_alone(page_client, new_page_client, woman):
    other = make.client()
    sign_in.as_client(page_client, other)
    his = cookie(page_client)
    victim = with_cookie(new_page_client, his)
    victim.get("/sign-out")
    victim.post("/sign-out")
    sign_in.as_client(victim, woman)
    assert cookie(victim) != his and not opens(new_page_client, his, "/today")


def test_each_step_of_staff_has_a_cookie_of_its_own(page_client, new_page_client, app, travel):  # R17
    staff = make.staff("keyworker", make.centre())
    page_client.get("/staff/sign-in")
    before = cookie(page_client)
    page_client.submit("/staff/sign-in", email=staff.email, password=make.PASSWORD)
    between = cookie(page_client)
    page_client.submit("/staff/sign-in/second", code=pyotp.TOTP(make.TOTP_SECRET).at(clock.real_now()))
    after = cookie(page_client)
    assert len({before, between, after}) == 3
    assert opens(new_page_client, after, "/staff/today")
    assert not opens(new_page_client, between, "/staff/today") and not opens(new_page_client, before, "/staff/today")


def test_a_sign_in_carries_over_the_language_and_where_she_wanted_to_go_and_nothing_else(page_client, woman):
    page_client.get("/appointments")
    with page_client.client.session_transaction() as kept:
        kept.update(planted="by him", lang="pl")
        before = kept.get("csrf_token")
    page = sign_in.as_client(page_client, woman)
    assert page.address.endswith("/appointments")
    with page_client.client.session_transaction() as kept:
        assert "planted" not in kept and kept["lang"] == "pl"
        assert before is None or kept.get("csrf_token") != before


def test_the_token_against_forged_requests_is_another_one_after_the_sign_in(page_client, woman):
    page_client.get("/sign-in")
    before = page_client.csrf_token()
    sign_in.as_client(page_client, woman)
    assert page_client.post("/language", {"csrf_token": before, "language": "pl"}).status == 400
