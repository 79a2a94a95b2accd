"""The front page and the small public pages around it."""

from datetime import date, timedelta

from flask import redirect, render_template, request, session, url_for
from flask_babel import format_date
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import NotFound
from portal.core.locales import LANGUAGES, offered
from portal.web import leave, locale
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import settings

public = AudienceBlueprint("home", __name__, Audience.PUBLIC)

TESTED_ON = date(2026, 11, 26)
"""When all of docs/accessibility.md was last gone through; the day stands there too."""


@public.get("/")
def front() -> str:
    """The bare front page: the neutral name, Start and Help."""
    return render_template("home/front.html", quiet=leave.is_quiet())


@public.post("/")
def start() -> Response:
    """Start or Help: the one press that must stand between leaving and coming back (R3)."""
    where = "/now" if request.form.get("go") == "help" else url_for("accounts.sign_in")
    return leave.come_back(redirect(where, 303))


@public.route("/language", methods=["GET", "POST"])
def language():
    """Choose a language, named in its own script, of those that are offered."""
    chosen, then = request.form.get("language", ""), request.values.get("then") == "set-up"
    if request.method == "GET" or chosen not in LANGUAGES:
        shown = [LANGUAGES[code] for code in offered()]
        page = render_template(
            "home/language.html", languages=shown, every_language=len(shown) == len(LANGUAGES), then=then
        )
        return page, 200 if request.method == "GET" else 422
    locale.choose(chosen)
    if then:
        return redirect(url_for("accounts.set_up"), 303)
    if "t" not in session:
        return redirect(url_for("home.front"), 303)
    if current_user.is_authenticated and current_user.actor.is_client:
        _remember_for_her(chosen)
    return redirect(url_for("home_own.today"), 303)


def _remember_for_her(language: str) -> None:
    # The door is open before her record's room is loaded (decision 11); who is signed in has waited for it.
    from portal.clients import own_language

    with unit_of_work():
        own_language.choose_for_pages(current_user.record.id, language, now=clock.now())
    locale.follow_record(own_language.of_pages(current_user.record))


@public.get("/accessibility")
def accessibility() -> str:
    """How well the pages work for everybody, and whom to tell when they do not."""
    # Babel's own English is American.
    pattern = "d MMMM y" if locale.select_locale() == "en" else "long"
    return render_template("home/accessibility.html", tested_on=format_date(TESTED_ON, pattern))


@public.get("/privacy")
def privacy() -> str:
    """What we keep, who sees it, and how to ask for it."""
    return render_template("home/privacy.html")


@public.get("/robots.txt")
def robots() -> Response:
    """Only the front page and the help pages may be listed by a search engine (R11)."""
    return Response("User-agent: *\nAllow: /$\nAllow: /now\nAllow: /help\nDisallow: /\n", mimetype="text/plain")


@public.get("/.well-known/security.txt")
def security() -> Response:
    """Whom to tell of a fault (RFC 9116); it names no service and no subject, so that it tells nothing of her (R11)."""
    contact = settings().security_contact
    if not contact:
        raise NotFound("security contact")
    expires_at = clock.now() + timedelta(days=180)
    return Response(f"Contact: {contact}\nExpires: {expires_at:%Y-%m-%dT00:00:00Z}\n", mimetype="text/plain")
