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
from portal.web import sorting
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("diversion_staff", __name__, Audience.STAFF)

_OWN_COLUMNS = {
    "reference": lambda one: one.reference,
    "on": lambda one: one.referred_on,
    "state": lambda one: one.state,
}

_COLUMNS = {
    "called": lambda one: one.client.called_name,
    "from": lambda one: SOURCES.get(one.referral.source),
    "came": lambda one: one.referral.recorded_at,
    "due": lambda one: one.referral.first_contact_due_at,
}

_CONTACT_COLUMNS = {
    "called": lambda one: one.client.called_name,
    "keyworker": lambda one: one.keyworker,
    "due": lambda one: one.referral.first_contact_due_at,
}


@staff.get("/staff/referrals")
@needs(Permission.REFER)
def referrals() -> str:
    """Who refers sees her own, newest first; staff the women of their reach; opening the list is in the audit log."""
    now = clock.now()
    with unit_of_work():
        audit.record(actor(), "referrals_listed", now=now)
    if not can(actor(), Permission.READ_REFERRALS):
        return _own_referrals()
    waiting = reading.unallocated(actor(), now)
    sort, contact_sort = sorting.asked_for(_COLUMNS), sorting.asked_for(_CONTACT_COLUMNS, name="contact_sort")
    return render_template(
        "diversion/staff/unallocated.html",
        waiting=sort.rows(waiting),
        sort=sort,
        contact_sort=contact_sort,
        loads=reading.loads(actor(), {worker.id for one in waiting for worker in one.workers}),
        to_contact=contact_sort.rows(reading.to_contact(actor(), now)),
        sources=SOURCES,
        ways=FIRST_CONTACT_HOW,
        form=KeyworkerForHerForm(formdata=None),
        contact_form=FirstContactForm(formdata=None),
        most=reading.MOST_SHOWN,
    )


def _own_referrals() -> str:
    sort = sorting.asked_for(_OWN_COLUMNS)
    referrals = sort.rows(own_referrals(actor()))
    return render_template("diversion/staff/referrals.html", referrals=referrals, sort=sort, most=MOST_REFERRALS)
