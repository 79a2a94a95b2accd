"""A keyworker asks a partner with two purposes agreed and prints; she reads it on her phone and takes it back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_her_journey import leave_is_in_sight, no_sideways_scroll
from tests.browser.test_her_journey import sign_in as her_sign_in
from tests.support import live

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def house(tmp_path):
    """A portal of its own: it is written to."""
    with live.portal(tmp_path, worker=False, settings={"PORTAL_NOW": "2026-12-01T09:20:00+00:00"}) as portal:
        yield portal


@pytest.fixture
def desk(chromium):
    """A keyworker's screen."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def say_yes(page, question: str) -> None:
    page.get_by_role("row", name=re.compile(question)).get_by_label("Yes").check()


def printed(page) -> str:
    """What comes out of the printer, as words."""
    page.emulate_media(media="print")
    text = page.locator("body").inner_text()
    page.emulate_media(media="screen")
    return text


def test_asked_with_two_purposes_printed_and_taken_back(house, desk, phone):
    woman = next(one for one in house.demo["clients"] if one["language"] == "en" and one["safe_contact"] == "live")
    house.sign_in_staff(desk, woman["keyworker"])
    desk.goto(f"{house.address}/staff/clients/{woman['id']}")
    desk.get_by_label("What others are told").check()
    desk.get_by_role("button", name="Save", exact=True).click()
    name = desk.locator(".head .big").inner_text()
    desk.get_by_role("link", name="Who was asked to help her").click()
    desk.get_by_label("Housing").check()
    desk.get_by_label("Or its name").fill("Made-up Harbour Rooms")
    desk.get_by_label("What she would like from them").fill("A room of her own")
    desk.get_by_role("button", name="Write it down").click()
    expect(desk.get_by_role("row", name="May we ask them to help you")).to_be_visible()
    assert desk.locator("main table input:checked").count() == 0, "nothing is agreed by default"
    say_yes(desk, "May we ask them to help you")
    say_yes(desk, "May they tell us whether they can help")
    say_yes(desk, "The name to call you by")
    desk.get_by_label("In person").check()
    desk.get_by_role("button", name="Save what she said").click()
    expect(desk.locator(".head")).to_contain_text("Agreed, not sent")
    desk.get_by_role("link", name="Look at it and print").click()
    expect(desk.get_by_role("button", name="They are told now: keep and print")).to_be_visible()
    assert name not in printed(desk), "nothing prints before they are told"
    desk.get_by_role("button", name="They are told now: keep and print").click()
    expect(desk).to_have_title("Sheet")
    sheet = desk.url
    paper = printed(desk)
    assert name in paper and "You may tell us whether you can help" in paper
    for hidden in ("A room of her own", "talk about how it goes", "07700", woman["code_name"], "Sign out"):
        assert hidden not in paper, hidden

    her_sign_in(phone, house, woman)
    phone.goto(f"{house.address}/me")
    phone.get_by_role("link", name="Who we asked to help you").click()
    phone.locator("#passcode").fill(woman["passcode"])
    phone.locator("main button.btn").click()
    expect(phone).to_have_url(f"{house.address}/me/shared")
    card = phone.locator("section", has_text="Made-up Harbour Rooms")
    expect(card).to_contain_text("We have asked them.")
    expect(card).to_contain_text(name)
    no_sideways_scroll(phone)
    leave_is_in_sight(phone)
    card.get_by_role("button", name="I do not want this any more").click()
    expect(card).to_contain_text("Your worker will tell them to stop.")
    no_sideways_scroll(phone)

    desk.goto(sheet)
    expect(desk.locator("main")).to_contain_text("It cannot be printed any more.")
    desk.goto(f"{house.address}/staff/worklist")
    expect(desk.locator("main")).to_contain_text("She took back what a partner was told: tell them")
