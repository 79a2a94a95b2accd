"""She asks for support herself: one public page; it answers the same whether she is known or not (R42)."""

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.booking.openings import centres_open
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.diversion import intake
from portal.diversion.intake_forms import AskForm
from portal.messaging.queries import days_off
from portal.web import locale, once
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.forms import to_choose, unprocessable
from portal.web.guards import settings

public = AudienceBlueprint("diversion_public", __name__, Audience.PUBLIC)

_ANYBODY = Actor("visitor", 0)
"""Whose request keys these are: nobody is signed in, and each key is a random one of its own form."""


@public.route("/refer", methods=["GET", "POST"])
def ask():
    """One page of questions; pressed twice it is one referral. Staff have a page of their own."""
    if current_user.is_authenticated and current_user.actor.is_staff:
        return redirect("/staff/refer", 303)
    form = AskForm(data={"language": str(locale.select_locale())})
    form.centre_id.choices = to_choose((one.id, f"{one.name}, {one.borough}") for one in centres_open())
    if form.is_submitted():
        return _sent(form) or unprocessable("diversion/ask.html", form=form)
    return render_template("diversion/ask.html", form=form)


@public.get("/refer/sent")
def sent() -> str:
    """What happens next: the same words for everybody."""
    return render_template("diversion/asked.html", days=settings().first_contact_days, days_off=days_off(clock.now()))


def _sent(form: AskForm) -> Response | None:
    if not form.validate():
        return None
    try:
        if not form.agreed.data:
            raise Invalid("agreed", "missing")
        now, asked = clock.now(), form.asked(drama_only=settings().demo)
        with unit_of_work():
            if once.claim(_ANYBODY, form.request_key.data, now=now, makes="referral") is None:
                intake.refer_herself(asked, days=settings().first_contact_days, now=now)
    except Invalid as refusal:
        form.refuse(refusal)
        return None
    return redirect(url_for("diversion_public.sent"), 303)
