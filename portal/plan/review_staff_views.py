"""Recording a review that was held, with what comes next."""

from flask import flash, redirect, render_template
from wtforms import DateField, HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from portal.audit import service as audit
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.plan import queries, reviews
from portal.plan.rules import LONGEST_WORDS
from portal.plan.staff_words import DECIDED, HELD_WITH, REVIEW_KINDS
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, free_text
from portal.web.guards import actor
from portal.web.routing import row_id

staff = AudienceBlueprint("plan_review_staff", __name__, Audience.STAFF)


class ReviewForm(OnceForm):
    """What is kept of a review."""

    review = HiddenField()
    held_on = DateField("Held on", validators=[Optional()])
    held_with = RadioField(
        "How", choices=[SelectChoice(value, words) for value, words in HELD_WITH.items()], validate_choice=False
    )
    her_words = free_text("What she says about it, in her own words", LONGEST_WORDS)
    decided = RadioField(
        "What comes next", choices=[SelectChoice(value, words) for value, words in DECIDED.items()],
        validate_choice=False,
    )  # fmt: skip
    next_on = DateField("Look at it again on", validators=[Optional()])
    messages = {
        ("held_on", "missing"): "Say on which day it was.",
        ("held_on", "future"): "That day is still to come.",
        ("held_with", "missing"): "Choose how it was held.",
        ("decided", "missing"): "Choose what comes next.",
        ("next_on", "past"): "The next day must lie after this review, and not in the past.",
        (
            "held_on",
            "stale",
        ): "Somebody recorded this review, or the plan changed. Look below; save again if it fits.",
    }


@staff.get("/staff/clients/<int:client_id>/review")
@needs(Permission.READ_CLIENT)
def review(client_id: int):
    """Her reviews, and the form of the one that waits."""
    return _page(client_id)


@staff.post("/staff/clients/<int:client_id>/review")
@needs(Permission.WRITE_PLAN)
def hold(client_id: int):
    """Keep a review that was held."""
    form, status = ReviewForm(), 422
    visible_client(actor(), client_id)
    if form.validate():
        try:
            with unit_of_work():
                reviews.hold(
                    actor(), client_id, review_id=_id(form.review.data), held_on=form.held_on.data,
                    held_with=form.held_with.data or "", decided=form.decided.data or "",
                    her_words=form.her_words.data or "", next_on=form.next_on.data,
                    request_key=form.request_key.data, now=clock.now(),
                )  # fmt: skip
            flash("Saved. Ask her how it is going, too: under Needs.")
            return redirect(f"/staff/clients/{client_id}/plan", 303)
        except Invalid as refusal:
            form.refuse(refusal)
        except Stale:
            form.refuse(Invalid("held_on", "stale"))
            status = 409
    return _page(client_id, form), status


def _page(client_id: int, form: ReviewForm | None = None):
    with unit_of_work():
        client = visible_client(actor(), client_id)
        audit.record(actor(), "plan_read", now=clock.now(), client_id=client.id, subject="reviews")
    found, waiting = reviews.reviews_of(client.id), reviews.open_review(client.id)
    today = clock.london_today(clock.now())
    form = form or ReviewForm(formdata=None, data={"held_on": today})
    form.review.data = str(waiting.id) if waiting else "0"
    return render_template(
        "plan/staff/review.html",
        client=client,
        plan=queries.plan_of(client.id),
        form=form,
        waiting=waiting,
        held=[one for one in found if one.held_on is not None],
        people=first_names(one.held_by for one in found if one.held_by),
        kinds=REVIEW_KINDS,
        held_with=HELD_WITH,
        decided=DECIDED,
        today=today,
    )


def _id(typed: str | None) -> int:
    try:
        return row_id(typed or "0")
    except ValueError:
        return -1
