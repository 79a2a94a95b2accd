"""The audit log and the switches that stop sending, for managers and admins."""

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from portal.audit import service as audit
from portal.backoffice import oversight_queries
from portal.backoffice.oversight_forms import StopForm, TextsOffForm
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.messaging import stops
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor, needs_fresh_proof
from portal.web.routing import row_id
from portal.web.saving import saved

staff = AudienceBlueprint("backoffice_oversight", __name__, Audience.STAFF)

VERIFIED_AT_ONCE = 2000
"""How many of the newest entries the page verifies; `flask audit verify` looks at all."""


@staff.get("/staff/audit")
@needs(Permission.READ_AUDIT)
def log() -> str:
    """Who did what to which record, the newest first; never about a woman whom the reader must not know (R29)."""
    before = request.args.get("before", type=row_id)
    with unit_of_work():
        audit.record(actor(), "audit_read", now=clock.now(), subject=f"before:{before}" if before else "")
    entries, names = oversight_queries.audit_page(actor(), before)
    return render_template(
        "backoffice/staff/audit.html",
        entries=entries,
        names=names,
        broken_at=audit.first_fault(newest=VERIFIED_AT_ONCE) if not before else None,
        head=audit.head(),
    )


@staff.get("/staff/switches")
@needs(Permission.TURN_SWITCHES)
def switches() -> str:
    """What runs and what is stopped."""
    return render_template("backoffice/staff/switches.html", **_shown())


@staff.post("/staff/switches/sending")
@needs(Permission.TURN_SWITCHES)
@needs_fresh_proof(when=lambda: request.form.get("to") == "send")
def turn_sending() -> Response | tuple[str, int]:
    """Stop all sending with a reason, or send again."""
    to, form = request.form.get("to"), StopForm()
    if to == "send":
        with unit_of_work():
            stops.resume_sending(actor(), now=clock.now())
        return saved("/staff/switches")
    if to == "stop" and form.validate():
        try:
            with unit_of_work():
                stops.stop_sending(actor(), why=form.why.data or "", now=clock.now())
            return saved("/staff/switches")
        except Invalid as refusal:
            form.refuse(refusal)
    return unprocessable("backoffice/staff/switches.html", **_shown(form=form))


@staff.post("/staff/switches/texts-off")
@needs(Permission.TURN_SWITCHES)
def turn_texts_off() -> Response | tuple[str, int]:
    """Let no text leave for a woman, with a reason."""
    form = TextsOffForm()
    if form.validate():
        try:
            with unit_of_work():
                stops.turn_texts_off(actor(), why=form.why_off.data or "", now=clock.now())
            return saved("/staff/switches", "Texts to women are off.")
        except Invalid as refusal:
            form.refuse(refusal)
    return unprocessable("backoffice/staff/switches.html", **_shown(off_form=form))


@staff.post("/staff/switches/texts-on")
@needs(Permission.TURN_TEXTS_ON)
@needs_fresh_proof
def turn_texts_on() -> Response:
    """Let texts leave for women; a manager's act."""
    with unit_of_work():
        stops.turn_texts_on(actor(), now=clock.now())
    return saved("/staff/switches", "Texts to women are on.")


def _shown(**forms) -> dict[str, Any]:
    return {"form": StopForm(), "off_form": TextsOffForm(), **oversight_queries.switches(actor()), **forms}
