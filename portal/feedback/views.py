"""Telling us what was good and what was not: for who is signed in, and at a centre's kiosk without signing in.

What is sent is a public request of its own: it asks nobody who she is, so that not even her session is touched.
"""

from flask import g, redirect, render_template, url_for
from flask_login import current_user

from portal.accounts import devices
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.feedback import service
from portal.feedback.forms import FeedbackForm
from portal.feedback.rules import QUESTIONS
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.forms import unprocessable
from portal.web.guards import settings

public = AudienceBlueprint("feedback", __name__, Audience.PUBLIC)


@public.get("/feedback")
def ask() -> str:
    """The questions, with a ticket of this form's own; who is neither signed in nor at a kiosk is told how else."""
    centre_id = _centre_id()
    if centre_id is None:
        return render_template("feedback/elsewhere.html")
    form = FeedbackForm(formdata=None, ticket=service.ticket(settings().secret_key, centre_id))
    return render_template("feedback/ask.html", form=form, at_kiosk=_at_kiosk())


@public.post("/feedback")
def keep():
    """Keep it; nothing is written beside it, and a second press changes nothing."""
    form = FeedbackForm()
    if not form.validate():
        return unprocessable("feedback/ask.html", form=form, at_kiosk=_at_kiosk())
    try:
        with unit_of_work():
            service.keep(
                settings().secret_key,
                form.ticket.data or "",
                answers={question: form[question].data or "" for question in QUESTIONS},
                words=form.words.data or "",
                now=clock.now(),
            )
    except Invalid as refusal:
        if refusal.field == "ticket":
            return render_template("feedback/over.html", words=form.words.data or ""), 409
        form.refuse(refusal)
        return unprocessable("feedback/ask.html", form=form, at_kiosk=_at_kiosk())
    return redirect(url_for("feedback.thanks"), 303)


@public.get("/feedback/done")
def thanks() -> str:
    """That we have it."""
    return render_template("feedback/done.html", at_kiosk=_at_kiosk())


def _centre_id() -> int | None:
    """The centre that a form from here is about: the kiosk's, or that of who is signed in."""
    if _at_kiosk():
        device = devices.current()
        return device.centre_id if device is not None else None
    if current_user.is_authenticated and current_user.actor.is_client:
        return current_user.record.centre_id
    return None


def _at_kiosk() -> bool:
    return g.get("device_kind") == devices.KIOSK
