"""The language of a page: her choice, else her record's while signed in, else the browser's; never a query."""

from flask import Flask, g, has_request_context, request, session
from werkzeug.wrappers import Response

from portal.core import cldr, offering
from portal.core.locales import LANGUAGES, SOURCE, Language, offered, shown_in

_ANSWERED_FIRST = ("/", "/now", "/leave", "/about-leaving")
"""Help, the ways out and what is said of them wait for no database: the languages are asked about once they are out."""

_ALSO_CALLED = {"prs": "fa", "mo": "ro"}
"""Names of their own that some phones and computers have for the Persian of Afghanistan and the Romanian of Moldova."""

_IN_NO_LANGUAGE = ("/health", "/metrics", "/robots.txt", "/static/", "/sms/")


def init_app(app: Flask) -> None:
    """Keep knowing which languages are offered while pages are asked for."""
    app.before_request(_renew_offer)
    app.after_request(_renew_offer_afterwards)


def _renew_offer() -> None:
    if request.path not in _ANSWERED_FIRST and not request.path.startswith(_IN_NO_LANGUAGE):
        offering.renew()


def _renew_offer_afterwards(response: Response) -> Response:
    if request.path in _ANSWERED_FIRST:
        response.call_on_close(offering.renew)
    return response


def select_locale() -> str:
    """The language that this page comes in; staff pages are English."""
    if not has_request_context() or request.path.startswith("/staff"):
        return SOURCE
    if "locale" not in g:
        wanted = chosen() or session.get("own_lang")
        if wanted in LANGUAGES:
            g.locale = shown_in(wanted)
        else:
            g.locale = _of_the_browser()
        cldr.lighten(g.locale)
    return g.locale


def _of_the_browser() -> str:
    """The language that her browser likes best of those that are offered, wherever it is spoken (pt-BR is pt)."""
    tags = (tag.replace("_", "-") for tag, quality in request.accept_languages if quality > 0)
    wanted = (tag.partition("-")[0].lower() for tag in tags)
    known = (_ALSO_CALLED.get(code, code) for code in wanted)
    return next((code for code in known if code in offered()), SOURCE)


def follow_record(language: str) -> None:
    """Show her record's language while she is signed in, unless she chose another in this browser (R13)."""
    session["own_lang"] = language
    g.pop("locale", None)


def forget_record() -> None:
    """Nobody is signed in: her record's language is shown no more (R13)."""
    session.pop("own_lang", None)
    g.pop("locale", None)


def forget_choice() -> None:
    """Whoever comes next did not choose this language."""
    session.pop("lang", None)
    g.pop("locale", None)


def choose(language: str) -> None:
    """Remember a language for the rest of this browser session."""
    session["lang"] = language
    g.pop("locale", None)


def chosen() -> str | None:
    """The language that she chose in this browser, if she chose one."""
    language = session.get("lang")
    return language if language in LANGUAGES else None


def to_choose_from() -> list[Language]:
    """The languages that are offered, as long as she has not chosen one and there is more than one."""
    return [LANGUAGES[code] for code in offered()] if chosen() is None and len(offered()) > 1 else []
