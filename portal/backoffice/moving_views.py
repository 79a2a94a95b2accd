"""Pages that bring current clients over from a list: template, check, preview, import, undo."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask import Response, g, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from portal.audit import service as audit
from portal.backoffice import moving_back, moving_file, moving_in, moving_making, moving_rules
from portal.backoffice.moving_file import Fault
from portal.backoffice.moving_models import ClientImport
from portal.backoffice.start_forms import PressForm
from portal.centres import queries as centres
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.errors import error_page
from portal.web.forms import OnceForm, unprocessable
from portal.web.guards import actor, needs_fresh_proof, settings
from portal.web.routing import row_id
from portal.web.saving import save_once, saved

staff = AudienceBlueprint("backoffice_moving", __name__, Audience.STAFF)

WHY_NOT = {
    "SlotTaken": "her keyworker or every room is taken, or nobody works then",
    "ClosedThatDay": "the centre is closed on that day",
    "PastTime": "it is over",
    "TooSoon": "it is too soon",
}


class _TriedOut(Exception):
    """Ends the unit of work in which a list was only tried out, so that nothing of it stays."""


@staff.get("/staff/start/clients")
@needs(Permission.IMPORT_CLIENTS)
def clients() -> str:
    """Where a list is uploaded, and the lists that can still be brought over or undone."""
    return render_template("backoffice/staff/moving.html", **_upload_page())


@staff.get("/staff/start/clients/list.csv")
@needs(Permission.IMPORT_CLIENTS)
def template() -> Response:
    """The empty list with one example line."""
    headers = {"Content-Disposition": 'attachment; filename="list.csv"'}
    return Response(moving_file.template(), mimetype="text/csv", headers=headers)


@staff.post("/staff/start/clients")
@needs(Permission.IMPORT_CLIENTS)
def check():
    """Check a list: every fault of every line, or a preview of all that it would make. Nothing is made yet."""
    form, uploaded = OnceForm(), request.files.get("list")
    data = uploaded.stream.read(moving_file.LARGEST_FILE + 1) if uploaded else b""
    if not data:
        return _faulty([Fault(0, "", "choose the file of your list first, or it is empty.")])
    lines, faults = moving_file.read(data)
    house = moving_in.house_of(actor(), drama_only=settings().demo, now=clock.now())
    rows, more = moving_rules.check(lines, house)
    if faults or more:
        return _faulty(sorted([*faults, *more], key=_place))
    outlook = _try_out(rows)
    if outlook is None:
        return _faulty([Fault(0, "", "something changed in the portal while it was read. Press again.")])

    def save() -> str:
        return _address(moving_in.keep(actor(), rows, outlook, now=clock.now()))

    return save_once(form, save, "Checked. Nothing is made yet.") or _faulty([])


@staff.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge):
    """A file that is so large that it was not even read."""
    if not (current_user.is_authenticated and can(current_user.actor, Permission.IMPORT_CLIENTS)):
        return error_page(413)
    g.audience = "staff"
    words = f"it is too large: at most {moving_file.LARGEST_FILE // 1024} kilobytes. Is it the right file?"
    page, _ = _faulty([Fault(0, "", words)])
    return page, 413


@staff.get("/staff/start/clients/<int:batch_id>")
@needs(Permission.IMPORT_CLIENTS)
def batch(batch_id: int) -> str:
    """A list before its import (what it will make) or after it (what it made)."""
    found = moving_in.batch_for(actor(), batch_id, now=clock.now())
    with unit_of_work():
        audit.record(actor(), "client_list_read", now=clock.now(), subject=f"import:{batch_id}")
    if found.imported_at is None:
        return render_template("backoffice/staff/moving_preview.html", **_preview(found))
    return render_template("backoffice/staff/moving_done.html", **_result(found))


@staff.post("/staff/start/clients/<int:batch_id>/import")
@needs(Permission.IMPORT_CLIENTS)
def bring_over(batch_id: int):
    """Make the women of a list, all or none; pressed twice they are made once."""
    form, ticked = OnceForm(), set(request.form.getlist("line", type=row_id))

    def save() -> str:
        found = moving_in.batch_for(actor(), batch_id, now=clock.now(), lock=True)
        if found.imported_at is None:
            moving_in.bring_over(actor(), found, ticked, now=clock.now())
        return _address(found)

    try:
        done = save_once(form, save, "Brought over.")
    except Invalid:
        done = None
    if done is not None:
        return done
    found = moving_in.batch_for(actor(), batch_id, now=clock.now())
    words = "Something changed in the portal since the check. Throw this list away and upload it again."
    return unprocessable("backoffice/staff/moving_preview.html", **_preview(found), refused=words)


@staff.post("/staff/start/clients/<int:batch_id>/undo")
@needs(Permission.IMPORT_CLIENTS)
@needs_fresh_proof
def undo(batch_id: int) -> Answer:
    """Take back whom the list made, except those on whom somebody worked since."""
    with unit_of_work():
        now = clock.now()
        found = moving_in.batch_for(actor(), batch_id, now=now, lock=True)
        if found.undone_at is None:
            gone = moving_back.undo(actor(), found, now=now)
            done = f"Undone: {gone} taken back."
        else:
            done = "It was undone before."
    return saved(url_for("backoffice_moving.batch", batch_id=batch_id), done)


@staff.post("/staff/start/clients/<int:batch_id>/drop")
@needs(Permission.IMPORT_CLIENTS)
def drop(batch_id: int) -> Answer:
    """Throw a list away that was not brought over."""
    with unit_of_work():
        now = clock.now()
        moving_in.drop(actor(), moving_in.batch_for(actor(), batch_id, now=now, lock=True), now=now)
    return saved(url_for("backoffice_moving.clients"), "Thrown away.")


def _place(fault: Fault) -> tuple[int, int]:
    columns = list(moving_file.COLUMNS.values())
    return fault.line, columns.index(fault.column) if fault.column in columns else -1


def _try_out(rows: list[moving_rules.Row]) -> dict[str, Any] | None:
    """What the import would make, found out by doing it and taking all of it back; None when the house refuses it."""
    outlook: dict[str, Any] = {}
    try:
        with unit_of_work():
            for woman in moving_making.make_all(actor(), rows, once="trial", now=clock.now()):
                outlook[str(woman["line"])] = {"booked": woman["booked"], "not_booked": woman["not_booked"]}
            raise _TriedOut
    except _TriedOut:
        return outlook
    except Invalid:
        return None


def _upload_page(faults: list[Fault] | None = None) -> dict[str, Any]:
    faults, now = faults or [], clock.now()
    return {
        "form": OnceForm(formdata=None),
        "batches": moving_in.recent(actor(), now),
        "can_undo": lambda found: moving_back.can_undo(found, now),
        "list_faults": faults[: moving_file.MOST_FAULTS],
        "more_faults": max(0, len(faults) - moving_file.MOST_FAULTS),
        "columns": moving_file.COLUMNS.values(),
        "most_rows": moving_file.MOST_ROWS,
    }


def _faulty(faults: list[Fault]) -> tuple[str, int]:
    return unprocessable("backoffice/staff/moving.html", **_upload_page(faults))


def _preview(found: ClientImport) -> dict[str, Any]:
    rows = found.content["rows"]
    doubts = moving_in.doubts(actor(), rows)
    outlook = {int(line): what for line, what in found.content["outlook"].items()}
    kinds = {kind.id: kind.name_in("en") for kind in centres.kinds(archived=True)}
    return {
        "batch": found,
        "rows": rows,
        "doubts": doubts,
        "outlook": outlook,
        "names": _workers(outlook.values()),
        "certain": sum(row["line"] not in doubts for row in rows),
        "nobody_asked": sum(row["must_not_know"] is None for row in rows),
        "keyworkers": first_names(row["keyworker_id"] for row in rows),
        "centres": centres.centre_names(),
        "kinds": kinds,
        "why_not": WHY_NOT,
        "form": OnceForm(formdata=None),
        "read_day": date.fromisoformat,
        "read_at": datetime.fromisoformat,
    }


def _result(found: ClientImport) -> dict[str, Any]:
    content = found.content or {}
    women = moving_in.women_of(actor(), found)
    made = [woman for woman in content.get("made", ()) if woman["client_id"] in women]
    return {
        "batch": found,
        "women": women,
        "made": made,
        "names": _workers(made),
        "left_out": content.get("left_out", ()),
        "stays": [stay for stay in content.get("stays", ()) if stay["client_id"] in women],
        "forgotten": found.content is None,
        "can_undo": moving_back.can_undo(found, clock.now()),
        "keyworkers": first_names(client.keyworker_id for client in women.values()),
        "why_not": WHY_NOT,
        "form": PressForm(formdata=None),
        "read_at": datetime.fromisoformat,
    }


def _workers(women: Iterable[dict[str, Any]]) -> dict[int, str]:
    """The first names of those with whom something was, or would be, booked."""
    return first_names(worker for woman in women for _, worker in woman["booked"])


def _address(found: ClientImport) -> str:
    return url_for("backoffice_moving.batch", batch_id=found.id)
