"""A woman goes to another centre: the centre first, then who is her keyworker there and what becomes of her times."""

from flask import request
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired

from portal.backoffice import centre_moves
from portal.backoffice.closing import coming_of
from portal.backoffice.reading import open_record
from portal.centres.queries import centre_names
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import session
from portal.core.errors import Stale
from portal.diversion.standing import standings
from portal.staff.queries import first_names
from portal.waiting.queries import waits_of
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, to_choose
from portal.web.guards import actor
from portal.web.routing import row_id
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("backoffice_centre_move", __name__, Audience.STAFF)


class CentreForm(OnceForm):
    """The new centre, the keyworker there, and which of her times are to move; `was` is what the page showed."""

    centre_id = SelectField("Centre", coerce=int, validate_choice=False)
    keyworker_id = RadioField("Her keyworker there", coerce=int, validators=[InputRequired("Choose who it is.")])
    was = HiddenField()
    messages = {
        ("centre_id", "unknown"): "Choose a centre.",
        ("centre_id", "same"): "She is at this centre already.",
        ("centre_id", "avoided"): "She must stay away from this centre.",
        ("keyworker_id", "not_there"): "This person is no keyworker there.",
        ("keyworker_id", "away"): "This person is away, and nobody covers for her.",
        ("keyworker_id", "must_not_know"): "This person must not know of her.",
    }


@staff.route("/staff/clients/<int:client_id>/centre", methods=["GET", "POST"])
@needs(Permission.MAKE_CLIENT)
def centre(client_id: int):
    """Move her; without a chosen centre the page asks for that alone."""
    client, form = open_record(client_id, "centre", for_good=True), CentreForm()
    never = centre_moves.avoided(client_id) | {client.centre_id}
    elsewhere = {number: name for number, name in centre_names().items() if number not in never}
    form.centre_id.choices = to_choose(elsewhere.items())
    chosen = (request.form if form.is_submitted() else request.args).get("centre_id", type=row_id)
    there = centre_moves.possible_keyworkers(client, chosen) if chosen in elsewhere else []
    form.keyworker_id.choices = to_choose((person.id, person.name) for person in there)
    now_there = f"{client.centre_id} {client.keyworker_id or 0}"
    if not form.is_submitted():
        form.centre_id.data, form.was.data = chosen, now_there
    elif form.was.data != now_there:
        return form_page("backoffice/staff/centre.html", form, gone=True, chosen=None, **_facts(client))[0], 409

    def save() -> str:
        was_centre, _, was_keyworker = (form.was.data or "").partition(" ")
        centre_moves.move(
            actor(),
            client_id,
            was=(_number(was_centre), _number(was_keyworker) or None),
            centre_id=form.centre_id.data,
            keyworker_id=form.keyworker_id.data,
            to_move=[_number(value) for value in request.form.getlist("to_move")],
            now=clock.now(),
        )
        return _where_to(client_id)

    try:
        done, gone = save_once(form, save, "Moved, with her open tasks."), False
    except Stale:
        done, gone = None, True
        session.refresh(client)
    if done:
        return done
    page = form_page("backoffice/staff/centre.html", form, gone=gone, chosen=None if gone else chosen, **_facts(client))
    return (page[0], 409) if gone else page


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 12 else 0


def _where_to(client_id: int) -> str:
    """Her file, if whoever moved her still reaches it; else the list of clients."""
    client = session.get_one(Client, client_id)
    stays = client.centre_id in actor().centres or client.keyworker_id == actor().id
    return f"/staff/clients/{client_id}" if stays else "/staff/clients"


def _facts(client: Client) -> dict:
    now, moves = clock.now(), centre_moves.history(client.id)
    names = centre_names()
    return {
        "client": client,
        "centres": names,
        "moves": moves,
        "people": first_names([*(move.moved_by for move in moves), client.keyworker_id]),
        "coming": coming_of(client.id, now),
        "waits": [one for one in waits_of(client.id) if one.wait.centre_id == client.centre_id],
        "asked": standings([client.id], now),
    }
