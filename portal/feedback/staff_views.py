"""What women said, for managers: by centre and quarter, never of fewer than five; and the sheet for a pencil."""

from flask import render_template, request

from portal.audit import service as audit
from portal.centres.queries import centre_names
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.feedback import queries, rules
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("feedback_staff", __name__, Audience.STAFF)

QUESTION_WORDS = {
    "listened": "Did we listen to you?",
    "helped": "Did we help with what you needed?",
    "welcome": "Did you feel welcome?",
    "easy": "Was it easy to get help from us?",
}
ANSWER_WORDS = {"yes": "Yes", "partly": "Partly", "no": "No"}


@staff.get("/staff/feedback")
@needs(Permission.READ_REPORTS)
def read() -> str:
    """One quarter that is over, of the reader's own centres; the quarter stays in the address."""
    now = clock.now()
    with unit_of_work():
        audit.record(actor(), "feedback_read", now=now)
    quarters = rules.ended_quarters(clock.london_today(now))
    quarter = rules.quarter_named(request.args.get("quarter", ""), quarters) or quarters[0]
    return render_template(
        "feedback/staff/read.html",
        quarters=quarters,
        quarter=quarter,
        rows=queries.of_quarter(actor().centres, quarter),
        centres=centre_names(),
        fewest=rules.FEWEST,
        questions=QUESTION_WORDS,
        answers=ANSWER_WORDS,
    )


@staff.get("/staff/feedback/paper")
@needs(Permission.SEE_BOARD)
def paper() -> str:
    """The same questions on paper, to be put in a box and typed in at the kiosk."""
    return render_template("feedback/staff/paper.html", questions=QUESTION_WORDS, answers=ANSWER_WORDS)
