"""Staff change a text that has not left yet, or take it back."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Stale
from portal.messaging import planned
from portal.messaging.staff_forms import PlannedForm, PressForm, words_refused
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("messaging_planned", __name__, Audience.STAFF)

TOO_LATE = "Too late: it has left already."


@staff.route("/staff/clients/<int:client_id>/messages/<int:text_id>", methods=["GET", "POST"])
@needs(Permission.WRITE_TEXT)
def change(client_id: int, text_id: int):
    """Change the words or the time of a text before it leaves."""
    thread = url_for("messaging_staff.thread", client_id=client_id)
    try:
        with unit_of_work():
            text = planned.open_planned(actor(), client_id, text_id, now=clock.now())
        local = f"{clock.london(text.send_at):%Y-%m-%dT%H:%M}" if text.send_at > clock.now() else ""
        form = PlannedForm(data={"body": text.body, "send_at": local})

        def save() -> str:
            planned.change(
                actor(),
                client_id,
                text_id,
                body=form.body.data or "",
                send_at=form.send_at_instant,
                words=words_refused(),
                now=clock.now(),
            )
            return thread

        done = save_once(form, save)
    except Stale:
        return _too_late(client_id)
    client = visible_client(actor(), client_id)
    return done or form_page(
        "messaging/staff/planned.html", form, client=client, text_id=text_id, press_form=PressForm(formdata=None)
    )


@staff.post("/staff/clients/<int:client_id>/messages/<int:text_id>/take-back")
@needs(Permission.WRITE_TEXT)
def take_back(client_id: int, text_id: int) -> Response:
    """Keep a text from leaving."""
    try:
        with unit_of_work():
            planned.take_back(actor(), client_id, text_id, now=clock.now())
    except Stale:
        return _too_late(client_id)
    flash("Taken back. It will not be sent.")
    return redirect(url_for("messaging_staff.thread", client_id=client_id), 303)


def _too_late(client_id: int) -> Response:
    flash(TOO_LATE)
    return redirect(url_for("messaging_staff.thread", client_id=client_id), 303)
