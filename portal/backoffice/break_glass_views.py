"""Opening a record beyond one's reach, and the managers' page of who did."""

from typing import Any

from flask import render_template, url_for
from werkzeug.wrappers import Response

from portal.audit import service as audit
from portal.backoffice import break_glass
from portal.backoffice.reach_forms import BreakGlassForm, JudgeForm
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor, needs_fresh_proof
from portal.web.saving import form_page, save_once, saved

staff = AudienceBlueprint("backoffice_break_glass", __name__, Audience.STAFF)


@staff.route("/staff/clients/open", methods=["GET", "POST"])
@needs(Permission.BREAK_GLASS)
@needs_fresh_proof
def open_beyond_reach():
    """Name one woman exactly, say why, and read her record for an hour; the words stand in no address."""
    form, now = BreakGlassForm(), clock.now()

    def save() -> str:
        client_id = break_glass.open_beyond_reach(
            actor(), form.typed.data or "", reason=form.reason.data, words=form.words.data or "", now=now
        )
        return url_for("backoffice_file.client_file", client_id=client_id)

    if form.is_submitted():
        with unit_of_work():
            allowed = break_glass.count_try(actor(), now=now)
        if not allowed:
            form.validate()
            form.refuse(Invalid("typed", "too_many"))
            return unprocessable("backoffice/staff/break_glass.html", form=form)
    return save_once(form, save, "Open to you for an hour.") or form_page("backoffice/staff/break_glass.html", form)


@staff.get("/staff/break-glass")
@needs(Permission.OVERSEE_BREAK_GLASS)
def uses() -> str:
    """Who opened which record beyond her reach and why, for the managers of its centre."""
    return render_template("backoffice/staff/break_glass_uses.html", **_shown())


@staff.post("/staff/break-glass/<int:glass_id>")
@needs(Permission.OVERSEE_BREAK_GLASS)
def judge(glass_id: int) -> Response | tuple[str, int]:
    """Say whether it was right."""
    form = JudgeForm()
    if form.validate():
        try:
            with unit_of_work():
                break_glass.judge(
                    actor(), glass_id, right=form.right.data == "yes", words=form.words.data or "", now=clock.now()
                )
            return saved(url_for("backoffice_break_glass.uses"))
        except Invalid as refusal:
            form.refuse(refusal)
    return unprocessable("backoffice/staff/break_glass_uses.html", **_shown(form=form, judged=glass_id))


def _shown(form: JudgeForm | None = None, judged: int = 0) -> dict[str, Any]:
    now = clock.now()
    found = break_glass.uses(actor(), now)
    with unit_of_work():
        for one in found:
            audit.record(actor(), "client_read", now=now, client_id=one.glass.client_id, subject="break_glass")
    return {"uses": found, "reasons": break_glass.REASONS, "form": form, "empty": JudgeForm(), "judged": judged}
