"""How the back office stands on a desk's screen and on a phone, in a real Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = (
    "today", "diary", "diary?view=week", "diary/sheet", "clients", "clients/1", "clients/1/plan", "clients/1/messages",
    "clients/1/needs", "clients/1/risk", "waiting", "inbox", "worklist", "caseloads", "rota", "referrals", "away",
    "centres", "centres/1", "help", "reports", "audit", "switches", "roles", "groups", "groups/sessions/2", "me",
    "kinds", "conditions", "feedback",
)  # fmt: skip

SCROLLS_OUT_OF_REACH = """() => [...document.querySelectorAll("main *")].filter(one =>
    one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(one).overflowX)
    && !one.hasAttribute("tabindex") && !one.querySelector("a, button, input, select, textarea, summary")
).map(one => one.tagName + "." + one.className)"""


@pytest.fixture(scope="module")
def manager(chromium: Browser, portal: LivePortal) -> Iterator[Page]:
    """A manager who is signed in; every link of the back office that there is for anybody but an admin is hers."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", java_script_enabled=False)
    context.set_default_timeout(30_000)
    page = context.new_page()
    portal.sign_in_staff(page, "frances@example.org")
    page.home = f"{portal.address}/staff/"
    yield page
    context.close()


def test_the_bar_is_one_line_at_a_desk(manager: Page):
    manager.set_viewport_size({"width": 1280, "height": 800})
    manager.goto(f"{manager.home}rota")
    tops = manager.locator(".bar > nav > ul > li").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().top)"
    )
    assert len(tops) > 5 and max(tops) - min(tops) < 2
    assert manager.locator(".bar").bounding_box()["height"] < 60


def test_more_opens_by_keyboard_and_without_script(manager: Page):
    manager.goto(f"{manager.home}today")
    expect(manager.get_by_role("link", name="Caseloads")).not_to_be_visible()
    manager.locator(".more summary").focus()
    manager.keyboard.press("Enter")
    manager.keyboard.press("Tab")
    expect(manager.get_by_role("link", name="Caseloads")).to_be_focused()
    manager.keyboard.press("Enter")
    expect(manager.get_by_role("heading", level=1)).to_have_text("Caseloads")


def test_no_page_scrolls_sideways_on_a_phone_and_what_scrolls_can_be_reached(manager: Page):  # R37
    manager.set_viewport_size({"width": 320, "height": 640})
    for address in PAGES:
        assert manager.goto(manager.home + address).status == 200, address
        assert manager.evaluate("document.documentElement.scrollWidth") <= 320, address
        assert manager.evaluate(SCROLLS_OUT_OF_REACH) == [], address


def test_no_page_scrolls_sideways_at_a_desk_and_nothing_lies_under_what_stands_beside(manager: Page):
    manager.set_viewport_size({"width": 1280, "height": 800})
    for address in PAGES:
        manager.goto(manager.home + address)
        assert manager.evaluate("document.documentElement.scrollWidth") <= 1280, address
        aside, table = manager.locator("main aside").first, manager.locator("main .stack table").first
        if aside.count() and table.count():
            box, other = table.bounding_box(), aside.bounding_box()
            assert box["x"] + box["width"] <= other["x"], address


def test_the_heads_of_a_long_table_stay_in_sight(manager: Page):
    manager.set_viewport_size({"width": 1280, "height": 400})
    manager.goto(f"{manager.home}audit")
    head = manager.locator("thead th").first
    stood_at = head.bounding_box()["y"]
    manager.locator("tbody tr").last.scroll_into_view_if_needed()
    expect(head).to_be_in_viewport()  # where it sticks is worked out with the next frame
    assert manager.evaluate("scrollY") > stood_at + 100 and 0 <= head.bounding_box()["y"] < 5
    manager.set_viewport_size({"width": 1280, "height": 800})
    manager.goto(f"{manager.home}clients?sort=-called")
    expect(manager.locator("[aria-sort=descending]")).to_have_text("Called")


def test_a_screen_on_the_wall_shows_names_large(manager: Page):
    manager.set_viewport_size({"width": 1920, "height": 1080})
    manager.goto(f"{manager.home}today")
    size = manager.locator(".board .name").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 26


def test_paper_of_the_board_has_its_day_and_no_presses(manager: Page):
    manager.set_viewport_size({"width": 794, "height": 1123})
    manager.goto(f"{manager.home}today")
    manager.emulate_media(media="print")
    shown = [one for one in ("h1", ".board", "button", ".bar", ".banner", "aside") if seen(manager, one)]
    manager.emulate_media(media="screen")
    assert shown == ["h1", ".board"]


def seen(page: Page, selector: str) -> bool:
    return any(one.is_visible() for one in page.locator(selector).all())
