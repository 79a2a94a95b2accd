"""Giving a woman who was referred her keyworker: choose, press."""

from flask import flash, redirect, url_for

from portal.backoffice import allocating
from portal.core import clock
from portal.core.access import Permission
from portal.diversion.refer_forms import KeyworkerForHerForm
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.saving import save_once

staff = AudienceBlueprint("backoffice_allocating", __name__, Audience.STAFF)


@staff.post("/staff/referrals/<int:referral_id>/keyworker")
@needs(Permission.READ_REFERRALS)
def keyworker(referral_id: int):
    """Give her this keyworker, and accept her referral; what cannot be is said on the list."""
    form = KeyworkerForHerForm()

    def save() -> str:
        allocating.give(actor(), referral_id, to_id=form.to_id.data or 0, now=clock.now())
        return url_for("diversion_staff.referrals")

    done = save_once(form, save, "Given. First contact is on her list of tasks.")
    if done is not None:
        return done
    for _, words in form.faults:
        flash(words)
    return redirect(url_for("diversion_staff.referrals"), 303)
