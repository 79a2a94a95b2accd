"""Sharing the plan, her answer as she said it, the plans of before, and the plan on paper, for staff."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields import SelectChoice

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.core.locales import LANGUAGES
from portal.plan import agreement, answer_queries, queries, topic_queries
from portal.plan.answer_rules import for_her
from portal.plan.forms import DOER_NAMES
from portal.plan.pathways import HER_NAMES
from portal.plan.rules import LONGEST_WORDS, SENSITIVE
from portal.plan.staff_words import STAFF_ANSWERS, STAFF_GOING, STAFF_NAMES, STAFF_NEEDS
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import PortalForm, free_text
from portal.web.guards import actor, needs_fresh_proof
from portal.web.routing import row_id

staff = AudienceBlueprint("plan_agreement_staff", __name__, Audience.STAFF)


class SaidForm(PortalForm):
    """What she said to the plan, written down by staff."""

    version = HiddenField()
    answer = RadioField(
        "Does she agree?",
        choices=[SelectChoice(value, words) for value, words in STAFF_ANSWERS.items()],
        validate_choice=False,
    )
    words = free_text("In her own words", LONGEST_WORDS)
    language = SelectField("Her words are written in")
    messages = {
        ("answer", "missing"): "Choose one.",
        ("answer", "stale"): "The plan was shared anew meanwhile. Ask her about this one.",
    }

    def offer_languages(self, hers: str) -> None:
        """Her own language first, then English."""
        self.language.choices = [SelectChoice(code, LANGUAGES[code].latin) for code in dict.fromkeys((hers, "en"))]


@staff.post("/staff/clients/<int:client_id>/plan/share")
@needs(Permission.WRITE_PLAN)
def share(client_id: int) -> Response:
    """Share the plan as it stands; it is kept as it is."""
    try:
        with unit_of_work():
            agreement.share(actor(), client_id, now=clock.now())
    except Invalid:
        flash("Nothing was shared: add a goal first.")
    else:
        flash("Shared. Her own page asks her whether she agrees.")
    return redirect(f"/staff/clients/{client_id}/plan", 303)


@staff.get("/staff/clients/<int:client_id>/plan/answer")
@needs(Permission.READ_CLIENT)
def ask(client_id: int) -> str:
    """The plan as it was shared, to write down what she says to it."""
    client = _opened(client_id, "answer")
    version = _newest(client)
    form = SaidForm(formdata=None, data={"version": version.id, "answer": version.answer})
    form.offer_languages(client.language)
    return render_template("plan/staff/answer.html", **_with(client, version), form=form)


@staff.post("/staff/clients/<int:client_id>/plan/answer")
@needs(Permission.WRITE_PLAN)
def answer(client_id: int):
    """Keep what she said. What was shared anew meanwhile is shown, with what was typed."""
    client = _opened(client_id, "answer")
    version, form, status = _newest(client), SaidForm(), 422
    form.offer_languages(client.language)
    if form.validate():
        try:
            with unit_of_work():
                agreement.answer(
                    actor(), client_id, version_id=_number(form), answer=form.answer.data or "",
                    words=form.words.data or "", language=form.language.data, now=clock.now(),
                )  # fmt: skip
            flash("Saved.")
            return redirect(f"/staff/clients/{client_id}/plan", 303)
        except Invalid as refusal:
            form.refuse(refusal)
        except (Stale, NotFound):
            form.refuse(Invalid("answer", "stale"))
            form.version.data, status = version.id, 409
    return render_template("plan/staff/answer.html", **_with(client, version), form=form), status


@staff.get("/staff/clients/<int:client_id>/plan/versions")
@needs(Permission.READ_CLIENT)
def versions(client_id: int) -> str:
    """Every plan that was shared with her."""
    client = _opened(client_id, "versions")
    found = answer_queries.versions(client.id)
    return render_template(
        "plan/staff/versions.html",
        client=client,
        versions=found,
        answers=STAFF_ANSWERS,
        people=first_names(one.shared_by for one in found),
    )


@staff.get("/staff/clients/<int:client_id>/plan/versions/<int:version_id>")
@needs(Permission.READ_CLIENT)
def version(client_id: int, version_id: int) -> str:
    """One plan as it was shared with her."""
    client = _opened(client_id, f"plan_versions:{version_id}")
    return render_template(
        "plan/staff/version.html",
        **_with(client, answer_queries.version_of(client.id, version_id)),
        answers=STAFF_ANSWERS,
    )


@staff.get("/staff/clients/<int:client_id>/plan/print")
@needs(Permission.READ_CLIENT)
def on_paper(client_id: int) -> str:
    """The plan to print, without her name and without its sensitive parts."""
    return _printed(client_id, with_all=False)


@staff.get("/staff/clients/<int:client_id>/plan/print/all")
@needs(Permission.READ_CLIENT)
@needs_fresh_proof
def whole_on_paper(client_id: int) -> str:
    """The plan to print with its sensitive parts."""
    return _printed(client_id, with_all=True)


def _printed(client_id: int, *, with_all: bool) -> str:
    client = _opened(client_id, "print_all" if with_all else "print")
    shown, found = queries.whole_plan(client.id), topic_queries.topics(client.id)
    return render_template(
        "plan/staff/print.html",
        client=client,
        pathways={one: goals for one, goals in shown.pathways.items() if with_all or one not in SENSITIVE},
        topics=[found[one] for one in topic_queries.order_of(found) if with_all or one not in SENSITIVE],
        large="large" in request.args,
        with_all=with_all,
        names=HER_NAMES,
        needs=STAFF_NEEDS,
        going=STAFF_GOING,
        doers=DOER_NAMES,
        today=clock.london_today(clock.now()),
    )


def _opened(client_id: int, what: str) -> Client:
    with unit_of_work():
        client = visible_client(actor(), client_id)
        audit.record(actor(), "plan_read", now=clock.now(), client_id=client.id, subject=what)
    return client


def _newest(client: Client) -> answer_queries.PlanVersion:
    version = answer_queries.newest_version(client.id)
    if version is None:
        raise NotFound("version")
    return version


def _with(client: Client, version: answer_queries.PlanVersion) -> dict:
    goals = for_her(version.content, sensitive=True)
    return {"client": client, "version": version, "goals": goals, "names": STAFF_NAMES, "doers": DOER_NAMES}


def _number(form: SaidForm) -> int:
    try:
        return row_id(form.version.data or "0")
    except ValueError:
        return 0
