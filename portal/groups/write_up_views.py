"""After a group session: what came of it for each woman, written up on one page."""

from typing import Any

from flask import flash, redirect, render_template, request

from portal.audit import service as audit
from portal.booking import outcomes
from portal.booking.outcome_rules import OFFERS, REASONS, reasons_open
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups import desk, queries
from portal.groups.desk import Row
from portal.web import once
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.once import new_key

staff = AudienceBlueprint("groups_write_up", __name__, Audience.STAFF)

ATTENDED = {"yes": "Came", "late": "Came late", "no": "Did not come"}
REASON_WORDS = {
    "hers_acceptable": "Hers, acceptable",
    "hers_not": "Hers, no reason known",
    "service": "Ours",
    "safety": "Not safe for her",
}
OFFER_WORDS = {
    "another_time": "The next time",
    "a_call": "A call from her worker",
    "other_help": "Other help",
    "not_yet": "Nothing yet",
}
FAULTS = {
    ("attendance", "missing"): "Say whether she came.",
    ("happened", "missing"): "Say whether she came.",
    ("reason_class", "missing"): "Say whose reason it was.",
    ("reason_class", "not_reminded"): "No reminder reached her, so the reason is ours.",
    ("offered", "missing"): "Say what she was offered next.",
}


@staff.route("/staff/groups/sessions/<int:session_id>/outcomes", methods=["GET", "POST"])
@needs(Permission.READ_CLIENT)
def write_up(session_id: int):
    """Record for each woman whether she came, else whose reason it was and what she was offered; who is left out waits.

    All of it is kept or nothing.
    """
    sitting, course = queries.staff_session(actor(), session_id)
    now = clock.now()
    if sitting.cancelled_at is not None or now < sitting.starts_at:
        raise NotFound("outcome")
    rows = desk.register(actor(), sitting, now).rows
    faults: dict[int, str] = {}
    if request.method == "POST":
        faults = _save(rows)
        if not faults:
            flash("Saved.")
            return redirect(f"/staff/groups/sessions/{session_id}", 303)
    else:
        with unit_of_work():
            for row in rows:
                audit.record(actor(), "client_read", now=now, client_id=row.booked.client.id, subject="register")
    page = render_template(
        "groups/staff/outcomes.html",
        sitting=sitting,
        course=course,
        rows=[(row, _said(row), _open_reasons(row)) for row in rows],
        faults=faults,
        attended=ATTENDED,
        offers=OFFER_WORDS,
        request_key=request.form.get("request_key") or new_key(),
    )
    return (page, 422) if faults else page


def _save(rows: list[Row]) -> dict[int, str]:
    """Record what was said; gives the faults by appointment, and then nothing was recorded."""
    faults: dict[int, str] = {}
    try:
        with unit_of_work():
            if once.claim(actor(), request.form.get("request_key", ""), now=clock.now()) is not None:
                return {}
            for row in rows:
                said, number = _said(row), row.booked.appointment.id
                if not said["attendance"]:
                    continue
                try:
                    _record(number, said)
                except Invalid as refusal:
                    faults[number] = FAULTS.get((refusal.field, refusal.reason), "Check this answer.")
                except Stale:
                    faults[number] = "It was cancelled meanwhile."
            if faults:
                raise Invalid("rows", "faults")
    except Invalid:
        return faults or {0: "Press the button again."}
    return faults


def _record(appointment_id: int, said: dict[str, str]) -> None:
    came = said["attendance"] in ("yes", "late")
    outcomes.record_outcome(
        actor(),
        appointment_id,
        attendance=said["attendance"],
        happened=came,
        reason_class="" if came else said["reason_class"],
        offered="" if came else said["offered"],
        now=clock.now(),
    )


def _said(row: Row) -> dict[str, str]:
    """What the form says of a woman, else what stands in her record."""
    one = row.booked.appointment
    if request.method == "POST":
        asked = {"attendance": ATTENDED, "reason_class": REASONS, "offered": OFFERS}
        typed = {name: request.form.get(f"{name}-{one.id}", "") for name in asked}
        return {name: value if value in asked[name] else "" for name, value in typed.items()}
    known: Any = outcomes.outcome_of(one.id)
    return {
        "attendance": one.attendance or ("yes" if row.standing == "arrived" else ""),
        "reason_class": known.reason_class if known else "",
        "offered": known.offered if known else "",
    }


def _open_reasons(row: Row) -> dict[str, str]:
    """R46: where no reminder reached her the reason is ours alone."""
    open_ones = reasons_open("no", outcomes.was_reminded(row.booked.appointment))
    return {name: REASON_WORDS[name] for name in open_ones}
