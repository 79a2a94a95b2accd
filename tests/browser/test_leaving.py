"""After Leave nothing of hers comes back: in Chromium and Firefox, with script and without (R2, R3)."""

import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.support import live, marionette, tabs
from tests.support.line import WEATHER, Line, certificate, line, outside
from tests.support.tabs import FirefoxTab, Tab

pytestmark = [pytest.mark.browser, pytest.mark.firefox, pytest.mark.xdist_group("leaving")]

FRONT_PAGE = {"My", "Week", "Start", "Help", "Made-up", "data", "only", "Skip", "to", "the", "page"}
"""Every word of the bare front page of the demo."""

HERS = ("/today", "/plan", "/appointments", "/me")


@pytest.fixture(scope="module")
def tls(tmp_path_factory) -> ssl.SSLContext:
    """HTTPS for the line and the neutral page: the cookies carry their prefix, as in earnest (R9)."""
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def neutral(tls: ssl.SSLContext) -> Iterator[str]:
    """The address where Leave leads."""
    with outside(tls) as address:
        yield address


@pytest.fixture(scope="module")
def to_portal(tls: ssl.SSLContext) -> Iterator[Line]:
    """The line between her phone and the portal."""
    with line(tls) as made:
        yield made


@pytest.fixture(scope="module")
def portal(tmp_path_factory, neutral: str, to_portal: Line) -> Iterator[live.LivePortal]:
    """A portal whose neutral page can be reached from here."""
    settings = {
        "PORTAL_NOW": "2026-12-01T09:20:00+00:00",
        "PORTAL_PUBLIC_URL": to_portal.address,
        "PORTAL_LEAVE_URL": neutral,
    }
    with live.portal(tmp_path_factory.mktemp("leaving"), worker=False, settings=settings) as portal:
        to_portal.leads_to = int(portal.address.rsplit(":", 1)[1])
        yield portal


@pytest.fixture(scope="module")
def firefox(tmp_path_factory) -> Iterator[marionette.Firefox]:
    """One Firefox for all tests here."""
    with marionette.running(tmp_path_factory.mktemp("firefox")) as browser:
        yield browser


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What drives Chromium."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(params=["chromium", "chromium no script", "firefox", "firefox no script"])
def tab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tab]:
    """A new tab without history or cookies, in both browsers, with script and without."""
    script = "no script" not in request.param
    if request.param.startswith("firefox"):
        yield FirefoxTab(request.getfixturevalue("firefox"), script=script)
        return
    with tabs.chromium(request.getfixturevalue("playwright"), tmp_path, script=script) as chromium:
        yield chromium


@pytest.fixture
def woman(portal: live.LivePortal) -> dict:
    """A woman who reads English."""
    return next(one for one in portal.demo["clients"] if one["language"] == "en" and one["safe_contact"] == "live")


def sign_in(tab: Tab, to_portal: Line, woman: dict) -> None:
    """From the front page to her own page, with one mistake on the way, which leaves a posted page behind."""
    tab.open(f"{to_portal.address}/")
    tab.press("button[value=start]")
    tab.until_at(f"{to_portal.address}/sign-in")
    tab.fill("#code_name", woman["code_name"])
    tab.fill("#passcode", "000000")
    tab.press("main button.btn")
    tab.until_there("#faults")
    tab.fill("#passcode", woman["passcode"])
    tab.press("main button.btn")
    tab.until_at(f"{to_portal.address}/today")


def go_round(tab: Tab, to_portal: Line, woman: dict) -> None:
    """Look at her pages, one that asks for the passcode again among them."""
    for path in HERS:
        tab.open(f"{to_portal.address}{path}")
    tab.open(f"{to_portal.address}/me/seen-by")
    assert tab.address() == f"{to_portal.address}/step-up"
    tab.fill("#passcode", woman["passcode"])
    tab.press("main button.btn")
    tab.until_at(f"{to_portal.address}/me/seen-by")
    for path in ("/now", "/help"):
        tab.open(f"{to_portal.address}{path}")


