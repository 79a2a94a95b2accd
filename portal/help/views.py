"""Pages of help, open to everybody, signed in or not: the emergency page, the directory, one service."""

from datetime import datetime
from typing import TYPE_CHECKING

from babel import Locale
from flask import render_template, request, session
from flask_babel import get_locale, gettext
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock
from portal.core.errors import NotFound
from portal.help import queries
from portal.help.forms import ACCESS_WORDS, NEED_WORDS, WAY_WORDS
from portal.help.hours import is_open
from portal.help.queries import Asked
from portal.help.rules import borough_code, need_code, need_of, sms_href, tel_href, way_code, way_of
from portal.web.blueprints import Audience, AudienceBlueprint

if TYPE_CHECKING:
    from portal.centres.models import Centre

public = AudienceBlueprint("help", __name__, Audience.PUBLIC)
public.add_app_template_global(tel_href)
public.add_app_template_global(sms_href)


@public.get("/now")
def now() -> str:
    """Emergency numbers on one small page (R35); only to show a woman who is signed in her centre is anything asked."""
    return render_template("help/now.html", centre=_her_centre())


@public.get("/help")
def directory() -> str:
    """The services, by need, borough, language and way, and by what is open now; an unknown filter does not count."""
    at = clock.now()
    given = request.args
    need, way = need_of(given.get("need", "")), way_of(given.get("way", ""))
    open_now = given.get("open") == "1"
    found = queries.services(
        Asked(
            needs=[need] if need else [],
            borough=given.get("borough", ""),
            language=given.get("language", ""),
            way=way or "",
            open_at=at if open_now else None,
        )
    )
    asked = found.asked
    return render_template(
        "help/directory.html",
        found=found,
        needs=[(need_code(code), words, code == need) for code, words in NEED_WORDS.items()],
        boroughs=[(borough_code(name), name, name == asked.borough) for name in found.boroughs],
        languages=[(code, _language_words(code), code == asked.language) for code in found.languages],
        ways=[(way_code(code), WAY_WORDS[code], code == asked.way) for code in found.ways],
        open_now=open_now,
        filtered=bool(need or asked.borough or asked.language or asked.way or open_now),
        **_of_entries(at),
    )


@public.get("/help/card")
def card() -> str:
    """A card for her purse to print and fold: its front says nothing."""
    return render_template("help/card.html")


@public.get("/help/<int:service_id>")
def service(service_id: int) -> str:
    """One service; an unpublished one is not there."""
    entry = queries.published_service(service_id)
    return render_template("help/service.html", entry=entry, **_of_entries(clock.now()))


def _of_entries(at: datetime) -> dict:
    return {
        "is_open": lambda entry: is_open(entry.hours, at),
        "language_words": _language_words,
        "access_words": ACCESS_WORDS,
    }


def _her_centre() -> "Centre | None":
    """The centre of a woman who is signed in; None for everybody else, and when the database cannot say."""
    if "t" not in session:
        return None
    try:
        if not (current_user.is_authenticated and current_user.actor.is_client):
            return None
        from portal.centres.queries import centre

        return centre(current_user.record.centre_id)
    except (SQLAlchemyError, NotFound):
        return None


def _language_words(code: str) -> str:
    if code == "interpreter":
        return gettext("with an interpreter")
    return (get_locale() or Locale("en")).languages.get(code, code)
