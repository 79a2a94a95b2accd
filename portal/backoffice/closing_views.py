"""Closing a woman's record, opening it again, and asking three months later how she is."""

from flask import render_template
from wtforms import RadioField
from wtforms.validators import InputRequired

from portal.backoffice import closing
from portal.backoffice import closing_rules as rules
from portal.backoffice.reading import open_record
from portal.clients.models import Client, ClientState
from portal.core import clock
from portal.core.access import Permission
from portal.core.errors import Stale
from portal.diversion.standing import standings
from portal.staff.queries import first_names
from portal.waiting.queries import waits_of
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("backoffice_closing", __name__, Audience.STAFF)

_ASKED = [InputRequired("Choose an answer.")]


class CloseForm(OnceForm):
    """Why the record is closed, and what was seen to; nothing is chosen beforehand."""

    reason = RadioField("Why", choices=to_choose(rules.REASONS.items()), validators=_ASKED)
    safety_plan = RadioField(choices=[], validators=_ASKED)
    rating = RadioField(choices=[], validators=_ASKED)
    conditions = RadioField(choices=[], validators=_ASKED)
    copy = RadioField(choices=[], validators=_ASKED)
    told_her = RadioField(choices=[], validators=_ASKED)
    appointments = RadioField("Times to come", choices=to_choose(rules.APPOINTMENTS.items()), validate_choice=False)
    follow_up = RadioField(
        "In 3 months, may a person ask her how she is? Only in a way that is safe then.",
        choices=to_choose([("yes", "Yes"), ("no", "No")]),
        validators=_ASKED,
    )
    messages = {
        ("appointments", "missing"): "Say what becomes of the times to come.",
        ("tasks", "risk_open"): "A text of hers, or that a contact may have put her at risk, still waits for somebody. "
        "See to that first.",
    }

    def __init__(self, **values) -> None:
        super().__init__(**values)
        for name, item in rules.CHECKLIST.items():
            field = self._fields[name]
            field.label.text, field.choices = item.question, to_choose(item.choices.items())


class FollowUpForm(OnceForm):
    """How she was."""

    result = RadioField("How is she?", choices=to_choose(rules.RESULTS.items()), validators=_ASKED)


@staff.route("/staff/clients/<int:client_id>/close", methods=["GET", "POST"])
@needs(Permission.MAKE_CLIENT)
def close(client_id: int):
    """Close her record with the reason and the checklist, on one page."""
    client, form = open_record(client_id, "closing", for_good=True), CloseForm()

    def save() -> str:
        closing.close_record(
            actor(),
            client_id,
            reason=form.reason.data,
            checklist={name: form[name].data for name in rules.CHECKLIST},
            appointments=form.appointments.data or "",
            follow_up=form.follow_up.data,
            now=clock.now(),
        )
        return f"/staff/clients/{client_id}/closed"

    return _carried_out(form, save, "backoffice/staff/close.html", client, "Closed.")


@staff.get("/staff/clients/<int:client_id>/closed")
@needs(Permission.MAKE_CLIENT)
def closed(client_id: int) -> str:
    """How a closed record was closed, opening it again, and the follow-up."""
    client = open_record(client_id, "closing", for_good=True)
    return render_template("backoffice/staff/closed.html", form=OnceForm(), gone=False, **_facts(client))


@staff.post("/staff/clients/<int:client_id>/reopen")
@needs(Permission.MAKE_CLIENT)
def reopen(client_id: int):
    """She comes back: one more press, and everything is as it was."""
    client = open_record(client_id, "closing", for_good=True)

    def save() -> str:
        closing.reopen(actor(), client_id, now=clock.now())
        return f"/staff/clients/{client_id}"

    said = "Open again. Ask her anew how she may be reached: until then nothing goes to her."
    return _carried_out(OnceForm(), save, "backoffice/staff/closed.html", client, said)


@staff.route("/staff/clients/<int:client_id>/follow-up", methods=["GET", "POST"])
@needs(Permission.MAKE_CLIENT)
def follow_up(client_id: int):
    """Note how she was, three months later."""
    client, form = open_record(client_id, "follow-up", for_good=True), FollowUpForm()

    def save() -> str:
        closing.note_follow_up(actor(), client_id, result=form.result.data, now=clock.now())
        return f"/staff/clients/{client_id}/closed"

    return _carried_out(form, save, "backoffice/staff/follow_up.html", client, "Noted.")


def _carried_out(form: OnceForm, save, template: str, client: Client, said: str):
    """Once; what somebody else did meanwhile is a page that says so."""
    try:
        done, gone = save_once(form, save, said), False
    except Stale:
        done, gone = None, True
    if done:
        return done
    page = form_page(template, form, gone=gone, **_facts(client))
    return (page[0], 409) if gone else page


def _facts(client: Client) -> dict:
    now = clock.now()
    found = closing.open_closing(client.id)
    return {
        "client": client,
        "is_open": client.state == ClientState.OPEN,
        "closing": found,
        "people": first_names((found.closed_by, found.followed_up_by) if found else ()),
        "rules": rules,
        "coming": closing.coming_of(client.id, now),
        "waits": waits_of(client.id),
        "asked": standings([client.id], now),
        "may_be_rung": closing.is_followed_up(client.id, clock.london_today(now)),
    }
