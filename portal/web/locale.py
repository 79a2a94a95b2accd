"""The language of a page: her choice, else her record's while signed in, else the browser's; never a query."""

from flask import g, has_request_context, request, session

from portal.core.locales import LANGUAGES, WITH_CATALOGUE, shown_in


def select_locale() -> str:
    """The language that this page comes in; staff pages are English."""
    if not has_request_context() or request.path.startswith("/staff"):
        return "en"
    if "locale" not in g:
        chosen = session.get("lang") or session.get("own_lang")
        if chosen in LANGUAGES:
            g.locale = shown_in(chosen)
        else:
            g.locale = request.accept_languages.best_match(WITH_CATALOGUE, default="en")
    return g.locale


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
