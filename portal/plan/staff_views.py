"""The whole plan for staff: goals, actions, state."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.audit import service as audit
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.plan import agreement, answer_queries, asking, queries, reviews, service, topic_queries
from portal.plan.answer_rules import has_changed
from portal.plan.forms import DOER_NAMES, ActionForm, GoalForm, StateForm, tell_apart
from portal.plan.goal_staff_views import gone_page
from portal.plan.rules import SENSITIVE, ActionStatus
from portal.plan.staff_words import REVIEW_KINDS, STAFF_ANSWERS, STAFF_GOING, STAFF_NAMES, STAFF_NEEDS
from portal.plan.together import BothChanged
from portal.plan.trusted import way_on
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import PortalForm
from portal.web.guards import actor

staff = AudienceBlueprint("plan_staff", __name__, Audience.STAFF)

STATUS_NAMES = {
    ActionStatus.TO_DO: "To do",
    ActionStatus.DOING: "Doing",
    ActionStatus.DONE: "Done",
    ActionStatus.PAUSED: "Paused",
    ActionStatus.CHANGED_MIND: "She changed her mind",
}
WITHDRAW = "withdraw"


@staff.get("/staff/clients/<int:client_id>/plan")
@needs(Permission.READ_CLIENT)
def plan(client_id: int) -> str:
    """The whole plan with its forms; opening it is in the audit log (R30)."""
    return _page(client_id)


@staff.post("/staff/clients/<int:client_id>/plan")
@needs(Permission.WRITE_PLAN)
def set_state(client_id: int):
    """Say how far the plan is."""
    form = StateForm()
    saved = _saved_by(
        lambda: agreement.set_state(
            actor(),
            client_id,
            state=form.state.data,
            agreed_on=form.agreed_on.data,
            review_on=form.review_on.data,
            now=clock.now(),
        ),
        form,
        client_id,
    )
    return saved or (_page(client_id, state_form=tell_apart(form, "plan")), 422)


@staff.post("/staff/clients/<int:client_id>/goals")
@needs(Permission.WRITE_PLAN)
def add_goal(client_id: int):
    """Add a goal."""
    form = GoalForm()
    saved = _saved_by(
        lambda: service.add_goal(
            actor(),
            client_id,
            pathway=form.pathway.data,
            her_words=form.her_words.data or "",
            worker_words=form.worker_words.data or "",
            why_matters=form.why_matters.data or "",
            language=form.language.data,
            request_key=form.request_key.data,
            now=clock.now(),
        ),
        form,
        client_id,
    )
    return saved or (_page(client_id, goal_form=tell_apart(form, "goal")), 422)


@staff.post("/staff/goals/<int:goal_id>/actions")
@needs(Permission.WRITE_PLAN)
def add_action(goal_id: int):
    """Add something to do toward a goal."""
    client_id = queries.visible_goal(actor(), goal_id).client_id
    form = ActionForm()
    saved = _saved_by(
        lambda: service.add_action(
            actor(),
            goal_id,
            what=form.what.data or "",
            doer=form.doer.data,
            due_on=form.due_on.data,
            note=form.note.data or "",
            request_key=form.request_key.data,
            now=clock.now(),
        ),
        form,
        client_id,
    )
    return saved or (_page(client_id, action_form=(goal_id, form)), 422)


@staff.post("/staff/goals/<int:goal_id>/withdraw")
@needs(Permission.WRITE_PLAN)
def withdraw_goal(goal_id: int) -> Response:
    """Take a goal off the plan."""
    with unit_of_work():
        goal = service.withdraw_goal(actor(), goal_id, now=clock.now())
    return _saved(goal.client_id)


@staff.post("/staff/actions/<int:action_id>")
@needs(Permission.WRITE_PLAN)
def set_action_status(action_id: int):
    """Record how far an action is, or take it off the plan."""
    client_id = queries.visible_action(actor(), action_id).client_id
    status = request.form.get("status", "")
    try:
        with unit_of_work():
            if status == WITHDRAW:
                service.withdraw_action(actor(), action_id, now=clock.now())
            else:
                was = request.form.get("was")
                service.set_action_status(actor(), action_id, status=status, was=was, now=clock.now())
    except BothChanged as both:
        clash = both.clashes[0]
        page = render_template(
            "plan/staff/both_status.html", clash=clash, names=STATUS_NAMES, action_id=action_id, client_id=client_id
        )
        return page, 409
    except Stale as why:
        return gone_page(why, client_id)
    except Invalid:
        return _page(client_id, wrong_status=True), 422
    return _saved(client_id)


def _page(
    client_id: int,
    *,
    state_form: StateForm | None = None,
    goal_form: GoalForm | None = None,
    action_form: tuple[int, ActionForm] | None = None,
    wrong_status: bool = False,
) -> str:
    with unit_of_work():
        client = visible_client(actor(), client_id)
        audit.record(actor(), "plan_read", now=clock.now(), client_id=client.id)
    shown = queries.whole_plan(client.id)
    version, waiting = answer_queries.newest_version(client.id), reviews.open_review(client.id)
    goals = [goal for goals in shown.pathways.values() for goal in goals]
    action_forms = {one.goal.id: ActionForm(formdata=None) for one in goals}
    if action_form is not None:
        action_forms[action_form[0]] = action_form[1]
    for goal_id, form in action_forms.items():
        tell_apart(form, str(goal_id))
    return render_template(
        "plan/staff/plan.html",
        client=client,
        shown=shown,
        way_to_risk=way_on(actor(), client, now=clock.now()),
        state_form=state_form or tell_apart(StateForm(formdata=None, obj=shown.plan), "plan"),
        goal_form=goal_form or tell_apart(GoalForm(formdata=None, language=client.language), "goal"),
        action_forms=action_forms,
        wrong_status=wrong_status,
        names=STAFF_NAMES,
        sensitive=SENSITIVE,
        doers=DOER_NAMES,
        statuses=STATUS_NAMES,
        version=version,
        changed=version is not None
        and has_changed(version.content, answer_queries.snapshot(shown.pathways), sensitive=True),
        review=waiting,
        today=clock.london_today(clock.now()),
        topics=topic_queries.topics(client.id),
        views=asking.views(client.id),
        needs=STAFF_NEEDS,
        going=STAFF_GOING,
        answers=STAFF_ANSWERS,
        kinds=REVIEW_KINDS,
    )


def _saved_by(change: Callable[[], object], form: PortalForm, client_id: int) -> Response | None:
    """Carry out a form's change; None when the form or the service refused, with the refusal at its field."""
    if not form.validate():
        return None
    try:
        with unit_of_work():
            change()
    except Invalid as refusal:
        form.refuse(refusal)
        return None
    return _saved(client_id)


def _saved(client_id: int) -> Response:
    flash("Saved.")
    return redirect(url_for("plan_staff.plan", client_id=client_id), 303)
