"""The duty rota: who is called out when, the hours in which nobody is, and the phones (R25)."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from portal.backoffice.rota_forms import PLACES, NumberForm, ShiftForm
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import unit_of_work
from portal.core.week import DAYS
from portal.messaging import duty as calls
from portal.staff import duty, queries, rota_rules
from portal.staff import rota as staff_rota
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose, unprocessable
from portal.web.guards import actor, settings
from portal.web.saving import save_once, saved

staff = AudienceBlueprint("backoffice_rota", __name__, Audience.STAFF)


@staff.get("/staff/rota")
@needs(Permission.SEE_ROTA)
def rota() -> str:
    """The whole week, gaps included; who may change it finds the forms beside it."""
    return render_template("backoffice/staff/rota.html", **_page())


@staff.post("/staff/rota")
@needs(Permission.EDIT_ROTA)
def add():
    """Put somebody on the rota."""
    form = _shift_form()

    def save() -> str:
        duty.add_shifts(
            actor(),
            days=form.days.data or [],
            from_hour=form.from_hour.data,
            until_hour=form.until_hour.data,
            position=form.position.data,
            staff_id=form.staff_id.data,
            now=clock.now(),
        )
        return url_for("backoffice_rota.rota")

    return save_once(form, save) or unprocessable("backoffice/staff/rota.html", **_page(form=form))


@staff.post("/staff/rota/<int:shift_id>/remove")
@needs(Permission.EDIT_ROTA)
def remove(shift_id: int) -> Response:
    """Take a shift off the rota."""
    with unit_of_work():
        duty.remove_shift(actor(), shift_id, now=clock.now())
    return saved(url_for("backoffice_rota.rota"), "Taken off the rota.")


@staff.post("/staff/rota/number")
@needs(Permission.EDIT_ROTA)
def number():
    """Set the phone on which somebody is called out, or take it away."""
    form = _number_form()

    def save() -> str:
        calls.set_number(actor(), form.person.data, form.number.data or "", drama_only=settings().demo, now=clock.now())
        return url_for("backoffice_rota.rota")

    return save_once(form, save) or unprocessable("backoffice/staff/rota.html", **_page(number_form=form))


def _people() -> list:
    return [person for person in queries.people(active_only=True) if person.role in duty.ON_CALL]


def _shift_form(**options) -> ShiftForm:
    form = ShiftForm(**options)
    form.staff_id.choices = to_choose((person.id, person.name) for person in _people())
    return form


def _number_form(**options) -> NumberForm:
    form = NumberForm(**options)
    form.person.choices = to_choose((person.id, person.name) for person in _people())
    return form


def _page(form: ShiftForm | None = None, number_form: NumberForm | None = None) -> dict:
    now, shifts, week = clock.now(), staff_rota.shifts(), staff_rota.week_of_duty()
    stretches = rota_rules.stretches(week)
    return {
        "form": form or _shift_form(formdata=None),
        "number_form": number_form or _number_form(formdata=None),
        "may_edit": can(actor(), Permission.EDIT_ROTA),
        "days": [(name.capitalize(), [each for each in stretches if each.day == day]) for day, name in enumerate(DAYS)],
        "gaps": len(rota_rules.gaps(week)),
        "hours": len(rota_rules.HOURS),
        "shifts": [(shift, person, DAYS[shift.weekday].capitalize()) for shift, person in shifts],
        "names": {person.id: person.first_name for _, person in shifts},
        "without_phone": sorted({person.first_name for _, person in shifts if person.duty_number is None}),
        "people": _people(),
        "now_on": staff_rota.on_duty(now),
        "places": PLACES,
    }
