"""The front page and the small public pages around it."""

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.core.locales import LANGUAGES
from portal.web import leave, locale
from portal.web.blueprints import Audience, AudienceBlueprint

public = AudienceBlueprint("home", __name__, Audience.PUBLIC)


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
    """Choose a language, named in its own script."""
    if request.method == "GET":
        return render_template("home/language.html", languages=LANGUAGES.values())
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        return render_template("home/language.html", languages=LANGUAGES.values()), 422
    locale.choose(chosen)
    return redirect(url_for("home_own.today") if "t" in session else url_for("home.front"), 303)


@public.get("/accessibility")
def accessibility() -> str:
    """How well the pages work for everybody, and whom to tell when they do not."""
    return render_template("home/accessibility.html")


@public.get("/privacy")
def privacy() -> str:
    """What we keep, who sees it, and how to ask for it."""
    return render_template("home/privacy.html")


@public.get("/robots.txt")
def robots() -> Response:
    """Only the front page and the help pages may be listed by a search engine (R11)."""
    return Response("User-agent: *\nAllow: /$\nAllow: /now\nAllow: /help\nDisallow: /\n", mimetype="text/plain")
