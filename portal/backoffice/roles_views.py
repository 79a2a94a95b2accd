"""The one table of roles and permissions, for every member of staff to read."""

from flask import render_template

from portal.backoffice import roles
from portal.core.access import Role
from portal.web.blueprints import Audience, AudienceBlueprint, open_to_all_staff

staff = AudienceBlueprint("backoffice_roles", __name__, Audience.STAFF)


@staff.get("/staff/roles")
@open_to_all_staff
def table() -> str:
    """Who may do what, and whose records each role can come near."""
    return render_template(
        "backoffice/staff/roles.html", rows=roles.rows(), roles=list(Role), reach=roles.REACH, always=roles.ALWAYS
    )
