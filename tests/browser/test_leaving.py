"""After Leave nothing of hers comes back: in Chromium and Firefox, with script and without (R2, R3)."""

import http.client

import pytest

from tests.support import live
from tests.support.line import WEATHER, Line
from tests.support.tabs import FirefoxTab, Tab, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("leaving")]

FRONT_PAGE = {"My", "Week", "Start", "Help", "Made-up", "data", "only", "Skip", "to", "the", "page"}
"""Every word of the bare front page of the demo."""

HERS = ("/today", "/plan", "/appointments", "/me")


@pytest.fixture
def woman(portal_behind: live.LivePortal) -> dict:
    """A woman who reads English."""
    return portal_behind.woman("en")


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
    steps = len(tab.history()) + 1
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
    sign_in(tab, to_portal.address, woman)
    go_round(tab, to_portal, woman)
    tab.back()
    assert tab.address() == f"{to_portal.address}/now"
    tab.back()
    assert tab.address() == f"{to_portal.address}/me/seen-by"
    tab.close_and_reopen()
    assert tab.address() == f"{to_portal.address}/me/seen-by"
    assert "looked" in tab.words()


def test_after_leave_nothing_comes_back(tab: Tab, to_portal: Line, portal_behind, woman, neutral):  # R2 R3
    sign_in(tab, to_portal.address, woman)
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
    assert asked_with(portal_behind, old) == (303, "/sign-in")


def test_one_press_stands_between_and_then_all_is_as_usual(tab: Tab, to_portal: Line, woman, neutral):  # R3
    sign_in(tab, to_portal.address, woman)
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