def nothing_of_hers(tab: Tab, to_portal: Line) -> str:
    """What is shown is the neutral page, the bare front page, or a page of the browser's own; gives its address."""
    address = tab.address()
    words = tab.words()
    if address.startswith(to_portal.address):
        assert address == f"{to_portal.address}/", words
        assert set(words.split()) <= FRONT_PAGE
    elif not address.startswith("about:"):
        assert words == WEATHER, address
    return address


def all_that_comes_back(tab: Tab, to_portal: Line) -> set[str]:
    """Back as often as pages were visited, then Forward as often: every address that was shown."""
    steps = tab.steps() + 1
    shown = []
    for move in (*[tab.back] * steps, *[tab.forward] * steps):
        move()
        shown.append(nothing_of_hers(tab, to_portal))
    return set(shown)


def test_the_browser_does_keep_pages_and_shows_hers_again_before_she_leaves(tab: Tab, to_portal: Line, woman, neutral):
    """Without this the other tests would prove nothing."""
    kind = "plain" if isinstance(tab, FirefoxTab) else "not-stored"  # Firefox never keeps what is not to be stored
    for name in ("one", "two"):
        tab.open(f"{neutral}{kind}/{name}")
    assert tab.back_from_memory()
    sign_in(tab, to_portal, woman)
    go_round(tab, to_portal, woman)
    tab.back()
    assert tab.address() == f"{to_portal.address}/now"
    tab.back()
    assert tab.address() == f"{to_portal.address}/me/seen-by"
    tab.close_and_reopen()
    assert tab.address() == f"{to_portal.address}/me/seen-by"
    assert "looked" in tab.words()


def test_after_leave_nothing_comes_back(tab: Tab, to_portal: Line, portal, woman, neutral):  # R2 R3
    sign_in(tab, to_portal, woman)
    go_round(tab, to_portal, woman)
    tab.open(f"{to_portal.address}/plan")
    old = tab.cookies()
    tab.press("a.leave")
    tab.until_at(neutral)
    assert nothing_of_hers(tab, to_portal) == neutral
    assert neutral in all_that_comes_back(tab, to_portal)
    tab.close_and_reopen()
    nothing_of_hers(tab, to_portal)
    all_that_comes_back(tab, to_portal)
    for path in (*HERS, "/sign-in", "/nothing-here"):
        tab.open(f"{to_portal.address}{path}")
        assert nothing_of_hers(tab, to_portal) == neutral
    for path in ("/", "/now", "/help"):
        tab.open(f"{to_portal.address}{path}")
        assert nothing_of_hers(tab, to_portal) == f"{to_portal.address}/"
    assert asked_with(portal, old) == (303, "/sign-in")


def test_one_press_stands_between_and_then_all_is_as_usual(tab: Tab, to_portal: Line, woman, neutral):  # R3
    sign_in(tab, to_portal, woman)
    tab.press("a.leave")
    tab.until_at(neutral)
    tab.open(f"{to_portal.address}/now")
    assert tab.address() == f"{to_portal.address}/"
    tab.press("button[value=help]")
    tab.until_at(f"{to_portal.address}/now")
    assert "999" in tab.words()
    tab.open(f"{to_portal.address}/today")
    assert tab.address() == f"{to_portal.address}/sign-in"


def test_a_visitor_who_never_signed_in_is_let_out_the_same_way(tab: Tab, to_portal: Line, neutral):  # R2 R3
    for path in ("/", "/help", "/now", "/about-leaving"):
        tab.open(f"{to_portal.address}{path}")
    tab.press("a.leave")
    tab.until_at(neutral)
    all_that_comes_back(tab, to_portal)
    tab.close_and_reopen()
    all_that_comes_back(tab, to_portal)


def asked_with(portal: live.LivePortal, cookies: dict[str, str]) -> tuple[int, str | None]:
    """What whoever copied the cookies is answered: the status of her page and where it leads."""
    connection = http.client.HTTPConnection("127.0.0.1", int(portal.address.rsplit(":", 1)[1]), timeout=20)
    try:
        connection.request("GET", "/today", headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())})
        answer = connection.getresponse()
        return answer.status, answer.headers["Location"]
    finally:
        connection.close()
