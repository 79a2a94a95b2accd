"""The audit log and the switch that stops all sending, for managers and admins."""

from flask import render_template, request
from werkzeug.wrappers import Response

from portal.audit import service as audit
from portal.backoffice import oversight_queries
from portal.backoffice.oversight_forms import StopForm
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.messaging import stops
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor
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
    entries, names = oversight_queries.audit_page(actor(), before)
    return render_template(
        "backoffice/staff/audit.html",
        entries=entries,
        names=names,
        broken_at=audit.first_fault(newest=VERIFIED_AT_ONCE) if not before else None,
    )


@staff.get("/staff/switches")
@needs(Permission.TURN_SWITCHES)
def switches() -> str:
    """What runs and what is stopped."""
    return render_template("backoffice/staff/switches.html", form=StopForm(), **oversight_queries.switches())


@staff.post("/staff/switches/sending")
@needs(Permission.TURN_SWITCHES)
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
    return unprocessable("backoffice/staff/switches.html", form=form, **oversight_queries.switches())
