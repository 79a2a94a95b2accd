"""Her answer to the plan, the plans that were shared with her before, and her plan on paper."""

from flask import redirect, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clients.own_language import of_pages
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.plan import agreement, answer_queries, queries
from portal.plan.answer_forms import AnswerForm
from portal.plan.answer_models import PlanVersion
from portal.plan.answer_rules import for_her
from portal.plan.pathways import GOING, HER_ANSWERS, HER_NAMES
from portal.plan.rules import PlanState
from portal.plan.topic_queries import shown_topics
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import actor, ask_passcode_again

own = AudienceBlueprint("plan_agreement", __name__, Audience.CLIENT)


@own.get("/plan/answer")
def ask():
    """The plan as it was shared, and whether she agrees."""
    version = _to_answer()
    form = AnswerForm(data={"version": version.id, "answer": version.answer, "words": version.answer_words})
    return _page(form, version)


@own.post("/plan/answer")
def answer():
    """Keep her answer. A plan that was shared anew meanwhile is shown, with all that she typed."""
    form, status = AnswerForm(), 422
    version = _to_answer()
    if form.validate():
        try:
            with unit_of_work():
                agreement.answer(
                    actor(), actor().id, version_id=_number(form.version.data), answer=form.answer.data or "",
                    words=form.words.data or "", language=of_pages(current_user.record), now=clock.now(),
                )  # fmt: skip
            return redirect("/plan", 303)
        except Invalid as refusal:
            form.refuse(refusal)
        except (Stale, NotFound):
            form.refuse(Invalid("answer", "changed"))
            form.version.data, status = version.id, 409
    return _page(form, version), status


@own.post("/plan/answer/words")
def take_words_back() -> Response:
    """Take back what she said to the plan; her answer stays."""
    with unit_of_work():
        agreement.take_words_back(actor(), actor().id, version_id=_number(request.form.get("version")), now=clock.now())
    return redirect("/plan", 303)


@own.get("/plan/earlier")
def earlier() -> str:
    """The plans that were shared with her, the newest first."""
    plan = queries.plan_of(actor().id)
    found = answer_queries.versions_for_her(current_user.record) if queries.is_shown_to_her(plan) else []
    return render_template("plan/earlier.html", versions=found, answers=HER_ANSWERS)


@own.get("/plan/earlier/<int:version_id>")
def version(version_id: int) -> str:
    """One plan as it was shared with her; without its sensitive parts unless they are open (R16, R41)."""
    if not queries.is_shown_to_her(queries.plan_of(actor().id)):
        raise NotFound("version")
    listed = answer_queries.versions_for_her(current_user.record)
    found = next((one for one in listed if one.id == version_id), None)
    if found is None:
        raise NotFound("version")
    return render_template("plan/version.html", version=found, answers=HER_ANSWERS, **_content(found))


@own.get("/plan/print")
def on_paper():
    """Her plan to print, in large letters if she wants; sensitive parts only where she asks, behind her passcode."""
    client = current_user.record
    sensitive = "all" in request.args and client.sensitive_goals_online
    if sensitive and not current_user.stepped_up:
        return ask_passcode_again()
    shown = queries.plan_for(client, sensitive_open=sensitive)
    topics = shown_topics(client, shown.topics, sensitive_open=sensitive)
    return render_template(
        "plan/print.html",
        shown=shown,
        ready=queries.is_shown_to_her(shown.plan),
        topics=topics,
        names=HER_NAMES,
        going=GOING,
        large="large" in request.args,
        whole=sensitive,
        offers_whole=client.sensitive_goals_online,
        today=clock.london_today(clock.now()),
    )


def _to_answer() -> PlanVersion:
    """The plan that she can answer now; raises NotFound when there is none."""
    plan, version = queries.plan_of(actor().id), answer_queries.newest_version(actor().id)
    if version is None or plan is None or plan.state in (PlanState.DRAFT, PlanState.CLOSED):
        raise NotFound("version")
    return version


def _page(form: AnswerForm, version: PlanVersion) -> str:
    return render_template("plan/answer.html", form=form, version=version, **_content(version))


def _content(version: PlanVersion) -> dict:
    client = current_user.record
    sensitive = client.sensitive_goals_online and current_user.stepped_up
    return {"goals": for_her(version.content, sensitive=sensitive), "names": HER_NAMES}


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0
