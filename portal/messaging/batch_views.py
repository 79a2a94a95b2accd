"""Staff write one text to many: pick, write, see who gets it and who not and why, send once, watch, stop."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.audit import service as audit
from portal.centres.queries import centre_names
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.core.locales import LANGUAGES, named
from portal.messaging import batch_queries, batches, queries, staff_words, templates
from portal.messaging.desk_models import TextTemplate
from portal.messaging.staff_forms import BatchForm, words_refused
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor
from portal.web.saving import save_once

staff = AudienceBlueprint("messaging_batches", __name__, Audience.STAFF)


@staff.get("/staff/messages/new-batch")
@needs(Permission.WRITE_TEXT)
def new():
    """Pick women by centre, worker, language or name, and write once; the filters stay in the address."""
    with unit_of_work():
        audit.record(actor(), "caseload_read", now=clock.now(), subject="batch")
    chosen, named = _chosen(), _named(request.args.getlist("who"))
    rows = batch_queries.choices(actor(), **chosen, only=named or None)
    narrowed = bool(named) or any(value is not None for value in chosen.values())
    template = _template()
    data = {"body": template.body, "language": template.language} if template else {}
    form = BatchForm(formdata=None, data=data)
    ticked = {one.client.id for one in rows[: batches.MOST_WOMEN]} if narrowed else set()
    return _choose(form, rows, ticked)


@staff.post("/staff/messages/new-batch")
@needs(Permission.WRITE_TEXT)
def check():
    """Who will get it, who will not and why, before anything is sent; with `back`, the writing again."""
    form, now = BatchForm(), clock.now()
    who = _named(request.form.getlist("who"))
    if "back" not in request.form and form.validate():
        body, language = form.body.data or "", form.language.data
        try:
            found = batches.readers(actor(), who, body=body, language=language, words=words_refused(), now=now)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            with unit_of_work():
                audit.record(actor(), "batch_looked_at", now=now, reason=f"{len(found)} women")
            return _checked(form, found)
    return _again(form, who)


@staff.post("/staff/messages/send-batch")
@needs(Permission.WRITE_TEXT)
def send():
    """Send what was looked at: pressed twice, or from two browsers, it is sent once."""
    form = BatchForm()
    who = _named(request.form.getlist("who"))

    def save() -> str:
        batch = batches.send_batch(
            actor(),
            who,
            body=form.body.data or "",
            language=form.language.data,
            words=words_refused(),
            now=clock.now(),
        )
        return url_for("messaging_batches.batch", batch_id=batch.id)

    return save_once(form, save, "Sent. Each text leaves in her own safe hours.") or _again(form, who)


@staff.get("/staff/messages/batches/<int:batch_id>")
@needs(Permission.WRITE_TEXT)
def batch(batch_id: int) -> str:
    """What became of each text of a batch, and who got none."""
    with unit_of_work():
        found = batch_queries.batch(actor(), batch_id)
        audit.record(actor(), "batch_read", now=clock.now(), subject=f"batch:{found.id}")
    found, now = batch_queries.batch(actor(), batch_id), clock.now()
    return render_template(
        "messaging/staff/batch.html",
        batch=found,
        progress=batch_queries.progress(actor(), found),
        made_by=first_names([found.made_by]).get(found.made_by, "somebody"),
        states=staff_words.STATES,
        receipt=lambda text: staff_words.receipt(text, now),
        why=staff_words.why,
    )


@staff.post("/staff/messages/batches/<int:batch_id>/stop")
@needs(Permission.WRITE_TEXT)
def stop(batch_id: int) -> Response:
    """Take back whatever has not left yet."""
    with unit_of_work():
        count = batches.stop_batch(actor(), batch_id, now=clock.now())
    flash(f"Stopped. {count} {'text was' if count == 1 else 'texts were'} taken back.")
    return redirect(url_for("messaging_batches.batch", batch_id=batch_id), 303)


@staff.post("/staff/messages/preview")
@needs(Permission.WRITE_TEXT)
def preview() -> str:
    """What a text to many would put on the screens, for a page that asks while somebody writes; nothing is kept."""
    form = BatchForm()
    draft = batches.draft(actor(), form.language.data or "en", form.typed, words=words_refused())
    return render_template("messaging/staff/screen.html", draft=draft)


def _choose(form: BatchForm, rows: list[batch_queries.Choice], ticked: set[int]):
    now = clock.now()
    everybody = batch_queries.choices(actor())
    workers = {one.client.keyworker_id for one in everybody}
    centres = {one.client.centre_id for one in everybody}
    draft = batches.draft(actor(), form.language.data or "en", form.typed, words=words_refused())
    page = unprocessable if form.faults else render_template
    return page(
        "messaging/staff/new_batch.html",
        form=form,
        rows=rows[: batch_queries.MOST_LISTED],
        left=max(0, len(rows) - batch_queries.MOST_LISTED),
        ticked=ticked,
        chosen=_chosen(),
        centres={centre_id: name for centre_id, name in centre_names().items() if centre_id in centres},
        workers=first_names(workers),
        languages=LANGUAGES,
        named=named,
        may_be_texted=lambda record: staff_words.may_be_texted(queries.contact_facts(record), now),
        choices=templates.in_use(*LANGUAGES),
        earlier=batch_queries.earlier(actor()),
        draft=draft,
    )


def _again(form: BatchForm, who: set[int]):
    """The page of picking and writing, with everything as it was."""
    rows = batch_queries.choices(actor())
    rows.sort(key=lambda one: one.client.id not in who)
    return _choose(form, rows, who)


def _checked(form: BatchForm, found: list[batches.Reader]) -> str:
    by_name = sorted(found, key=lambda reader: reader.client.called_name.casefold())
    return render_template(
        "messaging/staff/check_batch.html",
        form=form,
        getting=[reader for reader in by_name if reader.gets_it],
        not_getting=[reader for reader in by_name if not reader.gets_it],
        draft=batches.draft(actor(), form.language.data, form.typed, words=words_refused()),
        outlook=lambda reader: staff_words.leaves(reader.verdict, clock.now()),
        why=staff_words.why,
        languages=LANGUAGES,
    )


def _named(values: list[str]) -> set[int]:
    return {int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 10}


def _chosen() -> dict:
    def number(name: str) -> int | None:
        return next(iter(_named([request.args.get(name, "")])), None)

    language = request.args.get("language", "")
    return {
        "centre_id": number("centre"),
        "keyworker_id": number("worker"),
        "language": language if language in LANGUAGES else None,
    }


def _template() -> TextTemplate | None:
    chosen = _named([request.args.get("template", "")])
    return templates.template(chosen.pop()) if chosen else None
