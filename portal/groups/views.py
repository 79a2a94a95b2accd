"""Her groups: which there are, one of them, joining, leaving. Never who else is in it."""

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.booking import queries as booking
from portal.booking import steps
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.groups import leaving, parts, queries, rules, service
from portal.groups.queries import Shown
from portal.groups.rules import CannotJoin, NoDateForHer
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import actor
from portal.web.once import new_key

own = AudienceBlueprint("groups", __name__, Audience.CLIENT)


@own.get("/groups")
def groups() -> str:
    """The groups that she may join, and those that she is in."""
    now = clock.now()
    found = [(one, _refusal(one) is None) for one in queries.offered(current_user.record, now)]
    return render_template("groups/groups.html", found=found, **steps.words())


@own.get("/groups/<int:course_id>")
def group(course_id: int):
    """One group: when and where, whether there is room; and her own dates when she is in it."""
    shown = queries.offered_course(current_user.record, course_id, clock.now())
    if shown.is_in:
        return _mine(shown)
    refusal = _refusal(shown)
    if refusal is not None:
        return _cannot_join(shown, refusal)
    return render_template(
        "groups/group.html", shown=shown, coming=shown.coming(clock.now() + _notice(shown)), **steps.words()
    )


@own.route("/groups/<int:course_id>/join", methods=["GET", "POST"])
def join(course_id: int):
    """Check the dates, then join; the check holds nothing."""
    client, now = current_user.record, clock.now()
    if request.method == "POST":
        try:
            with unit_of_work():
                service.join(
                    actor(), course_id, client.id, request_key=request.form.get("request_key", ""), now=clock.now()
                )
        except CannotJoin as refusal:
            page = _cannot_join(queries.offered_course(client, course_id, clock.now()), refusal)
            return page, 409
        except Invalid:
            return _check(course_id), 422
        return _to(course_id)
    shown = queries.offered_course(client, course_id, now)
    if shown.is_in or _refusal(shown) is not None:
        return _to(course_id)
    return _check(course_id)


@own.route("/groups/<int:course_id>/leave", methods=["GET", "POST"])
def leave(course_id: int):
    """Leave a group; for a short while it can be undone."""
    if request.method == "POST":
        try:
            with unit_of_work():
                leaving.leave(actor(), course_id, actor().id, reason="", now=clock.now())
        except Stale:
            return _to(course_id)
        return _to(course_id)
    shown = queries.offered_course(current_user.record, course_id, clock.now())
    if not shown.is_in:
        return _to(course_id)
    return render_template("groups/leave.html", shown=shown, coming=shown.coming(clock.now()), **steps.words())


@own.post("/groups/<int:course_id>/undo")
def undo(course_id: int):
    """Take leaving back, as long as nobody was told."""
    try:
        with unit_of_work():
            leaving.undo_leaving(actor(), course_id, actor().id, now=clock.now())
    except Stale:
        return _to(course_id)
    return _to(course_id)


@own.post("/groups/times/<int:appointment_id>/undo")
def come_after_all(appointment_id: int):
    """She can come to one time after all, as long as nobody was told."""
    try:
        with unit_of_work():
            leaving.come_after_all(actor(), appointment_id, now=clock.now())
    except Stale:
        page = render_template(
            "booking/cannot_change.html",
            booked=booking.booked(actor(), appointment_id),
            too_late=False,
            **steps.words(),
        )
        return page, 409
    return redirect(url_for("booking_own.appointment", appointment_id=appointment_id), 303)


def _mine(shown: Shown) -> str:
    now = clock.now()
    times = parts.appointments_of(shown.course.id, actor().id, after=now)
    standing = {one.session_id: one for one in times if one.stands}
    return render_template(
        "groups/mine.html",
        shown=shown,
        dates=[(one, standing.get(one.id)) for one in shown.coming(now)],
        leaving=shown.place is not None and shown.place.left_by_kind != "",
        **steps.words(),
    )


def _check(course_id: int) -> str:
    now, client = clock.now(), current_user.record
    shown = queries.offered_course(client, course_id, now)
    can_come, not_had = parts.dates_for(client, shown, now + _notice(shown))
    if not can_come:
        return _cannot_join(shown, NoDateForHer(course_id))
    return render_template(
        "groups/join.html", shown=shown, can_come=can_come, not_had=not_had, request_key=new_key(), **steps.words()
    )


def _cannot_join(shown: Shown, refusal: CannotJoin) -> str:
    held = shown.place is not None and not shown.is_in
    return render_template(
        "groups/cannot_join.html",
        shown=shown,
        why=type(refusal).__name__,
        held=held,
        coming=shown.coming(clock.now()),
        other=queries.next_of_kind(current_user.record, shown.course, clock.now()),
        request_key=new_key(),
        **steps.words(),
    )


def _refusal(shown: Shown) -> CannotJoin | None:
    return rules.why_not(shown.facts(clock.now(), notice=_notice(shown)))


def _notice(shown: Shown) -> timedelta:
    """How much ahead of a session she must join to have it."""
    return timedelta(minutes=shown.kind.least_notice_minutes)


def _to(course_id: int) -> Response:
    return redirect(url_for("groups.group", course_id=course_id), 303)
