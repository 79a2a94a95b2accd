"""Her journeys on a small phone in real Chromium, with script and without."""

import contextlib
import re

import pytest
from playwright.sync_api import Error, Page, expect

from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NEUTRAL = "https://www.bbc.co.uk/weather"


def sign_in(page: Page, portal: LivePortal, woman: dict) -> None:
    page.goto(f"{portal.address}/sign-in")
    page.get_by_label("Code name" if woman["language"] != "ar" else "الاسم الرمزي").fill(woman["code_name"])
    page.locator("#passcode").fill(woman["passcode"])
    page.locator("main button.btn").click()
    expect(page).to_have_url(f"{portal.address}/today")


def no_sideways_scroll(page: Page) -> None:
    """At 320 px nothing is wider than the screen (R37)."""
    page.wait_for_load_state()
    box = page.locator("html").bounding_box()
    widest = max(
        (
            part["x"] + part["width"]
            for part in (one.bounding_box() for one in page.locator("main *").all()[:200])
            if part
        ),
        default=0,
    )
    assert widest <= box["width"] + 1, f"{page.url}: {widest}"


def leave_is_in_sight(page: Page) -> None:
    """R1: at least 44 by 44, inside the viewport, covered by nothing."""
    # Nothing is painted before the sheet is there, but what a script measures then has no sheet yet.
    page.wait_for_load_state()
    box = page.locator("a.leave").bounding_box()
    assert box["width"] >= 44 and box["height"] >= 44
    assert box["y"] >= 0 and box["y"] + box["height"] <= 480 and box["x"] >= 0 and box["x"] + box["width"] <= 320


@pytest.fixture
def woman(portal: LivePortal, request: pytest.FixtureRequest) -> dict:
    """An English-speaking woman; another one for each of the two runs, so that their bookings do not meet."""
    english = [one for one in portal.demo["clients"] if one["language"] == "en" and one["safe_contact"] == "live"]
    return english[0 if "no script" in request.node.name else 1]


def test_she_books_sees_changes_and_cancels(phone: Page, portal: LivePortal, woman: dict):
    sign_in(phone, portal, woman)
    leave_is_in_sight(phone)
    no_sideways_scroll(phone)
    phone.get_by_role("link", name="Book an appointment").click()
    phone.get_by_text("Time with your worker").click()
    phone.wait_for_url("**/appointments/new?*kind=*")
    for _ in range(4):  # centre, worker and day are asked only where there is a choice
        no_sideways_scroll(phone)
        leave_is_in_sight(phone)
        if phone.locator("input[name=starts_at]").count():
            break
        with phone.expect_navigation():
            phone.locator("main a[href^='/appointments/new?']").first.click()
    phone.locator("input[name=starts_at]").first.check()
    phone.locator("main form button.btn").first.click()
    no_sideways_scroll(phone)
    phone.get_by_role("button", name=re.compile("Book this time")).click()
    expect(phone).to_have_url(re.compile(r"/appointments/\d+$"))
    no_sideways_scroll(phone)
    booked = phone.url
    phone.goto(f"{booked}/change")
    phone.locator("input[name=starts_at]").nth(1).check()
    phone.locator("main form button.btn").first.click()
    expect(phone).to_have_url(re.compile(r"/appointments/\d+$"))
    assert phone.url != booked
    phone.goto(f"{phone.url}/cancel")
    no_sideways_scroll(phone)
    phone.locator("main form button.btn").first.click()
    expect(phone.locator("main")).to_contain_text(re.compile("cancelled", re.I))


def test_see_her_worker_again_is_three_presses(phone: Page, portal: LivePortal, request):
    women = [one for one in portal.demo["clients"] if one["language"] not in ("en", "ar")]
    sign_in(phone, portal, women[0 if "no script" in request.node.name else 1])
    phone.goto(f"{portal.address}/today")
    phone.locator("main a[href*='worker=']").click()  # 1, in her own language
    phone.locator("input[name=starts_at]").first.check()
    phone.locator("main form button.btn").first.click()  # 2
    phone.locator("main form button.btn").first.click()  # 3
    expect(phone).to_have_url(re.compile(r"/appointments/\d+$"))


def test_leave_ends_it_wherever_she_is(phone: Page, portal: LivePortal, woman: dict):  # R2 R3
    sign_in(phone, portal, woman)
    for path in ("/plan", "/appointments", "/me"):
        phone.goto(f"{portal.address}{path}")
    with phone.expect_request(NEUTRAL):
        phone.locator("a.leave").click()
    for _ in range(6):
        nothing_of_hers_after(phone.go_back, phone, portal)
    for _ in range(6):
        nothing_of_hers_after(phone.go_forward, phone, portal)
    nothing_of_hers_after(lambda: phone.goto(f"{portal.address}/today"), phone, portal)


def nothing_of_hers_after(move, page: Page, portal: LivePortal) -> None:
    """The neutral page cannot be reached from a test machine, so the browser's own error page stands in for it."""
    with contextlib.suppress(Error):
        move()
    if page.url.startswith(portal.address):
        assert page.url == f"{portal.address}/"
        assert set(page.locator("main").inner_text().split()) <= {"My", "Week", "Start", "Help"}


def test_arabic_reads_from_the_right(phone: Page, portal: LivePortal):
    amal = next(one for one in portal.demo["clients"] if one["language"] == "ar")
    phone.goto(f"{portal.address}/language")
    phone.get_by_role("button", name=re.compile("العربية")).click()
    sign_in(phone, portal, amal)
    assert phone.locator("html").get_attribute("dir") == "rtl"
    assert phone.locator("a.leave").inner_text() == "خروج"
    for path in ("/today", "/plan", "/appointments", "/appointments/new", "/me", "/help", "/now"):
        phone.goto(f"{portal.address}{path}")
        leave_is_in_sight(phone)
        no_sideways_scroll(phone)
