"""A keyworker writes a plan with a woman, shares it, reads her words, and meets her in the same field - in Chromium."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support import live
from tests.support.tabs import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def house(tmp_path):
    """A portal of its own: it is written to."""
    with live.portal(tmp_path, worker=False, settings={"PORTAL_NOW": "2026-12-01T09:20:00+00:00"}) as portal:
        yield portal


@pytest.fixture(params=["script", "no script"])
def pages(chromium, request):
    """A desk's screen and her phone, with JavaScript and without."""
    script = request.param == "script"
    desk = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", java_script_enabled=script)
    phone = chromium.new_context(viewport=PHONE, locale="en-GB", java_script_enabled=script)
    for context in (desk, phone):
        context.set_default_timeout(10_000)
    yield desk.new_page(), phone.new_page()
    desk.close()
    phone.close()


def sign_in_staff(page: Page, house, email: str) -> None:
    house.sign_in_staff(page, email)
    expect(page).to_have_url(re.compile("/staff/today"))


def sign_in_her(page: Page, house, woman: dict) -> None:
    page.goto(f"{house.address}/sign-in")
    page.fill("[name=code_name]", woman["code_name"])
    page.fill("[name=passcode]", woman["passcode"])
    page.locator("main button.btn").click()
    expect(page).to_have_url(f"{house.address}/today")


def test_a_plan_in_both_hands(house, pages):
    desk, phone = pages
    woman = next(one for one in house.demo["clients"] if one["language"] == "en" and one["safe_contact"] == "live")
    plan = f"{house.address}/staff/clients/{woman['id']}/plan"
    sign_in_staff(desk, house, woman["keyworker"])

    # A goal with why it matters, an action, and the plan shared.
    desk.goto(plan)
    add = desk.locator("section.card", has=desk.get_by_role("heading", name="Add a goal"))
    add.get_by_label("Pathway").select_option("work")
    add.get_by_label("In her own words").fill("I want to bake for a living")
    add.get_by_label("In your words").fill("Find a course in baking")
    add.get_by_label("Why it matters to her").fill("It calms me")
    add.get_by_role("button", name="Add goal").click()
    goal = desk.locator("section.card", has_text="I want to bake for a living")
    goal.get_by_text("Add an action").click()
    goal.get_by_label("What", exact=True).fill("Ring the college")
    goal.get_by_role("button", name="Add action").click()
    desk.get_by_label("State", exact=True).select_option("shared")
    desk.get_by_role("button", name="Save state").click()

    # She reads it, adds words of her own and does the action; staff see both.
    sign_in_her(phone, house, woman)
    phone.goto(f"{house.address}/plan")
    expect(phone.locator("main")).to_contain_text("It calms me")
    card = phone.locator("section.card", has_text="bake for a living")
    card.get_by_role("link", name="Add something in your own words").click()
    phone.locator("textarea").fill("My grandmother taught me")
    phone.locator("main button.btn").first.click()
    phone.get_by_role("link", name="Ring the college").click()
    phone.get_by_role("button", name="I am doing it").click()
    desk.goto(plan)
    goal = desk.locator("section.card", has_text="I want to bake for a living")
    expect(goal).to_contain_text("My grandmother taught me")
    expect(goal.get_by_label("Status of: Ring the college")).to_have_value("doing")

    # Both word the same goal at once: the second sees both texts and keeps both.
    goal.get_by_role("link", name="Word this goal").click()
    phone.goto(f"{house.address}/plan")
    card = phone.locator("section.card", has_text="bake for a living")
    card.get_by_role("link", name="Change this goal").click()
    phone.locator("#her_words").fill("I want to bake bread")
    phone.locator("main button.btn").first.click()
    expect(phone).to_have_url(re.compile(r"/plan\?goal=(\d+)#g\1$"))
    desk.get_by_label("In her own words").fill("I want to bake cakes")
    desk.get_by_label("In your words").fill("A course by Easter")
    desk.get_by_role("button", name="Save").click()
    expect(desk.locator("main")).to_contain_text("She changed this herself while you wrote")
    expect(desk.locator("main")).to_contain_text("I want to bake bread")
    expect(desk.locator("main")).to_contain_text("I want to bake cakes")
    desk.get_by_label("Both, one below the other").check()
    desk.get_by_role("button", name="Save what you chose").click()
    expect(desk).to_have_url(plan)
    phone.reload()
    expect(phone.locator("main")).to_contain_text("I want to bake bread")
    expect(phone.locator("main")).to_contain_text("I want to bake cakes")
    expect(phone.locator("main")).to_contain_text("A course by Easter")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
