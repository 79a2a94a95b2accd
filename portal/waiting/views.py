"""What she waits for: going on the list, off it in one press, and her answer to a free time."""

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from portal.booking import steps
from portal.booking.forms import read_id, read_suits
from portal.booking.rules import AlreadyBooked, NotOffered, TooLateToChange
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups.rules import CannotJoin
from portal.waiting import answering, queries, service
from portal.waiting.courses import PlaceFree
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import actor

own = AudienceBlueprint("waiting", __name__, Audience.CLIENT)


@own.get("/waiting")
def waiting() -> str:
    """What she waits for, and the time that is kept for her now."""
    me = actor().id
    return render_template(
        "waiting/waiting.html", waits=queries.waits_of(me), offered=queries.held_with_facts(me), **steps.words()
    )


@own.post("/waiting")
def join() -> Response:
    """She wants to hear when a time of a kind is free: one press; pressed twice, it is one wait."""
    with unit_of_work():
        service.wait_for_kind(
            actor(),
            actor().id,
            kind_id=read_id(request.form.get("kind")) or 0,
            centre_id=read_id(request.form.get("centre")),
            suits=read_suits(request.form.get("suits")) or "",
            now=clock.now(),
        )
    return redirect("/waiting", 303)


@own.post("/waiting/sooner")
def join_sooner():
    """She would come sooner than the time that she has, which stays hers."""
    try:
        with unit_of_work():
            service.wait_for_sooner(actor(), read_id(request.form.get("appointment")) or 0, now=clock.now())
    except (Stale, Invalid):
        return _gone()
    return redirect("/waiting", 303)


@own.post("/waiting/courses/<int:course_id>")
def join_course(course_id: int):
    """She waits for a place in a full course; where there is one by now, she is led to it."""
    try:
        with unit_of_work():
            service.wait_for_course(actor(), actor().id, course_id=course_id, now=clock.now())
    except (PlaceFree, CannotJoin):
        return redirect(f"/groups/{course_id}", 303)
    return redirect("/waiting", 303)


@own.post("/waiting/<int:wait_id>/leave")
def leave(wait_id: int) -> Response:
    """She waits no longer."""
    with unit_of_work():
        service.leave(actor(), wait_id, now=clock.now())
    return redirect("/waiting", 303)


@own.post("/waiting/offers/<int:offer_id>")
def answer(offer_id: int):
    """Yes or no to the time that is kept for her; only a yes books it, and only then her old time is given back."""
    said, now = request.form.get("answer"), clock.now()
    if said not in ("yes", "no"):
        raise NotFound("answer")
    if said == "no":
        with unit_of_work():
            answering.decline(actor(), offer_id, now=now)
        return redirect("/waiting", 303)
    try:
        with unit_of_work():
            appointment = answering.take(actor(), offer_id, now=now)
    except (Stale, NotOffered, CannotJoin, TooLateToChange):
        return _gone()
    except AlreadyBooked as refusal:
        starts_at = answering.offer_for(actor(), offer_id).starts_at
        return steps.has_one(refusal.appointment_id, starts_at), 409
    return redirect(f"/appointments/{appointment.id}", 303)


def _gone():
    page = render_template("waiting/gone.html", waits=queries.waits_of(actor().id))
    return page, 409
