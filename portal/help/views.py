"""Pages of help, open to everybody, signed in or not: the emergency page, the directory, one service."""

from datetime import datetime

from babel import Locale
from flask import render_template, request
from flask_babel import get_locale, gettext

from portal.core import clock
from portal.help import queries
from portal.help.forms import ACCESS_WORDS, NEED_WORDS
from portal.help.hours import is_open
from portal.help.rules import borough_code, need_code, need_of, sms_href, tel_href
from portal.web.blueprints import Audience, AudienceBlueprint

public = AudienceBlueprint("help", __name__, Audience.PUBLIC)
public.add_app_template_global(tel_href)
public.add_app_template_global(sms_href)


@public.get("/now")
def now() -> str:
    """Emergency numbers on one small page that asks no database anything (R35)."""
    return render_template("help/now.html")


@public.get("/help")
def directory() -> str:
    """The services, by need, by borough and by what is open now; an unknown filter is as if it were not there."""
    at = clock.now()
    need = need_of(request.args.get("need", ""))
    open_now = request.args.get("open") == "1"
    found = queries.services([need] if need else [], request.args.get("borough", ""), at if open_now else None)
    return render_template(
        "help/directory.html",
        found=found,
        needs=[(need_code(code), words, code == need) for code, words in NEED_WORDS.items()],
        boroughs=[(borough_code(name), name, name == found.borough) for name in found.boroughs],
        open_now=open_now,
        filtered=bool(need or found.borough or open_now),
        **_of_entries(at),
    )


@public.get("/help/<int:service_id>")
def service(service_id: int) -> str:
    """One service; an unpublished one is not there."""
    entry = queries.published_service(service_id)
    return render_template("help/service.html", entry=entry, **_of_entries(clock.now()))


def _of_entries(at: datetime) -> dict:
    return {"is_open": lambda entry: is_open(entry.hours, at), "language_words": _language_words, "ways": ACCESS_WORDS}


def _language_words(code: str) -> str:
    if code == "interpreter":
        return gettext("with an interpreter")
    return (get_locale() or Locale("en")).languages.get(code, code)
