"""One client's whole file: safe contact, plan, appointments, texts, and what her own pages show."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from portal.accounts import service as accounts
from portal.audit import service as audit
from portal.backoffice import break_glass, file_queries
from portal.clients import switches
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("backoffice_file", __name__, Audience.STAFF)


@staff.get("/staff/clients/<int:client_id>")
@needs(Permission.READ_CLIENT)
def client_file(client_id: int) -> str:
    """The whole file on one page; opening it is in the audit log (R30)."""
    now = clock.now()
    with unit_of_work():
        client = visible_client(actor(), client_id)
        audit.record(actor(), "client_read", now=now, client_id=client_id)
    return render_template(
        "backoffice/staff/client_file.html",
        switches=switches.SWITCHES,
        open_until=break_glass.open_until(actor(), client, now),
        **file_queries.whole_file(client, now),
    )


@staff.post("/staff/clients/<int:client_id>/switches")
@needs(Permission.RECORD_SAFE_CONTACT)
def turn_switches(client_id: int) -> Response:
    """What her own pages may show (R41), and whether she can sign in at all."""
    with unit_of_work():
        client, on = visible_client(actor(), client_id), set(request.form.getlist("on"))
        if any(getattr(client, name) and name not in on for name in switches.SWITCHES):
            # What she typed on a page that is off now would stand on the next one that she sees.
            accounts.drop_kept(client.id)
        switches.turn(actor(), client, on, now=clock.now())
        if client.sign_in_paused:
            accounts.end_all_sessions("client", client.id, now=clock.now())
    flash("Saved.")
    return redirect(f"/staff/clients/{client_id}", 303)
