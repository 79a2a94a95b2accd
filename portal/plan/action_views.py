"""What she does toward a goal: adding it, saying how far it is, its note, its day and its reminder."""

from datetime import date

from flask import abort, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clients.own_language import of_pages
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.plan import actions, queries, reminding
from portal.plan.goal_forms import HerActionForm, NewActionForm
from portal.plan.meanwhile import ask_for_more, asks_passcode, both_page, choices, gone_page, keep_and_ask
from portal.plan.models import Action, Goal
from portal.plan.rules import ActionStatus, Doer, PlanState
from portal.plan.together import BothChanged
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import actor, ask_passcode_again

own = AudienceBlueprint("plan_actions", __name__, Audience.CLIENT)

STATUS_NAMES = {
    ActionStatus.TO_DO: _l("I have not started"),
    ActionStatus.DOING: _l("I am doing it"),
    ActionStatus.DONE: _l("I did it"),
    ActionStatus.PAUSED: _l("It waits for now"),
    ActionStatus.CHANGED_MIND: _l("I changed my mind"),
}


@own.get("/plan/goals/<int:goal_id>/actions")
def new(goal_id: int):
    """A form for something that she will do."""
    goal = queries.own_goal(current_user.record, goal_id)
    if goal.withdrawn_at is not None:
        raise NotFound("goal")
    if asks_passcode(goal):
        return ask_passcode_again()
    return _new_page(goal, NewActionForm())


@own.post("/plan/goals/<int:goal_id>/actions")
def add(goal_id: int):
    """Keep something that she will do."""
    goal = queries.own_goal(current_user.record, goal_id)
    if asks_passcode(goal):
        return keep_and_ask()
    form = NewActionForm()
    try:
        if form.validate():
            with unit_of_work():
                actions.add_action(
                    actor(),
                    goal_id,
                    what=form.what.data or "",
                    due_on=form.due_on.data,
                    reminder_wanted=form.reminder_wanted.data,
                    language=of_pages(current_user.record),
                    request_key=form.request_key.data or "",
                    now=clock.now(),
                )
            return _to_plan(goal_id)
    except Invalid as refusal:
        form.refuse(refusal)
    except Stale as why:
        return gone_page(why, [form.what.data or ""])
    return _new_page(queries.own_goal(current_user.record, goal_id), form), 422


@own.get("/plan/actions/<int:action_id>")
def action(action_id: int):
    """One thing to do: how far it is, and what she can change of it."""
    found, goal = queries.own_action(current_user.record, action_id)
    if found.withdrawn_at is not None or goal.withdrawn_at is not None:
        raise NotFound("action")
    if asks_passcode(goal):
        return ask_passcode_again()
    return _page(found, goal, HerActionForm(formdata=None, obj=found))


@own.post("/plan/actions/<int:action_id>")
def set_status(action_id: int):
    """Say how far an action of hers is: done or not with the tick, anything else on its own page."""
    done, status = request.form.get("done"), request.form.get("status")
    if done not in ("1", "0") and status not in set(ActionStatus):
        abort(422)
    goal = queries.own_action(current_user.record, action_id)[1]
    if asks_passcode(goal):
        return ask_for_more()
    try:
        with unit_of_work():
            if status is None:
                actions.tick(actor(), action_id, done=done == "1", now=clock.now())
            else:
                was = request.form.get("was")
                actions.set_action_status(actor(), action_id, status=status, was=was, now=clock.now())
    except BothChanged as both:
        clash = both.clashes[0]
        page = render_template("plan/both_status.html", clash=clash, names=STATUS_NAMES, address=request.path)
        return page, 409
    except Stale as why:
        return gone_page(why)
    return _to_plan(goal.id)


@own.post("/plan/actions/<int:action_id>/words")
def reword(action_id: int):
    """Keep her note, day, reminder and, of what she added herself, what it is."""
    found, goal = queries.own_action(current_user.record, action_id)
    if asks_passcode(goal):
        return keep_and_ask()
    form = HerActionForm()
    said = _said(found, goal, form)
    try:
        if form.validate():
            with unit_of_work():
                actions.reword_action(
                    actor(),
                    action_id,
                    said,
                    made_from=form.revision.data or 0,
                    choices=choices(),
                    language=of_pages(current_user.record),
                    now=clock.now(),
                )
            return _to_plan(goal.id)
    except Invalid as refusal:
        form.refuse(refusal)
    except BothChanged as both:
        return both_page(both, said, day=date.fromisoformat)
    except Stale as why:
        return gone_page(why, [said.get("what", ""), said.get("note", "")])
    return _page(*queries.own_action(current_user.record, action_id), form), 422


def _said(found: Action, goal: Goal, form: HerActionForm) -> dict[str, str]:
    said = {
        "what": form.what.data or "",
        "note": form.note.data or "",
        "due_on": form.due_on.data.isoformat() if form.due_on.data else "",
        "reminder_wanted": actions.YES if form.reminder_wanted.data else "",
    }
    hers = actions.fields_of(actor(), found)
    reminds = reminding.can_be_reminded(goal)
    return {field: words for field, words in said.items() if field in hers and (reminds or field != "reminder_wanted")}


def _page(found: Action, goal: Goal, form: HerActionForm) -> str:
    plan = queries.plan_of(found.client_id)
    return render_template(
        "plan/one_action.html",
        action=found,
        goal=goal,
        form=form,
        hers=found.doer == Doer.HER,
        closed=plan is None or plan.state == PlanState.CLOSED,
        can_word="what" in actions.fields_of(actor(), found),
        reminds=reminding.can_be_reminded(goal),
        statuses=STATUS_NAMES,
    )


def _new_page(goal: Goal, form: NewActionForm) -> str:
    plan = queries.plan_of(goal.client_id)
    closed = plan is None or plan.state == PlanState.CLOSED
    reminds = reminding.can_be_reminded(goal)
    return render_template("plan/new_action.html", goal=goal, form=form, closed=closed, reminds=reminds)


def _to_plan(goal_id: int) -> Response:
    return redirect(url_for("plan_own.plan", goal=goal_id, _anchor=f"g{goal_id}"), 303)
