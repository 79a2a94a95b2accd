"""Who came in without an appointment: finding her, the queue, somebody without a record, the tally of the day."""

from flask import flash, redirect, render_template, request

from portal.booking import desk_guests, openings, queries, walk_ins
from portal.booking.desk_guests import is_guest
from portal.booking.desk_reading import client_known, note_found
from portal.booking.diary_views import came_from
from portal.booking.forms import ArrivedForm, WalkInForm, read_id
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.saving import save_once

staff = AudienceBlueprint("booking_walk_ins", __name__, Audience.STAFF)


@staff.route("/staff/walk-in", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def walk_in():
    """Someone came in without an appointment: find her, or note what she may be called and what she needs."""
    form = WalkInForm()
    found: list[Client] = []
    if form.is_submitted() and form.validate() and (form.name.data or "").strip():
        words = form.name.data or ""
        found = queries.client_at_desk(actor(), words, now=clock.now()) or desk_guests.by_code_name(actor(), words)
        note_found(found)
    return _page(form, _arrived_form(formdata=None), found, 422 if form.errors else 200)


@staff.post("/staff/walk-ins")
@needs(Permission.BOOK_FOR_CLIENT)
def arrive():
    """Put somebody in the queue: a woman whom the desk has found, or somebody without a record."""
    form, client_id = _arrived_form(), read_id(request.form.get("client"))
    client = client_known(client_id) if client_id else None

    def save() -> str:
        walk_ins.arrive(
            actor(),
            centre_id=form.centre.data or 0,
            client=client,
            called_name=form.called_name.data or "",
            needs=form.needs.data or "",
            urgent=form.urgent.data,
            now=clock.now(),
        )
        return "/staff/today"

    return save_once(form, save, "In the queue.") or _page(WalkInForm(formdata=None), form, [], 422)


@staff.post("/staff/walk-ins/<int:walk_in_id>")
@needs(Permission.BOOK_FOR_CLIENT)
def settle(walk_in_id: int):
    """Somebody of the queue was seen, or left."""
    with unit_of_work():
        try:
            walk_ins.settle(actor(), walk_in_id, state=request.form.get("state", ""), now=clock.now())
        except Invalid:
            raise NotFound("state") from None
    flash("Saved.")
    return redirect(came_from(), 303)


@staff.post("/staff/drop-ins")
@needs(Permission.BOOK_FOR_CLIENT)
def drop_in():
    """Count one more who dropped in today, or take one back."""
    step = {"1": 1, "-1": -1}.get(request.form.get("step", ""))
    if step is None:
        raise NotFound("step")
    with unit_of_work():
        walk_ins.count_drop_in(actor(), centre_id=read_id(request.form.get("centre")) or 0, step=step, now=clock.now())
    return redirect(came_from(), 303)


def _arrived_form(**options) -> ArrivedForm:
    form = ArrivedForm(**options)
    form.centre.choices = to_choose((centre.id, centre.name) for centre in openings.centres_of(actor()))
    return form


def _page(form: WalkInForm, arrived: ArrivedForm, found: list[Client], status: int):
    values = {
        "today": clock.london_today(clock.now()),
        "centres": sorted(actor().centres),
        "homes": {client.id: openings.centre(client.centre_id).name for client in found if is_guest(actor(), client)},
    }
    return render_template("booking/staff/walk_in.html", form=form, arrived=arrived, found=found, **values), status
