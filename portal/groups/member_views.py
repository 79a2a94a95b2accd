"""The desk and who is in a course: finding a woman, which groups she may join, putting her in, taking her out."""

from flask import flash, redirect, render_template, request, session

from portal.audit import service as audit
from portal.booking import queries as booking
from portal.booking.desk_reading import FOUND, client_known, read_client
from portal.booking.forms import WalkInForm
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.groups import leaving, parts, queries, rules, service
from portal.groups.forms import ReasonForm
from portal.groups.rules import CannotJoin, CourseBegun, CourseFull, NoDateForHer
from portal.groups.staff_views import course_page
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.filters import short_day
from portal.web.guards import actor
from portal.web.once import new_key
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("groups_members", __name__, Audience.STAFF)


@staff.post("/staff/groups/<int:course_id>/find")
@needs(Permission.BOOK_FOR_CLIENT)
def find(course_id: int):
    """Find the woman who is to be put into a course, by code name or the name she is called by."""
    queries.staff_course(actor(), course_id, clock.now())
    form = WalkInForm()
    if not (form.validate() and (form.name.data or "").strip()):
        return course_page(course_id), 422
    found = booking.client_at_desk(actor(), form.name.data or "", now=clock.now())
    with unit_of_work():
        audit.record(actor(), "desk_search", now=clock.now(), subject=f"found:{len(found)}")
        for client in found:
            audit.record(actor(), "client_read", now=clock.now(), client_id=client.id, subject="desk_search")
    session[FOUND] = [client.id for client in found]
    return render_template("groups/staff/found.html", found=found, course_id=course_id)


@staff.route("/staff/clients/<int:client_id>/groups", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def client_groups(client_id: int):
    """The courses that a woman may join, with the dates on which she cannot come, and those she is in."""
    if request.method == "POST":
        return _put_in(client_id)
    return _groups_page(client_id)


@staff.route("/staff/groups/<int:course_id>/members/<int:client_id>/out", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def take_out(course_id: int, client_id: int):
    """Take a woman out of a course, with a reason; for 90 seconds it can be undone."""
    queries.staff_course(actor(), course_id, clock.now())
    client, form = client_known(client_id), ReasonForm()
    if request.method == "GET":
        with unit_of_work():
            audit.record(actor(), "client_read", now=clock.now(), client_id=client.id, subject=f"course:{course_id}")

    def save() -> str:
        try:
            leaving.leave(actor(), course_id, client_id, reason=form.reason.data or "", now=clock.now())
        except Stale:
            raise Invalid("reason", "gone") from None
        return f"/staff/groups/{course_id}"

    done = save_once(form, save, "Taken out. It can be undone for 90 seconds; then she is told, and her place is free.")
    return done or form_page("groups/staff/out.html", form, client=client, course_id=course_id)


@staff.post("/staff/groups/<int:course_id>/members/<int:client_id>/back")
@needs(Permission.BOOK_FOR_CLIENT)
def take_back(course_id: int, client_id: int):
    """Undo that a woman was taken out or left, while nobody was told."""
    client_known(client_id)
    try:
        with unit_of_work():
            leaving.undo_leaving(actor(), course_id, client_id, now=clock.now())
        flash("She is in again. Nobody was told anything.")
    except Stale:
        flash("She was told by now. Put her in again while there is a place.")
    return redirect(f"/staff/groups/{course_id}", 303)


def _put_in(client_id: int):
    client_known(client_id)
    course_id = request.form.get("course", type=int) or 0
    try:
        with unit_of_work():
            joined = service.join(
                actor(), course_id, client_id, request_key=request.form.get("request_key", ""), now=clock.now()
            )
    except CannotJoin as refusal:
        return _groups_page(client_id, why_not_words(refusal)), 409
    except Invalid:
        return _groups_page(client_id, "Press the button again."), 422
    flash("She is in, and is told of her first time.")
    if joined.not_had:
        flash("She cannot come on " + ", ".join(short_day(one.starts_at) for one in joined.not_had) + ".")
    return redirect(f"/staff/groups/{course_id}", 303)


def why_not_words(refusal: CannotJoin) -> str:
    """Why she cannot join, in the words of staff."""
    if isinstance(refusal, CourseFull):
        return "This group is full. Put her on the waiting list, or choose another."
    if isinstance(refusal, CourseBegun):
        return "This group has begun, and nobody joins it late."
    if isinstance(refusal, NoDateForHer):
        return "She can come to none of its dates: she has something else then."
    return "This group is over."


def _groups_page(client_id: int, refused: str = "") -> str:
    client, now = read_client(client_id), clock.now()
    listed = []
    for shown in queries.offered(client, now, by_staff=True):
        if shown.course.centre_id in actor().centres:
            refusal = None if shown.place else rules.why_not(shown.facts(now))
            not_had = [] if shown.place or refusal else parts.dates_for(client, shown, now)[1]
            listed.append((shown, why_not_words(refusal) if refusal else "", not_had, shown.coming(now)))
    return render_template(
        "groups/staff/client_groups.html",
        client=client,
        listed=listed,
        refused=refused,
        # What a group is about that she is in is not for the desk (R28).
        sees_kind=actor().role is not Role.RECEPTIONIST,
        request_key=new_key(),
    )
