"""Her pages as they are heard, by the browser's own accessibility tree: names, order, headings, languages (R37)."""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from portal.jobs.demo_people import CENTRES, STAFF
from tests.html.test_every_page import LEADS_AWAY
from tests.support import heard
from tests.support.heard import CONTROLS, RECORDED, Heard, sign_in
from tests.support.live import LivePortal
from tests.support.tabs import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAMED = ("img", "image", "group", "table")
PUBLIC = ("/", "/now", "/help", "/sign-in", "/set-up", "/refer", "/accessibility", "/privacy", "/nothing-here")
HERS = ("/today", "/plan", "/me", "/appointments", "/nothing-here")
SAME_TITLE = {
    "/plan/print": "/plan", "/plan/earlier/n": "/plan/answer", "/groups/n/join": "/appointments/new",
    "/appointments/n/change": "/appointments/new",
}  # fmt: skip
"""The same thing again: on paper, as it was, one more time."""
NAMES = (
    "Equality Advisory and Support Service", "ICO", "Samaritans", "Shout", "SHOUT", "NHS", "Relay", "UK", "Shift",
    "JavaScript", "WCAG",
    "Camden", "Islington", "Lambeth", "Southwark",
    *(person.first_name for person in STAFF), *(word for name, *_ in CENTRES for word in name.split()),
)  # fmt: skip
"""Proper names, of people, places, services and standards, and of a key; WCAG 3.1.2 does not ask for their language."""


def open_page(browser: Browser, portal: LivePortal, language: str) -> Page:
    """Her phone, its language set."""
    context = browser.new_context(viewport=PHONE, locale=language)
    context.set_default_timeout(20_000)
    return context.new_page()


def kind_of(address: str) -> str:
    """The path of a page, numbers aside."""
    return re.sub(r"\d+", "n", urlsplit(address).path)


def kinds(page: Page, portal: LivePortal, *starts: str) -> Iterator[str]:
    """Open one page of each kind that links lead to; gives its kind."""
    waiting, met = list(starts), set()
    while waiting:
        address = waiting.pop(0)
        if kind_of(address) in met:
            continue
        met.add(kind_of(address))
        page.goto(f"{portal.address}{address}")
        yield kind_of(page.url)
        for link in page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))"):
            target = urljoin(address, link).partition("#")[0]
            if target.startswith("/") and not target.startswith((*LEADS_AWAY, "/staff", "/demo")):
                waiting.append(target)


def opens_below(one: Heard) -> bool:
    """Whether this group is what opens below its own summary, which is its name."""
    return any(each.role.startswith("DisclosureTriangle") for each in one.inside)


def structure(root: Heard) -> list[str]:
    """What is wrong with headings, landmarks and names."""
    every = list(root.all())
    levels = [int(one.about["level"]) for one in every if one.role == "heading"]
    wrong = [] if levels.count(1) == 1 and levels[:1] == [1] else [f"headings {levels}"]
    wrong += [f"headings {levels}" for before, after in pairwise(levels) if after > before + 1]
    for mark in ("banner", "main"):
        count = sum(one.role == mark for one in every)
        wrong += [f"{count} {mark}"] if count != 1 else []
    wrong += ["navigation without a name" for one in every if one.role == "navigation" and not one.name]
    wrong += [f"{one.role} without a name" for one in every if one.role in CONTROLS and not one.name]
    wrong += [
        f"{one.role} without a name" for one in every if one.role in NAMED and not one.name and not opens_below(one)
    ]
    wrong += [
        f"said to be wrong before anything was typed: {one.name}"
        for one in every
        if one.role in CONTROLS and one.about.get("invalid") not in (None, False, "false")
    ]
    return wrong


# Radios and ticks that are answers to one question stand in a group; a name said holds the words shown (WCAG 2.5.3);
# facts and ways to call have a sign that is not said, beside words (look.md); help stands where it always stands.
PARTS = """() => {
  const wrong = [], alike = {};
  const letters = (text) => text.replace(/[^\\p{L}\\p{N} ]+/gu, " ").replace(/\\s+/g, " ").trim().toLowerCase();
  for (const one of document.querySelectorAll("input[type=radio],input[type=checkbox]"))
    (alike[one.name] = alike[one.name] || []).push(one);
  for (const [name, all] of Object.entries(alike)) if (all.length > 1)
    for (const one of all) {
      const legend = one.closest("fieldset") && one.closest("fieldset").querySelector("legend");
      if (!legend || !letters(legend.textContent)) wrong.push("answers without their question: " + name);
    }
  for (const one of document.querySelectorAll("a[aria-label],button[aria-label],summary[aria-label]"))
    if (!letters(one.getAttribute("aria-label")).includes(letters(one.textContent)))
      wrong.push("said otherwise than shown: " + one.outerHTML);
  for (const one of document.querySelectorAll(".facts li,a.tel")) {
    const sign = one.querySelector("svg.sign[aria-hidden=true]");
    if (!sign || !letters(one.textContent)) wrong.push("a sign or its words are missing: " + one.outerHTML);
  }
  if (document.querySelector("svg:not([aria-hidden=true]):not([role=img])")) wrong.push("a sign that is said");
  return wrong;
}"""

