"""The charity's own devices: an admin names desks and kiosks, whoever works there sets them up again in a minute."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from portal.accounts import device_service, devices
from portal.centres.queries import centre_names
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.web import shown_once
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, one_line, to_choose
from portal.web.guards import actor, needs_fresh_proof, settings
from portal.web.routing import row_id
from portal.web.saving import form_page, save_once, saved

staff = AudienceBlueprint("backoffice_devices", __name__, Audience.STAFF)

KIND_WORDS = {devices.DESK: "Desk", devices.KIOSK: "Kiosk"}


class DeviceForm(OnceForm):
    """What a device is called, where it stands, and what it is for."""

    name = one_line("Name", longest=60, validators=[InputRequired("Fill this in.")])
    kind = RadioField(
        "What is it for?",
        choices=to_choose(
            (
                (devices.DESK, "A desk: staff share it; it locks instead of signing out"),
                (devices.KIOSK, "A kiosk: women sign in on it in a waiting room"),
            )
        ),
        validators=[InputRequired("Choose one.")],
    )
    centre_id = SelectField("Centre", coerce=row_id)
    messages = {("centre_id", "unknown"): "Choose a centre."}


@staff.route("/staff/devices", methods=["GET", "POST"])
@needs(Permission.SET_UP_DEVICES)
@needs_fresh_proof(when=lambda: request.method == "POST")
def list_devices():
    """Every device in use: what it is, where, since when, last seen; and a form to name one more."""
    form = DeviceForm()
    form.centre_id.choices = to_choose(centre_names().items())

    def save() -> str:
        device_service.name_device(
            actor(),
            kind=form.kind.data,
            name=form.name.data or "",
            centre_id=form.centre_id.data,
            now=clock.now(),
        )
        return url_for("backoffice_devices.list_devices")

    here = devices.current()
    return save_once(form, save, "Named. Now set it up.") or form_page(
        "backoffice/staff/devices.html",
        form,
        devices=device_service.devices(actor()),
        centres=centre_names(),
        kind_words=KIND_WORDS,
        here=here.id if here is not None else None,
    )


@staff.post("/staff/devices/<int:device_id>/here")
@needs(Permission.SET_UP_DEVICES)
@needs_fresh_proof
def here(device_id: int) -> Response:
    """Make the browser in front of her this desk, by one press."""
    with unit_of_work():
        found, token = device_service.take_here(actor(), device_id, current_user.session_id, now=clock.now())
    return devices.become(saved("/staff/devices", f"This browser is now {found.name}."), found.kind, token)


@staff.post("/staff/devices/<int:device_id>/code")
@needs(Permission.SET_UP_DEVICES)
@needs_fresh_proof
def make_code(device_id: int) -> Response:
    """Make the code that is typed on the device."""
    with unit_of_work():
        code = device_service.make_code(actor(), device_id, now=clock.now())
    shown_once.keep("device_code", device_id=device_id, code=code)
    return redirect(url_for("backoffice_devices.code", device_id=device_id), 303)


@staff.get("/staff/devices/<int:device_id>/code")
@needs(Permission.SET_UP_DEVICES)
def code(device_id: int):
    """The code and where to type it, once; loaded again it is gone."""
    found, kept = device_service.device(actor(), device_id), shown_once.take("device_code")
    shown = kept["code"] if kept and kept["device_id"] == device_id else None
    address = f"{settings().public_url}/staff/device"
    page = render_template("backoffice/staff/device_code.html", device=found, code=shown, address=address)
    return page, 200 if shown else 410


@staff.post("/staff/devices/<int:device_id>/end")
@needs(Permission.NAME_DEVICES)
@needs_fresh_proof
def end(device_id: int) -> Response:
    """End a device at once: it is a browser like any other, and nobody is signed in there any more."""
    with unit_of_work():
        device_service.revoke(actor(), device_id, now=clock.now())
    return saved("/staff/devices", "Ended.")
