"""Staff's main work with nothing but keys: a code, who came, a booking, a text, a task closed (R37)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support import heard
from tests.support.keyboard import Keyboard
from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK = {"width": 1280, "height": 800}


@pytest.fixture
def desk_keys(chromium: Browser) -> Iterator[Keyboard]:
    """The keys of a desk."""
    context = chromium.new_context(viewport=DESK, locale="en-GB")
    context.set_default_timeout(20_000)
    yield Keyboard(context.new_page())
    context.close()


def sign_in(keys: Keyboard, portal: LivePortal, name: str) -> None:
    """Password and code; the first field has the focus by itself."""
    person = next(one for one in portal.demo["staff"] if one["email"].startswith(name))
    keys.page.goto(f"{portal.address}/staff/sign-in")
    first = keys.here()
    assert first is not None and first.field == "email"
    keys.type(person["email"])
    keys.to(field="password")
    keys.type(person["password"])
    keys.enter()
    code = keys.here()
    assert code is not None and code.field == "code"
    keys.type(portal.next_code(person))
    keys.enter()


def she_writes(chromium: Browser, portal: LivePortal, code_name: str) -> None:
    """A message of hers, for her worker's inbox."""
    page = chromium.new_page()
    heard.sign_in(page, portal, next(one for one in portal.demo["clients"] if one["code_name"] == code_name))
    page.goto(f"{portal.address}/messages")
    page.fill("#body", "Is Thursday free?")
    page.click("main form button.btn")
    page.context.close()


def test_reception_marks_who_came(desk_keys: Keyboard, still_portal: LivePortal):
    sign_in(desk_keys, still_portal, "kim")
    desk_keys.to("^Here$")
    desk_keys.enter()
    expect(desk_keys.page.locator(".board .tag", has_text="Waiting").first).to_be_visible()
    desk_keys.to("^Undo$")
    desk_keys.enter()
    stops = desk_keys.whole_round()
    assert len(stops) > 10


def test_a_keyworker_books_texts_and_closes_a_task(desk_keys: Keyboard, chromium: Browser, still_portal: LivePortal):
    page = desk_keys.page
    she_writes(chromium, still_portal, "Cichy Las 77")
    sign_in(desk_keys, still_portal, "tess")
    desk_keys.to(address="/staff/clients")
    desk_keys.enter()
    desk_keys.to(address=r"/staff/clients/\d+")
    desk_keys.enter()
    desk_keys.to("^Book$")
    desk_keys.enter()
    desk_keys.to("^Show times$")
    desk_keys.enter()
    if not page.locator("input[name=starts_at]").count():
        page.goto(f"{page.url}&day=2026-12-03")
    desk_keys.to(field="starts_at")
    desk_keys.press("Space")
    desk_keys.press("ArrowDown")
    desk_keys.to("^Book this time$")
    desk_keys.enter()
    expect(page.locator("[role=status]").first).to_be_visible()

    desk_keys.to(address="/staff/inbox")
    desk_keys.enter()
    desk_keys.to(address=r"/staff/clients/\d+/messages")
    desk_keys.enter()
    desk_keys.to(field="body")
    desk_keys.type("See you on Thursday")
    desk_keys.to("^Send$")
    desk_keys.enter()
    expect(page.locator(".talk")).to_contain_text("See you on Thursday")

    desk_keys.to(address="/staff/worklist")
    desk_keys.enter()
    desk_keys.to("^Open$", address=r"/staff/worklist/\d+")
    desk_keys.enter()
    desk_keys.to(field="done")
    desk_keys.press("Space")
    desk_keys.to("^Close this task$")
    desk_keys.enter()
    expect(page).to_have_url(re.compile(r"/staff/worklist"))
    expect(page.locator("[role=status]").first).to_be_visible()
