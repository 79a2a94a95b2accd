"""An entry's own words in her language: the sentences that came with the portal; what staff wrote stays English.

The directory holds English. A sentence that stands in her language's catalogue is shown from there, whoever typed it
and wherever; any other is marked as English (decision 40).
"""

import re
from itertools import groupby

from flask_babel import get_locale, gettext
from markupsafe import Markup, escape

from portal.core import days
from portal.help.hours import ALWAYS, windows
from portal.help.models import Service
from portal.help.rules import dialable, tel_href

TRANSLATED_COLUMNS = ("helps_with", "audience", "hours_note")
"""Columns whose sentences are translated; the words to text, addresses and sources never are."""

NAMED_BY_WHAT_THEY_DO = ("silent-55", "text-999", "text-999-register", "nhs-111-2", "islington-late")
"""Keys of entries whose names are no proper names, so that they are translated too."""

_END_OF_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_LEFT_TO_RIGHT = re.compile(r"(\d[\d ]{7,}\d|\bLGBT\+)")


def sentences(text: str) -> list[str]:
    """The sentences of an English text, each a message of its own: a changed one leaves the others translated."""
    return [sentence for sentence in _END_OF_SENTENCE.split(text.strip()) if sentence]


def name(service: Service) -> Markup:
    """The name of a service: as it is, in English, unless it only says what to do.

    Lists make a link of it, and a link holds no other: numbers in it cannot be rung.
    """
    if _is_english_page() or service.key in NAMED_BY_WHAT_THEY_DO:
        return _in_her_language(service.name, rung=False)
    return _run([service.name], is_english=True, rung=False)


def opening(service: Service) -> Markup:
    """When a service is open: its own note, before which the times stand when the note is not in her language."""
    note = in_her_language(service.hours_note)
    if _is_english_page() or all(gettext(sentence) != sentence for sentence in sentences(service.hours_note)):
        return note
    return Markup(" ").join(part for part in (_times(service.hours), note) if part)


def in_her_language(text: str) -> Markup:
    """A text of an entry for the page that is being made; numbers in it can be rung and run left to right."""
    return _in_her_language(text, rung=True)


def _in_her_language(text: str, *, rung: bool) -> Markup:
    if _is_english_page():
        return _with_numbers(text, rung=rung)
    theirs = [(sentence, gettext(sentence)) for sentence in sentences(text)]
    runs = groupby(theirs, key=lambda pair: pair[0] == pair[1])
    return Markup(" ").join(
        _run([words for _, words in run], is_english=is_english, rung=rung) for is_english, run in runs
    )


def _is_english_page() -> bool:
    locale = get_locale()
    return locale is None or locale.language == "en"


def _times(hours: str) -> str:
    if hours == ALWAYS:
        return gettext("Open all day and all night.")
    language = str(get_locale() or "en")
    return "; ".join(days.hours(window.days, window.opens, window.closes, language) for window in windows(hours))


def _run(words: list[str], *, is_english: bool, rung: bool) -> Markup:
    shown = _with_numbers(" ".join(words), rung=rung)
    return Markup('<span lang="en" dir="ltr">{}</span>').format(shown) if is_english else shown


def _with_numbers(text: str, *, rung: bool) -> Markup:
    """In right-to-left words groups of digits would change places, and a plus go before its letters: each is held."""
    parts = _LEFT_TO_RIGHT.split(text)
    return Markup("").join(_held(part, rung=rung) if place % 2 else escape(part) for place, part in enumerate(parts))


def _held(letters: str, *, rung: bool) -> Markup:
    held = Markup('<bdi dir="ltr">{}</bdi>').format(letters)
    return Markup('<a href="{}">{}</a>').format(tel_href(letters), held) if rung and dialable(letters) else held
