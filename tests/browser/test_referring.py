"""A referrer's journey and her own, in real Chromium: refers, books, prints the card, sees the state; asks herself."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_her_journey import leave_is_in_sight, no_sideways_scroll
from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def desk(chromium: Browser) -> Page:
    """A referrer's computer."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_a_referrer_refers_books_prints_and_sees_the_state(desk: Page, portal: LivePortal):
    dana = next(one for one in portal.demo["staff"] if one["role"] == "referrer")
    desk.goto(f"{portal.address}/staff/sign-in")
    desk.get_by_label("E-mail").fill(dana["email"])
    desk.get_by_label("Password").fill(dana["password"])
    desk.locator("main button.main").first.click()
    desk.get_by_label(re.compile("code", re.IGNORECASE)).first.fill(portal.next_code(dana))
    desk.locator("main button.main").first.click()
    expect(desk).to_have_url(f"{portal.address}/staff/referrals")
    desk.get_by_role("link", name="Refer a woman").click()
    expect(desk).to_have_title("Referral")

    desk.get_by_label("here, beside me").check()
    desk.get_by_label("What may we call her?").fill("Tansy")
    desk.get_by_label("Will come in").check()
    desk.get_by_label("She says: nobody").check()
    desk.get_by_label("From", exact=True).select_option("police")
    desk.get_by_label("Your reference").fill("REF-LIVE")
    desk.get_by_label("Disposal").select_option("conditional_caution")
    desk.get_by_role("group", name="Is or was the person").get_by_label("No", exact=True).check()
    desk.get_by_role("button", name="Send the referral").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("First time")

    desk.locator("input[name=starts_at]").first.check()
    desk.get_by_role("button", name="Book this time").click()
    expect(desk).to_have_url(re.compile(r"/staff/refer/\d+/card$"))
    desk.emulate_media(media="print")
    printed = desk.locator("body").inner_text()
    assert "Tansy" not in printed and "REF-LIVE" not in printed and "My Week" in printed
    assert not re.search("referral|police|first contact", printed, re.IGNORECASE)  # R7
    desk.emulate_media(media="screen")
    desk.get_by_role("link", name="Done").click()
    row = desk.get_by_role("row").filter(has_text="REF-LIVE")
    expect(row).to_contain_text("Received on Tue 1 Dec")
    assert desk.goto(f"{portal.address}/staff/clients").status == 403


def test_she_asks_for_support_herself(phone: Page, portal: LivePortal):
    phone.goto(f"{portal.address}/sign-in")
    phone.get_by_role("link", name="New here? Ask us to contact you.").click()
    leave_is_in_sight(phone)
    no_sideways_scroll(phone)
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_role("heading", name="Please check")).to_be_visible()
    leave_is_in_sight(phone)
    phone.get_by_label("What may we call you?").fill("Juniper")
    phone.get_by_label("I will come in").check()
    phone.get_by_label("No", exact=True).check()
    phone.get_by_label(re.compile("Yes, keep what")).check()
    phone.get_by_role("button", name="Send").click()
    expect(phone).to_have_url(f"{portal.address}/refer/sent")
    no_sideways_scroll(phone)
    leave_is_in_sight(phone)
    assert "Juniper" not in phone.content()
