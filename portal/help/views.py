"""Pages of help, open to everybody, signed in or not: the emergency page, the directory, one service."""

import re
from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any, NamedTuple

from babel import Locale, localedata
from flask import render_template, request, session, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock
from portal.core.errors import NotFound
from portal.core.locales import LANGUAGES
from portal.help import queries, wording
from portal.help.forms import ACCESS_WORDS, NEED_WORDS, WAY_WORDS
from portal.help.hours import is_open
from portal.help.queries import Asked, Found, only_in
from portal.help.rules import borough_code, digits, is_free, need_code, need_of, sms_href, tel_href, way_code, way_of
from portal.web.blueprints import Audience, AudienceBlueprint

FILTERS = frozenset({"need", "borough", "language", "way", "open"})
A_PART = 5
"""Services that come at once: more would not fit into a first visit's bytes in every language (R35)."""

public = AudienceBlueprint("help", __name__, Audience.PUBLIC)
public.add_app_template_global(tel_href)
public.add_app_template_global(sms_href)
public.add_app_template_global(wording.name, "service_name")
public.add_app_template_global(wording.opening, "service_opening")
public.add_app_template_filter(wording.in_her_language)


class HerCentre(NamedTuple):
    """What the emergency page says of her centre; `today` are the times from and until which it is open."""

    name: str
    phone: str
    today: list[tuple[datetime, datetime]]


@public.get("/now")
def now() -> str:
    """Emergency numbers on one small page (R35); only to show a woman who is signed in her centre is anything asked."""
    return render_template("help/now.html", centre=_her_centre(), is_free=is_free)


@public.get("/help")
def directory() -> str:
    """What she can choose by; once she chose, the services that fit, in parts. An unknown filter does not count."""
    at = clock.now()
    need, way = need_of(request.args.get("need", "")), way_of(request.args.get("way", ""))
    open_now = request.args.get("open") == "1"
    found = queries.services(
        Asked(
            needs=[need] if need else [],
            borough=request.args.get("borough", ""),
            language=request.args.get("language", ""),
            way=way or "",
            open_at=at if open_now else None,
            holidays=queries.holidays_at(at),
        )
    )
    if FILTERS.isdisjoint(request.args) or "change" in request.args:
        return _choices(found, need, open_now, at)
    return _part_of(found, need, open_now, at)


def _choices(found: Found, need: str | None, open_now: bool, at: datetime) -> str:
    asked = found.asked
    return render_template(
        "help/directory.html",
        found=found,
        needs=[(need_code(code), words, code == need) for code, words in NEED_WORDS.items()],
        boroughs=[(borough_code(name), name, name == asked.borough) for name in found.boroughs],
        languages=[(code, _own_language_words(code), code == asked.language) for code in found.languages],
        ways=[(way_code(code), WAY_WORDS[code], code == asked.way) for code in found.ways],
        open_now=open_now,
        **_of_entries(at, found.asked.holidays),
    )


def _part_of(found: Found, need: str | None, open_now: bool, at: datetime) -> str:
    asked = found.asked
    chosen: dict[str, Any] = {
        "need": need_code(need) if need else "",
        "borough": borough_code(asked.borough) or None,
        "language": asked.language or None,
        "way": way_code(asked.way) if asked.way else None,
        "open": "1" if open_now else None,
    }
    start = _start(len(found.services))
    after = start + A_PART
    return render_template(
        "help/found.html",
        found=found,
        part=found.services[start:after],
        chosen=[
            *([NEED_WORDS[need]] if need else []),
            *([asked.borough] if asked.borough else []),
            *([_own_language_words(asked.language)] if asked.language else []),
            *([WAY_WORDS[asked.way]] if asked.way else []),
            *([gettext("Open now")] if open_now else []),
        ],
        open_now=open_now,
        change=url_for("help.directory", **chosen, change=1),
        more=url_for("help.directory", **chosen, start=after) if after < len(found.services) else None,
        other_999=[entry for entry in found.emergencies if digits(entry.phone) != "999"],
        **_of_entries(at, found.asked.holidays),
    )


def _start(count: int) -> int:
    """Where the part that she asks for begins; the first one if there is no such part."""
    asked = request.args.get("start", "")
    return int(asked) if re.fullmatch("[0-9]{1,4}", asked) and int(asked) < count else 0


@public.get("/help/card")
def card() -> str:
    """A card for her purse to print and fold: its front says nothing."""
    return render_template("help/card.html")


@public.get("/help/<int:service_id>")
def service(service_id: int) -> str:
    """One service; an unpublished one is not there."""
    entry, at = queries.published_service(service_id), clock.now()
    # Staff who look at the page have no worker to ask, and nobody waits for a worker to ring 999.
    may_ask = not entry.emergency and "t" in session and current_user.is_authenticated and current_user.actor.is_client
    return render_template(
        "help/service.html", entry=entry, may_ask=may_ask, **_of_entries(at, queries.holidays_at(at))
    )


def _of_entries(at: datetime, holidays: Collection[date]) -> dict:
    return {
        "is_open": lambda entry: is_open(entry.hours, at, holidays),
        "language_words": _language_words,
        "access_words": ACCESS_WORDS,
        "only_in": only_in,
    }


def _her_centre() -> "HerCentre | None":
    """The centre of a woman who is signed in; None for everybody else, and when the database cannot say."""
    if "t" not in session:
        return None
    try:
        if not (current_user.is_authenticated and current_user.actor.is_client):
            return None
        from portal.centres.queries import calendars, centre

        found, today = centre(current_user.record.centre_id), clock.london_today(clock.now())
        spans = calendars([found.id], today)[found.id].on(today)
        return HerCentre(found.name, found.phone, [_instants(today, span) for span in spans])
    except (SQLAlchemyError, NotFound):
        return None


def _instants(today: date, span: tuple[time, time]) -> tuple[datetime, datetime]:
    opens, closes = span
    return clock.from_london(today, opens), clock.from_london(today, closes)


def _language_words(code: str) -> str:
    if code == "interpreter":
        return gettext("with an interpreter")
    return (get_locale() or Locale("en")).languages.get(code, code)


def _own_language_words(code: str) -> str:
    """A language as those who speak it call it, so that it is found on a page in any other."""
    if code in LANGUAGES:
        return LANGUAGES[code].own_name
    if code == "interpreter" or not localedata.exists(code):
        return _language_words(code)
    return Locale(code).languages.get(code) or _language_words(code)
