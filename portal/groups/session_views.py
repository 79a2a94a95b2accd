"""The desk and one session: its register, cancelling it, another time for all, another worker or room."""

from flask import flash, redirect, render_template, request

from portal.audit import service as audit
from portal.booking import openings
from portal.booking.diary_views import MARK_WORDS
from portal.booking.forms import read_id
from portal.booking.queries import desk_names
from portal.centres.models import Kind, Room
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import session, unit_of_work
from portal.core.errors import Stale
from portal.groups import courses, desk, leaving, queries, sessions
from portal.groups.forms import DateForm, GiveForm, ReasonForm
from portal.groups.models import Course, GroupSession
from portal.groups.rules import NoDateForHer
from portal.groups.sessions import Moved
from portal.groups.staff_views import refusals_at, start_of
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("groups_sessions", __name__, Audience.STAFF)


@staff.get("/staff/groups/sessions/<int:session_id>")
@needs(Permission.SEE_BOARD)
def register(session_id: int) -> str:
    """Who comes to a session, each marked in one press; `hide` keeps names away from who stands at the desk (R28)."""
    sitting, course = queries.staff_session(actor(), session_id)
    now = clock.now()
    with unit_of_work():
        audit.record(actor(), "register_read", now=now, subject=f"group_session:{session_id}")
    on = clock.london_today(sitting.starts_at)
    return render_template(
        "groups/staff/register.html",
        **_facts(sitting, course),
        register=desk.register(actor(), sitting, now),
        names_shown="hide" not in request.args and desk_names(actor(), on, now),
        hiding="hide" in request.args,
        is_today=on == clock.london_today(now),
        has_begun=sitting.starts_at <= now,
        mark_words=MARK_WORDS,
    )


@staff.post("/staff/groups/sessions/<int:session_id>/members/<int:client_id>")
@needs(Permission.BOOK_FOR_CLIENT)
def put_in(session_id: int, client_id: int):
    """A woman who has a place comes this time after all."""
    queries.staff_session(actor(), session_id)
    try:
        with unit_of_work():
            leaving.put_in(actor(), session_id, client_id, now=clock.now())
        flash("She is expected this time. She is told.")
    except NoDateForHer:
        flash("She has something else then.")
    except Stale:
        flash("Nothing was changed: it has begun or was cancelled, or she has no place any more.")
    return redirect(f"/staff/groups/sessions/{session_id}", 303)


@staff.route("/staff/groups/sessions/<int:session_id>/cancel", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def cancel(session_id: int):
    """Cancel one session for all; each woman is told once in her safe way, or somebody is asked to ring her."""
    sitting, course = queries.staff_session(actor(), session_id)
    form = ReasonForm()

    def save() -> str:
        with refusals_at("reason"):
            listed = sessions.cancel_session(actor(), session_id, reason=form.reason.data or "", now=clock.now())
        return f"/staff/closing/{listed.id}" if listed else f"/staff/groups/{course.id}"

    done = save_once(form, save, "Cancelled. Who must be rung stands on the list.")
    return done or form_page("groups/staff/cancel.html", form, **_facts(sitting, course))


@staff.route("/staff/groups/sessions/<int:session_id>/move", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def move(session_id: int):
    """Move one session to another time for all."""
    sitting, course = queries.staff_session(actor(), session_id)
    local = clock.london(sitting.starts_at)
    form = DateForm(data={"first_on": local.date(), "local_at": local.time()})

    def save() -> str:
        with refusals_at("first_on"):
            moved = sessions.move_session(actor(), session_id, starts_at=start_of(form), now=clock.now())
        return _after(moved, session_id)

    done = save_once(form, save, "Moved for all. Who must be rung stands on the list.")
    return done or form_page("groups/staff/move.html", form, **_facts(sitting, course))


@staff.route("/staff/groups/sessions/<int:session_id>/give", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def give(session_id: int):
    """Let a colleague hold one session, or hold it in another room."""
    sitting, course = queries.staff_session(actor(), session_id)
    form = GiveForm(data={"worker": str(sitting.worker_id), "room": str(sitting.room_id or "")})
    form.worker.choices = to_choose((str(number), name) for number, name in openings.workers_by_id().items())
    rooms = ((str(room.id), room.name) for room in courses.rooms_of([course.centre_id]))
    form.room.choices = to_choose([("", "No room"), *rooms])

    def save() -> str:
        with refusals_at("worker"):
            given = sessions.stand_in(
                actor(),
                session_id,
                worker_id=read_id(form.worker.data) or 0,
                room_id=read_id(form.room.data),
                now=clock.now(),
            )
        return _after(given, session_id)

    return save_once(form, save) or form_page("groups/staff/give.html", form, **_facts(sitting, course))


def _after(moved: Moved, session_id: int) -> str:
    if moved.lost:
        flash(f"{moved.lost} cannot come along: they are told that this time is cancelled for them.")
    return f"/staff/closing/{moved.listed.id}" if moved.listed else f"/staff/groups/sessions/{session_id}"


def _facts(sitting: GroupSession, course: Course) -> dict:
    return {
        "sitting": sitting,
        "course": course,
        "kind": session.get_one(Kind, course.kind_id),
        "room": session.get(Room, sitting.room_id) if sitting.room_id else None,
        "worker": openings.workers_by_id().get(sitting.worker_id, ""),
        "centre": openings.centre(course.centre_id),
        "sees_kind": actor().role is not Role.RECEPTIONIST,
    }
