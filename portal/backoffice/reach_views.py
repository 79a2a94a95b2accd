"""On a record: who must not know of her (R29) and whom she must not meet (R43), to see, add and take away."""

from typing import Any

from flask import flash, url_for
from werkzeug.wrappers import Response

from portal.backoffice import keeping_apart, must_not_know
from portal.backoffice.reach_forms import LiftForm, MustNotMeetForm, OutsiderMustNotKnowForm, StaffMustNotKnowForm
from portal.backoffice.reading import note_reading
from portal.clients import restrictions
from portal.clients.queries import standing_client
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.partners import service as partners
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import PortalForm, to_choose
from portal.web.guards import actor, needs_fresh_proof
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("backoffice_reach", __name__, Audience.STAFF)


@staff.get("/staff/clients/<int:client_id>/must-not-know")
@needs(Permission.RESTRICT_CLIENT)
def must_not_know_of(client_id: int):
    """Everybody who must not know of her, and whom she must not meet; opening it is in the audit log (R30)."""
    restrictions.recorded(actor(), client_id)
    note_reading(client_id, "must_not_know")
    return _page(client_id)


@staff.post("/staff/clients/<int:client_id>/must-not-know")
@needs(Permission.RESTRICT_CLIENT)
def add_colleague(client_id: int):
    """Somebody who works here, or refers, must not know of her."""
    form = _colleagues(client_id)

    def save() -> str:
        met = must_not_know.restrict_staff(actor(), client_id, form.staff_id.data or 0, now=clock.now())
        if met:
            flash(f"Times of hers with that person that must be moved: {met}. Her keyworker has a task for each.")
        return _here(client_id)

    return save_once(form, save) or _page(client_id, form)


@staff.post("/staff/clients/<int:client_id>/must-not-know/outside")
@needs(Permission.RESTRICT_CLIENT)
def add_outsider(client_id: int):
    """Somebody who does not work here must not know of her."""
    form = OutsiderMustNotKnowForm()

    def save() -> str:
        restrictions.restrict_outsider(
            actor(), client_id, kind=form.kind.data or "", name=form.name.data or "", now=clock.now()
        )
        told = partners.warn_of_told(actor(), client_id, now=clock.now())
        if told:
            flash(f"Partners of that name that were asked: {told}. All is taken back; who was told is a task.")
        return _here(client_id)

    return save_once(form, save) or _page(client_id, form)


@staff.post("/staff/clients/<int:client_id>/must-not-know/<int:restriction_id>/lift")
@needs(Permission.RESTRICT_CLIENT)
@needs_fresh_proof
def lift_colleague(client_id: int, restriction_id: int):
    """A colleague may know of her after all."""
    return _lift(client_id, restriction_id, outside=False)


@staff.post("/staff/clients/<int:client_id>/must-not-know/outside/<int:restriction_id>/lift")
@needs(Permission.RESTRICT_CLIENT)
@needs_fresh_proof
def lift_outsider(client_id: int, restriction_id: int):
    """Somebody who does not work here may know of her after all."""
    return _lift(client_id, restriction_id, outside=True)


@staff.post("/staff/clients/<int:client_id>/must-not-meet")
@needs(Permission.RESTRICT_CLIENT)
def keep_apart(client_id: int):
    """Another woman, named exactly, must not meet her; one beyond a keyworker's reach is set by a manager."""
    form, now = MustNotMeetForm(), clock.now()

    def save() -> str:
        typed = form.typed.data or ""
        if form.ask.data == "manager":
            keeping_apart.ask_manager(actor(), client_id, typed, now=now)
            flash("A manager has been asked.")
            return _here(client_id)
        clashes = keeping_apart.keep_apart(actor(), client_id, typed, now=now)
        if clashes:
            flash(f"Times at which they would meet: {clashes}. Her keyworker has a task for each.")
        return _here(client_id)

    if form.is_submitted():
        standing_client(actor(), client_id)
        with unit_of_work():
            allowed = keeping_apart.count_try(actor(), now=now)
        if not allowed:
            form.validate()
            form.refuse(Invalid("typed", "too_many"))
            return _page(client_id, form)
    return save_once(form, save) or _page(client_id, form)


@staff.post("/staff/clients/<int:client_id>/must-not-meet/<int:pair_id>/lift")
@needs(Permission.RESTRICT_CLIENT)
@needs_fresh_proof
def let_meet(client_id: int, pair_id: int):
    """They may meet after all."""
    form = LiftForm()

    def save() -> str:
        keeping_apart.let_meet(actor(), client_id, pair_id, why=form.why.data or "", now=clock.now())
        return _here(client_id)

    return save_once(form, save) or _page(client_id, form)


def _lift(client_id: int, restriction_id: int, *, outside: bool) -> Response | Any:
    form = LiftForm()

    def save() -> str:
        restrictions.lift(actor(), client_id, restriction_id, outside=outside, why=form.why.data or "", now=clock.now())
        return _here(client_id)

    return save_once(form, save) or _page(client_id, form)


def _colleagues(client_id: int) -> StaffMustNotKnowForm:
    form = StaffMustNotKnowForm()
    possible = restrictions.possible_staff(actor(), standing_client(actor(), client_id))
    form.staff_id.choices = to_choose([(0, "Choose"), *((each.id, f"{each.name}, {each.role}") for each in possible)])
    return form


def _page(client_id: int, sent: PortalForm | None = None):
    """The whole page, with the form that was sent, if any, in its place."""
    now = clock.now()
    client = standing_client(actor(), client_id)
    forms: dict[str, PortalForm] = {
        "colleague": _colleagues(client_id),
        "outsider": OutsiderMustNotKnowForm(formdata=None),
        "other": MustNotMeetForm(formdata=None),
        "lifting": LiftForm(formdata=None),
    }
    for name, form in forms.items():
        if sent is not None and type(form) is type(sent):
            forms[name] = sent
    return form_page(
        "backoffice/staff/must_not_know.html",
        sent or LiftForm(formdata=None),
        client=client,
        found=restrictions.recorded(actor(), client_id),
        pairs=keeping_apart.pairs(actor(), client_id, now),
        kinds=restrictions.KINDS,
        is_manager=actor().role is Role.MANAGER,
        forms_of=forms,
    )


def _here(client_id: int) -> str:
    return url_for("backoffice_reach.must_not_know_of", client_id=client_id)
