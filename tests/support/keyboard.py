"""A person who has only a keyboard: goes from stop to stop, and sees at each one where she is (R37)."""

import re
from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import Page

MOST_STOPS = 250

# What has the focus: its name, whether that shows, and which of five points of it something else covers.
# Looked at again without the focus only where it came from elsewhere: a field for a date has stops inside it.
_LOOK = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const words = (node) => node.textContent.replace(/\\s+/g, " ").trim();
  const seen = (window.keyboard = window.keyboard || { reached: new Set() });
  const again = seen.last === one;
  const look = () => {
    const style = getComputedStyle(one);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow].join();
  };
  const lit = look(), width = parseFloat(getComputedStyle(one).outlineWidth);
  let shows = true;
  if (!again && one.matches(":focus-visible")) {
    one.blur();
    shows = look() !== lit && width >= 2;
    one.focus({ preventScroll: true });
  } else if (!again) shows = false;
  const covered = [];
  for (const box of one.getClientRects()) {
    const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    for (const [px, py] of [[x, y], [box.left + 2, y], [box.right - 2, y], [x, box.top + 2], [x, box.bottom - 2]]) {
      const hit = document.elementFromPoint(px, py), where = hit ? hit.outerHTML.slice(0, 60) : "outside";
      // A browser brings the line that is written into sight, not the whole of a large field.
      if (hit ? !(one.contains(hit) || hit.contains(one)) : one.localName !== "textarea" || box.top > innerHeight - 24)
        covered.push([Math.round(px), Math.round(py), where]);
    }
  }
  // Words of a link may go on in the next line: it begins in its first box and ends in its last.
  const boxes = one.getClientRects(), begins = boxes[0], ends = boxes[boxes.length - 1];
  const forward = !seen.last || again || !!(seen.last.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
  const labels = one.labels && one.labels.length ? [...one.labels].map(words).join(" ") : "";
  const around = !!seen.last && !again && one === seen.first;
  seen.first = seen.first || one;
  seen.last = one;
  seen.reached.add(one);
  const bar = !!one.closest(".top,.bar") || one.matches(".skip");
  return {
    tag: one.localName, type: one.type || "", address: one.getAttribute("href") || "", id: one.id,
    field: one.name || "", value: one.value || "", name: one.getAttribute("aria-label") || labels || words(one),
    shows, covered, forward, again, around, bar,
    begins: { left: begins.left, right: begins.right, top: begins.top + scrollY, bottom: begins.bottom + scrollY },
    ends: { left: ends.left, right: ends.right, top: ends.top + scrollY, bottom: ends.bottom + scrollY }
  };
}"""

# Stops that the keyboard ought to have reached and has not; of one question's answers one is enough.
_MISSED = """() => {
  const reached = window.keyboard ? window.keyboard.reached : new Set(), missed = [];
  const groups = new Set([...reached].filter((one) => one.type === "radio").map((one) => one.name));
  for (const one of document.querySelectorAll("a[href],button,input,select,textarea,summary")) {
    if (one.type === "hidden" || one.disabled || !one.getClientRects().length) continue;
    if (getComputedStyle(one).visibility !== "visible" || reached.has(one)) continue;
    if (one.type === "radio" && groups.has(one.name)) continue;
    missed.push(one.outerHTML.slice(0, 120));
  }
  return missed;
}"""


@dataclass(frozen=True)
class Stop:
    """Where the keyboard is."""

    tag: str
    type: str
    address: str
    id: str
    field: str
    value: str
    name: str
    shows: bool
    covered: list
    forward: bool
    again: bool
    around: bool
    bar: bool
    begins: dict[str, float]
    ends: dict[str, float]

    def __str__(self) -> str:
        return f"<{self.tag} {self.id or self.field or self.address}> “{self.name[:50]}”"


class Keyboard:
    """The keys of one page; whatever they reach is checked."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def here(self) -> Stop | None:
        """What has the focus now; None when that is the page itself."""
        found = self.page.evaluate(_LOOK)
        return Stop(**found) if found else None

    def tab(self, *, back: bool = False) -> Stop | None:
        """Go to the next stop, or back: in sight, and showing that it has the focus. None: the page has no more."""
        self.page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = self.here()
        if stop is not None and stop.around and not back:
            return None
        if stop is not None:
            assert stop.shows, f"{self.page.url}: nothing shows the focus at {stop}"  # WCAG 2.4.7
            assert not stop.covered, f"{self.page.url}: {stop} is covered: {stop.covered}"  # WCAG 2.4.11, R1
            if not back:
                assert stop.forward, f"{self.page.url}: {stop} stands before the stop before it"  # WCAG 2.4.3
        return stop

    def to(self, words: str = "", *, field: str = "", address: str = "", value: str = "") -> Stop:
        """Go on until what has the focus is called so (a pattern), or is the field or link wanted."""
        passed = []
        for _ in range(MOST_STOPS):
            stop = self.tab()
            if stop is None:
                break
            passed.append(str(stop))
            fits = (
                (not words or re.search(words, stop.name))
                and (not field or stop.field == field)
                and (not address or re.fullmatch(address, stop.address))
                and (not value or stop.value == value)
            )
            if fits:
                return stop
        wanted = words or field or address
        raise AssertionError(f"{self.page.url}: the keyboard does not reach {wanted!r}; it passed {passed}")

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.page.keyboard.insert_text(text)

    def press(self, key: str) -> None:
        """Press a key that stays on this page."""
        self.page.keyboard.press(key)

    def enter(self) -> None:
        """Press Enter where that opens another page, and wait until it is there."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def whole_round(self) -> list[Stop]:
        """Every stop of the page from its beginning to its end, and back again: none is missed, none holds fast."""
        there = self._through(back=False)
        missed = self.page.evaluate(_MISSED)
        assert not missed, f"{self.page.url}: no key reaches {missed}"
        again = self._through(back=True)
        assert len(again) >= len(there) - 1, f"{self.page.url}: on the way back only {[str(stop) for stop in again]}"
        return there

    def _through(self, *, back: bool) -> list[Stop]:
        stops: list[Stop] = []
        for _ in range(MOST_STOPS):
            stop = self.tab(back=back)
            if stop is None or (back and stops and stop.forward and not stop.again):
                return stops
            if not stop.again:
                stops.append(stop)
        raise AssertionError(f"{self.page.url}: no end to the stops; the last are {[str(stop) for stop in stops[-5:]]}")


def reads_on(stops: list[Stop], *, from_the_right: bool) -> None:
    """Each stop lies below the one before it, or beside it in the direction of the language (WCAG 2.4.3)."""
    stops = [stop for stop in stops if not stop.bar]
    for before, after in pairwise(stops):
        end, start = before.ends, after.begins
        if start["top"] >= end["bottom"] - 2:
            continue
        beside = end["left"] >= start["right"] - 2 if from_the_right else start["left"] >= end["right"] - 2
        assert beside and start["bottom"] > end["top"], f"{after} is reached after {before}, and stands before it"
