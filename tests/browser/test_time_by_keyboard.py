"""Her time runs out: she is told once, well before, and stays by keys alone, as often as she likes (R15, R36)."""

import pytest
from playwright.sync_api import Browser, expect

from portal.accounts.rules import IDLE, warn_after
from tests.support.keyboard import Keyboard
from tests.support.live import LivePortal
from tests.support.tabs import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# How often what is said of the time changes: each change of what it shows is said once.
COUNT = """() => {
  window.said = 0;
  const idle = document.getElementById("idle"), all = { subtree: true, childList: true, attributes: true };
  const changed = (one) => one.type !== "attributes" || one.target.getAttribute(one.attributeName) !== one.oldValue;
  new MutationObserver((seen) => { window.said += seen.filter(changed).length; })
    .observe(idle, { ...all, characterData: true, attributeOldValue: true });
}"""


def test_she_is_told_at_least_twenty_seconds_before():
    for seconds in (each.total_seconds() for each in IDLE.values()):
        assert seconds - warn_after(int(seconds)) >= 20


def test_she_is_told_once_and_stays_by_keys_again_and_again(chromium: Browser, still_portal: LivePortal):
    woman = still_portal.demo["clients"][11]
    page = chromium.new_context(viewport=PHONE, locale="en-GB").new_page()
    page.clock.install()
    keys = Keyboard(page)
    page.goto(f"{still_portal.address}/sign-in")
    page.locator("#code_name").fill(woman["code_name"])
    page.locator("#passcode").fill(woman["passcode"])
    page.locator("#passcode").press("Enter")
    expect(page).to_have_url(f"{still_portal.address}/today")
    page.goto(f"{still_portal.address}/messages")
    page.locator("#body").fill("Not finished")
    page.evaluate(COUNT)
    said = page.locator("#idle")
    assert said.get_attribute("role") == "status"
    warned = int(said.get_attribute("data-warn") or 0)
    for turn in (1, 2):
        page.clock.run_for((warned + 4) * 1000)
        expect(said.locator("span")).to_be_visible()
        page.clock.run_for(10_000)
        assert page.evaluate("window.said") == 2 * turn - 1
        while (stop := keys.tab(back=True)) is not None and stop.name != "Stay here":
            pass
        assert stop is not None, "Shift and Tab do not reach it"
        with page.expect_response("**/stay"):
            keys.press("Enter")
        expect(said.locator("span")).to_be_hidden()
        page.locator("#body").focus()
    expect(page.locator("#body")).to_have_value("Not finished")
    page.context.close()
