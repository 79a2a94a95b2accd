"""A sheet of neutral cards for women who have never signed in, to be cut and handed over one by one (R12, R48).

On paper stands no name, no centre and no word of what it is for: which card is whose stands on the screen alone.
"""

from typing import NamedTuple

from flask import render_template, request
from sqlalchemy import or_, select

from portal.accounts import service as accounts
from portal.accounts.models import ClientPasscode
from portal.accounts.rules import SETUP_CODE_LIFE
from portal.audit import service as audit
from portal.backoffice.queries import next_times
from portal.clients.models import Client, ClientState
from portal.clients.queries import safe_contacts, visible_client, visible_client_ids
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import session, unit_of_work
from portal.staff.queries import first_names
from portal.web import once
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, unprocessable
from portal.web.guards import actor, needs_fresh_proof
from portal.web.routing import row_id
from portal.web.saving import saved

staff = AudienceBlueprint("backoffice_cards", __name__, Audience.STAFF)

MOST_CARDS = 200


class Card(NamedTuple):
    """One card of a sheet, and for the screen alone whose it is."""

    client: Client
    code: str


@staff.get("/staff/start/cards")
@needs(Permission.IMPORT_CLIENTS)
def choose() -> str:
    """Who has never signed in, to choose whose cards are printed: a code lives for a day."""
    with unit_of_work():
        audit.record(actor(), "caseload_read", now=clock.now(), subject="cards")
    return render_template("backoffice/staff/cards.html", **_choices())


@staff.post("/staff/start/cards")
@needs(Permission.IMPORT_CLIENTS)
@needs_fresh_proof
def sheet():
    """Make a code for each chosen woman and show the sheet, once: pressed again it makes no second codes."""
    form, now = OnceForm(), clock.now()
    wanted = set(request.form.getlist("client", type=row_id))
    chosen = [client for client in never_signed_in() if client.id in wanted]
    if not form.validate_on_submit() or not chosen:
        return unprocessable("backoffice/staff/cards.html", **_choices(), refused=True)
    with unit_of_work():
        if once.claim(actor(), form.request_key.data, now=now) is not None:
            cards = []
        else:
            once.made(actor(), form.request_key.data, "cards")
            cards = [_card(client) for client in chosen]
    if not cards:
        return saved("/staff/start/cards", "These cards were shown once. If they were lost, make new ones.")
    names = first_names(card.client.keyworker_id for card in cards)
    hours = int(SETUP_CODE_LIFE.total_seconds() // 3600)
    return render_template("backoffice/staff/card_sheet.html", cards=cards, keyworkers=names, hours=hours)


def never_signed_in() -> list[Client]:
    """The open clients whom the reader may see and who have no passcode, by keyworker and name; MOST_CARDS at most.

    Not yet those who were referred and have no keyworker, nor those whom nothing reaches before a day to come. Who has
    a code word is asked for it on her own page: no sheet takes that check's place (R48).
    """
    has_passcode = select(ClientPasscode.client_id)
    statement = select(Client).where(
        Client.id.in_(visible_client_ids(actor())),
        Client.state == ClientState.OPEN,
        Client.keyworker_id.is_not(None),
        or_(Client.nothing_before_on.is_(None), Client.nothing_before_on <= clock.london_today(clock.now())),
        Client.id.not_in(has_passcode),
    )
    clients = list(session.scalars(statement))
    asked = safe_contacts(client.id for client in clients)
    has_word = {client_id for client_id, contact in asked.items() if contact.code_word_hash is not None}
    found = sorted(
        (client for client in clients if client.id not in has_word),
        key=lambda client: (client.keyworker_id or 0, client.called_name.casefold()),
    )
    return found[:MOST_CARDS]


def _choices() -> dict:
    clients = never_signed_in()
    return {
        "form": OnceForm(formdata=None),
        "clients": clients,
        "coming": next_times([client.id for client in clients], clock.now()),
        "keyworkers": first_names(client.keyworker_id for client in clients),
        "hours": int(SETUP_CODE_LIFE.total_seconds() // 3600),
    }


def _card(client: Client) -> Card:
    found = visible_client(actor(), client.id)
    return Card(found, accounts.make_setup_code(actor(), found, now=clock.now()))
