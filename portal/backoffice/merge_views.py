"""Two records of one woman: found by code name, shown side by side, joined with one press, parted with another."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from portal.backoffice import merge_queries, merging
from portal.backoffice.merge_forms import MergeForm, OtherRecordForm
from portal.backoffice.reading import open_record
from portal.clients.models import Client, ClientState
from portal.clients.queries import client_by_code_name, visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.saving import form_page, save_once, saved

staff = AudienceBlueprint("backoffice_merge", __name__, Audience.STAFF)

MEANWHILE = "Somebody joined or closed one of these records meanwhile. Nothing was changed now."


@staff.route("/staff/clients/<int:client_id>/merge", methods=["GET", "POST"])
@needs(Permission.MERGE_RECORDS)
def find_other(client_id: int):
    """Name the other record by its code name."""
    client, form = open_record(client_id, "merge", for_good=True), OtherRecordForm()
    if form.validate_on_submit():
        try:
            other = _other(client, form.code_name.data or "")
            return redirect(url_for("backoffice_merge.merge", client_id=client_id, other_id=other.id), 303)
        except Invalid as refusal:
            form.refuse(refusal)
    return form_page("backoffice/staff/merge_find.html", form, client=client)


@staff.route("/staff/clients/<int:client_id>/merge/<int:other_id>", methods=["GET", "POST"])
@needs(Permission.MERGE_RECORDS)
def merge(client_id: int, other_id: int):
    """Both records side by side and what would move; one press joins the other record into this one."""
    form = MergeForm()

    def save() -> str:
        merging.merge(actor(), client_id, other_id, now=clock.now())
        return _file(client_id)

    try:
        done = save_once(form, save, "Joined. It can be undone on this page.")
    except Stale:
        flash(MEANWHILE)
        return redirect(_file(client_id), 303)
    return done or _side_by_side(form, client_id, other_id)


@staff.post("/staff/clients/<int:client_id>/merges/<int:merge_id>/undo")
@needs(Permission.MERGE_RECORDS)
def undo(client_id: int, merge_id: int) -> Response:
    """Part two records again."""
    try:
        with unit_of_work():
            merging.undo(actor(), client_id, merge_id, now=clock.now())
    except Stale:
        return saved(_file(client_id), "Somebody parted these records before.")
    except Invalid:
        return saved(_file(client_id), "Another record was joined to this one later. Undo that first.")
    return saved(_file(client_id), "Parted again.")


def _side_by_side(form: MergeForm, client_id: int, other_id: int):
    now = clock.now()
    if client_id == other_id:
        raise NotFound("client")
    kept, other = (open_record(number, "merge", for_good=True) for number in (client_id, other_id))
    if ClientState.CLOSED in (kept.state, other.state):
        raise NotFound("client")
    reason = merge_queries.why_not(kept, other, now)
    return form_page(
        "backoffice/staff/merge.html",
        form,
        kept=merge_queries.held(kept, now),
        other=merge_queries.held(other, now),
        counted=merge_queries.COUNTED,
        why_not=form.say(reason) if reason else None,
    )


def _other(client: Client, code_name: str) -> Client:
    found = client_by_code_name(code_name)
    if found is None:
        raise Invalid("code_name", "not_there")
    if found.id == client.id:
        raise Invalid("code_name", "same")
    try:
        other = visible_client(actor(), found.id)
    except NotFound:
        raise Invalid("code_name", "not_there") from None
    if other.state != ClientState.OPEN:
        raise Invalid("code_name", "not_there")
    return other


def _file(client_id: int) -> str:
    return url_for("backoffice_file.client_file", client_id=client_id)
