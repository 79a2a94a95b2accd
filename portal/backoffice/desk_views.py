"""At the desk: finding a woman, checking that a caller is her, passing a message on to a worker."""

from flask import flash, redirect, render_template

from portal.audit import service as audit
from portal.backoffice import code_word, desk_search, desk_service, queries
from portal.backoffice.desk_forms import CallerForm, FindForm, MessageForm
from portal.backoffice.reading import note_reading
from portal.clients.models import Client
from portal.clients.queries import safe_contact, visible_client
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.core.locales import LANGUAGES
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("backoffice_desk", __name__, Audience.STAFF)


@staff.route("/staff/find", methods=["GET", "POST"])
@needs(Permission.SEE_BOARD)
def find():
    """Find a woman; the words come by POST and stand in no address, and the log keeps each search without them."""
    form, now = FindForm(), clock.now()
    words = (form.q.data or "").strip()
    asked = form.validate_on_submit() and bool(words)
    found = desk_search.find(actor(), words, now) if asked else []
    if asked:
        with unit_of_work():
            audit.record(actor(), "desk_search", now=now, reason=f"found {len(found)}")
            for one in found:
                audit.record(actor(), "client_read", now=now, client_id=one.client_id, subject="desk_search")
    page = render_template("backoffice/staff/find.html", form=form, asked=asked, found=found)
    return page, 422 if form.errors else 200


@staff.route("/staff/clients/<int:client_id>/caller", methods=["GET", "POST"])
@needs(Permission.SEE_BOARD)
def caller(client_id: int):
    """Somebody rings and says that she is this woman: right or wrong, and what may be said; before that, nothing."""
    client, form = _client(client_id), CallerForm()
    contact = safe_contact(client.id)
    right = False
    if not form.is_submitted():
        note_reading(client.id, "caller")
    elif form.validate():
        fault = code_word.fault(contact, form.code_word.data)
        if fault is not None:
            form.refuse(Invalid("code_word", fault))
        right = fault is None
    values = {
        "client": client,
        "contact": contact,
        "right": right,
        "language": LANGUAGES[contact.voice_language].latin if contact else "",
        "out_of_date": contact is None or contact.check_again_on <= clock.london_today(clock.now()),
    }
    if right:
        with unit_of_work():
            audit.record(actor(), "caller_was_her", now=clock.now(), client_id=client.id)
        return render_template("backoffice/staff/caller.html", form=form, **values)
    return form_page("backoffice/staff/caller.html", form, **values)


@staff.post("/staff/messages-taken")
@needs(Permission.MARK_ATTENDANCE)
def take_message():
    """A message for a worker, passed on with one press."""
    form = MessageForm()

    def save() -> str:
        desk_service.take_message(
            actor(),
            worker_id=form.worker_id.data or 0,
            words=form.words.data or "",
            once=form.request_key.data,
            now=clock.now(),
        )
        return "/staff/today"

    done = save_once(form, save, "Passed on.")
    if done is not None:
        return done
    flash("Not passed on: " + "; ".join(words for _, words in form.faults))
    return redirect("/staff/today", 303)


def _client(client_id: int) -> Client:
    """Reception answers for the women booked at its centre within 7 days, others for whom they may see."""
    if actor().role is Role.RECEPTIONIST:
        return queries.client_at_desk(actor(), client_id, clock.now())
    return visible_client(actor(), client_id)
