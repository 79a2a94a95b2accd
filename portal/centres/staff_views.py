"""Staff pages about centres: names, opening hours, closures, rooms."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from portal.centres import bank_holidays, creche, queries, service
from portal.centres.forms import CentreForm, ClosureForm, CrecheForm, OpeningHoursForm, RoomForm
from portal.centres.models import Centre, Room
from portal.core import clock, phone
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import NotFound
from portal.core.week import DAYS, write_windows
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor, settings
from portal.web.saving import form_page, save_once, saved
from portal.web.week import as_lines

staff = AudienceBlueprint("centres_staff", __name__, Audience.STAFF)

HOLIDAYS_SHOWN_DAYS = 120


@staff.get("/staff/centres")
@needs(Permission.MANAGE_CENTRES)
def centres() -> str:
    """Every centre, and where each is changed."""
    today, until = _today(), bank_holidays.filled_until()
    return render_template(
        "centres/staff/centres.html",
        centres=queries.centres(archived=True),
        today=today,
        filled_until=until,
        ends_soon=bank_holidays.ends_soon(until, today),
    )


@staff.route("/staff/centres/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def new_centre():
    """Add a centre."""
    return _centre_page(None)


@staff.get("/staff/centres/<int:centre_id>")
@needs(Permission.MANAGE_CENTRES)
def centre(centre_id: int) -> str:
    """One centre: what women are told, its hours, closures and rooms."""
    found, today = queries.centre(centre_id), _today()
    return render_template(
        "centres/staff/centre.html",
        centre=found,
        hours=as_lines(found.weekly),
        dated=[(on, write_windows(spans)) for on, spans in found.dated.items() if on >= today],
        holidays=bank_holidays.coming(today, days=HOLIDAYS_SHOWN_DAYS),
        closures=[closure for closure in found.closures if closure.ends_on >= today],
        closure_form=ClosureForm(formdata=None),
        kinds=queries.kinds_for(centre_id),
        creche=_creche_lines(found),
    )


@staff.route("/staff/centres/<int:centre_id>/change", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def change_centre(centre_id: int):
    """Change what women are told of a centre."""
    return _centre_page(queries.centre(centre_id))


@staff.route("/staff/centres/<int:centre_id>/hours", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def opening_hours(centre_id: int):
    """Change when a centre is open."""
    found = queries.centre(centre_id)
    form = OpeningHoursForm(data=as_lines(found.weekly))
    if form.validate_on_submit():
        with unit_of_work():
            service.set_opening_hours(actor(), centre_id, form.windows, now=clock.now())
        return saved(url_for("centres_staff.centre", centre_id=centre_id))
    return form_page("centres/staff/opening_hours.html", form, centre=found)


@staff.route("/staff/centres/<int:centre_id>/creche", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def creche_sessions(centre_id: int):
    """Change when a centre's crèche is open, and for how many children."""
    found = queries.centre(centre_id)
    form = CrecheForm(data=_creche_lines(found))
    if form.validate_on_submit():
        with unit_of_work():
            service.set_creche(actor(), centre_id, form.windows, now=clock.now())
        return saved(url_for("centres_staff.centre", centre_id=centre_id))
    return form_page("centres/staff/creche.html", form, centre=found)


@staff.post("/staff/centres/<int:centre_id>/closures")
@needs(Permission.MANAGE_CENTRES)
def add_closure(centre_id: int):
    """Close a centre on some days."""
    found, form = queries.centre(centre_id), ClosureForm()

    def save() -> str:
        service.add_closure(
            actor(),
            centre_id,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            reason=form.reason.data,
            now=clock.now(),
        )
        return url_for("centres_staff.centre", centre_id=centre_id)

    return save_once(form, save) or form_page("centres/staff/closure.html", form, centre=found)


@staff.post("/staff/centres/<int:centre_id>/closures/<int:closure_id>/remove")
@needs(Permission.MANAGE_CENTRES)
def remove_closure(centre_id: int, closure_id: int) -> Response:
    """Take a closure away."""
    with unit_of_work():
        service.remove_closure(actor(), centre_id, closure_id, now=clock.now())
    return saved(url_for("centres_staff.centre", centre_id=centre_id))


@staff.route("/staff/centres/<int:centre_id>/rooms/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def new_room(centre_id: int):
    """Add a room."""
    return _room_page(queries.centre(centre_id), None)


@staff.route("/staff/centres/<int:centre_id>/rooms/<int:room_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def change_room(centre_id: int, room_id: int):
    """Change a room."""
    found = queries.centre(centre_id)
    room = next((room for room in found.rooms if room.id == room_id), None)
    if room is None:
        raise NotFound("room")
    return _room_page(found, room)


def _creche_lines(found: Centre) -> dict[str, str]:
    sessions = creche.sessions_of(found.creche)
    return {
        name: creche.write_day(session for session in sessions if session.weekday == day)
        for day, name in enumerate(DAYS)
    }


def _centre_page(found: Centre | None):
    form = CentreForm(obj=found)

    def save() -> str:
        kept = service.save_centre(
            actor(),
            found.id if found else None,
            name=form.name.data,
            borough=form.borough.data,
            door=form.door.data,
            phone=phone.normalise(form.phone.data),
            archived=form.archived.data,
            banned_words=settings().banned_words,
            now=clock.now(),
        )
        return url_for("centres_staff.centre", centre_id=kept.id)

    return save_once(form, save) or form_page("centres/staff/centre_form.html", form, centre=found)


def _room_page(found: Centre, room: Room | None):
    form = RoomForm(obj=room)

    def save() -> str:
        service.save_room(
            actor(),
            found.id,
            room.id if room else None,
            name=form.name.data,
            step_free=form.step_free.data,
            child_corner=form.child_corner.data,
            quiet=form.quiet.data,
            archived=form.archived.data,
            now=clock.now(),
        )
        return url_for("centres_staff.centre", centre_id=found.id)

    return save_once(form, save) or form_page("centres/staff/room.html", form, centre=found, room=room)


def _today():
    return clock.london_today(clock.now())
