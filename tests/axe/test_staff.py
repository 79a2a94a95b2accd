"""Every page of the back office keeps WCAG 2.2 AA in a real browser, at a desk and on a phone (R37)."""

import pytest

from tests.support import axe

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("axe")]


FEWER_ROWS = "() => document.querySelectorAll('tbody tr:nth-child(n+16)').forEach((row) => row.remove())"
"""Long tables repeat themselves, and axe-core needs seconds for a hundred rows."""


@pytest.fixture(scope="module")
def known():
    """Paths and pieces of pages that have been looked at: many are the same for all roles."""
    return set()


@pytest.mark.parametrize("name", ["frances", "jo", "sam", "alex", "dana"])
def test_pages_of_a_role(portal, window, known, name):
    page, faulty = window(axe.ROOMY), {}
    portal.sign_in_staff(page, f"{name}@example.org")
    page.wait_for_load_state()
    for kind in axe.walk(page, portal.address, known, page.url.removeprefix(portal.address)):
        page.evaluate(FEWER_ROWS)
        found = axe.found(page)
        page.set_viewport_size(axe.ZOOMED)
        found += axe.found(page, rules=["target-size"]) + axe.sideways(page) + axe.with_sheet(page, axe.SPACED)
        page.set_viewport_size(axe.ROOMY)
        faulty[kind] = found
    axe.none_of(faulty)


def test_signing_in_and_errors(portal, window):
    page, faulty = window(axe.PHONE), {}
    for address in ("/staff/sign-in", "/staff/broken/403", "/staff/broken/404", "/staff/broken/500"):
        page.goto(portal.address + address)
        faulty[address] = axe.found(page) + axe.sideways(page)
    page.goto(f"{portal.address}/staff/sign-in")
    page.fill("[name=email]", "jo@example.org")
    page.fill("[name=password]", "not hers at all")
    page.click("main button")
    page.wait_for_selector("[role=alert]")
    faulty["wrong password"] = axe.found(page)
    axe.none_of(faulty)


def test_the_board_on_paper(portal, window):
    page = window(axe.ROOMY)
    portal.sign_in_staff(page, "sam@example.org")
    page.wait_for_load_state()
    page.emulate_media(media="print")
    assert axe.found(page, rules=axe.COLOURS_ONLY) == []
