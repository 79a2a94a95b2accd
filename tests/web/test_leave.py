"""Leaving: one hop, the session dead, the cookie gone, five quiet minutes (R1 to R3, R8, R9)."""

import time

import pytest
from itsdangerous import TimestampSigner

from portal.accounts import service
from portal.home import views as home_views
from tests.support import make, sign_in

NEUTRAL = "https://www.bbc.co.uk/weather"


@pytest.fixture
def signed_in(page_client, travel):
    sign_in.as_client(page_client, make.client())
    return page_client


def cookies(page) -> dict[str, str]:
    return {header.split("=", 1)[0]: header for header in page.headers.getlist("Set-Cookie")}


@pytest.mark.parametrize("method", ["get", "post"])
def test_leave_goes_out_in_one_hop(signed_in, method):  # R2
    page = signed_in.get("/leave") if method == "get" else signed_in.post("/leave")
    assert (page.status, page.location) == (303, NEUTRAL)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Clear-Site-Data" not in page.headers
    gone = cookies(page)["week"]
    assert "Max-Age=0" in gone
    assert "HttpOnly" in gone
    assert "Expires" not in gone  # R9
    left = cookies(page)["left"]
    assert "HttpOnly" in left and "SameSite=Lax" in left
    assert "Max-Age" not in left and "Expires" not in left  # R9


def test_a_page_with_a_stale_token_lets_her_out_all_the_same(signed_in):  # R2
    page = signed_in.post("/leave", {"csrf_token": "stale"}, csrf=False)
    assert (page.status, page.location) == (303, NEUTRAL)
    assert signed_in.post("/leave", csrf=False).location == NEUTRAL
    signed_in.client.delete_cookie("left")
    assert signed_in.get("/today").location == "/sign-in"


def test_the_old_cookie_replayed_gives_the_sign_in_page(signed_in, new_page_client):  # R3
    old = signed_in.client.get_cookie("week").value
    signed_in.get("/leave")
    thief = new_page_client()
    thief.client.set_cookie("week", old)
    page = thief.get("/today")
    assert (page.status, page.location) == (303, "/sign-in")


def test_for_five_minutes_every_page_leads_out(signed_in):  # R3
    signed_in.get("/leave")
    for address in ("/today", "/plan", "/sign-in", "/me", "/staff/today", "/nothing-here", "/leaves", "/healthy"):
        page = signed_in.get(address)
        assert (page.status, page.location) == (303, NEUTRAL), address
    for address in ("/now", "/help", "/help/1"):
        page = signed_in.get(address)
        assert (page.status, page.location) == (303, "/"), address
    assert signed_in.client.post("/sign-in", data={"code_name": "x"}).location == NEUTRAL


def test_the_front_page_then_shows_only_name_start_and_help(signed_in):  # R3
    signed_in.get("/leave")
    page = signed_in.get("/")
    assert page.text == "My Week Start Help"
    assert [link for link in page.links() if link not in ("Skip to the page",)] == []


@pytest.mark.parametrize(("button", "leads_to"), [("start", "/sign-in"), ("help", "/now")])
def test_one_press_ends_the_quiet(signed_in, button, leads_to):  # R3
    signed_in.get("/leave")
    signed_in.get("/")
    page = signed_in.submit("/", press=("go", button))
    assert page.status == 200
    assert page.address.endswith(leads_to)