# The links before and after the page's own: Leave, help now, and the foot.
AROUND = """() => {
  const main = document.querySelector("main"), links = [...document.querySelectorAll("a[href]")];
  const address = (one) => one.getAttribute("href");
  return {
    before: links.filter((one) => main.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING).map(address),
    foot: [...document.querySelectorAll("main > .foot:last-child a")].map(address)
  };
}"""

# Words in the Latin script on a page that is written in another one, and not marked as another language's or as a name.
UNMARKED = """(known) => {
  const found = [], names = new RegExp("(^|\\\\W)(" + known.join("|") + ")(?=\\\\W|$)", "g");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode, holder = text.parentElement;
    if (!/[A-Za-z]{3,}/.test(text.data.replace(names, ""))) continue;
    if (holder.closest("bdi,[dir=auto],[translate=no],.top,script")) continue;
    if (holder.closest("[lang]") === document.documentElement) found.push(text.data.trim());
  }
  return found;
}"""

WITHOUT_HELP_ABOVE = {"/": "the front page has a button for it", "/now": "it is the help"}


def checked(page: Page, kind: str) -> list[str]:
    """Everything that is wrong with the page that is open."""
    wrong = structure(heard.tree(page)) + page.evaluate(PARTS)
    around = page.evaluate(AROUND)
    is_error = page.locator("a[href='/help'].btn").count() and page.locator(".note a[href='tel:999']").count()
    expected = ["#m", "/leave", "/now"]
    if kind in WITHOUT_HELP_ABOVE or is_error:
        expected.remove("/now")
    if around["before"] != expected:  # WCAG 3.2.6
        wrong.append(f"help stands elsewhere: {around['before']}")
    if not is_error and around["foot"] != ["/about-leaving", "/language"]:
        wrong.append(f"another foot: {around['foot']}")
    return [f"{kind} {each}" for each in wrong]


def test_names_headings_and_places(
    chromium: Browser, still_portal: LivePortal
):  # R37 WCAG 1.3.1 2.4.2 2.4.6 2.5.3 3.2.6 4.1.2
    """Each kind of page of hers, signed out and signed in."""
    page = open_page(chromium, still_portal, "en-GB")
    wrong: list[str] = []
    titles: dict[str, str] = {}
    for start in (PUBLIC, HERS):
        if start is HERS:
            sign_in(page, still_portal, still_portal.demo["clients"][0])
        for kind in kinds(page, still_portal, *start):
            wrong += checked(page, kind)
            same = titles.setdefault(page.title(), kind)
            if same != kind and SAME_TITLE.get(kind) != same:
                wrong.append(f"{kind} has the title of {same}: {page.title()}")
    page.context.close()
    assert len(titles) > 30
    assert wrong == [], "\n".join(wrong)


def test_words_of_another_language_are_marked(chromium: Browser, still_portal: LivePortal):  # R37 WCAG 3.1.2
    """On Arabic pages English names and words are said as English."""
    page = open_page(chromium, still_portal, "ar")
    wrong = []
    sign_in(page, still_portal, still_portal.woman("ar"))
    for kind in kinds(page, still_portal, "/today", "/plan", "/help", "/now", "/language", "/sign-in"):
        wrong += [f"{kind} {words}" for words in page.evaluate(UNMARKED, NAMES)]
        wrong += checked(page, kind)
    page.context.close()
    assert wrong == [], "\n".join(wrong)


def test_six_pages_are_heard_in_the_order_that_was_written_down(chromium: Browser, still_portal: LivePortal):  # R37
    """In words to read: `tests/browser/heard/`; `python -m tests.support.heard` writes them anew."""
    for name, said in heard.six_pages(chromium, still_portal).items():
        assert said == (RECORDED / f"{name}.txt").read_text(encoding="utf-8"), f"{name} is heard otherwise"
