"""Staff pages about a centre's windows of single dates."""

from flask import url_for
from werkzeug.wrappers import Response

from portal.centres import dated_hours, queries
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.week import write_windows
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.dates import DatedForm, read_date
from portal.web.guards import actor
from portal.web.saving import form_page, save_once, saved

staff = AudienceBlueprint("centres_dated", __name__, Audience.STAFF)


@staff.route("/staff/centres/<int:centre_id>/dates", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def dates(centre_id: int):
    """The dates on which a centre has other hours, and a form for one more; leads to who is booked on it."""
    found, form = queries.centre(centre_id), DatedForm()

    def save() -> str:
        on = form.on.data
        dated_hours.set_on(actor(), centre_id, on, form.spans, now=clock.now())
        return url_for("booking_outside.day", centre_id=centre_id, on=on.isoformat())

    today = clock.london_today(clock.now())
    dated = [(on, write_windows(spans)) for on, spans in found.dated.items() if on >= today]
    return save_once(form, save) or form_page("centres/staff/dates.html", form, centre=found, dated=dated)


@staff.post("/staff/centres/<int:centre_id>/dates/<on>/remove")
@needs(Permission.MANAGE_CENTRES)
def remove(centre_id: int, on: str) -> Response:
    """Let the weekly hours hold again on a date."""
    with unit_of_work():
        dated_hours.remove_on(actor(), centre_id, read_date(on), now=clock.now())
    return saved(url_for("booking_outside.day", centre_id=centre_id, on=on))
