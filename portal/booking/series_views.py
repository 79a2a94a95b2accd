"""Staff book several appointments of a woman in one act."""

from flask import flash, url_for
from wtforms import DateField, IntegerField, SelectField, TimeField
from wtforms.validators import InputRequired, NumberRange

from portal.audit import service as audit
from portal.booking import openings, series
from portal.booking.forms import read_id
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.filters import short_day
from portal.web.forms import OnceForm, to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("booking_series", __name__, Audience.STAFF)


def _number(label: str, most: int) -> IntegerField:
    words = f"Give a whole number from 1 to {most}."
    return IntegerField(label, validators=[InputRequired(words), NumberRange(1, most, words)])


class SeriesForm(OnceForm):
    """What is booked, from when, how often."""

    kind = SelectField("Kind")
    centre = SelectField("Centre")
    worker = SelectField("Worker")
    first_on = DateField("First day", validators=[InputRequired("Give a date.")])
    local_at = TimeField("Time", validators=[InputRequired("Give a time.")])
    every_weeks = _number("Every how many weeks", series.MOST_WEEKS)
    times = _number("How many times", series.MOST_TIMES)
    messages = {("first_on", "none"): "None of these dates can be had. Choose another day or time."}


@staff.route("/staff/clients/<int:client_id>/appointments/series", methods=["GET", "POST"])
@needs(Permission.READ_CLIENT)
def book_series(client_id: int):
    """Book several at the same time of the week; afterwards it says which dates cannot be had."""
    visible_client(actor(), client_id)
    with unit_of_work():
        audit.record(actor(), "client_read", now=clock.now(), client_id=client_id, subject="booking")
    form = SeriesForm(data={"every_weeks": 1, "times": 6})
    form.kind.choices = to_choose((str(kind.id), kind.name_in("en")) for kind in openings.kinds_offered(by_staff=True))
    form.centre.choices = to_choose((str(centre.id), centre.name) for centre in openings.centres_open())
    names = ((str(number), name) for number, name in openings.workers_by_id().items())
    form.worker.choices = to_choose([("", "Anyone"), *names])

    def save() -> str:
        made = series.book_series(
            actor(),
            client_id=client_id,
            kind_id=read_id(form.kind.data) or 0,
            centre_id=read_id(form.centre.data) or 0,
            worker_id=read_id(form.worker.data),
            first_on=form.first_on.data,
            local_at=form.local_at.data.replace(second=0, microsecond=0),
            every_weeks=form.every_weeks.data,
            times=form.times.data,
            now=clock.now(),
        )
        flash("Booked: " + ", ".join(short_day(appointment.starts_at) for appointment in made.booked) + ".")
        if made.not_had:
            flash("Cannot be had: " + ", ".join(short_day(on) for on in made.not_had) + ".")
        return url_for("backoffice_file.client_file", client_id=client_id)

    return save_once(form, save) or form_page("booking/staff/series.html", form, client_id=client_id)
