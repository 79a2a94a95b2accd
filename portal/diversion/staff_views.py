"""A referrer's own referrals: their state and nothing else."""

from flask import render_template

from portal.audit import service as audit
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.diversion.queries import MOST_REFERRALS, own_referrals
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("diversion_staff", __name__, Audience.STAFF)


@staff.get("/staff/referrals")
@needs(Permission.REFER)
def referrals() -> str:
    """Her own referrals, newest first; opening the list is in the audit log."""
    with unit_of_work():
        audit.record(actor(), "referrals_listed", now=clock.now())
    return render_template("diversion/staff/referrals.html", referrals=own_referrals(actor()), most=MOST_REFERRALS)
