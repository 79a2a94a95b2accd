"""Her whole way with nothing but keys, on a small screen: what has the focus is seen at every stop (R1, R37)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.keyboard import Keyboard, reads_on
from tests.support.live import LivePortal
from tests.support.tabs import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NEUTRAL = "https://www.bbc.co.uk/weather"
ROUNDS = (
    "/sign-in", "/set-up", "/refer", "/language", "/feedback", "/messages", "/me/passcode", "/me/safe-contact",
    "/plan/topics", "/plan/order", "/appointments/new?kind=1&centre=2&worker=5",
)  # fmt: skip
"""Pages whose every stop is passed, there and back, beside those of test_leave_in_sight.py."""


@pytest.fixture
def keys(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Keyboard]:
    """The keys of a small screen, in English unless a test says otherwise."""
    context = chromium.new_context(viewport=PHONE, locale=getattr(request, "param", "en-GB"))
    context.set_default_timeout(20_000)
    yield Keyboard(context.new_page())
    context.close()


def one_time_code(chromium: Browser, portal: LivePortal, woman: dict) -> str:
    """The code that her keyworker makes while she sits beside her."""
    page = chromium.new_page()
    portal.sign_in_staff(page, woman["keyworker"])
    page.goto(f"{portal.address}/staff/clients/{woman['id']}/setup-code")
    page.check("#in_person")
    page.click("main button.main")
    code = re.search(r"\b\d{4} ?\d{4}\b", page.inner_text("main"))
    page.context.close()
    assert code
    return code[0]


def sign_in(keys: Keyboard, portal: LivePortal, woman: dict, passcode: str = "") -> None:
    """In by the sign-in page."""
    keys.page.goto(f"{portal.address}/sign-in")
    keys.to(field="code_name")
    keys.type(woman["code_name"])
    keys.to(field="passcode")
    keys.type(passcode or woman["passcode"])
    keys.enter()
    expect(keys.page).to_have_url(f"{portal.address}/today")


def choose_a_time(keys: Keyboard, presses: int) -> None:
    """Go to the times, take the first one, go on by arrow keys, and to the button below."""
    keys.to(field="starts_at")
    keys.press("Space")
    for _ in range(presses):
        keys.press("ArrowDown")
    stop = keys.here()
    assert stop is not None and stop.field == "starts_at" and stop.shows
    assert keys.page.locator("input[name=starts_at]:checked").get_attribute("value") == stop.value


def to_the_times(keys: Keyboard) -> None:
    """From her first page to the times of her worker."""
    keys.to(address="/appointments/new")
    keys.enter()
    for _ in range(4):  # kind, centre and worker are asked only where there is a choice
        if keys.page.locator("input[name=starts_at]").count():
            return
        keys.to(address=r"/appointments/new\?.*")
        keys.enter()
    raise AssertionError("no times")


def test_she_sets_up_books_moves_answers_and_leaves(keys: Keyboard, chromium: Browser, still_portal: LivePortal):
    woman = still_portal.demo["clients"][1]
    page, passcode = keys.page, "730518"
    code = one_time_code(chromium, still_portal, woman)
    page.goto(still_portal.address)
    keys.to("^Start$")
    keys.enter()
    keys.to("^First time")
    keys.enter()
    for field, typed in (("code_name", woman["code_name"]), ("code", code), ("passcode", passcode)):
        keys.to(field=field)
        keys.type(typed)
    keys.enter()
    expect(page).to_have_url(re.compile("/today$"))
    keys.to(address="/me")
    keys.enter()
    keys.to("^Sign out$")
    keys.enter()

    sign_in(keys, still_portal, woman, passcode)
    to_the_times(keys)
    choose_a_time(keys, 1)
    keys.to("^Next$")
    keys.enter()
    keys.to("^Book this time$")
    keys.enter()
    expect(page.locator("main")).to_contain_text("This is booked.")
    booked = page.url
    keys.to("^Change the time$")
    keys.enter()
    choose_a_time(keys, 2)
    keys.to("^Move to this time$")
    keys.enter()
    expect(page.locator("main")).to_contain_text("This is booked.")
    assert page.url != booked
    keys.to("^Cancel it$")
    keys.enter()
    keys.to("^Cancel this appointment$")
    keys.enter()
    expect(page.locator("main")).to_contain_text("Cancelled.")

    keys.to("^My plan$")
    keys.enter()
    for presses, answer in ((0, "Yes, I agree"), (1, "I agree with part of it"), (1, "Not yet")):
        keys.to(address="/plan/answer")
        keys.enter()
        keys.to(field="answer")  # the answer that she gave before, once there is one
        keys.press("Space")
        for _ in range(presses):
            keys.press("ArrowDown")
        keys.to("^Save my answer$")
        keys.enter()
        expect(page.locator("section", has_text="Your answer")).to_contain_text(answer)

    keys.to(address="/leave")
    with page.expect_request(NEUTRAL):
        keys.press("Enter")


def test_she_finds_a_service_and_changes_the_language(keys: Keyboard, still_portal: LivePortal):
    page = keys.page
    page.goto(f"{still_portal.address}/now")
    keys.to(address="/help")
    keys.enter()
    keys.to(field="need")
    keys.press("ArrowDown")
    keys.to(field="open")
    keys.press("Space")
    keys.to("^Show services$")
    keys.enter()
    expect(page.locator("main > p").first).to_contain_text("Open now")
    assert re.search(r"need=\w+", page.url) and "open=1" in page.url
    keys.to("^Change what you look for$")
    keys.enter()
    expect(page.locator("[name=open]")).to_be_checked()
    keys.to("^Show services$")
    keys.enter()
    keys.to(address=r"/help/\d+")
    keys.enter()
    keys.to(address="/language")
    keys.enter()
    keys.to("العربية")
    keys.enter()
    assert page.locator("html").get_attribute("dir") == "rtl"


@pytest.mark.parametrize("keys", ["ar"], indirect=True)
def test_from_the_right_she_books_and_leaves(keys: Keyboard, still_portal: LivePortal):
    sign_in(keys, still_portal, still_portal.woman("ar"))
    assert keys.page.locator("html").get_attribute("dir") == "rtl"
    for path in ("/today", "/appointments/new?kind=1&centre=1&worker=2"):
        keys.page.goto(f"{still_portal.address}{path}")
        reads_on(keys.whole_round(), from_the_right=True)
    keys.page.goto(f"{still_portal.address}/today")
    to_the_times(keys)
    choose_a_time(keys, 1)
    stop = keys.tab()
    while stop is not None and stop.tag != "button":
        stop = keys.tab()
    keys.enter()
    keys.to(".")
    while keys.page.evaluate("document.activeElement.localName") != "button":
        keys.tab()
    keys.enter()
    expect(keys.page).to_have_url(re.compile(r"/appointments/\d+$"))
    keys.to(address="/leave")
    with keys.page.expect_request(NEUTRAL):
        keys.press("Enter")


def test_every_stop_there_and_back(keys: Keyboard, still_portal: LivePortal):  # R1 WCAG 2.1.2 2.4.3 2.4.7 2.4.11
    sign_in(keys, still_portal, still_portal.demo["clients"][7])
    keys.page.goto(f"{still_portal.address}/step-up")
    keys.to(field="passcode")
    keys.type(still_portal.demo["clients"][7]["passcode"])
    keys.enter()
    for path in ROUNDS:
        keys.page.goto(f"{still_portal.address}{path}")
        stops = keys.whole_round()
        assert "/leave" in [stop.address for stop in stops[:3]]
        reads_on(stops, from_the_right=False)


def test_the_first_stop_skips_to_the_page(keys: Keyboard, still_portal: LivePortal):  # WCAG 2.4.1
    keys.page.goto(f"{still_portal.address}/sign-in")
    first = keys.tab()
    assert first is not None and first.address == "#m"
    keys.press("Enter")
    after = keys.tab()
    assert after is not None and after.field == "code_name"
