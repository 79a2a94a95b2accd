"""One goal and one action for staff: wording them beside her, and what was replaced."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.plan import actions, goals, kept, queries, reminding
from portal.plan.forms import DOER_NAMES
from portal.plan.meanwhile import choices
from portal.plan.models import Action, Goal
from portal.plan.staff_forms import FIELD_NAMES, WORDS, EditActionForm, EditGoalForm
from portal.plan.staff_words import STAFF_NAMES
from portal.plan.together import BothChanged
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("plan_goals_staff", __name__, Audience.STAFF)

_GONE = {
    "goal": "This goal was taken off the plan meanwhile.",
    "goals": "This goal was taken off the plan meanwhile.",
    "action": "This action was taken off the plan meanwhile.",
    "plan": "This plan is closed. Open it again first, with its state.",
    "kept": "She keeps her safety plan to herself now.",
    "own": "She took her safety plan back meanwhile.",
    "marac": "A colleague set where it stands with MARAC meanwhile. Look at it again.",
}


@staff.get("/staff/goals/<int:goal_id>")
@needs(Permission.READ_CLIENT)
def goal(goal_id: int) -> str:
    """One goal with its earlier wordings; opening it is in the audit log (R30)."""
    found = queries.visible_goal(actor(), goal_id)
    return _goal_page(found, EditGoalForm(formdata=None, obj=found))


@staff.post("/staff/goals/<int:goal_id>")
@needs(Permission.WRITE_PLAN)
def reword(goal_id: int):
    """Keep new words; what she changed meanwhile stands beside it, to choose."""
    found = queries.visible_goal(actor(), goal_id)
    form = EditGoalForm()
    said = {field: form[field].data or "" for field in goals.FIELDS}
    try:
        if form.validate():
            with unit_of_work():
                changed = goals.reword(
                    actor(),
                    goal_id,
                    said,
                    made_from=form.revision.data or 0,
                    choices=choices(),
                    language=form.language.data,
                    now=clock.now(),
                )
            return to_plan(changed.client_id)
    except Invalid as refusal:
        form.refuse(refusal)
    except BothChanged as both:
        return both_page(both, {**said, "language": form.language.data})
    except Stale as why:
        return gone_page(why, found.client_id, said.values())
    return _goal_page(found, form), 422


@staff.post("/staff/goals/<int:goal_id>/move")
@needs(Permission.WRITE_PLAN)
def move(goal_id: int):
    """Put a goal higher or lower, as she says what matters most."""
    client_id = queries.visible_goal(actor(), goal_id).client_id
    if request.form.get("up") not in ("1", "0"):
        abort(422)
    try:
        with unit_of_work():
            goals.move_goal(actor(), goal_id, up=request.form["up"] == "1", now=clock.now())
    except Stale as why:
        return gone_page(why, client_id)
    return to_plan(client_id)


@staff.post("/staff/goals/<int:goal_id>/again")
@needs(Permission.WRITE_PLAN)
def again(goal_id: int):
    """Put a goal back on the plan."""
    client_id = queries.visible_goal(actor(), goal_id).client_id
    try:
        with unit_of_work():
            goals.take_up_again(actor(), goal_id, now=clock.now())
    except Stale as why:
        return gone_page(why, client_id)
    return to_plan(client_id)


@staff.get("/staff/clients/<int:client_id>/goals")
@needs(Permission.READ_CLIENT)
def aside(client_id: int) -> str:
    """The goals that are off the plan, to put one back."""
    client = _read(client_id)
    return render_template(
        "plan/staff/aside.html", client=client, goals=queries.withdrawn_goals(client.id), names=STAFF_NAMES
    )


@staff.get("/staff/actions/<int:action_id>")
@needs(Permission.READ_CLIENT)
def action(action_id: int) -> str:
    """One action with its earlier wordings."""
    found = queries.visible_action(actor(), action_id)
    return _action_page(found, EditActionForm(formdata=None, obj=found))


@staff.post("/staff/actions/<int:action_id>/change")
@needs(Permission.WRITE_PLAN)
def reword_action(action_id: int):
    """Keep what an action says now."""
    found = queries.visible_action(actor(), action_id)
    form = EditActionForm()
    said = {
        "what": form.what.data or "",
        "note": form.note.data or "",
        "due_on": form.due_on.data.isoformat() if form.due_on.data else "",
        "doer": form.doer.data or "",
        "reminder_wanted": actions.YES if form.reminder_wanted.data else "",
    }
    try:
        if form.validate():
            with unit_of_work():
                actions.reword_action(
                    actor(),
                    action_id,
                    said,
                    made_from=form.revision.data or 0,
                    choices=choices(),
                    now=clock.now(),
                )
            return to_plan(found.client_id)
    except Invalid as refusal:
        form.refuse(refusal)
    except BothChanged as both:
        return both_page(both, said)
    except Stale as why:
        return gone_page(why, found.client_id, [said["what"], said["note"]])
    return _action_page(found, form), 422


def both_page(both: BothChanged, typed: Mapping[str, Any], names: Mapping[str, str] | None = None):
    """Both texts beside each other, to choose one or keep both; status 409, and nothing typed is lost."""
    clashing = {clash.field for clash in both.clashes}
    page = render_template(
        "plan/staff/both.html",
        both=both,
        names=names or FIELD_NAMES,
        words=WORDS if names is None else tuple(names),
        doers=DOER_NAMES,
        typed=[(name, value) for name, value in typed.items() if name not in clashing and value],
        as_day=date.fromisoformat,
    )
    return page, 409


def gone_page(why: Stale, client_id: int, typed: Any = ()):
    """Say that something changed meanwhile, with all that was typed; status 409."""
    words = _GONE.get(str(why.args[0]) if why.args else "", "Somebody changed this before you.")
    texts = [text for text in typed if text.strip()]
    return render_template("plan/staff/gone.html", words=words, typed=texts, client_id=client_id), 409


def to_plan(client_id: int) -> Response:
    """Back to the plan, with the word that it is saved."""
    flash("Saved.")
    return redirect(url_for("plan_staff.plan", client_id=client_id), 303)


def _read(client_id: int) -> Client:
    with unit_of_work():
        client = visible_client(actor(), client_id)
        audit.record(actor(), "plan_read", now=clock.now(), client_id=client.id)
    return client


def _goal_page(found: Goal, form: EditGoalForm) -> str:
    client = _read(found.client_id)
    return render_template(
        "plan/staff/one_goal.html",
        client=client,
        goal=found,
        form=form,
        earlier=kept.earlier(found),
        names=FIELD_NAMES,
        pathways=STAFF_NAMES,
    )


def _action_page(found: Action, form: EditActionForm) -> str:
    client = _read(found.client_id)
    goal = queries.visible_goal(actor(), found.goal_id)
    return render_template(
        "plan/staff/one_action.html",
        client=client,
        action=found,
        goal=goal,
        form=form,
        earlier=kept.earlier(found),
        names=FIELD_NAMES,
        doers=DOER_NAMES,
        reminds=reminding.can_be_reminded(goal),
    )
