"""The list of referrals: for who refers her own and their state; for staff whose nobody is yet, and first contacts."""

from flask import render_template

from portal.audit import service as audit
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import unit_of_work
from portal.diversion import referrals as reading
from portal.diversion.intake_rules import FIRST_CONTACT_HOW, SOURCES
from portal.diversion.queries import MOST_REFERRALS, own_referrals
from portal.diversion.refer_forms import FirstContactForm, KeyworkerForHerForm
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("diversion_staff", __name__, Audience.STAFF)


@staff.get("/staff/referrals")
@needs(Permission.REFER)
def referrals() -> str:
    """Who refers sees her own, newest first; staff the women of their reach; opening the list is in the audit log."""
    now = clock.now()
    with unit_of_work():
        audit.record(actor(), "referrals_listed", now=now)
    if not can(actor(), Permission.READ_REFERRALS):
        return render_template("diversion/staff/referrals.html", referrals=own_referrals(actor()), most=MOST_REFERRALS)
    waiting = reading.unallocated(actor(), now)
    return render_template(
        "diversion/staff/unallocated.html",
        waiting=waiting,
        loads=reading.loads(actor(), {worker.id for one in waiting for worker in one.workers}),
        to_contact=reading.to_contact(actor(), now),
        sources=SOURCES,
        ways=FIRST_CONTACT_HOW,
        form=KeyworkerForHerForm(formdata=None),
        contact_form=FirstContactForm(formdata=None),
        most=reading.MOST_SHOWN,
    )
