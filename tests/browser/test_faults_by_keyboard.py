"""A form sent with faults, by keys alone: the summary has the focus and leads to the field, with script and without."""

import pytest
from playwright.sync_api import Browser, Page

from tests.support.keyboard import Keyboard
from tests.support.live import LivePortal
from tests.support.tabs import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FOCUSED = "document.activeElement.id"


def test_the_summary_takes_the_focus_and_leads_to_each_field(phone: Page, still_portal: LivePortal):  # R37 WCAG 3.3.1
    keys = Keyboard(phone)
    phone.goto(f"{still_portal.address}/refer")
    keys.to(field="called_name")
    keys.type("Rosa")
    keys.to("^Send$")
    keys.enter()
    phone.wait_for_function(f"{FOCUSED} === 'faults'")
    links = [link.get_attribute("href") or "" for link in phone.locator("#faults a").all()]
    assert links
    for link in links:
        phone.evaluate("document.getElementById('faults').focus()")
        keys.to(address=link)
        keys.press("Enter")
        assert phone.evaluate(FOCUSED) == link[1:]
        stop = keys.here()
        assert stop is not None and not stop.covered  # R1 WCAG 2.4.11
    assert phone.locator("#called_name").input_value() == "Rosa"


def test_codes_and_passcodes_can_be_pasted(chromium: Browser, still_portal: LivePortal):  # R37 WCAG 3.3.8
    page = chromium.new_context(viewport=PHONE, locale="en-GB").new_page()
    keys = Keyboard(page)
    page.goto(f"{still_portal.address}/set-up")
    keys.to(field="code_name")
    keys.type("4821 7730")
    for key in ("Control+a", "Control+c"):
        keys.press(key)
    for field in ("code", "passcode"):
        keys.to(field=field)
        keys.press("Control+v")
        assert page.locator(f"#{field}").input_value() == "4821 7730"
    page.context.close()
