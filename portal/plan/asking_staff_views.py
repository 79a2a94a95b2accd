"""Asking with her: all topics on one page, what she says beside how the worker sees it."""

from flask import flash, redirect, render_template

from portal.audit import service as audit
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.plan import asking, topic_queries
from portal.plan.answering import moment_of
from portal.plan.asking import Asked
from portal.plan.asking_forms import CHOICES, AskingForm, field_name, read_lines
from portal.plan.rules import SENSITIVE, Pathway
from portal.plan.staff_words import MOMENTS, STAFF_GOING, STAFF_NAMES, STAFF_NEEDS
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("plan_asking_staff", __name__, Audience.STAFF)


@staff.get("/staff/clients/<int:client_id>/needs")
@needs(Permission.READ_CLIENT)
def ask(client_id: int) -> str:
    """Her topics with what she last said; opening them is in the audit log (R30)."""
    return _page(client_id)


@staff.post("/staff/clients/<int:client_id>/needs")
@needs(Permission.WRITE_PLAN)
def record(client_id: int):
    """Keep what she answered. What she said herself meanwhile is shown beside it, and nothing is lost."""
    client, form, lines = visible_client(actor(), client_id), AskingForm(), read_lines()
    form.offer_languages(client.language)
    status = 422
    if form.validate():
        try:
            with unit_of_work():
                asking.record(
                    actor(), client_id, lines, moment=form.moment.data, language=form.language.data,
                    request_key=form.request_key.data, now=clock.now(),
                )  # fmt: skip
            flash("Saved.")
            return redirect(f"/staff/clients/{client_id}/plan", 303)
        except Invalid as refusal:
            form.refuse(Invalid("moment", _reason(refusal)))
        except Stale:
            form.refuse(Invalid("moment", "stale"))
            status = 409
    return _page(client_id, form, lines), status


def _reason(refusal: Invalid) -> str:
    if refusal.reason == "too_long":
        return "too_long"
    return "view" if (refusal.field, refusal.reason) == ("view", "missing") else "unknown"


def _page(client_id: int, form: AskingForm | None = None, lines: list[Asked] | None = None) -> str:
    with unit_of_work():
        client = visible_client(actor(), client_id)
        audit.record(actor(), "plan_read", now=clock.now(), client_id=client.id, subject="needs")
    found = topic_queries.topics(client.id)
    if form is None:
        form = AskingForm(formdata=None, data={"moment": moment_of(client.id), "language": client.language})
        form.offer_languages(client.language)
    typed = {line.pathway: line for line in lines or []}
    seen = asking.seen_now(client.id)
    return render_template(
        "plan/staff/needs.html",
        client=client,
        form=form,
        topics=found,
        typed=typed,
        seen=seen,
        newer={pathway for pathway in typed if typed[pathway].seen != seen[pathway]},
        views=asking.views(client.id),
        pathways=sorted(Pathway, key=lambda one: _place(found, one)),
        name_of=field_name,
        choices=CHOICES,
        names=STAFF_NAMES,
        needs=STAFF_NEEDS,
        going=STAFF_GOING,
        moments=MOMENTS,
        sensitive=SENSITIVE,
    )


def _place(found: dict[str, topic_queries.Topic], pathway: Pathway) -> tuple[int, int]:
    position = found[pathway].answer.position if pathway in found else None
    return position or 99, list(Pathway).index(pathway)
