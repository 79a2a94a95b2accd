"""Every page of hers, in every state, keeps WCAG 2.2 AA in a real browser at 320 px (R37)."""

import pytest
from playwright.sync_api import Page

from portal.core.locales import LANGUAGES, WITH_CATALOGUE
from tests.axe.conftest import give, let_time_pass
from tests.html.test_every_page import HERS
from tests.support import axe

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("axe")]

PUBLIC = ("/", "/now", "/help", "/help?need=money", "/sign-in", "/set-up", "/accessibility", "/privacy", "/refer",
          "/feedback")  # fmt: skip
FULL, EMPTY, ARABIC = "Blue Heron 42", "Cedar Window 93", "قمر أزرق 23"
RIGHT_TO_LEFT = [code for code in WITH_CATALOGUE if LANGUAGES[code].right_to_left]
WITH_FORMS = (
    "/plan/words",
    "/me/passcode",
    "/step-up",
    "/appointments/new?kind=1&centre=1&day=2026-12-01",
    "/feedback",
)
FEW = ("/today", "/appointments/new?kind=1&centre=1", "/plan", "/now", "/me/safe-contact", "/messages")
SEND_EMPTY = """() => {
  const form = [...document.querySelectorAll("main form[method=post]")].pop();
  for (const field of form.querySelectorAll("input:not([type=hidden]),textarea,select"))
    if (/radio|checkbox/.test(field.type)) field.checked = false; else field.value = "";
  form.noValidate = true;
  const button = form.querySelector("button");
  form.requestSubmit(button);
}"""
SEND_TO = "(where) => { const form = document.querySelector('main form'); form.action = where; form.submit(); }"


def laid_out_badly(page: Page) -> list[str]:
    """What is too small to press or finds no room on a page of hers, with her own spacing of text too."""
    return axe.small(page) + axe.sideways(page) + axe.with_sheet(page, axe.SPACED)


def faults(page: Page) -> list[str]:
    """What is wrong with a page of hers, in the light and in the dark."""
    found = axe.found(page) + axe.unseen(page) + laid_out_badly(page)
    page.emulate_media(color_scheme="dark")
    found += [f"in the dark: {fault}" for fault in axe.unseen(page) + axe.found(page, rules=axe.COLOURS_ONLY)]
    page.emulate_media(color_scheme="light")
    return found


@pytest.fixture(scope="module")
def known() -> set[str]:
    """Paths and pieces of English pages that have been looked at."""
    return set()


def all_faults(page: Page, site: str, known: set[str], *starts: str) -> dict[str, list[str]]:
    """The faults of each kind of page that links lead to, and that holds something new."""
    faulty = {kind: faults(page) for kind in axe.walk(page, site, known, *starts)}
    assert len(faulty) >= 3
    return faulty


def faults_in_its_language(page: Page, site: str, *starts: str) -> dict[str, list[str]]:
    """The faults of each kind of page that links lead to; colours are those of the English ones, in the dark too."""
    return {kind: axe.found(page) + laid_out_badly(page) for kind in axe.walk(page, site, set(), *starts)}


def sent(page: Page, script: str, *given: str) -> int:
    """Send a form of the page by script; gives the status of the answer."""
    with page.expect_navigation() as navigation:
        page.evaluate(script, *given)
    return navigation.value.status


def test_signed_out(portal, window, known):
    axe.none_of(all_faults(window(axe.PHONE), portal.address, known, *PUBLIC))


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_signed_out_from_right_to_left(portal, window, language):
    page = window(axe.PHONE, language)
    axe.none_of(faults_in_its_language(page, portal.address, *PUBLIC))
    assert page.locator("html").get_attribute("dir") == "rtl"


@pytest.mark.parametrize("code_name", [FULL, EMPTY])
def test_signed_in(portal, woman, known, code_name):
    axe.none_of(all_faults(woman(code_name), portal.address, known, *HERS))


def test_signed_in_from_right_to_left(portal, woman):
    axe.none_of(faults_in_its_language(woman(ARABIC), portal.address, *HERS))


