"""Her plan on a small phone in real Chromium, with script and without: she picks, answers, rates, adds, agrees."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_her_journey import leave_is_in_sight, no_sideways_scroll, sign_in
from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def looks_right(page: Page) -> None:
    """At 320 by 480 nothing is wider than the screen and Leave is in sight (R1, R37)."""
    no_sideways_scroll(page)
    leave_is_in_sight(page)


WITH_A_SHARED_PLAN = {"script": "Green Kettle 17", "no script": "Mavi Kapi 48"}
"""Two women of the demo whose plan waits for their answer; the second one reads Turkish, and chooses English here."""


def test_she_picks_three_answers_rates_adds_words_and_agrees_partly(
    phone: Page, portal: LivePortal, request: pytest.FixtureRequest
):
    name = WITH_A_SHARED_PLAN["no script" if "no script" in request.node.name else "script"]
    woman = next(one for one in portal.demo["clients"] if one["code_name"] == name)
    sign_in(phone, portal, woman)
    phone.goto(f"{portal.address}/language")
    phone.locator("button[value=en]").click()
    phone.wait_for_url(lambda address: not address.endswith("/language"))
    phone.get_by_role("link", name="My plan", exact=True).click()
    looks_right(phone)
    phone.get_by_role("link", name="Change what to look at").click()
    looks_right(phone)
    for name in ("Health", "A place to live"):
        phone.get_by_label(name).uncheck()
    for name in ("Work and learning", "Children and family"):
        phone.get_by_label(name).check()
    phone.get_by_role("button", name="Save").click()
    expect(phone).to_have_url(f"{portal.address}/plan/order")
    looks_right(phone)
    phone.get_by_role("button", name="Move up: Children and family").click()
    expect(phone.locator("main ol li").nth(1)).to_contain_text("Children and family")
    phone.get_by_role("link", name="Go on").click()
    expect(phone.locator("h1")).to_have_text("Do you want help with this?")
    looks_right(phone)
    phone.get_by_label("I need some help").check()
    phone.get_by_role("button", name="Save").click()
    phone.get_by_label("What is good already?").fill("My sister helps me.")
    looks_right(phone)
    phone.get_by_role("button", name="Save my words").click()
    expect(phone.locator("h1")).to_have_text("How is this now?")
    looks_right(phone)
    phone.get_by_label("Some days hard, some days OK").check()
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator("h1")).to_have_text("Do you want help with this?")
    phone.get_by_role("link", name="Back to my plan").click()
    expect(phone.locator("main")).to_contain_text("My sister helps me.")
    expect(phone.get_by_role("img", name="Now: Some days hard, some days OK.")).to_be_visible()
    phone.get_by_role("link", name="Say something about your plan").click()
    phone.locator("textarea").fill("The bus is better on Thursdays, I think.")
    phone.locator("main form button.btn").click()
    expect(phone.locator("main")).to_contain_text("The bus is better on Thursdays, I think.")
    phone.get_by_role("link", name="Say if you agree").click()
    looks_right(phone)
    phone.get_by_role("button", name="Save my answer").click()
    expect(phone.get_by_role("alert")).to_contain_text("Choose one.")
    phone.get_by_label("I agree with part of it").check()
    phone.locator("textarea").fill("The second part is too soon.")
    phone.get_by_role("button", name="Save my answer").click()
    expect(phone).to_have_url(re.compile(r"/plan$"))
    expect(phone.locator("main")).to_contain_text("I agree with part of it")
    expect(phone.locator("main")).to_contain_text("The second part is too soon.")
    looks_right(phone)
