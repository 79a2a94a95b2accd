"""Her goals in her own hands: adding one, wording it, putting them in order, and changing her mind."""

from flask import abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clients.own_language import of_pages
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.plan import goals, queries, topic_queries
from portal.plan.goal_forms import HerGoalForm, NewGoalForm
from portal.plan.meanwhile import ask_for_more, asks_passcode, both_page, choices, gone_page, keep_and_ask
from portal.plan.models import Goal
from portal.plan.pathways import HER_NAMES
from portal.plan.rules import Pathway, PlanState, is_sensitive
from portal.plan.together import BothChanged
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import actor, ask_passcode_again

own = AudienceBlueprint("plan_goals", __name__, Audience.CLIENT)


@own.get("/plan/goals")
def all_goals():
    """Her goals in her order, with what she set aside, to change them."""
    client = current_user.record
    if "more" in request.args and client.sensitive_goals_online and not current_user.stepped_up:
        return ask_passcode_again()
    plan = queries.plan_of(client.id)
    ready = queries.is_shown_to_her(plan)
    standing, aside = queries.goals_to_change(client, sensitive_open=current_user.stepped_up) if ready else ([], [])
    return render_template(
        "plan/goals.html",
        ready=ready,
        closed=plan is not None and plan.state == PlanState.CLOSED,
        goals=standing,
        aside=aside,
        names=HER_NAMES,
    )


@own.get("/plan/goals/new")
def new():
    """First what it is about, then her words for it."""
    about = _about(request.args.get("about", ""))
    if about is not None and about not in _subjects():
        raise NotFound("pathway")
    return _new_page(NewGoalForm(), about, ready=_is_ready())


@own.post("/plan/goals")
def add():
    """Keep a goal of hers."""
    form, about = NewGoalForm(), _about(request.form.get("about", ""))
    if about is None:
        raise NotFound("pathway")
    if is_sensitive(about) and not current_user.stepped_up:
        return keep_and_ask()
    typed = (form.her_words.data or "", form.why_matters.data or "")
    try:
        if form.validate():
            with unit_of_work():
                goal = goals.add_goal(
                    actor(),
                    current_user.record.id,
                    pathway=about,
                    her_words=typed[0],
                    why_matters=typed[1],
                    language=of_pages(current_user.record),
                    request_key=form.request_key.data or "",
                    now=clock.now(),
                )
            return redirect(url_for("plan_goals.goal", goal_id=goal.id), 303)
    except Invalid as refusal:
        form.refuse(refusal)
    except Stale as why:
        return gone_page(why, typed)
    return _new_page(form, about, ready=True), 422


@own.get("/plan/goals/<int:goal_id>")
def goal(goal_id: int):
    """One goal: her words to change, what is to be done, and changing her mind."""
    found = _standing(goal_id)
    if asks_passcode(found):
        return ask_passcode_again()
    return _page(found, HerGoalForm(formdata=None, obj=found))


@own.post("/plan/goals/<int:goal_id>")
def reword(goal_id: int):
    """Keep her new words; where somebody else changed the same words meanwhile she sees both."""
    found = queries.own_goal(current_user.record, goal_id)
    if asks_passcode(found):
        return keep_and_ask()
    form = HerGoalForm()
    said = {"her_words": form.her_words.data or "", "why_matters": form.why_matters.data or ""}
    try:
        if form.validate():
            with unit_of_work():
                goals.reword(
                    actor(),
                    goal_id,
                    said,
                    made_from=form.revision.data or 0,
                    choices=choices(),
                    language=of_pages(current_user.record),
                    now=clock.now(),
                )
            return _to_plan(goal_id)
    except Invalid as refusal:
        form.refuse(refusal)
    except BothChanged as both:
        return both_page(both, said)
    except Stale as why:
        return gone_page(why, said.values())
    return _page(queries.own_goal(current_user.record, goal_id), form), 422


@own.post("/plan/goals/<int:goal_id>/move")
def move(goal_id: int):
    """Put a goal higher or lower in her order."""
    queries.own_goal(current_user.record, goal_id)
    if request.form.get("up") not in ("1", "0"):
        abort(422)
    return _changed(goal_id, lambda: goals.move_goal(actor(), goal_id, up=request.form["up"] == "1", now=clock.now()))


@own.post("/plan/goals/<int:goal_id>/stop")
def stop(goal_id: int):
    """Not this any more: she changed her mind."""
    return _changed(goal_id, lambda: goals.withdraw_goal(actor(), goal_id, now=clock.now()))


@own.post("/plan/goals/<int:goal_id>/again")
def again(goal_id: int):
    """She takes up again what she had set aside."""
    return _changed(goal_id, lambda: goals.take_up_again(actor(), goal_id, now=clock.now()))


def _changed(goal_id: int, change) -> Response | tuple[str, int]:
    if asks_passcode(queries.own_goal(current_user.record, goal_id)):
        return ask_for_more()
    try:
        with unit_of_work():
            change()
    except Stale as why:
        return gone_page(why)
    return redirect(url_for("plan_goals.all_goals"), 303)


def _page(found: Goal, form: HerGoalForm) -> str:
    plan = queries.plan_of(found.client_id)
    return render_template(
        "plan/one_goal.html",
        goal=found,
        form=form,
        closed=plan is None or plan.state == PlanState.CLOSED,
        actions=queries.actions_of(found.id),
        names=HER_NAMES,
    )


def _standing(goal_id: int) -> Goal:
    found = queries.own_goal(current_user.record, goal_id)
    if found.withdrawn_at is not None:
        raise NotFound("goal")
    return found


def _about(number: str) -> Pathway | None:
    """What a goal is about, by the number that addresses and forms name it with (R7); raises NotFound as a topic's."""
    if not number:
        return None
    known = number.isascii() and number.isdecimal() and len(number) < 3
    return topic_queries.own_pathway(current_user.record, int(number) if known else 0)


def _new_page(form: NewGoalForm, about: Pathway | None, *, ready: bool) -> str:
    return render_template(
        "plan/new_goal.html",
        ready=ready,
        names=HER_NAMES,
        number_of=topic_queries.number_of,
        about=about,
        subjects=_subjects(),
        form=form,
    )


def _subjects() -> list[Pathway]:
    """What a goal can be about, as far as her switch and her passcode go."""
    more = current_user.record.sensitive_goals_online and current_user.stepped_up
    return [pathway for pathway in Pathway if more or not is_sensitive(pathway)]


def _is_ready() -> bool:
    plan = queries.plan_of(current_user.record.id)
    return plan is not None and queries.is_shown_to_her(plan) and plan.state != PlanState.CLOSED


def _to_plan(goal_id: int) -> Response:
    return redirect(url_for("plan_own.plan", goal=goal_id, _anchor=f"g{goal_id}"), 303)
