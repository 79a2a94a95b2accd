"""A desk that locks, in a real Chromium, by keyboard alone: by one key and by itself, at two sizes (R17, R28, R38)."""

import re
import sqlite3
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import live

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SIZES = {"Front desk": (1280, 800), "Small desk": (320, 480)}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A portal of its own: devices are named in it; `database` is its file."""
    folder = tmp_path_factory.mktemp("desk")
    with live.portal(folder, worker=False, settings={"PORTAL_NOW": "2026-12-01T09:20:00+00:00"}) as portal:
        portal.database = folder / "portal.db"
        yield portal


@pytest.fixture(scope="module")
def named(chromium: Browser, house):
    """An admin names a desk at each of two centres."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    sign_in(page, house, next(one for one in house.demo["staff"] if one["role"] == "admin"))
    for name, person in zip(SIZES, receptionists(house), strict=False):
        page.goto(f"{house.address}/staff/devices")
        page.select_option("#centre_id", str(person["centres"][0]))
        page.locator("#name").focus()
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.locator("td", has_text=name)).to_be_visible()
    context.close()


def receptionists(house) -> list[dict]:
    return [one for one in house.demo["staff"] if one["role"] == "receptionist"]


def sign_in(page: Page, house, person: dict) -> None:
    page.goto(f"{house.address}/staff/sign-in")
    page.fill("#email", person["email"])
    page.fill("#password", person["password"])
    page.locator("main button.main").click()
    page.fill("#code", house.next_code(person))
    page.locator("main button.main").click()


@pytest.fixture(params=SIZES)
def desk(chromium: Browser, house, named, request):
    """A receptionist's browser, whose timers the test moves."""
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.clock.install()
    page.person = receptionists(house)[list(SIZES).index(request.param)]
    sign_in(page, house, page.person)
    yield page
    context.close()


def names(page: Page) -> list[str]:
    return page.locator(".board .name").all_inner_texts()


def locked(page: Page, hidden: list[str]) -> None:
    """The lock is on the screen, fits it, waits for a password, and holds nothing of any woman."""
    expect(page).to_have_url(re.compile("/staff/locked$"))
    expect(page.locator("h1")).to_have_text("Locked")
    expect(page.locator("#password")).to_be_focused()
    html = page.content()
    assert not [name for name in hidden if name in html]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing lies beyond the edge"


def test_a_desk_locks_by_key_and_by_itself_and_opens_with_one_field(desk: Page, house, tmp_path):
    board = f"{house.address}/staff/today"
    desk.goto(f"{house.address}/staff/devices")
    desk.get_by_text("This browser is it").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".banner.done")).to_contain_text("This browser is now")

    desk.goto(board)
    seen = names(desk)
    assert seen and "Hidden" not in seen
    desk.locator("[name=words]").focus()
    desk.keyboard.type("Please ring about Thursday.")
    desk.keyboard.press("F9")
    locked(desk, seen)
    desk.screenshot(path=tmp_path / "locked.png")
    desk.go_back()
    assert not names(desk), "Back shows no page of before"
    desk.goto(board)
    locked(desk, seen)

    desk.keyboard.type("not the password")
    desk.keyboard.press("Enter")
    expect(desk.locator("#faults")).to_contain_text("That password is not right")
    desk.locator("#password").focus()
    desk.keyboard.type(desk.person["password"])
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/staff/kept")
    expect(desk.locator("textarea")).to_have_value("Please ring about Thursday.")
    desk.get_by_role("button", name="Send it now").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".banner.done")).to_contain_text("Passed on.")

    # Nobody was there for a quarter of an hour: the page's own clock and the server's say so.
    with sqlite3.connect(house.database, timeout=10) as connection:
        connection.execute(
            "UPDATE sessions SET seen_at = datetime(seen_at, '-15 minutes') || '.000000' WHERE device_id > 0"
        )
    desk.clock.run_for(15 * 60 * 1000)
    locked(desk, seen)
    desk.keyboard.type(desk.person["password"])
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/staff/today*")
    assert urlsplit(desk.url).path == "/staff/today" and names(desk) == seen
