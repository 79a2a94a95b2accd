"""Leave is in sight wherever she scrolls, covered by nothing, and covers nothing that has the focus (R1)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.support.live import LivePortal
from tests.support.tabs import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LONG = ("/help", "/help/1", "/now", "/today", "/plan", "/appointments", "/me", "/privacy", "/accessibility",
        "/about-leaving", "/language", "/nothing-here")  # fmt: skip

# The square of 44 by 44 in the middle of Leave, at every scroll position: where something else is hit.
MISSES = """() => {
  const missed = [], last = document.documentElement.scrollHeight - innerHeight;
  for (let y = 0; y <= Math.max(last, 0); y++) {
    scrollTo(0, y);
    const link = document.querySelector("a.leave"), box = link.getBoundingClientRect();
    const x = (box.left + box.right) / 2, middle = (box.top + box.bottom) / 2;
    for (const dx of [-22, 0, 22]) for (const dy of [-22, 0, 22]) {
      // Half a pixel inside: the edge itself belongs to what comes next.
      const hit = document.elementFromPoint(x + dx * 0.98, middle + dy * 0.98);
      if (hit !== link) missed.push([scrollY, dx, dy, hit && hit.outerHTML.slice(0, 60)]);
    }
  }
  return { missed: missed.slice(0, 5), last };
}"""

# What has the focus lies below the bar, or in it.
COVERED = """() => {
  const one = document.activeElement, bar = document.querySelector(".top").getBoundingClientRect();
  const box = one.getBoundingClientRect();
  if (one === document.body || one.closest(".top")) return null;
  return box.top < bar.bottom - 1 && box.bottom > bar.top + 1 ? one.outerHTML.slice(0, 80) : null;
}"""


@pytest.fixture(scope="module", params=["en", "ar"])
def reader(chromium: Browser, portal: LivePortal, request) -> Iterator[Page]:
    """A woman, reading from the left or from the right, signed in on a small phone."""
    context = chromium.new_context(viewport=PHONE, locale="ar" if request.param == "ar" else "en-GB")
    context.set_default_timeout(20_000)
    page = context.new_page()
    woman = portal.woman(request.param)
    page.goto(f"{portal.address}/sign-in")
    page.locator("#code_name").fill(woman["code_name"])
    page.locator("#passcode").fill(woman["passcode"])
    page.locator("main button.btn").click()
    page.wait_for_url("**/today")
    page.reads = request.param
    yield page
    context.close()


@pytest.mark.parametrize("path", LONG)
def test_leave_is_hit_at_every_scroll_position(reader: Page, portal: LivePortal, path: str):  # R1
    reader.goto(f"{portal.address}{path}")
    assert reader.locator("html").get_attribute("dir") == ("rtl" if reader.reads == "ar" else "ltr")
    found = reader.evaluate(MISSES)
    assert found["missed"] == []
    if path == "/help":
        assert found["last"] > 1000, "the longest page is not long"


@pytest.mark.parametrize("path", LONG)
def test_the_bar_never_covers_what_has_the_focus(reader: Page, portal: LivePortal, path: str):  # R1
    reader.goto(f"{portal.address}{path}")
    stops = reader.locator("a[href],button,input:not([type=hidden]),select,textarea").count()
    for key in ("Tab", "Shift+Tab"):
        for stop in range(min(stops, 60) + 2):
            reader.keyboard.press(key)
            assert reader.evaluate(COVERED) is None
            if key == "Tab" and stop == 2:
                assert reader.url == f"{portal.address}{path}"


@pytest.mark.parametrize("path", LONG)
def test_leave_is_one_of_the_first_three_stops(reader: Page, portal: LivePortal, path: str):  # R1
    reader.goto(f"{portal.address}{path}")
    reached = []
    for _ in range(3):
        reader.keyboard.press("Tab")
        reached.append(reader.evaluate("document.activeElement.className"))
    assert "leave" in reached


@pytest.mark.parametrize("path", LONG)
def test_where_the_bar_does_not_stay_leave_stands_at_the_end_too(reader: Page, portal: LivePortal, path: str):  # R1
    """A browser that knows no sticky: its word for it means nothing to it, in a rule and in a question alike."""

    def without_sticky(route: Route) -> None:
        answer = route.fetch()
        headers = answer.headers | {"cache-control": "no-store"}
        route.fulfill(
            response=answer,
            headers=headers,
            body=re.sub(r"(position:\s*)(-webkit-)?sticky", r"\1unknown", answer.text()),
        )

    reader.goto(f"{portal.address}{path}")
    assert not reader.locator(".below").is_visible()
    reader.route("**/site.*.css", without_sticky)  # the name says what is in it
    try:
        reader.goto(f"{portal.address}{path}")
        reader.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        if reader.evaluate("scrollY") > 100:
            assert reader.locator("a.leave").bounding_box()["y"] < 0, "the bar stays: nothing is tested"
        below = reader.locator(".below a")
        assert below.bounding_box()["height"] >= 44
        assert below.evaluate(
            "(link) => { const b = link.getBoundingClientRect();"
            "return document.elementFromPoint((b.left + b.right) / 2, (b.top + b.bottom) / 2) === link }"
        )
    finally:
        reader.unroute("**/site.*.css")
