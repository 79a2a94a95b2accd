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


def code_on(page: Page, portal: LivePortal, woman: dict) -> str:
    """The code as it stands on her phone, once the worker has sent it."""
    for _ in range(40):
        page.goto(f"{portal.address}/demo/phone")
        card = page.locator("section", has_text=woman["code_name"]).first
        found = re.findall(r"\b[0-9]{6}\b", card.locator(".phone").inner_text()) if card.count() else []
        if found:
            return found[-1]
        time.sleep(0.5)
    raise AssertionError("no code came")


def test_she_signs_in_with_a_code_by_text_and_needs_her_passcode_for_more(
    phone: Page, chromium: Browser, portal: LivePortal, request: pytest.FixtureRequest
):
    woman = chose_codes(portal, 0)
    phone.goto(f"{portal.address}/sign-in")
    no_sideways_scroll(phone)
    phone.locator("a[href='/sign-in/text']").click()
    phone.locator("#code_name").fill(woman["code_name"])
    no_sideways_scroll(phone)
    phone.locator("main button.btn").click()
    expect(phone.locator("#code")).to_be_visible()
    leave_is_in_sight(phone)
    no_sideways_scroll(phone)
    hers = chromium.new_context(viewport=PHONE)
    code = code_on(hers.new_page(), portal, woman)
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