def test_a_visitor_who_never_signed_in_has_an_http_only_cookie_too(page_client):  # R2
    cookie = cookies(page_client.get("/now"))["week"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_over_https_cookies_are_host_bound_and_secure(environ, monkeypatch):  # R9
    from portal.app import create_app
    from portal.core.settings import Settings
    from tests.core.test_settings import PRODUCTION

    app = create_app(Settings.from_env({**PRODUCTION, **environ}))
    response = app.test_client().get("/now", base_url="https://week.example.org")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-week=") and "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie
    assert response.headers["Strict-Transport-Security"]  # R39


def test_she_gets_out_even_when_the_database_cannot_be_written(signed_in, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def locked(*args, **kwargs):
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(service, "end_session", locked)
    assert signed_in.get("/leave").location == NEUTRAL


def left_at(page_client, seconds_ago: float) -> None:
    """Give this browser a left cookie of ours that was signed so long ago."""
    signer = TimestampSigner(page_client.app.config["SECRET_KEY"], salt="left")
    signer.get_timestamp = lambda: int(time.time() - seconds_ago)
    page_client.client.set_cookie("left", signer.sign(b"1").decode())


@pytest.mark.parametrize(("seconds", "quiet"), [(0, True), (290, True), (305, False), (-60, True), (-400, False)])
def test_the_quiet_lasts_five_minutes_by_the_time_inside_the_cookie(page_client, seconds, quiet):  # R3 R9
    left_at(page_client, seconds)
    page = page_client.get("/help")
    assert (page.location == "/") is quiet
    assert (page.status == 200) is not quiet


@pytest.mark.parametrize("value", ["", "1", "1.aaaa.bbbb", "1.aafQxw.AAAAAAAAAAAAAAAAAAAAAAAAAAA", "%00", "é" * 400])
def test_a_forged_cookie_makes_nothing_quiet(page_client, value):  # R3
    page_client.client.set_cookie("left", value)
    assert page_client.get("/now").status == 200
    assert "/leave" in page_client.get("/").links().values()


def test_a_form_kept_open_in_another_tab_does_nothing(signed_in):  # R3
    form = signed_in.get("/language")
    signed_in.get("/leave")
    signed_in.page = form
    page = signed_in.submit("/language", press=("language", "ar"), follow=False)
    assert (page.status, page.location) == (303, NEUTRAL)
    front = signed_in.get("/")
    assert (front.text, front.find_all("html")[0].get("lang")) == ("My Week Start Help", "en")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/today", "/now/", "/leave/", "/about-leaving", "/helpful", "/static/nothing.css"])
def test_no_other_request_shows_a_page_of_ours(signed_in, method, address):  # R3
    signed_in.get("/leave")
    answer = signed_in.client.open(address, method=method)
    assert (answer.status_code, answer.location) == (303, NEUTRAL)


def test_start_pressed_on_a_front_page_from_before_is_asked_once_more(signed_in):  # R3
    front = signed_in.get("/")
    signed_in.get("/leave")
    signed_in.page = front
    page = signed_in.submit("/", press=("go", "start"), follow=False)
    assert (page.status, page.location) == (303, "/")
    assert signed_in.get("/").text == "My Week Start Help"
    assert signed_in.submit("/", press=("go", "start")).address.endswith("/sign-in")


def test_a_fault_of_the_front_page_leads_out_while_it_is_quiet(signed_in, monkeypatch):  # R3
    signed_in.get("/leave")

    def broken(*args, **kwargs):
        raise RuntimeError("out of order")

    monkeypatch.setattr(home_views, "render_template", broken)
    page = signed_in.get("/")
    assert (page.status, page.location) == (303, NEUTRAL)
    assert page.headers["Content-Security-Policy"]  # R39


def test_two_tabs_leave_and_one_press_brings_both_back(signed_in):  # R3
    signed_in.get("/leave")
    assert signed_in.get("/leave").location == NEUTRAL
    signed_in.get("/")
    signed_in.submit("/", press=("go", "help"))
    assert signed_in.get("/today").location == "/sign-in"


def test_whatever_is_broken_she_gets_out(signed_in, monkeypatch):  # R2
    def broken(*args, **kwargs):
        raise RuntimeError("out of order")

    monkeypatch.setattr(service, "end_session", broken)
    page = signed_in.get("/leave")
    assert (page.status, page.location) == (303, NEUTRAL)
    assert "Max-Age=0" in cookies(page)["week"]


# What Leave cannot do, before the first sensitive page (R6)


@pytest.fixture
def with_seen_by(page_client, travel):
    """A woman who may see who looked at her pages."""
    sign_in.as_client(page_client, make.client(seen_by_online=True))
    return page_client


def test_the_first_time_that_she_is_asked_again_she_is_told_of_leaving(with_seen_by):  # R6
    signed_in = with_seen_by
    page = signed_in.get("/me/seen-by", follow=True)
    assert (page.address, page.links()["Read about leaving first"]) == ("/step-up", "/about-leaving")
    assert "Read about leaving first" in signed_in.submit("/step-up", passcode="000000").links()
    about = signed_in.get("/about-leaving")
    assert about.links()["Go on"] == "/step-up"
    signed_in.get("/step-up")
    assert sign_in.step_up(signed_in).address == "/me/seen-by"
    assert "Go on" not in signed_in.get("/about-leaving").links()


def test_later_she_is_not_told_again_until_she_signs_in_anew(with_seen_by, travel):  # R6
    signed_in = with_seen_by
    signed_in.get("/me/seen-by", follow=True)
    sign_in.step_up(signed_in)
    travel.forward(minutes=6)
    page = signed_in.get("/me/seen-by", follow=True)
    assert page.address == "/step-up"
    assert "Read about leaving first" not in page.links()
    assert "/about-leaving" in page.links().values()


def test_about_leaving_says_its_limits(page_client):  # R6
    text = page_client.get("/about-leaving").text
    for limit in ("does not wipe", "spying app", "Close this tab", "private window", "no signal"):
        assert limit.lower() in text.lower()
