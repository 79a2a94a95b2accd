"""The directory in the back office: what women see, what waits for a call, import and export."""

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.help import queries, service, spreadsheet
from portal.help.forms import EntryForm, ImportForm, NewEntryForm
from portal.help.rules import LONGEST_FILE, VERIFIED
from portal.staff.queries import first_names
from portal.web import once
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.filters import short_day
from portal.web.forms import unprocessable
from portal.web.guards import actor

staff = AudienceBlueprint("help_staff", __name__, Audience.STAFF)


@staff.get("/staff/help")
@needs(Permission.EDIT_HELP)
def directory() -> str:
    """Every entry, or one part of them."""
    today, part = clock.london_today(clock.now()), request.args.get("show", "all")
    everything = queries.all_services()
    parts = {name: queries.part_of(everything, name, today) for name in queries.SHOWN}
    entries = parts.get(part, everything)
    return render_template(
        "help/staff/directory.html",
        counts={name: len(entries) for name, entries in parts.items()},
        part=part if part in parts else "all",
        entries=entries,
        checkers=first_names(entry.checked_by for entry in entries),
        is_due=lambda entry: queries.is_due(entry, today),
        leaves_on=lambda entry: queries.leaves_on(entry, today),
        may_be_shown=lambda entry: queries.may_be_shown(entry, today),
        version_of=spreadsheet.version_of,
    )


@staff.route("/staff/help/new", methods=["GET", "POST"])
@needs(Permission.EDIT_HELP)
def new():
    """Add an entry."""
    form = NewEntryForm()
    if form.is_submitted() and form.validate():
        now = clock.now()
        try:
            with unit_of_work():
                if once.claim(actor(), form.request_key.data, now=now) is None:
                    service.add(form.row, checked=form.checked.data, actor=actor(), now=now)
            return _saved("Saved." if form.checked.data or form.status.data == VERIFIED else f"Saved.{_WAIT}")
        except Invalid as refusal:
            form.refuse(refusal)
        except Stale:
            form.refuse(Invalid("key", "twice"))
    return _form_page("help/staff/new.html", form)


@staff.route("/staff/help/<int:service_id>", methods=["GET", "POST"])
@needs(Permission.EDIT_HELP)
def entry(service_id: int):
    """Change an entry."""
    found = queries.service_by_id(service_id)
    kept = {"needs": found.needs, "emergency": found.emergency, "seen": spreadsheet.version_of(found)}
    form = EntryForm(data=spreadsheet.row_of(found) | kept)
    theirs: dict[str, str] = {}
    if form.is_submitted() and form.validate():
        row, checked, now = form.row, form.checked.data, clock.now()
        try:
            with unit_of_work():
                # Without the key, a second press would find the entry changed: by the first.
                if once.claim(actor(), form.request_key.data, now=now) is None:
                    service.edit(service_id, row, checked=checked, actor=actor(), now=now, seen=form.seen.data)
                shown = queries.service_by_id(service_id).published
            return _saved("Saved." if shown else "Saved. Women do not see this entry until somebody confirms it.")
        except Stale:
            found = queries.service_by_id(service_id)
            theirs = form.other_than(spreadsheet.row_of(found))
            form.seen.data = spreadsheet.version_of(found)
            form.refuse(Invalid("seen", "changed"))
    return _form_page("help/staff/entry.html", form, entry=found, theirs=theirs)


@staff.post("/staff/help/<int:service_id>/confirm")
@needs(Permission.EDIT_HELP)
def confirm(service_id: int) -> Response:
    """Note that somebody rang and the entry is right."""
    try:
        with unit_of_work():
            found = service.confirm(actor(), service_id, now=clock.now(), seen=request.form.get("seen", ""))
            again = f"{short_day(found.check_due_on)} {found.check_due_on.year}" if found.check_due_on else ""
            words = f"Saved. {found.name}: checked by you, again by {again}."
    except Stale:
        return _saved("Not confirmed: somebody changed this entry meanwhile. Look at it again.")
    return _saved(words)


@staff.post("/staff/help/<int:service_id>/hide")
@needs(Permission.EDIT_HELP)
def hide(service_id: int) -> Response:
    """Take an entry off women's pages."""
    with unit_of_work():
        words = f"Saved. {service.hide(actor(), service_id, now=clock.now()).name}: women do not see it."
    return _saved(words)


@staff.post("/staff/help/<int:service_id>/show")
@needs(Permission.EDIT_HELP)
def show(service_id: int) -> Response:
    """Put an entry back on women's pages."""
    with unit_of_work():
        words = f"Saved. {service.show(actor(), service_id, now=clock.now()).name}: women see it."
    return _saved(words)


@staff.route("/staff/help/import", methods=["GET", "POST"])
@needs(Permission.EDIT_HELP)
def import_file():
    """Look at a CSV file, with every fault named; then import it, all or nothing."""
    form = ImportForm()
    if not form.is_submitted() or not form.validate():
        return _form_page("help/staff/import.html", form)
    text = form.text.data or _text_of(form)
    if form.file.errors:
        return _form_page("help/staff/import.html", form)
    if form.text.data:
        try:
            result = _imported(form)
        except Stale:
            form.refuse(Invalid("seen", "changed"))
        else:
            if result is None:
                return _saved()
            if not result.faults:
                return _saved(f"Saved. {len(result.added)} new, {len(result.changed)} changed.{_WAIT}")
            return unprocessable("help/staff/import.html", form=form, result=result)
    with unit_of_work():
        result = service.import_csv(text, actor=actor(), now=clock.now(), dry_run=True)
    form.text.data, form.seen.data = text, result.seen
    page = render_template("help/staff/import.html", form=form, result=result)
    return page, 422 if result.faults or form.seen.errors else 200


@staff.get("/staff/help/export")
@needs(Permission.EDIT_HELP)
def export() -> FlaskResponse:
    """The whole directory as a CSV file that can be imported again."""
    body = spreadsheet.write(queries.all_services())
    disposition = {"Content-Disposition": "attachment; filename=directory.csv"}
    return FlaskResponse(body, mimetype="text/csv", headers=disposition)


def _imported(form: ImportForm) -> service.Imported | None:
    """Import what was looked at; None for a second press. Raises Stale when it would do something else by now."""
    now = clock.now()
    with unit_of_work():
        if once.claim(actor(), form.request_key.data, now=now) is not None:
            return None
        return service.import_csv(form.text.data, actor=actor(), now=now, seen=form.seen.data or None)


_WAIT = " What is hidden waits until somebody has rung or opened it."


def _text_of(form: ImportForm) -> str:
    """The text of the uploaded file; faults stand at the form's field."""
    upload = form.file.data
    content = upload.read(LONGEST_FILE + 1) if upload else b""
    if not content:
        form.refuse(Invalid("file", "missing"))
    elif len(content) > LONGEST_FILE:
        form.refuse(Invalid("file", "too_long"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        form.refuse(Invalid("file", "not_utf8"))
        return ""


def _saved(words: str = "Saved.") -> Response:
    flash(words)
    # Who works through what is due comes back to the rest of it.
    part = request.form.get("show", "")
    part = part if part in queries.SHOWN[1:] else ""
    return redirect(url_for("help_staff.directory", show=part or None), 303)


def _form_page(template: str, form, **values):
    if form.is_submitted():
        return unprocessable(template, form=form, **values)
    return render_template(template, form=form, **values)
