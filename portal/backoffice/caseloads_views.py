"""A supervisor's view of all caseloads at her centres."""

from flask import render_template

from portal.audit import service as audit
from portal.backoffice.caseloads import caseloads
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.web import sorting
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("backoffice_caseloads", __name__, Audience.STAFF)

_COLUMNS = {
    "worker": lambda row: row.worker and row.worker.name,
    "women": lambda row: row.women,
    "tasks": lambda row: row.tasks_overdue,
    "review": lambda row: row.without_review,
    "contact": lambda row: row.without_contact,
    "first": lambda row: row.first_contact_overdue,
}


@staff.get("/staff/caseloads")
@needs(Permission.READ_REPORTS)
def all_caseloads() -> str:
    """Each worker by name: load, what is overdue, plans without review, women without safe contact."""
    now, sort = clock.now(), sorting.asked_for(_COLUMNS)
    with unit_of_work():
        audit.record(actor(), "caseloads_read", now=now)
    return render_template("backoffice/staff/caseloads.html", rows=sort.rows(caseloads(actor(), now)), sort=sort)
