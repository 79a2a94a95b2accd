"""Staff's inbox and threads: reading, writing, the preview of what will stand on her screen, the test text."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clients.models import Client, SafeContact
from portal.clients.queries import clients_with_number, has_opted_out, safe_contact, visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from portal.core.locales import LANGUAGES, shown_in
from portal.messaging import queries, service, staff_words, waiting
from portal.messaging.forms import PressForm, WriteForm
from portal.messaging.models import Text, TextState
from portal.messaging.rules import words_for_texts
from portal.messaging.stops import current_stop
from portal.messaging.wording import Worded
from portal.staff.models import Staff
from portal.staff.queries import away_among, covering
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor, settings

staff = AudienceBlueprint("messaging_staff", __name__, Audience.STAFF)


@staff.get("/staff/inbox")
@needs(Permission.READ_INBOX)
def inbox() -> str:
    """The threads that wait for somebody: hers, and those of the centres she covers."""
    now = clock.now()
    return render_template(
        "messaging/staff/inbox.html",
        threads=waiting.waiting_threads(actor(), now),
        triage=waiting.triage(actor()),
        own_id=actor().id,
        covering=covering(actor().id, now),
        stop=current_stop(),
    )


@staff.get("/staff/inbox/<int:incoming_id>")
@needs(Permission.READ_INBOX)
def triage(incoming_id: int) -> str:
    """A text from a number that we cannot place: its words, and no history of anybody (R23)."""
    with unit_of_work():
        incoming = service.open_triage(actor(), incoming_id, now=clock.now())
    holders = clients_with_number(incoming.number)
    return render_template(
        "messaging/staff/triage.html", incoming=incoming, holders=holders, meanings=staff_words.MEANINGS
    )


@staff.get("/staff/clients/<int:client_id>/messages")
@needs(Permission.READ_INBOX)
def thread(client_id: int) -> str:
    """Everything said between her and us."""
    with unit_of_work():
        service.open_thread(actor(), client_id, now=clock.now())
    return render_template("messaging/staff/thread.html", **_thread(client_id, WriteForm(formdata=None)))


@staff.post("/staff/clients/<int:client_id>/messages")
@needs(Permission.WRITE_TEXT)
def write(client_id: int):
    """Write to her, or with the preview button see first what would stand on her screen."""
    form = WriteForm()
    preview = None
    if form.validate():
        try:
            if "preview" not in request.form:
                return _written(client_id, form)
            preview = service.worded_for(actor(), client_id, form.body.data or "", words=_words())
        except Invalid as refusal:
            form.refuse(refusal)
    page = _thread(client_id, form, preview)
    if preview is not None:
        return render_template("messaging/staff/thread.html", **page)
    return unprocessable("messaging/staff/thread.html", **page)


@staff.post("/staff/clients/<int:client_id>/test-text")
@needs(Permission.RECORD_SAFE_CONTACT)
def test_text(client_id: int) -> Response:
    """Send the test text with which her number is proved, while she stands beside."""
    form = PressForm()
    with unit_of_work():
        text = service.send_test(actor(), client_id, request_key=form.request_key.data, now=clock.now())
    if text.state in (TextState.HELD, TextState.SKIPPED):
        flash(f"The test text was not sent: {staff_words.why(text.reason)}.")
    else:
        flash("The test text is on its way. Look at her phone together.")
    return redirect(url_for("messaging_staff.thread", client_id=client_id), 303)


def _written(client_id: int, form: WriteForm) -> Response:
    now, key = clock.now(), form.request_key.data
    with unit_of_work():
        if form.by.data == "portal":
            service.write_message(actor(), client_id, body=form.body.data or "", request_key=key, now=now)
            said = "Saved. She reads it when she signs in."
        else:
            text = service.write_text(
                actor(),
                client_id,
                body=form.body.data or "",
                request_key=key,
                words=_words(),
                send_at=form.send_at_instant,
                now=now,
            )
            said = f"Saved. {staff_words.receipt(text, now)}"
    flash(said)
    return redirect(url_for("messaging_staff.thread", client_id=client_id), 303)


def _thread(client_id: int, form: WriteForm, preview: Worded | None = None) -> dict:
    now = clock.now()
    client, record = visible_client(actor(), client_id), safe_contact(client_id)
    facts = queries.contact_facts(record)
    entries = queries.thread(client.id)
    return {
        "client": client,
        "away": away_among([client.keyworker_id], now).get(client.keyworker_id or 0),
        "record": record,
        "entries": entries,
        "writers": _writers(entries),
        "may_be_texted": staff_words.may_be_texted(facts, now),
        "opted_out": record is not None and record.number is not None and has_opted_out(record.number),
        "language_note": _language_note(client, record),
        "receipt": lambda text: staff_words.receipt(text, now),
        "kinds": staff_words.KINDS,
        "meanings": staff_words.MEANINGS,
        "wordings": staff_words.WORDINGS,
        "not_reached": (TextState.HELD, TextState.NOT_DELIVERED, TextState.SKIPPED, TextState.STOPPED),
        "form": form,
        "test_form": PressForm(formdata=None, prefix=""),
        "preview": preview,
        "stop": current_stop(),
    }


def _writers(entries: list[queries.Entry]) -> dict[int, str]:
    ids = {entry.row.written_by for entry in entries if isinstance(entry.row, Text)}
    ids |= {getattr(entry.row, "staff_id", None) for entry in entries}
    return {staff_id: session.get_one(Staff, staff_id).first_name for staff_id in ids if staff_id is not None}


def _language_note(client: Client, record: SafeContact | None) -> str:
    language = record.text_language if record else client.language
    known = LANGUAGES.get(language)
    if known is None or shown_in(language) == language:
        return ""
    return f"Her language is {known.latin}; texts go in English for now."


def _words() -> tuple[str, ...]:
    return words_for_texts(settings().banned_words, settings().site_name)
