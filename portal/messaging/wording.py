"""Putting texts into words at sending: her language, her wording, London wall time; needs no request and no app."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, pass_context
from jinja2.runtime import Context

from portal.core import clock, days
from portal.core.locales import LANGUAGES
from portal.messaging.rules import LOCK_SCREEN, MOST_PARTS
from portal.sms.segments import Segments, count, fold

_ROOT = Path(__file__).resolve().parents[2]
CATALOGUES, TEMPLATES = _ROOT / "translations", _ROOT / "templates" / "sms"
_IS_TEMPLATE = re.compile(r"\w+\.txt")
_DOTS_OF_A_SHORT_MONTH = re.compile(r"(?<!\.)\.\.(?!\.)")
"""Short days and months end with a dot in some languages, and so does the sentence after them: 23 déc.."""


class Chosen(Protocol):
    """What her safe-contact record says about wording."""

    wording: str
    cover_phrase: str | None
    names_worker: bool
    may_reply: bool


class NoWording(Exception):
    """There is no template for this kind of text, or a fact that it needs is missing."""


class Worded(NamedTuple):
    """A text as it will stand on her screen, and what the network counts."""

    body: str
    segments: Segments

    @property
    def lock_screen(self) -> str:
        """What a locked phone shows of it (R21)."""
        return self.body[:LOCK_SCREEN]

    @property
    def fits(self) -> bool:
        """Whether it may go as an automatic text (R21)."""
        return self.segments.parts <= MOST_PARTS[self.segments.encoding]


def render(kind: str, facts: Mapping[str, Any], chosen: Chosen, language: str) -> Worded:
    """The words of an automatic text; facts are `starts_at` (an instant, or its ISO text), `on` (a day) and `worker`, a
    first name.

    What a template says after a line of +++ is said only where all of it fits, and so is the worker's name: she is told
    of a new time also where the name is long, or in letters that take twice the room. Raises NoWording.
    """
    starts_at = facts.get("starts_at")
    values: dict[str, Any] = {
        # Without a phrase of hers, cover falls back to the wording that says least.
        "wording": "short" if chosen.wording == "cover" and not chosen.cover_phrase else chosen.wording,
        "cover": chosen.cover_phrase,
        "worker": facts.get("worker") if chosen.names_worker else None,
        "may_reply": chosen.may_reply,
        "code": facts.get("code"),
    }
    if starts_at:
        values["when"] = when(starts_at, language)
    if facts.get("on"):
        values["day"] = days.short_day(facts["on"], language)
    worded = _worded(kind, values, language)
    return worded if worded.fits or not values["worker"] else _worded(kind, values | {"worker": None}, language)


def _worded(kind: str, values: Mapping[str, Any], language: str) -> Worded:
    try:
        text = _environment().get_template(f"{kind}.txt").render(values, said=_said(language))
    except TemplateError as fault:
        raise NoWording(kind) from fault
    needed, _, spare = _DOTS_OF_A_SHORT_MONTH.sub(".", text).partition("+++")
    worded = written(" ".join(needed.split()), language)
    whole = written(" ".join(f"{needed} {spare}".split()), language)
    return whole if whole.segments.encoding == worded.segments.encoding and whole.fits else worded


def written(body: str, language: str) -> Worded:
    """Somebody's own words as they will stand on her screen: straightened for the network, nothing else."""
    known = LANGUAGES.get(language)
    folded = fold(body, known.gsm7 if known else False).strip()
    return Worded(folded, count(folded))


def when(starts_at: datetime | str, language: str) -> str:
    """A day and time in short, in London: Tue 1 Dec 2:30pm; western digits in every language."""
    instant = datetime.fromisoformat(starts_at) if isinstance(starts_at, str) else starts_at
    local = clock.london(instant)
    return f"{days.short_day(local.date(), language)} {days.time_digits(local.time(), language)}"


@cache
def _said(language: str) -> dict[str, str]:
    """What texts say, in her language; a whole catalogue would take half a megabyte of the worker for each language."""
    catalogue, environment = Translations.load(CATALOGUES, [language]), _environment()
    return {
        english: catalogue.gettext(english)
        for template in environment.list_templates(filter_func=lambda name: _IS_TEMPLATE.fullmatch(name) is not None)
        for _, _, english in environment.extract_translations((TEMPLATES / template).read_text(encoding="utf-8"))
    }


@pass_context
def _in_her_language(values: Context, english: str) -> str:
    # A template that changed under a running worker may say what it does not know yet.
    return values["said"].get(english, english)


@cache
def _environment() -> Any:
    environment = Environment(  # texts are plain words, never HTML  # nosec B701
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # a text on a phone is no HTML
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals["gettext"] = _in_her_language
    return environment
