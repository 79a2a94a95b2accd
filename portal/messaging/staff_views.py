"""Staff's inbox and threads: reading, writing, the preview of what will stand on her screen, the test text."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clients.queries import clients_with_number, visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.messaging import composing, live, service, staff_words, templates, waiting
from portal.messaging.models import TextState
from portal.messaging.staff_forms import PressForm, WriteForm, words_refused
from portal.messaging.thread_page import conversation, new_form, thread_page
from portal.staff.queries import covering
from portal.web.blueprints import Audience, AudienceBlueprint, asked_by_itself, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor
from portal.worklist.rules import CHECKED, DONE_WORDS

staff = AudienceBlueprint("messaging_staff", __name__, Audience.STAFF)


@staff.get("/staff/inbox")
@needs(Permission.READ_INBOX)
def inbox() -> str:
    """The threads that wait for somebody: hers, and those of the centres she covers; the filter is in the address."""
    return render_template("messaging/staff/inbox.html", **_inbox())


@staff.get("/staff/inbox/live")
@needs(Permission.READ_INBOX)
@asked_by_itself
def inbox_live():
    """The inbox for a page that is open already: nothing when nothing changed."""
    if request.args.get("since") == live.inbox_version(actor(), _show(), clock.now()):
        return "", 204
    return render_template("messaging/staff/threads.html", **_inbox())


@staff.get("/staff/inbox/<int:incoming_id>")
@needs(Permission.READ_INBOX)
def triage(incoming_id: int) -> str:
    """A text from a number that we cannot place: its words, and no history of anybody (R23)."""
    with unit_of_work():
        incoming = service.open_triage(actor(), incoming_id, now=clock.now())
    holders = clients_with_number(incoming.number)
    return render_template(
        "messaging/staff/triage.html",
        incoming=incoming,
        holders=holders,
        meanings=staff_words.MEANINGS,
        unsettled=incoming.client_id is None and waiting.may_triage(actor(), incoming),
        checks={how: DONE_WORDS[how] for how in CHECKED},
    )


@staff.get("/staff/clients/<int:client_id>/messages")
@needs(Permission.READ_INBOX)
def thread(client_id: int) -> str:
    """Everything said between her and us; `template` fills what is to be written."""
    with unit_of_work():
        service.open_thread(actor(), client_id, now=clock.now())
    body = _chosen_template()
    draft = composing.draft_for(actor(), client_id, body, words=words_refused()) if body else None
    return render_template("messaging/staff/thread.html", **thread_page(client_id, new_form(client_id, body), draft))


@staff.get("/staff/clients/<int:client_id>/messages/live")
@needs(Permission.READ_INBOX)
@asked_by_itself
def thread_live(client_id: int):
    """The thread for a page that is open already: nothing when nothing changed.

    It shows what came in and logs that, but marks nothing as read: nobody may sit at that desk.
    """
    visible_client(actor(), client_id)
    if request.args.get("since") == live.thread_version(client_id):
        return "", 204
    with unit_of_work():
        service.open_thread(actor(), client_id, now=clock.now(), by_itself=True)
    return render_template("messaging/staff/conversation.html", **conversation(client_id))


@staff.post("/staff/clients/<int:client_id>/messages")
@needs(Permission.WRITE_TEXT)
def write(client_id: int):
    """Write to her, or with the preview button see first what would stand on her screen."""
    form = WriteForm()
    looking = "preview" in request.form
    draft = composing.draft_for(actor(), client_id, form.typed, words=words_refused()) if looking else None
    if form.validate():
        try:
            if draft is None:
                return _written(client_id, form)
            draft.checked()
        except Invalid as refusal:
            form.refuse(refusal)
    page = render_template if looking and not form.faults else unprocessable
    return page("messaging/staff/thread.html", **thread_page(client_id, form, draft))


@staff.post("/staff/clients/<int:client_id>/messages/preview")
@needs(Permission.WRITE_TEXT)
def preview(client_id: int) -> str:
    """What would stand on her screen, for a page that asks while somebody writes; nothing is kept."""
    draft = composing.draft_for(actor(), client_id, WriteForm().typed, words=words_refused())
    return render_template("messaging/staff/screen.html", draft=draft)


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
    now, key, body, seen = clock.now(), form.request_key.data, form.body.data or "", form.seen.data or ""
    with unit_of_work():
        if form.by.data == "portal":
            service.write_message(actor(), client_id, body=body, request_key=key, now=now, seen=seen)
            said = "Saved. She reads it when she signs in."
        else:
            text = service.write_text(
                actor(),
                client_id,
                body=body,
                request_key=key,
                words=words_refused(),
                send_at=form.send_at_instant,
                now=now,
                seen=seen,
            )
            said = f"Saved. {staff_words.receipt(text, now)}"
    flash(said)
    return redirect(url_for("messaging_staff.thread", client_id=client_id), 303)


def _chosen_template() -> str:
    chosen = request.args.get("template", "")
    if not chosen:
        return ""
    if not chosen.isascii() or not chosen.isdecimal():
        raise NotFound("template")
    return templates.template(int(chosen)).body


def _inbox() -> dict:
    now, show = clock.now(), _show()
    version = live.inbox_version(actor(), show, now)
    threads = waiting.waiting_threads(actor(), now, show)
    return {
        "version": version,
        "show": show,
        "threads": threads,
        "unread": sum(found.unread for found in threads),
        "not_reached": sum(found.not_reached for found in threads),
        "triage": waiting.triage(actor()),
        "own_id": actor().id,
        "covering": covering(actor().id, now),
    }


def _show() -> str:
    show = request.args.get("show", "")
    return show if show in waiting.SHOWS else ""
