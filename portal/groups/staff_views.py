"""The desk and courses: which there are, making one, its places and dates, ending it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

from flask import render_template, request

from portal.audit import service as audit
from portal.booking import openings
from portal.booking.forms import read_id
from portal.booking.queries import desk_names
from portal.booking.rules import ClosedThatDay, NotOffered, PastTime, TooLateToChange
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups import courses, desk, queries, sessions
from portal.groups.courses import Plan
from portal.groups.forms import CourseForm, DateForm, PlacesForm, ReasonForm
from portal.groups.queries import Shown
from portal.groups.rules import PlacesTaken, course_starts
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("groups_staff", __name__, Audience.STAFF)

WHY_NOT = {
    "past": "has passed",
    "closed": "the centre is closed",
    "worker": "the worker is taken, away or does not work then",
    "room": "the room is taken",
}
"""Why a date cannot be had, in the words of staff."""


@staff.get("/staff/groups")
@needs(Permission.SEE_BOARD)
def groups() -> str:
    """The courses of her centres that go on, or those that are over."""
    over = "over" in request.args
    found = [_seen(one) for one in queries.staff_courses(actor(), clock.now(), over=over)]
    return render_template("groups/staff/groups.html", found=found, over=over)


@staff.route("/staff/groups/new", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def new():
    """Make a course: first the dates are shown, with those that cannot be had; then it is made of the others."""
    form = _course_form()
    asked: list[courses.Date] = []

    def save() -> str:
        course, _ = courses.make_course(actor(), _plan(form), now=clock.now())
        return f"/staff/groups/{course.id}"

    done = save_once(form, save, "Made. Women can be put in now.") if "make" in request.form else None
    if done is not None:
        return done
    if form.is_submitted() and not form.errors and form.validate():
        try:
            asked = courses.dates(actor(), _plan(form), clock.now())
            if not any(date.why == "" for date in asked):
                raise Invalid("first_on", "none")
        except Invalid as refusal:
            form.refuse(refusal)
    page = render_template("groups/staff/new.html", form=form, asked=asked, why_not=WHY_NOT)
    return (page, 422) if form.errors else page


@staff.get("/staff/groups/<int:course_id>")
@needs(Permission.SEE_BOARD)
def course(course_id: int) -> str:
    """One course: its dates, who is in it, and what can be changed."""
    return course_page(course_id)


@staff.post("/staff/groups/<int:course_id>/places")
@needs(Permission.BOOK_FOR_CLIENT)
def places(course_id: int):
    """Change the places of a course, and whether it can be joined late."""
    form = PlacesForm()

    def save() -> str:
        try:
            hidden = desk.hidden_places(actor(), course_id, clock.now())
            courses.change_course(
                actor(),
                course_id,
                places=(form.places.data or 0) + hidden,
                join_late=form.join_late.data,
                now=clock.now(),
            )
        except PlacesTaken as refusal:
            form.messages = {
                ("places", "taken"): f"{refusal.taken - hidden} places are taken. First take somebody out."
            }
            raise Invalid("places", "taken") from None
        return f"/staff/groups/{course_id}"

    return save_once(form, save) or (course_page(course_id, places=form), 422)


@staff.post("/staff/groups/<int:course_id>/dates")
@needs(Permission.BOOK_FOR_CLIENT)
def add_date(course_id: int):
    """Add a date to a course; whoever is in it is told."""
    form = DateForm()

    def save() -> str:
        with refusals_at("first_on"):
            courses.add_date(actor(), course_id, start_of(form), now=clock.now())
        return f"/staff/groups/{course_id}"

    return save_once(form, save, "Added. Each woman in the group who can come is told.") or (
        course_page(course_id, date=form),
        422,
    )


@staff.route("/staff/groups/<int:course_id>/end", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def end(course_id: int):
    """End a course: all its coming sessions are cancelled, and each woman is told once."""
    shown, form = queries.staff_course(actor(), course_id, clock.now()), ReasonForm()

    def save() -> str:
        with refusals_at("reason"):
            listed = sessions.end_course(actor(), course_id, reason=form.reason.data or "", now=clock.now())
        return f"/staff/closing/{listed.id}" if listed else f"/staff/groups/{course_id}"

    done = save_once(form, save, "Ended. Who must be rung stands on the list.")
    if done is None:
        done = form_page("groups/staff/end.html", form, shown=_seen(shown), coming=shown.coming(clock.now()))
    return done


def course_page(course_id: int, **forms: Any) -> str:
    """The page of one course, with a form that has faults in place of a fresh one."""
    now, shown = clock.now(), _seen(queries.staff_course(actor(), course_id, clock.now()))
    with unit_of_work():
        audit.record(actor(), "course_read", now=now, subject=f"course:{course_id}")
    coming = shown.coming(now)
    held = {"places": shown.places, "join_late": shown.course.join_late}
    return render_template(
        "groups/staff/course.html",
        shown=shown,
        coming=coming,
        over=shown.course.ended_at is not None or not coming,
        members=desk.members(actor(), course_id, now),
        leaving={place.client_id for place in queries.places_of(course_id, now) if place.left_by_kind},
        names_shown="hide" not in request.args and desk_names(actor(), _day_of_names(shown, now), now),
        sees_kind=actor().role is not Role.RECEPTIONIST,
        workers=openings.workers_by_id(),
        places_form=forms.get("places") or PlacesForm(formdata=None, data=held),
        date_form=forms.get("date") or DateForm(formdata=None),
        hiding="hide" in request.args,
    )


@contextmanager
def refusals_at(field: str) -> Iterator[None]:
    """Turn the refusals of a time or of a change into faults at a field of a form."""
    try:
        yield
    except PastTime:
        raise Invalid(field, "past") from None
    except ClosedThatDay:
        raise Invalid(field, "closed") from None
    except NotOffered:
        raise Invalid(field, "taken") from None
    except TooLateToChange:
        raise Invalid(field, "begun") from None
    except Stale:
        raise Invalid(field, "changed") from None


def start_of(form: DateForm) -> datetime:
    """The instant of the day and the time of a form."""
    on, local_at = form.first_on.data, form.local_at.data
    if not 2000 <= on.year < 2100:
        raise Invalid("first_on", "past")
    return clock.from_london(on, local_at.replace(second=0, microsecond=0))


def _seen(shown: Shown) -> Shown:
    """A course as this reader may know of it (R29): smaller by the places of whom she must not know."""
    hidden = desk.hidden_places(actor(), shown.course.id, clock.now())
    return shown._replace(hidden=hidden)


def _day_of_names(shown: Shown, now: datetime) -> date:
    """The day that decides whether reception reads who is in a course (R28): its next session, else its last."""
    nearest = shown.coming(now)[:1] or shown.sessions[-1:]
    return clock.london_today(nearest[0].starts_at if nearest else shown.course.made_at)


def _course_form() -> CourseForm:
    form = CourseForm(data={"places": 8, "every_weeks": 1, "times": 6, "local_at": time(10)})
    centres = openings.centres_of(actor())
    names = {centre.id: centre.name for centre in centres}
    form.kind.choices = to_choose((str(kind.id), kind.name_in("en")) for kind in courses.group_kinds())
    form.centre.choices = to_choose((str(centre.id), centre.name) for centre in centres)
    form.worker.choices = to_choose((str(number), name) for number, name in openings.workers_by_id().items())
    rooms = courses.rooms_of(list(names))
    labels = (
        (str(room.id), f"{names[room.centre_id]}: {room.name}" if len(names) > 1 else room.name) for room in rooms
    )
    form.room.choices = to_choose([("", "No room"), *labels])
    return form


def _plan(form: CourseForm) -> Plan:
    on, local_at = form.first_on.data, form.local_at.data
    if not 2000 <= on.year < 2100:
        raise Invalid("first_on", "range")
    centre_id = read_id(form.centre.data)
    if centre_id is None:
        raise NotFound("centre")
    return Plan(
        kind_id=read_id(form.kind.data) or 0,
        centre_id=centre_id,
        worker_id=read_id(form.worker.data) or 0,
        room_id=read_id(form.room.data),
        places=form.places.data or 0,
        join_late=form.join_late.data,
        starts=course_starts(on, local_at.replace(second=0, microsecond=0), form.every_weeks.data, form.times.data),
    )
