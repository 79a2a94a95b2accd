"""Her plan: reading it, and adding, correcting and taking back words of her own."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clients.own_language import of_pages
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.plan import answer_queries, queries, service, topic_queries
from portal.plan import own_words as own_words_service
from portal.plan.answer_rules import has_changed
from portal.plan.forms import WordsForm
from portal.plan.meanwhile import ask_for_more, asks_passcode, both_page, choices, gone_page, keep_and_ask
from portal.plan.models import Goal, OwnWords
from portal.plan.pathways import GOING, HER_ANSWERS, HER_NAMES, HER_NEEDS
from portal.plan.rules import can_be_ticked
from portal.plan.together import BothChanged
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import actor, ask_passcode_again

A_PART = 5
"""Topics that come at once: all nine would take more than a first visit's bytes in some languages."""

own = AudienceBlueprint("plan_own", __name__, Audience.CLIENT)


@own.get("/plan")
def plan():
    """Her goals under their pathway, with what is done and what comes next."""
    client = current_user.record
    if "more" in request.args and client.sensitive_goals_online and not current_user.stepped_up:
        return ask_passcode_again()
    sensitive = client.sensitive_goals_online and current_user.stepped_up
    shown = queries.plan_for(client, sensitive_open=sensitive)
    topics = topic_queries.shown_topics(client, shown.topics, sensitive_open=sensitive)
    parts = _parts([*(topic.pathway for topic in topics), *shown.pathways])
    number = _asked_part(parts, shown)
    hidden = client.sensitive_goals_online and len(topics) < len(topic_queries.order_of(shown.topics))
    return render_template(
        "plan/plan.html",
        shown=shown,
        ready=queries.is_shown_to_her(shown.plan),
        topics={topic.pathway: topic for topic in topics},
        part=parts[number],
        is_first=number == 0,
        next_part=number + 2 if number + 1 < len(parts) else None,
        more=shown.more or hidden,
        changed=_has_changed(shown, sensitive),
        needs=HER_NEEDS,
        going=GOING,
        answers=HER_ANSWERS,
        number_of=topic_queries.number_of,
        names=HER_NAMES,
        worker=shown.worker_name,
        today=clock.london_today(clock.now()),
        can_be_ticked=can_be_ticked,
        own_page=client.safety_plan_online,
    )


def _parts(pathways: list[str]) -> list[list[str]]:
    """What she is shown, each pathway once, as it comes page by page; one empty part of a plan that has none."""
    each = list(dict.fromkeys(pathways))
    return [each[start : start + A_PART] for start in range(0, len(each), A_PART)] or [[]]


def _asked_part(parts: list[list[str]], shown: queries.PlanShown) -> int:
    """Which part she asks for: the one that holds a goal of hers, or a numbered one; else the first."""
    goal = request.args.get("goal", "")
    held = {pathway for pathway, goals in shown.pathways.items() if any(str(one.goal.id) == goal for one in goals)}
    for place, part in enumerate(parts):
        if held & set(part) or request.args.get("part") == str(place + 1):
            return place
    return 0


@own.get("/plan/words")
def words():
    """Write in her own words, under a goal or about the whole plan."""
    goal = _goal_named(request.args.get("goal", ""))
    if goal is not None and goal.withdrawn_at is not None:
        raise NotFound("goal")
    if asks_passcode(goal):
        return ask_passcode_again()
    return render_template("plan/words.html", form=WordsForm(), goal=goal, shows_goal=goal is not None, names=HER_NAMES)


@own.post("/plan/words")
def write_words():
    """Keep her words. Writing shows nothing, so it asks for no passcode, and nothing she typed is lost."""
    form = WordsForm()
    status, goal = 422, None
    try:
        goal = _goal_named(request.form.get("goal", ""))
        if form.validate():
            return _written(form, goal)
    except Invalid as refusal:
        form.refuse(refusal)
    except (NotFound, Stale) as gone:
        form.refuse(Invalid("words", "goal_gone"))
        status, goal = (404 if isinstance(gone, NotFound) else 409), None
    shows_goal = goal is not None and not asks_passcode(goal)
    return render_template("plan/words.html", form=form, goal=goal, shows_goal=shows_goal, names=HER_NAMES), status


@own.get("/plan/words/<int:words_id>")
def own_words(words_id: int):
    """Words of hers, and the button that takes them back."""
    written = queries.own_words(current_user.record, words_id)
    if written.taken_back_at is not None or written.corrected_at is not None:
        raise NotFound("own words")
    if asks_passcode(_goal_of(written)):
        return ask_passcode_again()
    return render_template("plan/own_words.html", written=written)


@own.get("/plan/words/<int:words_id>/correct")
def better_words(words_id: int):
    """Words of hers, to put a better wording in their place."""
    written = queries.own_words(current_user.record, words_id)
    if written.taken_back_at is not None or written.corrected_at is not None:
        raise NotFound("own words")
    if asks_passcode(_goal_of(written)):
        return ask_passcode_again()
    return render_template("plan/better_words.html", written=written, form=WordsForm(formdata=None, obj=written))


@own.post("/plan/words/<int:words_id>/correct")
def correct(words_id: int):
    """Keep the better wording."""
    written = queries.own_words(current_user.record, words_id)
    if asks_passcode(_goal_of(written)):
        return keep_and_ask()
    form = WordsForm()
    try:
        if form.validate():
            with unit_of_work():
                row = own_words_service.correct_words(
                    actor(),
                    words_id,
                    words=form.words.data or "",
                    language=of_pages(current_user.record),
                    choice=choices().get("words", ""),
                    now=clock.now(),
                )
            return _to_plan(row.goal_id)
    except Invalid as refusal:
        form.refuse(refusal)
    except BothChanged as both:
        address = url_for("plan_own.correct", words_id=both.revision)
        return both_page(both, {"words": form.words.data or ""}, address=address)
    except Stale as why:
        return gone_page(why, [form.words.data or ""])
    written = queries.own_words(current_user.record, words_id)
    return render_template("plan/better_words.html", written=written, form=form), 422


@own.post("/plan/words/<int:words_id>")
def take_back(words_id: int) -> Response:
    """Take her words back."""
    written = queries.own_words(current_user.record, words_id)
    if asks_passcode(_goal_of(written)):
        return ask_for_more()
    with unit_of_work():
        service.take_back_words(actor(), words_id, now=clock.now())
    return _to_plan(written.goal_id)


def _has_changed(shown: queries.PlanShown, sensitive: bool) -> bool:
    """Whether what she sees is another plan than the one that she was last asked about."""
    version = shown.version
    return version is not None and has_changed(
        version.content, answer_queries.snapshot(shown.pathways), sensitive=sensitive
    )


def _written(form: WordsForm, goal: Goal | None) -> Response:
    with unit_of_work():
        service.write_own_words(
            actor(),
            goal_id=goal.id if goal else None,
            words=form.words.data or "",
            language=of_pages(current_user.record),
            request_key=form.request_key.data,
            now=clock.now(),
        )
    return _to_plan(goal.id if goal else None)


def _goal_named(goal_id: str) -> Goal | None:
    if not goal_id:
        return None
    if not (goal_id.isascii() and goal_id.isdigit() and len(goal_id) < 12):
        raise NotFound("goal")
    return queries.own_goal(current_user.record, int(goal_id))


def _goal_of(written: OwnWords) -> Goal | None:
    return None if written.goal_id is None else queries.own_goal(current_user.record, written.goal_id)


def _to_plan(goal_id: int | None) -> Response:
    return redirect(url_for("plan_own.plan", goal=goal_id, _anchor=f"g{goal_id}" if goal_id else None), 303)
