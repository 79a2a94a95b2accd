"""Her safety plan for her worker: read if she lets, written only with her."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotAllowed, Stale
from portal.plan import safety
from portal.plan.goal_staff_views import both_page, gone_page
from portal.plan.meanwhile import choices
from portal.plan.safety_rules import Part, whole
from portal.plan.safety_staff_forms import STAFF_PARTS, WithHerForm
from portal.plan.together import BothChanged
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("plan_safety_staff", __name__, Audience.STAFF)


@staff.get("/staff/clients/<int:client_id>/safety-plan")
@needs(Permission.READ_RISK)
def safety_plan(client_id: int) -> str:
    """What she lets her worker read; each look is in the audit log (R30)."""
    return _page(client_id)


@staff.post("/staff/clients/<int:client_id>/safety-plan")
@needs(Permission.WRITE_RISK)
def write(client_id: int):
    """Keep what was written with her."""
    form = WithHerForm()
    said = {str(part): form[part].data or "" for part in Part}
    try:
        if form.validate():
            with unit_of_work():
                safety.write(
                    actor(),
                    client_id,
                    said,
                    made_from=form.revision.data or 0,
                    choices=choices(),
                    language=form.language.data,
                    now=clock.now(),
                )
            return _saved(client_id)
    except Invalid as refusal:
        form.refuse(refusal)
    except BothChanged as both:
        return both_page(both, {**said, "language": form.language.data, "together": "y"}, STAFF_PARTS)
    except Stale as why:
        return gone_page(why, client_id, said.values())
    except NotAllowed as why:
        if why.args != ("kept",):
            raise
        return gone_page(Stale("kept"), client_id, said.values())
    return _page(client_id, form), 422


@staff.post("/staff/clients/<int:client_id>/safety-plan/reading")
@needs(Permission.WRITE_RISK)
def reading(client_id: int):
    """Record that she wants her worker to read it, or not any more, as she said (R48)."""
    may = request.form.get("may")
    if may not in ("1", "0"):
        return _page(client_id), 422
    with unit_of_work():
        safety.let_worker_read(actor(), client_id, may == "1", now=clock.now())
    return _saved(client_id)


def _page(client_id: int, form: WithHerForm | None = None) -> str:
    with unit_of_work():
        client, row = safety.read_by_staff(actor(), client_id, now=clock.now())
    parts = whole(row.parts if row else {})
    if form is None:
        language = row.language if row else client.language
        form = WithHerForm(formdata=None, revision=row.id if row else 0, language=language, **parts)
    return render_template(
        "plan/staff/safety.html",
        client=client,
        row=row,
        kept=row is None and safety.keeps_it(client.id),
        parts=parts,
        names=STAFF_PARTS,
        form=form,
    )


def _saved(client_id: int) -> Response:
    flash("Saved.")
    return redirect(url_for("plan_safety_staff.safety_plan", client_id=client_id), 303)
