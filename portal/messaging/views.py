"""Her own messages: sensitive, and not there unless she wants them there (R16, R41)."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from portal.messaging import hers, queries
from portal.messaging.forms import OwnMessageForm
from portal.staff.models import Staff
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.forms import unprocessable
from portal.web.guards import actor, sensitive_when

own = AudienceBlueprint("messaging_own", __name__, Audience.CLIENT)


@own.get("/messages")
@sensitive_when("messages_online")
def messages(shown: bool) -> str:
    """What was said on the portal; with the switch off, the page of a woman without messages."""
    if shown:
        with unit_of_work():
            hers.open_own(actor(), now=clock.now())
    return render_template("messaging/messages.html", form=OwnMessageForm(formdata=None), **_said(shown))


@own.post("/messages")
def write() -> Response | tuple[str, int]:
    """Write to her worker. It shows nothing, so it needs no passcode, and a slow writer loses nothing (R38)."""
    form = OwnMessageForm()
    if form.validate():
        try:
            with unit_of_work():
                hers.write_to_us(actor(), body=form.body.data or "", request_key=form.request_key.data, now=clock.now())
            flash("sent", "own_message")
            return redirect(url_for("messaging_own.messages"), 303)
        except Invalid as refusal:
            form.refuse(refusal)
    shown = current_user.record.messages_online and current_user.stepped_up
    return unprocessable("messaging/messages.html", form=form, **_said(shown))


def _said(shown: bool) -> dict:
    found = queries.own_messages(current_user.actor.id) if shown else []
    writers = {message.staff_id for message in found if message.staff_id is not None}
    named = current_user.record.shows_worker_name
    names = {staff_id: session.get_one(Staff, staff_id).first_name for staff_id in writers} if named else {}
    return {"found": found, "names": names, "days_off": queries.days_off(clock.now())}
