"""What her pages cost on the wire, read in a real browser over HTTPS: every page, every header, every request."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import brotli
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.core.locales import WITH_CATALOGUE
from tests.html.test_every_page import HERS, LEADS_AWAY, kind_of
from tests.support.first_visit import MOST_BYTES, MOST_REQUESTS
from tests.support.line import Line
from tests.support.live import ROOT, LivePortal
from tests.support.tabs import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MOST_BYTES_OF_A_BOOKING = 30_000
EVERYBODYS = ("/", "/now", "/help", "/sign-in", "/sign-in/text", "/set-up", "/refer", "/feedback", "/privacy",
              "/accessibility", "/nothing-here")  # fmt: skip


def longest_language() -> str:
    """The language whose words take most bytes when they are packed."""

    def packed(code: str) -> int:
        catalogue = ROOT / "translations" / code / "LC_MESSAGES" / "messages.mo"
        return len(brotli.compress(catalogue.read_bytes(), quality=5)) if catalogue.exists() else 0

    return max(WITH_CATALOGUE, key=packed)


class Meter:
    """A tab that keeps nothing, and what each page that it opens costs by the browser's own record of its network."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self._asked: set[str] = set()
        self._bytes: list[int] = []
        network = context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        network.on("Network.requestWillBeSent", self._note_request)
        network.on("Network.loadingFinished", self._note_end)

    def _note_request(self, event: dict) -> None:
        # A browser's own signs, of a field for a day for one, are requests for data: that go nowhere.
        if event["request"]["url"].startswith("http"):
            self._asked.add(event["requestId"])

    def _note_end(self, event: dict) -> None:
        if event["requestId"] in self._asked:
            self._bytes.append(int(event["encodedDataLength"]))

    def visit(self, address: str) -> tuple[int, int]:
        """Open a page; gives its bytes and its requests."""
        self._bytes.clear()
        self.page.goto(address, wait_until="load")
        return sum(self._bytes), len(self._bytes)

    def links(self) -> list[str]:
        """The addresses of ours that the page leads to."""
        found = self.page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
        return [link.partition("#")[0] for link in found if link.startswith("/") and not link.startswith(LEADS_AWAY)]


@pytest.fixture(scope="module")
def language() -> str:
    """The language that takes most bytes; the others are asked without a browser, in tests/web/test_first_visits."""
    return longest_language()


@pytest.fixture
def phone_of(chromium: Browser, language: str) -> Iterator[BrowserContext]:
    """A phone set to that language."""
    context = chromium.new_context(viewport=PHONE, locale=language, ignore_https_errors=True)
    context.set_default_timeout(20_000)
    yield context
    context.close()


def sign_in(page: Page, address: str, woman: dict) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=code_name]", woman["code_name"])
    page.fill("[name=passcode]", woman["passcode"])
    page.click("main button.btn")
    expect(page).to_have_url(f"{address}/today")


def costs(meter: Meter, address: str, starts: tuple[str, ...], *, as_first: bool) -> dict[str, tuple[int, int]]:
    """Bytes and requests of one page of each kind that links lead to; `as_first` forgets every cookie before each."""
    waiting, kinds, found = list(starts), set(), {}
    while waiting:
        path = waiting.pop(0)
        if (kind := kind_of(path)) in kinds or path.startswith(("/staff", "/demo")):
            continue
        kinds.add(kind)
        if as_first:
            meter.page.context.clear_cookies()
        cost = meter.visit(address + path)
        if meter.page.url == address + path:
            found[path] = cost
        waiting += (urljoin(path, link) for link in meter.links())
    return found


