"""The groups that are coming up, so that one text can go to those who are booked in one."""

from flask import render_template

from portal.backoffice.groups import coming_groups
from portal.centres.queries import centre_names
from portal.core import clock
from portal.core.access import Permission
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("backoffice_groups", __name__, Audience.STAFF)


@staff.get("/staff/messages/groups")
@needs(Permission.WRITE_TEXT)
def groups() -> str:
    """Each coming session of a group with how many women of hers are booked in it."""
    return render_template(
        "backoffice/staff/groups.html", groups=coming_groups(actor(), clock.now()), centres=centre_names()
    )
