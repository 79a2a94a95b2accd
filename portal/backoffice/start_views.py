"""The first hour of a charity without an engineer: one page, step by step, each in the fewest presses."""

from typing import Any

from flask import render_template, url_for
from werkzeug.wrappers import Response

from portal.backoffice import start_service, start_steps
from portal.backoffice.start_forms import (
    FirstCentreForm,
    FirstPeopleForm,
    PressForm,
    ReadyKindsForm,
    RoomsForm,
    StaffTestForm,
)
from portal.centres import queries as centres
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.messaging import staff_tests
from portal.staff import queries as staff_queries
from portal.web import shown_once
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose, unprocessable
from portal.web.guards import actor, needs_fresh_proof, settings
from portal.web.saving import save_once, saved

staff = AudienceBlueprint("backoffice_start", __name__, Audience.STAFF)


@staff.get("/staff/start")
@needs(Permission.MOVE_IN)
def start() -> str:
    """What is done and what is to do; read from the data each time, so it can be left and come back to."""
    return render_template("backoffice/staff/start.html", **_shown())


@staff.post("/staff/start/centre")
@needs(Permission.MANAGE_CENTRES)
def add_centre():
    """A centre, with the usual hours in the same press."""
    form = FirstCentreForm()

    def save() -> str:
        start_service.make_centre(
            actor(),
            name=form.name.data,
            borough=form.borough.data,
            door=form.door.data,
            usual_hours=form.weekdays.data,
            banned_words=settings().banned_words,
            now=clock.now(),
        )
        return _address("rooms")

    return save_once(form, save) or _again(centre_form=form)


@staff.post("/staff/start/hours")
@needs(Permission.MANAGE_CENTRES)
def open_usually() -> Response:
    """The usual hours for every centre that has none."""
    with unit_of_work():
        start_service.open_at_usual_hours(actor(), now=clock.now())
    return saved(_address("rooms"))


@staff.post("/staff/start/rooms")
@needs(Permission.MANAGE_CENTRES)
def add_rooms():
    """Several rooms of a centre, one a line; those that are there already stay as they are."""
    form = _rooms_form(RoomsForm())

    def save() -> str:
        start_service.make_rooms(actor(), form.rooms_at.data, form.names, now=clock.now())
        return _address("kinds")

    return save_once(form, save) or _again(rooms_form=form)


@staff.post("/staff/start/kinds")
@needs(Permission.MANAGE_CENTRES)
def add_kinds():
    """The ticked ready-made kinds, offered at every centre."""
    form = ReadyKindsForm()

    def save() -> str:
        start_service.make_kinds(actor(), form.ready.data, banned_words=settings().banned_words, now=clock.now())
        return _address("people")

    return save_once(form, save) or _again(kinds_form=form)


@staff.post("/staff/start/people")
@needs(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def add_people():
    """Several people at once; leads to their one-time links, which are shown once."""
    form = _people_form(FirstPeopleForm())

    def save() -> str:
        links = start_service.invite(actor(), form, now=clock.now())
        shown_once.keep("staff_links", links=links)
        return url_for("backoffice_start.links")

    return save_once(form, save, "Saved. The links are shown once.") or _again(people_form=form)


@staff.get("/staff/start/people/links")
@needs(Permission.MANAGE_PEOPLE)
def links():
    """The one-time links of the people just added, once; loaded again they are gone."""
    kept = shown_once.take("staff_links")
    shown = [
        (
            staff_queries.person(staff_id),
            settings().public_url + url_for("accounts_staff.set_up", token=token),
        )
        for staff_id, token in (kept or {"links": ()})["links"]
    ]
    return render_template("backoffice/staff/start_links.html", shown=shown), 200 if kept else 410


@staff.post("/staff/start/working-hours")
@needs(Permission.MANAGE_PEOPLE)
def set_working_hours() -> Response:
    """Every keyworker without hours can be booked while her centre is open."""
    with unit_of_work():
        start_service.work_as_centres_open(actor(), now=clock.now())
    return saved(_address("test"))


@staff.post("/staff/start/test-text")
@needs(Permission.TURN_SWITCHES)
def test_text():
    """A test text to a staff phone, whatever the switch of texts to women says."""
    form = StaffTestForm()

    def save() -> str:
        staff_tests.want(actor(), form.number.data, drama_only=settings().demo, now=clock.now())
        return _address("test")

    done = "The test text is on its way. Look again in a moment."
    return save_once(form, save, done) or _again(test_form=form)


def _shown(**forms: Any) -> dict[str, Any]:
    steps = start_steps.steps(actor())
    return {
        "steps": steps,
        "left": sum(not step.done for step in steps),
        "first": next((step.key for step in steps if not step.done and step.mine), None),
        "press_form": PressForm(formdata=None),
        "centre_form": FirstCentreForm(formdata=None),
        "rooms_form": _rooms_form(RoomsForm(formdata=None)),
        "kinds_form": ReadyKindsForm(formdata=None),
        "people_form": _people_form(FirstPeopleForm(formdata=None)),
        "test_form": StaffTestForm(formdata=None),
        "test": staff_tests.latest(),
        "centres": centres.centres(),
        **forms,
    }


def _again(**forms: Any):
    return unprocessable("backoffice/staff/start.html", **_shown(**forms))


def _rooms_form(form: RoomsForm) -> RoomsForm:
    form.rooms_at.choices = to_choose((centre.id, centre.name) for centre in centres.centres())
    return form


def _people_form(form: FirstPeopleForm) -> FirstPeopleForm:
    open_ones = centres.centres()
    form.people_at.choices = to_choose((centre.id, centre.name) for centre in open_ones)
    if len(open_ones) == 1 and not form.people_at.data:
        form.people_at.data = [open_ones[0].id]
    return form


def _address(step: str) -> str:
    return url_for("backoffice_start.start", _anchor=step)
