"""Her pages as Opera Mini's extreme mode and old phones show them: no script of ours, half of the sheet (R35, R37)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.axe.conftest import give
from tests.axe.test_hers import ARABIC, FULL, PUBLIC
from tests.html.test_every_page import HERS
from tests.support import axe, old_sheet

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("axe")]

WAYS_OUT = """() => [...document.querySelectorAll("a[href='/leave']")].filter((one) => one.checkVisibility())
  .map((one) => { const box = one.getBoundingClientRect(); return [box.width, box.height, box.top + scrollY]; })"""


@pytest.fixture
def old_phone(portal, window) -> Callable[[str], Page]:
    """Opens a window that reads her sheet as an old browser does and runs no script of ours."""

    def open_window(language: str = "en-GB") -> Page:
        page = window(axe.PHONE, language)
        # It says not where it comes from, so that it gets the link to the sheet; who has a cookie is treated alike.
        page.context.add_cookies([{"name": "old", "value": "1", "url": portal.address}])
        page.route(re.compile(r"/static/js/"), lambda route: route.abort())
        page.route(re.compile(r"/static/css/"), serve_what_it_knows)
        return page

    return open_window


def serve_what_it_knows(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=old_sheet.as_opera_mini_reads_it(answer.text()))


def faults(page: Page) -> list[str]:
    """What cannot be read, pressed or left there."""
    ways_out = page.evaluate(WAYS_OUT)
    lost = [] if len(ways_out) == 2 else [f"Leave at the top and at the end, not {ways_out}"]
    lost += [f"Leave is small: {way}" for way in ways_out if min(way[:2]) < 44]
    lost += axe.unseen(page)
    return lost + axe.found(page, rules=axe.COLOURS_ONLY) + axe.small(page) + axe.sideways(page)


def test_signed_out(portal, old_phone):
    page = old_phone()
    axe.none_of({kind: faults(page) for kind in axe.walk(page, portal.address, set(), *PUBLIC)})


@pytest.mark.parametrize("code_name", [FULL, ARABIC])
def test_signed_in(portal, old_phone, code_name):
    one = next(one for one in portal.demo["clients"] if one["code_name"] == code_name)
    page = old_phone(one["language"])
    page.goto(f"{portal.address}/sign-in")
    give(page, code_name=code_name, passcode=one["passcode"])
    page.goto(f"{portal.address}/step-up")
    give(page, passcode=one["passcode"])
    axe.none_of({kind: faults(page) for kind in axe.walk(page, portal.address, set(), *HERS)})
    page.goto(f"{portal.address}/today")
    page.locator("a[href='/leave']").last.click()
    expect(page).not_to_have_url(re.compile(re.escape(portal.address)))
