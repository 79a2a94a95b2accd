"""Staff's open pages in a real Chromium: they keep themselves fresh, lose nothing typed, and forget when signed out."""

import pytest
from playwright.sync_api import TimeoutError as NotThereYet

from tests.support import live

pytestmark = pytest.mark.browser


@pytest.fixture
def house(tmp_path):
    """A portal of its own: it is written to."""
    with live.portal(tmp_path, settings={"PORTAL_NOW": "2026-12-01T09:20:00+00:00"}) as portal:
        yield portal


@pytest.fixture
def desk(chromium):
    """A desk's screen, whose timers the test moves."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.clock.install()
    yield page
    context.close()


def sign_in(page, house):
    jo = next(person for person in house.demo["staff"] if person["email"].startswith("jo"))
    page.goto(f"{house.address}/staff/sign-in")
    page.fill("[name=email]", jo["email"])
    page.fill("[name=password]", jo["password"])
    page.click("main button")
    page.fill("[name=code]", house.next_code(jo))
    page.click("main button")
    return next(client for client in house.demo["clients"] if client["keyworker"] == jo["email"])


def come_in(page, house, number: str, words: str) -> None:
    page.goto(f"{house.address}/demo/phone")
    page.fill("aside [name=number]", number)
    page.fill("aside [name=body]", words)
    page.click("aside button")


def test_a_desk_all_day(house, desk):
    client = sign_in(desk, house)
    other = desk.context.new_page()
    desk.goto(f"{house.address}/staff/clients/{client['id']}/messages")

    desk.fill("[name=body]", "Łódź – “Thursday”")
    desk.clock.run_for(500)
    desk.wait_for_selector('#preview >> text=Lodz - "Thursday"')
    assert "17 letters, 1 part" in desk.inner_text("#preview")

    come_in(other, house, client["phone"], "on my way")
    asks_until(desk, "[data-live] >> text=on my way")
    assert desk.input_value("[name=body]") == "Łódź – “Thursday”"
    assert desk.inner_text("#said").startswith("Something new")

    other.goto(f"{house.address}/staff/inbox")
    assert client_row(other, "1"), "an open page marks nothing as read"
    other.click("text=Sign out")
    asks_until(desk, "#said >> text=Signed out")
    assert "on my way" not in desk.inner_text("main")
    assert desk.inner_text("main b.big") == ""
    assert desk.input_value("[name=body]") == "Łódź – “Thursday”"


def asks_until(page, selector: str) -> None:
    """The page asks every fifteen seconds; the worker needs a moment to understand a text."""
    for _ in range(20):
        page.clock.run_for(15_000)
        try:
            page.wait_for_selector(selector, timeout=500)
        except NotThereYet:
            continue
        return
    raise AssertionError(f"{selector} never came")


def client_row(page, unread: str) -> bool:
    return unread in page.inner_text("tbody tr:first-child td:nth-child(2)")
