"""Looks at a page in a real browser: what axe-core finds, and what it does not ask but WCAG 2.2 and R37 do."""

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.html.test_every_page import LEADS_AWAY, kind_of

ROOMY = {"width": 1280, "height": 800}
PHONE = {"width": 320, "height": 480}
ZOOMED = {"width": 320, "height": 256}
"""What 1280 by 1024 comes to at 400 % (WCAG 1.4.10)."""
HALF = {"width": 640, "height": 512}

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS_ONLY = ["color-contrast", "link-in-text-block"]

RUN = """([values, type]) => axe.run(document, {
  runOnly: { type, values }, resultTypes: ["violations"], elementRef: false,
}).then((found) => found.violations.map((one) => one.id + ": " + one.nodes.slice(0, 3).map((node) =>
  node.html.slice(0, 120) + " " + node.any.concat(node.all).map((why) => why.message).join("; ")).join(" | ")))"""

SMALL = """(least) => {
  // A link inside a sentence is as high as its line (WCAG 2.5.8, Inline).
  const inSentence = (one) => one.matches("a") && getComputedStyle(one).display === "inline"
    && [...one.parentNode.childNodes].some((node) => node !== one && node.nodeType === 3 && /\\p{L}/u.test(node.data));
  const small = [];
  for (const one of document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary")) {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.matches(".skip") || inSentence(one)) continue;
    const boxes = [one, ...(one.labels || [])].map((part) => part.getBoundingClientRect()).filter((box) => box.width);
    const width = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left));
    const height = Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top));
    if (width < least - 0.1 || height < least - 0.1)
      small.push(`${Math.round(width)} by ${Math.round(height)}: ${one.outerHTML.slice(0, 100)}`);
  }
  return small;
}"""

SIDEWAYS = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && (box.right > room + 1 || box.left < -1) && !one.closest(".skip");
  });
  return ["sideways: " + (wide.pop() || document.body).outerHTML.slice(0, 120)];
}"""

CLIPPED = """() => {
  const found = [], pieces = [];
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".skip,svg,select,option");
  // What is for the ears alone is clipped to one pixel on purpose, and the words in a field of one line scroll.
  const forEars = (one) => one.closest("input") || one.clientWidth <= 1 || one.clientHeight <= 1;
  for (const one of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(one);
    if (!seen(one) || forEars(one) || !/hidden|clip/.test(style.overflowX + style.overflowY)) continue;
    if (one.scrollHeight > one.clientHeight + 2 || one.scrollWidth > one.clientWidth + 2)
      found.push("clipped: " + one.outerHTML.slice(0, 100));
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let node; (node = walker.nextNode()); ) {
    if (!node.data.trim() || !seen(node.parentElement)) continue;
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) pieces.push([node, box]);
  }
  // Lines of text may touch, as their boxes are higher than their letters; half upon each other is not read.
  pieces.sort((one, other) => one[1].top - other[1].top);
  const sticky = (node) => node.parentElement.closest(".top,.idle,thead,.beside");
  pieces.forEach(([node, box], place) => {
    for (let next = place + 1; next < pieces.length && pieces[next][1].top < box.bottom; next++) {
      const [other, its] = pieces[next];
      const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const down = Math.min(box.bottom, its.bottom) - its.top;
      if (across > 2 && down > Math.min(box.height, its.height) / 2 && !sticky(node) && !sticky(other))
        found.push(`over each other: ${node.data.trim().slice(0, 40)} / ${other.data.trim().slice(0, 40)}`);
    }
  });
  return found.slice(0, 5);
}"""

UNSEEN = """() => {
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/^(transparent|rgba\\(.*, 0\\))$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.body.querySelectorAll("*")].filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
    && one.checkVisibility({ visibilityProperty: true }) && !one.closest(".skip,option")
    && getComputedStyle(one).color === ground(one)).map((one) => "unseen: " + one.outerHTML.slice(0, 100));
}"""

SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""
"""The text spacing that a reader may set (WCAG 1.4.12)."""

DOUBLE = "html { font-size: 200% !important }"


def found(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds on the page as it shows now; `rules` are asked instead of every standard."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(RUN, [rules or STANDARDS, "rule" if rules else "tag"])


def small(page: Page, least: int = 44) -> list[str]:
    """What is pressed and smaller than `least` pixels either way."""
    return page.evaluate(SMALL, least)


def sideways(page: Page) -> list[str]:
    """What makes the page scroll sideways, if anything does."""
    return page.evaluate(SIDEWAYS)


def unseen(page: Page) -> list[str]:
    """Words in the very colour that they stand on: axe-core takes them as hidden on purpose."""
    return page.evaluate(UNSEEN)


def with_sheet(page: Page, sheet: str) -> list[str]:
    """What is cut off, lies over each other or scrolls sideways once a reader's own sheet is there too."""
    tag = page.add_style_tag(content=sheet)
    faults = page.evaluate(CLIPPED) + page.evaluate(SIDEWAYS)
    tag.evaluate("(tag) => tag.remove()")
    return faults


class Pieces(HTMLParser):
    """What a page is made of, its words left out: each element with its class and which attributes it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element, and where it leads if it is a link."""
        had = {name: value or "" for name, value in attrs}
        self.links += [had["href"]] if tag == "a" and "href" in had else []
        self.pieces.add(f"{tag}.{had.get('class', '')}.{' '.join(sorted(had))}")


def walk(page: Page, site: str, known: set[str], *starts: str, most: int = 150) -> Iterator[str]:
    """Follow links as a reader would, one page of each kind; gives the kind of each page that it opens.

    It opens the first page of each path, and every page with a piece that is not `known`; it fetches the others only
    for their links, which is ten times as fast.
    """
    language = {"Accept-Language": page.evaluate("navigator.language")}
    waiting, seen = list(starts), set()
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        if kind_of(address) in seen:
            continue
        seen.add(kind_of(address))
        answer = page.context.request.get(site + address, headers=language)
        assert answer.status == 200, f"{address}: {answer.status}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        here, made_of = answer.url.removeprefix(site), Pieces(answer.text())
        if new := {kind_of(here).partition("?")[0], *made_of.pieces} - known:
            known |= new
            page.goto(answer.url)
            yield kind_of(here)
        for link in made_of.links:
            target = urljoin(here, link).partition("#")[0]
            parts = urlsplit(target)
            if not parts.scheme and not parts.netloc and not target.startswith(LEADS_AWAY):
                waiting.append(target)


def none_of(faulty: Mapping[object, list[str]]) -> None:
    """Fail with all faults by page, if there are any."""
    told = [f"{page}: {fault}" for page, faults in faulty.items() for fault in faults]
    assert not told, "\n".join(told)
