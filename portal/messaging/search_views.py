"""Searching in what was said: by a form that is posted, so that its words stand in no address and no history."""

from flask import render_template

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.messaging import searching
from portal.messaging.staff_forms import SearchForm
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.saving import form_page

staff = AudienceBlueprint("messaging_search", __name__, Audience.STAFF)

PAGE = "messaging/staff/search.html"


@staff.route("/staff/inbox/search", methods=["GET", "POST"])
@needs(Permission.READ_INBOX)
def search():
    """Words in her own caseload's threads."""
    form = SearchForm()
    if form.validate_on_submit():
        try:
            done = searching.search(actor(), form.words.data or "")
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            with unit_of_work():
                searching.note_search(actor(), done, now=clock.now())
            return render_template(PAGE, form=form, done=done, limits=searching)
    return form_page(PAGE, form, done=None, limits=searching)
