"""The language of a page: her choice in the cookie, else the browser's; never a query, so that error pages have it."""

from flask import g, has_request_context, request, session

from portal.core.locales import LANGUAGES, WITH_CATALOGUE, shown_in


def select_locale() -> str:
    """The language that this page comes in; staff pages are English."""
    if not has_request_context() or request.path.startswith("/staff"):
        return "en"
    if "locale" not in g:
        chosen = session.get("lang")
        if chosen in LANGUAGES:
            g.locale = shown_in(chosen)
        else:
            g.locale = request.accept_languages.best_match(WITH_CATALOGUE, default="en")
    return g.locale


def choose(language: str) -> None:
    """Remember a language for the rest of this browser session."""
    session["lang"] = language
    g.pop("locale", None)