def test_error_pages(portal, window):  # R49
    page, faulty = window(axe.PHONE), {}
    for status in (400, 403, 404, 405, 409, 413, 429, 500, 503):
        assert page.goto(f"{portal.address}/broken/{status}").status == status
        faulty[status] = faults(page)
    page.goto(f"{portal.address}/language")
    assert sent(page, SEND_TO, "/broken/429") == 429
    assert page.locator("main form button").count() == 1, "what was sent cannot be sent again"
    faulty["sent too often"] = faults(page)
    axe.none_of(faulty)


@pytest.mark.parametrize("code_name", [FULL, ARABIC])
def test_forms_with_faults(portal, woman, code_name):
    page, faulty = woman(code_name), {}
    for address in WITH_FORMS:
        page.goto(portal.address + address)
        assert sent(page, SEND_EMPTY) == 422, address
        faulty[address] = faults(page)
    axe.none_of(faulty)


def test_ways_in_and_out(portal, window):
    """A wrong passcode, the passcode asked again, away too long with words kept, and the front page after Leave."""
    page, faulty = window(axe.PHONE), {}
    one = next(one for one in portal.demo["clients"] if one["code_name"] == FULL)
    for address in ("/sign-in", "/set-up", "/refer"):
        page.goto(portal.address + address)
        assert sent(page, SEND_EMPTY) == 422
        faulty[f"{address} with faults"] = faults(page)
    page.goto(f"{portal.address}/sign-in")
    give(page, code_name=FULL, passcode="000000")
    assert page.locator("main [role=alert]").count() == 1
    faulty["wrong passcode"] = faults(page)
    give(page, code_name=FULL, passcode=one["passcode"])
    page.goto(f"{portal.address}/me/safe-contact")
    faulty["passcode again"] = faults(page)
    give(page, passcode="000000")
    faulty["passcode again, wrong"] = faults(page)
    give(page, passcode=one["passcode"])
    page.goto(f"{portal.address}/messages")
    page.locator("main textarea").fill("Can I come at 3 instead?")
    let_time_pass(portal)
    page.locator("main form:has(textarea) button").click()
    page.wait_for_url("**/sign-in**")
    faulty["away too long"] = faults(page)
    give(page, code_name=FULL, passcode=one["passcode"])
    assert "Can I come" not in page.content(), "R16: what she wrote is behind her passcode"
    give(page, passcode=one["passcode"])
    assert page.locator("main textarea").input_value() == "Can I come at 3 instead?"
    faulty["her words are kept"] = faults(page)
    page.context.request.get(f"{portal.address}/leave", max_redirects=0)
    page.goto(f"{portal.address}/")
    assert page.locator("main button").count() == 2
    faulty["after Leave"] = faults(page)
    axe.none_of(faulty)


@pytest.mark.parametrize("code_name", [FULL, ARABIC])
def test_as_the_reader_set_her_screen(portal, woman, code_name):
    """On paper, letters twice as large, and 1280 by 1024 at 400 %."""
    page, faulty = woman(code_name), {}
    for address in FEW:
        page.goto(portal.address + address)
        page.emulate_media(media="print")
        found = [f"on paper: {fault}" for fault in axe.found(page, rules=axe.COLOURS_ONLY)]
        page.emulate_media(media="screen")
        page.set_viewport_size(axe.ZOOMED)
        found += [f"at 400 %: {fault}" for fault in axe.sideways(page)]
        page.set_viewport_size(axe.HALF)
        found += [f"at 200 %: {fault}" for fault in axe.with_sheet(page, axe.DOUBLE)]
        page.set_viewport_size(axe.PHONE)
        faulty[address] = found
    axe.none_of(faulty)


def test_forced_colours_leave_buttons_an_edge(portal, woman):
    """The colours are the reader's own there; axe-core reads the fill of letters as written, so it is not asked."""
    page = woman(FULL)
    page.emulate_media(forced_colors="active")
    page.goto(f"{portal.address}/me/passcode")
    for button in (page.locator("a.leave"), page.locator("main button.btn").first):
        assert button.evaluate("(one) => parseFloat(getComputedStyle(one).borderTopWidth)") >= 1
