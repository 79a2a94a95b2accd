"""A supervisor's view of all caseloads at her centres."""

from flask import render_template

from portal.audit import service as audit
from portal.backoffice.caseloads import caseloads
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("backoffice_caseloads", __name__, Audience.STAFF)


@staff.get("/staff/caseloads")
@needs(Permission.READ_REPORTS)
def all_caseloads() -> str:
    """Each worker by name: load, what is overdue, plans without review, women without safe contact."""
    now = clock.now()
    with unit_of_work():
        audit.record(actor(), "caseloads_read", now=now)
    return render_template("backoffice/staff/caseloads.html", rows=caseloads(actor(), now))
