"""Leaving: one hop, the session dead, the cookie gone, five quiet minutes (R1 to R3, R8, R9)."""

import pytest

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

    from portal.accounts import service

    def locked(*args, **kwargs):
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(service, "end_session", locked)
    assert signed_in.get("/leave").location == NEUTRAL
