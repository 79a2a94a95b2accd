"""Her one-time set-up code: made after a check that it is her, shown once on a card that can be printed (R48)."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from portal.accounts import service as accounts
from portal.accounts.rules import SETUP_CODE_LIFE
from portal.backoffice import code_word, queries
from portal.backoffice.forms import CodeWordForm
from portal.backoffice.reading import note_reading, open_record
from portal.clients.models import Client, SafeContact
from portal.clients.queries import safe_contact
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.web import shown_once
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.saving import form_page, save_once, saved
from portal.worklist import service as worklist

staff = AudienceBlueprint("backoffice_setup", __name__, Audience.STAFF)


@staff.route("/staff/clients/<int:client_id>/setup-code", methods=["GET", "POST"])
@needs(Permission.MAKE_SETUP_CODE)
def setup_code(client_id: int):
    """Make a new set-up code: the desk after her code word, a keyworker also when she is here in person."""
    client, contact = _client(client_id), safe_contact(client_id)
    form = CodeWordForm()
    in_person = form.in_person.data and not _at_desk()

    def save() -> str:
        now, how = clock.now(), "in_person" if in_person else "code_word"
        code = accounts.make_setup_code(actor(), client, how=how, now=now)
        shown_once.keep("setup_code", client_id=client.id, code=code)
        worklist.close_for_client(client.id, ("new_setup_code",), done="made_setup_code", actor=actor(), now=now)
        return url_for("backoffice_setup.card", client_id=client.id)

    if form.validate_on_submit():
        fault = None if in_person else code_word.fault(contact, form.code_word.data)
        done = save_once(form, save, "Made. The card is shown once.") if fault is None else None
        if done is not None:
            return done
        if fault is not None:
            form.refuse(Invalid("code_word", fault))
    return form_page(
        "backoffice/staff/setup_code.html", form, client=client, has_word=_has_word(contact), at_desk=_at_desk()
    )


@staff.get("/staff/clients/<int:client_id>/setup-code/card")
@needs(Permission.MAKE_SETUP_CODE)
def card(client_id: int):
    """Code name and code on a neutral card, once; loaded again it is gone."""
    client, kept = _client(client_id), shown_once.take("setup_code")
    if kept is None or kept["client_id"] != client_id:
        return render_template("backoffice/staff/setup_code_gone.html", client=client), 410
    hours = int(SETUP_CODE_LIFE.total_seconds() // 3600)
    return render_template("backoffice/staff/setup_code_card.html", client=client, code=kept["code"], hours=hours)


@staff.post("/staff/clients/<int:client_id>/setup-code/ask")
@needs(Permission.MAKE_SETUP_CODE)
def ask_keyworker(client_id: int) -> Response:
    """The desk cannot know that it is her: her keyworker gets a task."""
    client = _client(client_id)
    with unit_of_work():
        worklist.raise_task(
            "new_setup_code",
            now=clock.now(),
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
        )
    return saved(url_for("backoffice_setup.setup_code", client_id=client_id), "Her keyworker has a task for it.")


def _client(client_id: int) -> Client:
    if not _at_desk():
        return open_record(client_id, "setup_code", for_good=True)
    client = queries.client_at_desk(actor(), client_id, clock.now())
    note_reading(client_id, "setup_code")
    return client


def _at_desk() -> bool:
    return actor().role is Role.RECEPTIONIST


def _has_word(contact: SafeContact | None) -> bool:
    return contact is not None and contact.code_word_hash is not None
