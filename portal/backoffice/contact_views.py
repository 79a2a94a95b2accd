"""Before staff ring her (R26), and the one press that stops all contact (R47)."""

from flask import render_template
from werkzeug.wrappers import Response

from portal.audit import service as audit
from portal.backoffice import closing, put_at_risk
from portal.backoffice.reading import open_record
from portal.clients.models import Client, ClientState
from portal.clients.queries import safe_contact, visible_client
from portal.clients.rules import inside_safe_hours, read_safe_hours, ring_holds
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import unit_of_work
from portal.core.errors import MovedTo
from portal.core.locales import LANGUAGES
from portal.messaging.queries import is_frozen
from portal.messaging.staff_words import why
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.saving import saved

staff = AudienceBlueprint("backoffice_contact", __name__, Audience.STAFF)


@staff.get("/staff/clients/<int:client_id>/ring")
@needs(Permission.READ_CLIENT)
def ring(client_id: int) -> str:
    """What must be known before she is rung; no number stands here."""
    client = open_record(client_id, "ring")
    return render_template("backoffice/staff/ring.html", number=None, **_facts(client))


@staff.post("/staff/clients/<int:client_id>/ring")
@needs(Permission.READ_CLIENT)
def show_number(client_id: int) -> str:
    """Her number, once, if she may be rung; that it was shown stands in the audit log."""
    with unit_of_work():
        facts = _facts(visible_client(actor(), client_id))
        number = None if facts["holds"] else facts["contact"].number
        if number is not None:
            audit.record(actor(), "number_shown", now=clock.now(), client_id=client_id)
    return render_template("backoffice/staff/ring.html", number=number, **facts)


@staff.post("/staff/clients/<int:client_id>/stop-contact")
@needs(Permission.STOP_CONTACT)
def stop_contact(client_id: int) -> Response:
    """A contact may have put her at risk: one press (R47). Reception has it for the women booked at its centre."""
    now, at_desk = clock.now(), actor().role is Role.RECEPTIONIST
    try:
        with unit_of_work():
            put_at_risk.put_at_risk(actor(), client_id, now=now)
    except MovedTo as moved:
        # Her record went on in another one while this page was open: the press counts all the same.
        client_id = moved.to
        with unit_of_work():
            put_at_risk.put_at_risk(actor(), client_id, now=now)
    said = (
        "Stopped. Nothing goes to her, and she is signed out everywhere. The task to look into it is due in 15 minutes."
    )
    return saved("/staff/today" if at_desk else f"/staff/clients/{client_id}", said)


def _facts(client: Client) -> dict:
    now, contact = clock.now(), safe_contact(client.id)
    frozen = bool(contact and contact.number_index and is_frozen(contact.number_index, contact.proved_at))
    holds = ring_holds(
        may_ring=contact.may_ring if contact else None,
        number=contact.number if contact else None,
        stopped=contact is not None and contact.stopped_at is not None,
        check_again_on=contact.check_again_on if contact else None,
        open_record=client.state == ClientState.OPEN or closing.is_followed_up(client.id, clock.london_today(now)),
        nothing_before_on=client.nothing_before_on,
        on=clock.london_today(now),
    )
    hours = read_safe_hours(contact.safe_hours or []) if contact else ()
    return {
        "client": client,
        "contact": contact,
        "holds": [why(hold) for hold in holds] + ([why("frozen")] if frozen else []),
        "voice_language": LANGUAGES[contact.voice_language].latin if contact else "",
        "outside_hours": bool(hours) and not inside_safe_hours(hours, now),
    }