def too_dear(found: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    return {path: cost for path, cost in found.items() if cost[0] > MOST_BYTES or cost[1] > MOST_REQUESTS}


def test_every_page_of_a_first_visit_costs_at_most_7300_bytes(phone_of: BrowserContext, to_portal: Line):
    found = costs(Meter(phone_of), to_portal.address, EVERYBODYS, as_first=True)
    assert {"/now", "/help", "/help/card", "/about-leaving", "/language"} <= set(found)
    assert too_dear(found) == {}


def test_so_does_every_page_of_hers(phone_of: BrowserContext, to_portal: Line, portal_behind: LivePortal, language):
    woman = next(one for one in portal_behind.demo["clients"] if one["language"] == "en")
    meter = Meter(phone_of)
    meter.page.goto(f"{to_portal.address}/language")
    meter.page.click(f"button[value={language}]")
    sign_in(meter.page, to_portal.address, woman)
    meter.page.goto(f"{to_portal.address}/messages")
    meter.page.fill("[name=passcode]", woman["passcode"])
    meter.page.click("main button.btn")
    expect(meter.page).to_have_url(f"{to_portal.address}/messages")
    meter.page.wait_for_load_state()
    found = costs(meter, to_portal.address, HERS, as_first=False)
    assert len(found) > 40 and {"/today", "/plan", "/appointments", "/messages", "/me"} <= set(found)
    assert too_dear(found) == {}


@pytest.mark.parametrize("path", ["/now", "/help?need=", "/sign-in"])
def test_the_line_carries_what_the_browser_says_and_nothing_else(chromium: Browser, to_portal: Line, path: str):
    """No icon, no page guessed beforehand, nothing that the browser's own record leaves out."""
    context = chromium.new_context(ignore_https_errors=True)
    meter = Meter(context)
    to_portal.forget()
    size, requests = meter.visit(to_portal.address + path)
    meter.page.wait_for_timeout(500)
    assert to_portal.asked[0] == path and len(to_portal.asked) == requests == 2, "the script, and no sheet of its own"
    assert (to_portal.down, size <= MOST_BYTES) == (size, True)
    context.close()


def test_a_first_visit_is_as_styled_as_the_next_one_which_fetches_the_sheet_to_keep(chromium, to_portal: Line):
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()
    looks, sheets = [], []
    for open_it in (lambda: page.goto(f"{to_portal.address}/now"), lambda: page.click("a[href='/about-leaving']")):
        to_portal.forget()
        open_it()
        page.wait_for_load_state()
        looks.append(page.eval_on_selector(".leave", "one => JSON.stringify({...getComputedStyle(one)})"))
        sheets.append([address for address in to_portal.asked if address.endswith(".css")])
    assert (len(sheets[0]), len(sheets[1])) == (0, 1)
    assert looks[0] == looks[1]
    context.close()


def test_from_signing_in_to_a_booked_appointment_costs_at_most_30000_bytes(
    phone_of: BrowserContext, to_portal: Line, portal_behind: LivePortal, language: str
):
    women = [one for one in portal_behind.demo["clients"] if one["language"] == "en"]
    page = phone_of.new_page()
    page.goto(f"{to_portal.address}/language")
    page.click(f"button[value={language}]")
    page.wait_for_load_state()
    phone_of.new_cdp_session(page).send("Network.clearBrowserCache")
    to_portal.forget()
    sign_in(page, to_portal.address, women[1])
    page.click("main a.btn[href='/appointments/new']")
    page.click("main a[href*='kind=1']")
    page.wait_for_url("**/appointments/new?*kind=1*")
    while not page.locator("input[name=starts_at]").count():  # centre, worker and day are asked where there is a choice
        with page.expect_navigation():
            page.locator("main a[href^='/appointments/new?']").first.click()
    page.locator("input[name=starts_at]").first.check()
    page.locator("main form button.btn").first.click()
    page.locator("main form button.btn").first.click()
    expect(page).to_have_url(re.compile(r"/appointments/\d+$"))
    assert urlsplit(to_portal.asked[0]).path == "/sign-in"
    assert to_portal.down <= MOST_BYTES_OF_A_BOOKING, (to_portal.down, to_portal.up, to_portal.asked)
