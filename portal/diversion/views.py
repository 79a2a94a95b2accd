"""The very report that others get about her, shown to her (R31)."""

from datetime import date

from flask import render_template
from flask_login import current_user

from portal.core import clock
from portal.diversion.queries import report_for
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import sensitive_when

own = AudienceBlueprint("diversion_own", __name__, Audience.CLIENT)


@own.get("/me/report")
@sensitive_when("report_online")
def report(shown: bool) -> str:
    """What others are told; with the switch off, the page of a woman about whom nothing is told (R41)."""
    reports = report_for(current_user.record, clock.now())["reports"] if shown else []
    return render_template("diversion/report.html", reports=reports, as_day=date.fromisoformat)
