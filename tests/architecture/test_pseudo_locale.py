"""A pseudo-locale marks every translated word; her pages may show no other word than names and her own words."""

import calendar
import gettext
import re

import flask_babel
import pytest
from babel import Locale

from portal.core import days
from portal.core.locales import LANGUAGES
from portal.jobs.demo_people import BRING, CENTRES, KINDS, STAFF, WOMEN
from tests.support import demo_house
from tests.support.pages import XHTML, Page

OPEN, CLOSE = "⟦", "⟧"
DAYS_AND_MONTHS = {name for names in (calendar.day_name, calendar.day_abbr, calendar.month_name) for name in names}
DAYS_AND_MONTHS |= set(calendar.month_abbr)
PATHS = (
    "/", "/now", "/sign-in", "/set-up", "/about-leaving", "/language", "/accessibility", "/privacy",
    "/refer", "/feedback", "/help/card",
    "/today", "/plan", "/plan/words", "/plan/topics", "/plan/order", "/plan/answer", "/plan/earlier", "/plan/print",
    "/plan/goals", "/plan/goals/new", "/plan/goals/new?about=5", "/plan/goals/1", "/plan/goals/1/actions",
    "/plan/actions/1", "/plan/own", "/me/shared", "/appointments", "/appointments/new", "/appointments/new?kind=1",
    "/appointments/new?kind=1&centre=1", "/messages", "/me", "/me/safe-contact", "/me/seen-by", "/me/report",
    "/nothing-here",
)  # fmt: skip


class Marking(gettext.NullTranslations):
    """Gives every message back between marks."""

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message}{CLOSE}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)

    ugettext, ungettext, upgettext = gettext, ngettext, pgettext


@pytest.fixture
def house(app, travel, monkeypatch):
    house = demo_house.load()
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda self: Marking())
    # CLDR's own words, like those of days and months, but made of words that any English sentence has.
    monkeypatch.setattr(days, "part_of_day", lambda at, language: f"{OPEN}in the morning{CLOSE}")
    return house


def test_every_word_of_hers_is_translated(house, page_client):
    woman = WOMEN[0]
    page = page_client.get("/sign-in")
    page_client.submit("/sign-in", code_name=woman.code_name, passcode=woman.passcode)
    page_client.get("/me/safe-contact", follow=True)
    page_client.submit("/step-up", passcode=woman.passcode)
    known = names_and_her_words()
    for path in PATHS:
        page = page_client.get(path, follow=True)
        left = [word for word in unmarked_words(page) if word.casefold() not in known]
        assert left == [], f"{path}: not translated: {left}"


def test_around_the_english_entries_of_the_directory_every_word_is_translated(house, page_client):
    known = {"my", "week", "camden", "islington", "lambeth", "southwark"}
    known |= {word for name in Locale("ar").languages.values() for word in name.split()}
    for path in ("/help", "/help?need=", "/help?need=n6&open=1", "/help/1"):
        page = page_client.get(path, headers={"Accept-Language": "ar"})
        left = {word for word in unmarked_words(page) if word.casefold() not in known}
        assert left == set()


def unmarked_words(page: Page) -> list[str]:
    """The words of title and body that stand outside the marks; what is marked as another language is left out."""
    pieces: list[str] = [page.title]

    def collect(node) -> None:
        other_language = node.get("lang") and node.tag != XHTML + "html"
        is_typed = node.get("dir") == "auto" or node.get("translate") == "no" or node.tag == XHTML + "bdi"
        if node.tag in (XHTML + "svg", XHTML + "script") or other_language or is_typed:
            pieces.append(node.tail or "")
            return
        pieces.append(node.text or "")
        pieces.extend(node.get(name) or "" for name in ("aria-label", "placeholder", "alt"))
        for child in node:
            collect(child)
        pieces.append(node.tail or "")

    for body in page.find_all("body"):
        collect(body)
    return re.findall(r"[^\W\d_][^\W\d_']+", outside_marks(" ".join(pieces)))


def outside_marks(text: str) -> str:
    """A text without what stands between marks, marks within marks included."""
    while OPEN in text:
        shorter = re.sub(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", " ", text)
        if shorter == text:
            return text
        text = shorter
    return text


def names_and_her_words() -> set[str]:
    """What is nobody's to translate: names, places, kinds of appointment, and units."""
    texts = ["My Week", "SHOUT", "REF"]
    texts += [word for centre in CENTRES for word in centre] + [kind[0]["en"] for kind in KINDS]
    texts += [words["en"] for words in BRING.values()]
    texts += [person.first_name for person in STAFF] + [
        name for language in LANGUAGES.values() for name in (language.latin, language.own_name)
    ]
    texts += ["AM PM am pm"]
    texts += [marker for woman in WOMEN for markers in woman.markers.values() for marker in markers]
    words = {word.casefold() for text in texts for word in re.findall(r"[^\W\d_][^\W\d_']+", text)}
    return words | {word.casefold() for word in DAYS_AND_MONTHS}
