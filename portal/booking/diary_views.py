"""The diary of a centre, day and week, by worker or room; moving in two presses; the sheet; marks of attendance."""

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import flash, redirect, render_template, request

from portal.audit import service as audit
from portal.booking import attendance as marks
from portal.booking import diary_queries, openings, practical, queries, service
from portal.booking.forms import read_day, read_id, read_start
from portal.booking.queries import Booked
from portal.booking.rules import FixedTime, MarkedAlready, NotOffered, TooEarlyToMark, TooLateToChange
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.once import new_key

staff = AudienceBlueprint("booking_diary", __name__, Audience.STAFF)

MARK_WORDS = {
    "expected": "Expected",
    "arrived": "Here, waiting",
    "in": "With her worker",
    "gone": "Gone",
    "yes": "Came",
    "late": "Came late",
    "no": "Did not come",
}


@staff.get("/staff/diary")
@needs(Permission.SEE_BOARD)
def diary():
    """A day or a week at a centre, by worker or by room; everything that narrows it stays in the address.

    `moving` is an appointment that is being moved: the places where it could go are shown as buttons.
    """
    now, asked = clock.now(), _asked()
    on, centre_id = asked["on"], asked["centre"]
    if centre_id is None:
        return render_template("booking/staff/diary.html", shown=[], centres=[], asked=asked, days={}, **words())
    count = 7 if asked["view"] == "week" else 1
    first = on - timedelta(days=on.weekday()) if count == 7 else on
    with unit_of_work():
        audit.record(actor(), "diary_read", now=now, subject=f"day:{on}")
    shown = diary_queries.days(actor(), centre_id, first, count, by=asked["by"])
    moving = _moving(asked["moving"])
    if moving is not None:
        starts = diary_queries.starts_for(moving, first, count, now)
        shown = [diary_queries.with_starts(day, starts, by=asked["by"]) for day in shown]
    return render_template(
        "booking/staff/diary.html",
        shown=shown,
        names_shown={day.on: "hide" not in request.args and queries.desk_names(actor(), day.on, now) for day in shown},
        centres=openings.centres_of(actor()),
        asked=asked,
        moving=moving,
        narrowed=partial(_narrowed, asked),
        request_key=new_key(),
        days={"before": on - timedelta(days=count), "after": on + timedelta(days=count)},
        **words(),
    )


@staff.get("/staff/diary/sheet")
@needs(Permission.SEE_BOARD)
def sheet():
    """A day on paper, to run beside the screen: times, names to call out, what to prepare, and room for ticks."""
    now, asked = clock.now(), _asked()
    on = asked["on"]
    with unit_of_work():
        audit.record(actor(), "diary_read", now=now, subject=f"sheet:{on}")
    rows = queries.day_board(actor(), [asked["centre"]] if asked["centre"] else [], on)
    prepared = practical.to_prepare(rows)
    return render_template(
        "booking/staff/sheet.html",
        on=on,
        rows=[(row, prepared[row.appointment.id].words) for row in rows],
        names_shown=queries.desk_names(actor(), on, now),
        asked=asked,
        narrowed=partial(_narrowed, asked),
    )


@staff.post("/staff/appointments/<int:appointment_id>/move")
@needs(Permission.BOOK_FOR_CLIENT)
def move(appointment_id: int):
    """Move an appointment to the place that was pressed: a worker and a start."""
    worker, _, start = request.form.get("to", "").partition("@")
    try:
        with unit_of_work():
            moved = service.change(
                actor(),
                appointment_id,
                starts_at=read_start(start),
                worker_id=read_id(worker),
                request_key=request.form.get("request_key", ""),
                now=clock.now(),
            )
    except Invalid:
        return not_done("Nothing was moved", "Press one of the free places in the diary.", 422)
    except NotOffered:
        return not_done("That time has just gone", "Somebody took it meanwhile. Choose another place.", 409)
    except FixedTime:
        return not_done("A group has one time for all", "Move the session on its register, or cancel it for her.", 409)
    except (TooLateToChange, Stale):
        return not_done("This cannot be moved", "It has begun, or was moved or cancelled before.", 409)
    say_moved(moved.id)
    return redirect(came_from(), 303)


