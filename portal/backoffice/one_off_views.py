"""One-off hours of somebody who can be booked: on a date, at a centre, in place of her week."""

from flask import url_for
from werkzeug.wrappers import Response
from wtforms import SelectField

from portal.centres.queries import centre_names
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import unit_of_work
from portal.core.errors import NotFound
from portal.core.week import write_windows
from portal.staff import one_offs, queries
from portal.staff.models import Staff
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.dates import DatedForm, read_date
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once, saved

staff = AudienceBlueprint("backoffice_one_offs", __name__, Audience.STAFF)


class OneOffForm(DatedForm):
    """A date, a centre and times."""

    centre = SelectField("Centre", coerce=int)
    messages = DatedForm.messages | {("windows", "elsewhere"): "This overlaps her times at another centre that day."}


@staff.route("/staff/away/<int:staff_id>/hours", methods=["GET", "POST"])
@needs(Permission.SET_AWAY)
def hours(staff_id: int):
    """Somebody's one-off hours, and a form for one date more."""
    found, form, names = _whom(staff_id), OneOffForm(), centre_names()
    form.centre.choices = to_choose((centre_id, names[centre_id]) for centre_id in found.centre_ids)

    def save() -> str:
        one_offs.set_on(actor(), staff_id, form.centre.data, form.on.data, form.spans, now=clock.now())
        return url_for("backoffice_one_offs.hours", staff_id=staff_id)

    coming = one_offs.coming([staff_id], clock.now()).get(staff_id, {})
    return save_once(form, save) or form_page(
        "backoffice/staff/one_offs.html",
        form,
        person=found,
        rows=[(on, centre_id, write_windows(spans)) for (on, centre_id), spans in coming.items()],
        names=names,
        sees=actor().centres if not can(actor(), Permission.MANAGE_CENTRES) else set(names),
        own=found.id == actor().id,
    )


@staff.post("/staff/away/<int:staff_id>/hours/<int:centre_id>/<on>/remove")
@needs(Permission.SET_AWAY)
def remove(staff_id: int, centre_id: int, on: str) -> Response:
    """Take one-off hours away."""
    _whom(staff_id)
    with unit_of_work():
        one_offs.remove_on(actor(), staff_id, centre_id, read_date(on), now=clock.now())
    return saved(url_for("backoffice_one_offs.hours", staff_id=staff_id))


def _whom(staff_id: int) -> Staff:
    found = queries.person(staff_id)
    if not one_offs.may_set(actor(), found):
        raise NotFound("staff")
    return found
