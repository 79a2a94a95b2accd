"""A list brought over in a real Chromium, and what stands on paper when its cards are printed."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.live import LivePortal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LIST = "Called name,Phone,Keyworker,Must not know\nRosalind,07700 900711,Jo,nobody\nنور الهدى,07700 900712,Leila,\n"


def test_a_list_is_brought_over_and_its_printed_cards_name_nobody(chromium: Browser, portal: LivePortal):  # R7
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    context.set_default_timeout(20_000)
    page = context.new_page()
    frances = next(one for one in portal.demo["staff"] if one["role"] == "manager")
    page.goto(f"{portal.address}/staff/sign-in")
    page.fill("#email", frances["email"])
    page.fill("#password", frances["password"])
    page.locator("main button.main").click()
    page.fill("#code", portal.next_code(frances))
    page.locator("main button.main").click()
    page.goto(f"{portal.address}/staff/start/clients")
    page.set_input_files("#list", {"name": "old.csv", "mimeType": "text/csv", "buffer": LIST.encode("utf-16")})
    page.get_by_role("button", name="Check the list").click()
    page.get_by_role("button", name="Bring over 2 women").click()
    page.get_by_role("link", name="Print cards for signing in").click()
    page.get_by_role("button", name="Make the codes and show the sheet").click()
    expect(page.locator(".slip")).to_have_count(2)
    page.emulate_media(media="print")
    on_paper = page.locator("body").inner_text()
    assert on_paper.count("Use within 24 hours.") == 2
    for word in ("Rosalind", "نور الهدى", "Jo", "Leila", "Frances", "Texts", "Made-up", "Sheet", "Sign out"):
        assert word not in on_paper, word
    boxes = [card.bounding_box() for card in page.locator(".slip").all()]
    assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] < boxes[1]["x"], "two beside each other"
    context.close()