@staff.post("/staff/appointments/<int:appointment_id>/attendance")
@needs(Permission.MARK_ATTENDANCE)
def attendance(appointment_id: int):
    """Mark arrived, gone in, gone, came, came late, did not come; or take one step back."""
    try:
        with unit_of_work():
            marks.mark(actor(), appointment_id, attendance=request.form.get("attendance", ""), now=clock.now())
    except Invalid:
        return not_done("Nothing was marked", "Choose one of the marks.", 422)
    except Stale:
        return not_done("Nothing was marked", "It was moved or cancelled meanwhile.", 409)
    except TooEarlyToMark:
        return not_done("It is too early for that mark", "Mark it on its day; “did not come” after its start.", 409)
    except MarkedAlready as refusal:
        marked = MARK_WORDS[refusal.mark].lower()
        return not_done("Someone marked this already", f"It says: {marked}. Undo that first if it is wrong.", 409)
    flash("Saved.")
    return redirect(came_from(), 303)


def words() -> dict[str, Any]:
    """What the staff pages of this room need for saying things; reception never sees what for (R28)."""
    return {"mark_words": MARK_WORDS, "standing_of": marks.standing, "sees_kind": actor().role is not Role.RECEPTIONIST}


def say_moved(appointment_id: int) -> None:
    """Say that an appointment was moved, and what is still to solve at its new time."""
    flash("Moved.")
    say_to_solve(appointment_id)


def say_to_solve(appointment_id: int) -> None:
    """Say what of her practical help is still to solve for an appointment."""
    prepared = practical.to_prepare([queries.booked(actor(), appointment_id)])[appointment_id]
    if prepared.places_to_find:
        flash("The crèche has no place for her then. It is on the list of what to prepare, and her worker's task.")
    if prepared.interpreters:
        flash("An interpreter is still to book for then.")


def not_done(title: str, text: str, status: int):
    """The page that says why nothing was done."""
    return render_template("booking/staff/not_done.html", title=title, text=text, back=came_from()), status


def came_from() -> str:
    """The page of the back office that the form stood on, where its day and centre are still chosen."""
    back = request.form.get("back", "")
    if not back and request.referrer and urlsplit(request.referrer).netloc == request.host:
        parts = urlsplit(request.referrer)
        if parts.path in ("/staff/today", "/staff/diary"):
            back = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return back if back.startswith("/staff/") and "\\" not in back else "/staff/today"


def _asked() -> dict[str, Any]:
    """What the address asks for; raises NotFound for a day or a centre that is not there."""
    covered = [centre.id for centre in openings.centres_of(actor())]
    centre_id = read_id(request.args.get("centre"))
    if centre_id is not None and centre_id not in covered:
        raise NotFound("centre")
    return {
        "on": read_day(request.args.get("on")) or clock.london_today(clock.now()),
        "centre": centre_id or next(iter(covered), None),
        "view": "week" if request.args.get("view") == "week" else "day",
        "by": "room" if request.args.get("by") == "room" else "worker",
        "moving": read_id(request.args.get("moving")),
        "hide": 1 if "hide" in request.args else None,
    }


def _narrowed(asked: dict[str, Any], path: str = "/staff/diary", **changes: object) -> str:
    """The address of this diary with some of what narrows it changed."""
    kept = {name: value for name, value in (asked | changes).items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}"


def _moving(appointment_id: int | None) -> Booked | None:
    """The appointment that is being moved; None when there is none or it cannot move any more."""
    if appointment_id is None:
        return None
    booked = queries.booked(actor(), appointment_id)
    one = booked.appointment
    can_move = one.stands and one.session_id is None and one.starts_at > clock.now() and not one.arrived_at
    return booked if can_move else None
