"""Settling a text that we could not place."""

from flask import url_for
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.messaging import triage
from portal.messaging.staff_forms import PlaceForm
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.saving import saved

staff = AudienceBlueprint("messaging_triage", __name__, Audience.STAFF)

SETTLED_BEFORE = "Somebody settled this text before."


@staff.post("/staff/inbox/<int:incoming_id>/place")
@needs(Permission.READ_INBOX)
def place(incoming_id: int) -> Response:
    """This was her: the text goes into her thread, and her worker answers it."""
    form = PlaceForm()
    inbox = url_for("messaging_staff.inbox")
    try:
        with unit_of_work():
            triage.place(actor(), incoming_id, form.client_id.data or 0, how=form.how.data or "", now=clock.now())
    except Invalid:
        return saved(url_for("messaging_staff.triage", incoming_id=incoming_id), "Say how you checked that it was her.")
    except Stale:
        return saved(inbox, SETTLED_BEFORE)
    return saved(inbox, "It stands in her thread now.")


@staff.post("/staff/inbox/<int:incoming_id>/wrong-number")
@needs(Permission.READ_INBOX)
def wrong_number(incoming_id: int) -> Response:
    """The text was meant for nobody here."""
    try:
        with unit_of_work():
            triage.wrong_number(actor(), incoming_id, now=clock.now())
    except Stale:
        return saved(url_for("messaging_staff.inbox"), SETTLED_BEFORE)
    return saved(url_for("messaging_staff.inbox"), "Closed as a wrong number.")
