"""Staff book a woman on purpose with somebody who is taken then: a separate act, with a reason."""

from flask import url_for
from wtforms import DateField, SelectField, TimeField
from wtforms.validators import InputRequired

from portal.booking import desk_reading, openings, service
from portal.booking.forms import read_id
from portal.booking.rules import ClosedThatDay, NotOffered, PastTime
from portal.core import clock
from portal.core.access import Permission
from portal.core.errors import Invalid
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, one_line, to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("booking_overbook", __name__, Audience.STAFF)


class OverbookForm(OnceForm):
    """What is booked although somebody is taken, and why."""

    kind = SelectField("Kind")
    centre = SelectField("Centre")
    worker = SelectField("Worker")
    on = DateField("Day", validators=[InputRequired("Give a day.")])
    local_at = TimeField("Time", validators=[InputRequired("Give a time.")])
    reason = one_line("Why", 200, validators=[InputRequired("Say why.")])
    messages = {
        ("reason", "missing"): "Say why.",
        ("local_at", "past"): "That time is past.",
        ("local_at", "closed"): "The centre is closed then.",
        ("local_at", "cannot"): "The worker does not work then, or she herself cannot come then.",
    }


@staff.route("/staff/clients/<int:client_id>/appointments/overbook", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def overbook(client_id: int):
    """Book although the worker or the room is taken; the board and the log say so."""
    client = desk_reading.read_client(client_id)
    form = OverbookForm()
    form.kind.choices = to_choose((str(kind.id), kind.name_in("en")) for kind in openings.kinds_offered(by_staff=True))
    form.centre.choices = to_choose((str(centre.id), centre.name) for centre in openings.centres_of(actor()))
    form.worker.choices = to_choose((str(number), name) for number, name in openings.workers_by_id().items())

    def save() -> str:
        try:
            appointment = service.overbook(
                actor(),
                client_id=client.id,
                kind_id=read_id(form.kind.data) or 0,
                centre_id=read_id(form.centre.data) or 0,
                worker_id=read_id(form.worker.data) or 0,
                starts_at=clock.from_london(form.on.data, form.local_at.data.replace(second=0, microsecond=0)),
                reason=form.reason.data or "",
                request_key=f"{form.request_key.data}.b",
                now=clock.now(),
            )
        except NotOffered as refusal:
            raise Invalid("local_at", _reason(refusal)) from None
        return url_for("booking_appointment.appointment", appointment_id=appointment.id)

    return save_once(form, save, "Booked.") or form_page("booking/staff/overbook.html", form, client=client)


def _reason(refusal: NotOffered) -> str:
    if isinstance(refusal, PastTime):
        return "past"
    return "closed" if isinstance(refusal, ClosedThatDay) else "cannot"
