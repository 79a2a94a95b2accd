"""Another keyworker for one woman, and a whole caseload to another keyworker in one act."""

from flask import flash, request, url_for

from portal.audit import service as audit
from portal.backoffice import transferring
from portal.backoffice.reading import open_record
from portal.backoffice.transfer_forms import KeyworkerForm, TransferForm
from portal.centres.queries import centre_names
from portal.clients import transfers
from portal.clients.transfers import Moved
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.staff.queries import away_among, keyworkers, person
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("backoffice_transfer", __name__, Audience.STAFF)


@staff.route("/staff/clients/<int:client_id>/keyworker", methods=["GET", "POST"])
@needs(Permission.MAKE_CLIENT)
def keyworker(client_id: int):
    """Give her another keyworker at her centre."""
    client = open_record(client_id, "keyworker", for_good=True)
    form = KeyworkerForm(data={"to_id": client.keyworker_id, "was": client.keyworker_id or 0})
    form.to_id.choices = to_choose((found.id, found.name) for found in keyworkers([client.centre_id]))

    def save() -> str:
        transferring.give_keyworker(
            actor(), client_id, from_id=form.was.data or None, to_id=form.to_id.data, now=clock.now()
        )
        return f"/staff/clients/{client_id}"

    return save_once(form, save) or form_page("backoffice/staff/keyworker.html", form, client=client)


@staff.route("/staff/people/<int:staff_id>/transfer", methods=["GET", "POST"])
@needs(Permission.TRANSFER_CLIENTS)
def transfer(staff_id: int):
    """Move all or some of somebody's clients to one new keyworker; an admin, who opens no record, moves all."""
    found = person(staff_id)
    if not transfers.may_move_from(actor(), found):
        raise NotFound("staff")
    form, by_name = TransferForm(), not can(actor(), Permission.MANAGE_PEOPLE)
    possible = transfers.possible_keyworkers(actor(), staff_id)
    form.to_id.choices = to_choose([("", "Choose one"), *((new.id, new.name) for new in possible)])

    def save() -> str:
        try:
            moved = transferring.transfer(
                actor(),
                from_id=staff_id,
                to_id=form.to_id.data,
                client_ids=_ticked() if by_name else None,
                now=clock.now(),
            )
        except Invalid as refusal:
            raise Invalid("to_id", refusal.reason) from None
        _say(moved, form.to_id.data)
        return url_for("backoffice_transfer.transfer", staff_id=staff_id)

    done = save_once(form, save, "Moved.")
    if done is None and by_name:
        with unit_of_work():
            audit.record(actor(), "caseload_read", now=clock.now(), subject=f"staff:{staff_id}")
    return done or form_page(
        "backoffice/staff/transfer.html",
        form,
        person=found,
        by_name=by_name,
        caseload=transferring.caseload_of(actor(), staff_id),
        centres=centre_names(),
        away=away_among((choice.value for choice in form.to_id.choices), clock.now()),
        ticked=_ticked(),
    )


def _ticked() -> list[int]:
    ticked = request.form.getlist("client_ids")
    return [int(value) if value.isdecimal() and len(value) < 12 else 0 for value in ticked]


def _say(moved: Moved, to_id: int) -> None:
    new = person(to_id).first_name
    flash(f"{len(moved.client_ids)} moved to {new}, with open tasks and the conversation. Planned texts go as planned.")
    if moved.must_not_know:
        flash(f"{moved.must_not_know} stay here: {new} must not know of them. Ask the manager.")
    if moved.elsewhere:
        flash(f"{moved.elsewhere} stay here: {new} does not work at their centre.")
