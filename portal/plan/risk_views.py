"""What is known of the risk to a woman, for the few who may read it; each look is a row of the audit log (R30)."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.plan import risk
from portal.plan.goal_staff_views import gone_page
from portal.plan.risk_forms import (
    JUDGEMENT_NAMES,
    KIND_NAMES,
    MARAC_NAMES,
    SCORE_HINT,
    AssessmentForm,
    MaracForm,
    NoteForm,
)
from portal.plan.risk_rules import Answers
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import PortalForm
from portal.web.guards import actor

staff = AudienceBlueprint("plan_risk", __name__, Audience.STAFF)


@staff.get("/staff/clients/<int:client_id>/risk")
@needs(Permission.READ_RISK)
def known(client_id: int) -> str:
    """Assessments and notes; by break-glass first the press of its own."""
    with unit_of_work():
        client, found = risk.read(actor(), client_id, now=clock.now())
    if found is None:
        return render_template("plan/staff/risk_door.html", client=client)
    return _page(client, found)


@staff.post("/staff/clients/<int:client_id>/risk/open")
@needs(Permission.READ_RISK)
def by_press(client_id: int) -> str:
    """The same for whoever opened the record by break-glass and pressed."""
    with unit_of_work():
        client, found = risk.read_by_press(actor(), client_id, now=clock.now())
    return _page(client, found, may_write=False)


@staff.post("/staff/clients/<int:client_id>/risk")
@needs(Permission.WRITE_RISK)
def assess(client_id: int):
    """Keep an assessment."""
    form = AssessmentForm()
    answers = Answers(
        kind=form.kind.data or "",
        done_on=form.done_on.data,
        score=form.score.data,
        judgement=form.judgement.data or "",
        marac=form.marac.data or "",
        marac_on=form.marac_on.data,
        told_her_first={"yes": True, "no": False}.get(form.told_her_first.data or ""),
        why_not=form.why_not.data or "",
        next_on=form.next_on.data,
    )
    saved = _saved_by(form, client_id, lambda **kept: risk.record(actor(), client_id, answers, **kept))
    return saved or (_again(client_id, form=form), 422)


@staff.post("/staff/clients/<int:client_id>/risk/notes")
@needs(Permission.WRITE_RISK)
def add_note(client_id: int):
    """Note what is known of the risk to her."""
    form = NoteForm()
    saved = _saved_by(form, client_id, lambda **kept: risk.add_note(actor(), client_id, **kept))
    return saved or (_again(client_id, note_form=form), 422)


@staff.post("/staff/clients/<int:client_id>/risk/<int:assessment_id>/marac")
@needs(Permission.WRITE_RISK)
def set_marac(client_id: int, assessment_id: int):
    """Say where it stands with MARAC now."""
    risk.assessment(client_id, assessment_id)
    form = MaracForm()
    try:
        if form.validate():
            with unit_of_work():
                risk.set_marac(
                    actor(),
                    assessment_id,
                    marac=form.marac.data or "",
                    marac_on=form.marac_on.data,
                    was=request.form.get("was", ""),
                    now=clock.now(),
                )
            return _saved(client_id)
    except Invalid as refusal:
        form.refuse(refusal)
    except Stale as why:
        return gone_page(why, client_id)
    return _again(client_id, marac_form=form), 422


def _again(client_id: int, **forms: PortalForm) -> str:
    with unit_of_work():
        client, found = risk.read(actor(), client_id, now=clock.now())
    if found is None:
        raise NotFound("client")
    return _page(client, found, **forms)


def _page(
    client: Client,
    found: risk.Known,
    *,
    form: PortalForm | None = None,
    note_form: PortalForm | None = None,
    marac_form: PortalForm | None = None,
    may_write: bool = True,
) -> str:
    people = {one.done_by for one in found.assessments} | {one.noted_by for one in found.notes}
    note_form = note_form or NoteForm(formdata=None)
    note_form["note"].id = note_form["note"].label.field_id = "new-note"
    return render_template(
        "plan/staff/risk.html",
        client=client,
        found=found,
        form=form or AssessmentForm(formdata=None, done_on=clock.london_today(clock.now())),
        note_form=note_form,
        marac_form=marac_form,
        may_write=may_write and can(actor(), Permission.WRITE_RISK),
        who=first_names(people),
        kinds=KIND_NAMES,
        judgements=JUDGEMENT_NAMES,
        maracs=MARAC_NAMES,
        score_hint=SCORE_HINT,
    )


def _saved_by(form: AssessmentForm | NoteForm, client_id: int, change: Callable[..., object]) -> Response | None:
    """Carry out a form's change; None when the form or the service refused, with the refusal at its field."""
    try:
        if form.validate():
            with unit_of_work():
                change(note=form.note.data or "", request_key=form.request_key.data or "", now=clock.now())
            return _saved(client_id)
    except Invalid as refusal:
        form.refuse(refusal)
    return None


def _saved(client_id: int) -> Response:
    flash("Saved.")
    return redirect(url_for("plan_risk.known", client_id=client_id), 303)
