"""A keyworker's caseload, and opening a woman's record."""

from flask import render_template, request, url_for

from portal.accounts import service as accounts
from portal.audit import service as audit
from portal.backoffice import queries
from portal.backoffice.forms import ClientForm
from portal.centres.queries import centre_names
from portal.clients import service
from portal.clients.code_names import free_code_name
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.staff.queries import keyworkers, people
from portal.web import shown_once, sorting
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.routing import row_id
from portal.web.saving import form_page, save_once
from portal.worklist import service as worklist

staff = AudienceBlueprint("backoffice_clients", __name__, Audience.STAFF)

_MOST_PRESSING = ("none", "due", "unproved", "soon", "live")

_COLUMNS = {
    "called": lambda row: row.client.called_name,
    "code": lambda row: row.client.code_name,
    "keyworker": lambda row: row.keyworker,
    "last": lambda row: row.last_contact_at,
    "next": lambda row: row.next_at,
    "contact": lambda row: _MOST_PRESSING.index(row.contact),
}


@staff.get("/staff/clients")
@needs(Permission.READ_CLIENT)
def clients() -> str:
    """Her caseload, her own first; `mine`, `centre`, `due` and `sort` narrow and order it and stay in the address."""
    now, names = clock.now(), centre_names()
    centre_id = request.args.get("centre", type=row_id)
    mine, due, closed = (name in request.args for name in ("mine", "due", "closed"))
    sort = sorting.asked_for(_COLUMNS)
    with unit_of_work():
        audit.record(actor(), "caseload_read", now=now)
    return render_template(
        "backoffice/staff/clients.html",
        rows=sort.rows(queries.caseload_rows(actor(), now, mine=mine, centre_id=centre_id, due=due, closed=closed)),
        sort=sort,
        chosen={"mine": mine, "due": due, "closed": closed, "centre_id": centre_id},
        centres={covered: names[covered] for covered in sorted(actor().centres) if covered in names},
    )


@staff.route("/staff/clients/new", methods=["GET", "POST"])
@needs(Permission.MAKE_CLIENT)
def new_client():
    """Open a woman's record; leads to her code name and set-up code, which are shown once."""
    form = ClientForm(data={"code_name": free_code_name("en"), "keyworker_id": actor().id})
    names = centre_names()
    form.centre_id.choices = to_choose(
        (covered, names[covered]) for covered in sorted(actor().centres) if covered in names
    )
    form.keyworker_id.choices = to_choose((person.id, person.name) for person in keyworkers(actor().centres))
    form.must_not_know.choices = to_choose(
        (person.id, f"{person.name}, {person.role}") for person in people(active_only=True) if person.id != actor().id
    )

    def save() -> str:
        now = clock.now()
        client = service.make_client(
            actor(),
            code_name=form.code_name.data,
            called_name=form.called_name.data,
            language=form.language.data,
            centre_id=form.centre_id.data,
            keyworker_id=form.keyworker_id.data,
            preparation=form.preparation,
            must_not_know=form.restricted,
            now=now,
        )
        owner, centre = client.keyworker_id, client.centre_id
        worklist.raise_task("record_safe_contact", now=now, client_id=client.id, owner_id=owner, centre_id=centre)
        shown_once.keep("setup_code", client_id=client.id, code=accounts.make_setup_code(actor(), client, now=now))
        return url_for("backoffice_setup.card", client_id=client.id)

    examples = [free_code_name("en"), free_code_name("ar")]
    return save_once(form, save) or form_page("backoffice/staff/client_new.html", form, examples=examples)
