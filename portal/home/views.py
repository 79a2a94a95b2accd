"""The front page, her own page, and the small pages around them."""

from flask import redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.locales import LANGUAGES
from portal.web import leave, locale
from portal.web.blueprints import Audience, AudienceBlueprint

public = AudienceBlueprint("home", __name__, Audience.PUBLIC)
own = AudienceBlueprint("home_own", __name__, Audience.CLIENT)


@public.route("/", methods=["GET"])
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
    chosen = request.form.get("language", "")
    if request.method == "POST" and chosen in LANGUAGES:
        locale.choose(chosen)
        return redirect("/today" if "t" in session else "/", 303)
    return render_template("home/language.html", languages=LANGUAGES.values(), chosen=session.get("lang"))


@own.get("/today")
def today() -> str:
    """Her own page: when, where, who, what next."""
    return render_template("home/today.html")
