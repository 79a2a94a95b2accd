"""A page with the part of the sheet that it uses inside looks to the pixel like the same page with the sheet linked."""

import pytest
from playwright.sync_api import Browser, Page

from tests.support.tabs import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = ("/now", "/help", "/help?need=", "/help/5", "/help/card", "/sign-in", "/set-up", "/refer", "/feedback",
         "/privacy", "/accessibility", "/about-leaving", "/language", "/nothing-here")  # fmt: skip


def drawn(page: Page, address: str) -> tuple[bytes, bytes]:
    """The whole page on the screen, and on paper."""
    page.goto(address)
    seen = page.screenshot(full_page=True)
    page.emulate_media(media="print")
    printed = page.screenshot(full_page=True)
    page.emulate_media(media="screen")
    return seen, printed


@pytest.mark.parametrize(("language", "scheme"), [("en-GB", "light"), ("ar", "dark")])
def test_inside_and_linked_look_the_same(chromium: Browser, still_portal, language, scheme):
    here_before = chromium.new_context(viewport=PHONE, locale=language, color_scheme=scheme)
    linked = here_before.new_page()
    linked.goto(f"{still_portal.address}/privacy")
    other = []
    for path in PAGES:
        first_visit = chromium.new_context(viewport=PHONE, locale=language, color_scheme=scheme)
        inside = first_visit.new_page()
        pictures = [drawn(page, still_portal.address + path) for page in (inside, linked)]
        assert [page.locator("style").count() for page in (inside, linked)] == [1, 0], path
        if pictures[0] != pictures[1]:
            other.append(path)
        first_visit.close()
    here_before.close()
    assert other == []
