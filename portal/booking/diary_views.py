"""The desk's own pages: a day of the diary, who came in without an appointment, and the marks of attendance."""

from datetime import timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, session

from portal.audit import service as audit
from portal.booking import openings, queries, service
from portal.booking.forms import WalkInForm, read_day, read_id
from portal.booking.rules import MarkedAlready, TooEarlyToMark, mark_now
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor

staff = AudienceBlueprint("booking_diary", __name__, Audience.STAFF)

FOUND = "found_at_desk"
"""Where the session keeps whom the desk has just found, so that it can give her a time."""

MARK_WORDS = {
    "expected": "Expected",
    "arrived": "Here",
    "yes": "Came",
    "late": "Came late",
    "no": "Did not come",
}


@staff.get("/staff/diary")
@needs(Permission.SEE_BOARD)
def diary():
    """A day at a centre, worker by worker; the day and the centre stay in the address."""
    now = clock.now()
    on = read_day(request.args.get("on")) or clock.london_today(now)
    centres = openings.centres_of(actor())
    centre_id = read_id(request.args.get("centre"))
    shown = [centre for centre in centres if centre_id in (None, centre.id)]
    with unit_of_work():
        audit.record(actor(), "diary_read", now=now, subject=f"day:{on}")
    rows = queries.day_board(actor(), [centre.id for centre in shown], on)
    rows.sort(key=lambda row: (row.worker.first_name, row.worker.id, row.appointment.starts_at))
    days = {name: (on + timedelta(days=step)).isoformat() for name, step in (("before", -1), ("after", 1))}
    return render_template(
        "booking/staff/diary.html",
        on=on,
        names_shown=queries.desk_names(actor(), on, now),
        can_mark=on <= clock.london_today(now),
        days=days,
        centres=centres,
        centre_id=centre_id,
        workers=[(worker, list(theirs)) for worker, theirs in groupby(rows, key=lambda row: row.worker)],
        **words(),
    )


@staff.route("/staff/walk-in", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def walk_in():
    """Someone came in without an appointment: find her, then give her a time today."""
    form = WalkInForm()
    found: list[Client] = []
    if form.is_submitted() and form.validate() and (form.name.data or "").strip():
        found = queries.client_at_desk(actor(), form.name.data or "", now=clock.now())
        with unit_of_work():
            audit.record(actor(), "desk_search", now=clock.now(), subject=f"found:{len(found)}")
            for client in found:
                audit.record(actor(), "client_read", now=clock.now(), client_id=client.id, subject="desk_search")
        session[FOUND] = [client.id for client in found]
    today, centres = clock.london_today(clock.now()), sorted(actor().centres)
    values = {"form": form, "found": found, "today": today, "centres": centres}
    if form.errors:
        return unprocessable("booking/staff/walk_in.html", **values)
    return render_template("booking/staff/walk_in.html", **values)


@staff.post("/staff/appointments/<int:appointment_id>/attendance")
@needs(Permission.MARK_ATTENDANCE)
def attendance(appointment_id: int):
    """Mark arrived, came, came late, did not come; or undo the mark."""
    try:
        with unit_of_work():
            service.mark(actor(), appointment_id, attendance=request.form.get("attendance", ""), now=clock.now())
    except Invalid:
        return not_done("Nothing was marked", "Choose one of the marks.", 422)
    except TooEarlyToMark:
        return not_done("It is too early for that mark", "Mark it on its day; “did not come” after its start.", 409)
    except MarkedAlready as refusal:
        marked = MARK_WORDS[refusal.mark].lower()
        return not_done("Someone marked this already", f"It says: {marked}. Undo that first if it is wrong.", 409)
    flash("Saved.")
    return redirect(came_from(), 303)


def words() -> dict[str, Any]:
    """What the staff pages of this room need for saying things; reception never sees what for (R28)."""
    return {"mark_words": MARK_WORDS, "mark_now": mark_now, "sees_kind": actor().role is not Role.RECEPTIONIST}


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
