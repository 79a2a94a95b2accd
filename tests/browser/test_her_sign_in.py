"""Signing in on a small phone in real Chromium: a code by text, a shared phone, staying, a new passcode."""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.test_her_journey import leave_is_in_sight, no_sideways_scroll
from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def chose_codes(portal: LivePortal, number: int) -> dict:
    """A woman of the demo who chose a code by text: every fourth did, and may be texted at 9:20 on a Tuesday."""
    return [one for one in portal.demo["clients"] if one["id"] % 4 == 1 and one["safe_contact"] == "live"][number]


def codes_on(page: Page, portal: LivePortal, woman: dict) -> list[str]:
    """The codes that stand on her phone."""
    page.goto(f"{portal.address}/demo/phone")
    card = page.locator("section", has_text=woman["code_name"]).first
    return re.findall(r"\b[0-9]{6}\b", card.locator(".phone").inner_text()) if card.count() else []


def new_code_on(page: Page, portal: LivePortal, woman: dict, before: list[str]) -> str:
    """The code that her phone did not show `before`, once the worker has sent it."""
    for _ in range(40):
        found = [code for code in codes_on(page, portal, woman) if code not in before]
        if found:
            return found[0]
        time.sleep(0.5)
    raise AssertionError("no code came")


def test_she_signs_in_with_a_code_by_text_and_needs_her_passcode_for_more(
    phone: Page, chromium: Browser, portal: LivePortal
):
    woman = chose_codes(portal, 0)
    hers = chromium.new_context(viewport=PHONE)
    before = codes_on(hers.new_page(), portal, woman)
    phone.goto(f"{portal.address}/sign-in")
    no_sideways_scroll(phone)
    phone.locator("a[href='/sign-in/text']").click()
    phone.locator("#code_name").fill(woman["code_name"])
    no_sideways_scroll(phone)
    phone.locator("main button.btn").click()
    expect(phone.locator("#code")).to_be_visible()
    leave_is_in_sight(phone)
    no_sideways_scroll(phone)
    code = new_code_on(hers.pages[0], portal, woman, before)
    hers.close()
    phone.locator("#code").fill(f"{code[:3]} {code[3:]}")
    phone.locator("#shared").check()
    phone.locator("main button.btn").click()
    expect(phone).to_have_url(f"{portal.address}/today")
    phone.goto(f"{portal.address}/me/signed-in")
    no_sideways_scroll(phone)
    expect(phone.locator("main")).to_contain_text("With a code by text.")
    expect(phone.locator("main")).to_contain_text("Not your own phone or computer")
    phone.goto(f"{portal.address}/plan?more=1")
    phone.goto(f"{portal.address}/me/passcode")
    no_sideways_scroll(phone)
    leave_is_in_sight(phone)


def test_she_is_warned_stays_by_one_press_and_is_out_when_time_is_over(chromium: Browser, portal: LivePortal):  # R15
    woman = portal.demo["clients"][1]
    context = chromium.new_context(viewport=PHONE, locale="en-GB")
    page = context.new_page()
    page.clock.install()
    page.goto(f"{portal.address}/sign-in")
    page.locator("#code_name").fill(woman["code_name"])
    page.locator("#passcode").fill(woman["passcode"])
    page.locator("#shared").check()
    page.locator("main button.btn").click()
    expect(page).to_have_url(f"{portal.address}/today")
    page.goto(f"{portal.address}/me")
    said = page.locator("#idle span")
    page.clock.run_for(200_000)
    expect(said).to_be_hidden()
    page.clock.run_for(14_000)
    expect(said).to_be_visible()
    leave_is_in_sight(page)
    no_sideways_scroll(page)
    page.mouse.wheel(0, 2000)
    expect(said).to_be_in_viewport()
    leave_is_in_sight(page)
    with page.expect_response(lambda answer: answer.url.endswith("/stay") and answer.status == 204):
        page.locator("#idle button").click()
    expect(said).to_be_hidden()
    page.clock.run_for(200_000)
    expect(said).to_be_hidden()
    page.clock.run_for(104_000)
    expect(page).to_have_url(f"{portal.address}/sign-in?over=1")
    context.close()


def test_words_that_are_not_sent_stay_on_the_page(chromium: Browser, portal: LivePortal):  # R38
    woman = portal.demo["clients"][1]
    context = chromium.new_context(viewport=PHONE, locale="en-GB")
    page = context.new_page()
    page.clock.install()
    page.goto(f"{portal.address}/sign-in")
    page.locator("#code_name").fill(woman["code_name"])
    page.locator("#passcode").fill(woman["passcode"])
    page.locator("main button.btn").click()
    page.goto(f"{portal.address}/plan/words")
    page.locator("textarea").fill("I was not finished.")
    page.clock.run_for(620_000)
    expect(page.locator("textarea")).to_have_value("I was not finished.")
    expect(page.locator("#idle span")).to_be_visible()
    context.close()


def signed_in_by_clock(chromium: Browser, portal: LivePortal, *, shared: bool) -> Page:
    """A woman signed in on a page whose time a test turns."""
    woman = portal.demo["clients"][1]
    page = chromium.new_context(viewport=PHONE, locale="en-GB").new_page()
    page.clock.install()
    page.goto(f"{portal.address}/sign-in")
    page.locator("#code_name").fill(woman["code_name"])
    page.locator("#passcode").fill(woman["passcode"])
    if shared:
        page.locator("#shared").check()
    page.locator("main button.btn").click()
    expect(page).to_have_url(f"{portal.address}/today")
    return page


def test_on_a_device_that_is_not_hers_words_hold_the_page_only_while_she_types(
    chromium: Browser, portal: LivePortal
):  # R15
    page = signed_in_by_clock(chromium, portal, shared=True)
    page.goto(f"{portal.address}/plan/words")
    page.locator("textarea").fill("I was")
    page.clock.run_for(200_000)
    page.locator("textarea").press_sequentially(" not")
    page.clock.run_for(200_000)
    expect(page.locator("textarea")).to_have_value("I was not")
    page.clock.run_for(104_000)
    expect(page).to_have_url(f"{portal.address}/sign-in?over=1")
    page.context.close()


def test_staying_begins_the_pages_own_refresh_anew(chromium: Browser, portal: LivePortal):  # R15 R36
    page = signed_in_by_clock(chromium, portal, shared=True)
    answer = page.goto(f"{portal.address}/appointments")
    assert answer is not None and answer.headers["refresh"] == "300; url=/sign-in?over=1"
    page.clock.run_for(214_000)
    with page.expect_navigation(url=f"{portal.address}/appointments"):
        page.locator("#idle button").click()
    expect(page.locator("#idle span")).to_be_hidden()
    page.context.close()


def test_a_busy_server_does_not_close_the_page_of_who_stays(chromium: Browser, portal: LivePortal):  # R15 R38
    page = signed_in_by_clock(chromium, portal, shared=True)
    page.goto(f"{portal.address}/me")
    page.route("**/stay", lambda route: route.fulfill(status=429, body=""))
    page.clock.run_for(214_000)
    with page.expect_response("**/stay"):
        page.locator("#idle button").click()
    expect(page.locator("#idle span")).to_be_visible()
    page.unroute("**/stay")
    with page.expect_response(lambda answer: answer.url.endswith("/stay") and answer.status == 204):
        page.locator("#idle button").click()
    expect(page.locator("#idle span")).to_be_hidden()
    expect(page).to_have_url(f"{portal.address}/me")
    page.context.close()
