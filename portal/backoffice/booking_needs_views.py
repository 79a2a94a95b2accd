"""Staff record what booking honours for a woman without showing why: whom and where she does not go, what she needs."""

from flask import flash, url_for
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.audit import service as audit
from portal.centres.queries import centre_names
from portal.clients import booking_needs
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.staff import queries as people
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("backoffice_booking_needs", __name__, Audience.STAFF)


_IS = {"step_free": "is step-free", "quiet_room": "is quiet", "child_corner": "has a children's corner"}


def _listed(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _ticks(label: str, coerce: type) -> SelectMultipleField:
    return SelectMultipleField(label, coerce=coerce, option_widget=CheckboxInput(), widget=ListWidget())


class BookingNeedsForm(OnceForm):
    """What booking must honour."""

    needs = _ticks("She needs", str)
    workers = _ticks("Workers she asked not to see", int)
    centres = _ticks("Centres she must stay away from", int)
    messages = {(field, "unknown"): "Choose from the list." for field in ("needs", "workers", "centres")}


@staff.route("/staff/clients/<int:client_id>/booking-needs", methods=["GET", "POST"])
@needs(Permission.RECORD_SAFE_CONTACT)
def booking_needs_of(client_id: int):
    """See and change what booking honours; opening it is in the audit log (R30)."""
    recorded = booking_needs.read(actor(), client_id)
    with unit_of_work():
        audit.record(actor(), "client_read", now=clock.now(), client_id=client_id, subject="booking_needs")
    form = BookingNeedsForm(
        data={
            "needs": sorted(recorded.needs),
            "workers": sorted(recorded.workers),
            "centres": sorted(recorded.centres),
        }
    )
    form.needs.choices = to_choose(booking_needs.NEEDS.items())
    chosen = [each for each in people.people() if each.active or each.id in recorded.workers]
    form.workers.choices = to_choose((each.id, each.name) for each in chosen)
    form.centres.choices = to_choose(centre_names().items())

    def save() -> str:
        needed, avoided = set(form.needs.data or ()), set(form.centres.data or ())
        booking_needs.record(
            actor(),
            client_id,
            needs=needed,
            workers=set(form.workers.data or ()),
            centres=avoided,
            now=clock.now(),
        )
        for need, centres in booking_needs.rooms_missing(sorted(needed), avoided).items():
            flash(f"No room at {_listed(centres)} {_IS[need]}: what takes a room cannot be booked there for her.")
        return url_for("backoffice_file.client_file", client_id=client_id)

    return save_once(form, save) or form_page("backoffice/staff/booking_needs.html", form, client_id=client_id)
