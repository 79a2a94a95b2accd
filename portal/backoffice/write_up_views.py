"""After a session: what came of it, and which past appointments still wait for that."""

from flask import render_template

from portal.audit import service as audit
from portal.backoffice import write_up_service
from portal.backoffice.reading import note_reading
from portal.backoffice.write_up_forms import REASON_WORDS, OutcomeForm
from portal.backoffice.write_up_service import NoteTyped
from portal.booking import outcomes, queries, session_notes
from portal.booking.outcome_rules import reasons_open
from portal.booking.queries import Booked
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import NotFound
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

DOER_WORDS = {"her": "hers", "worker": "yours", "partner": "a partner's"}

staff = AudienceBlueprint("backoffice_write_up", __name__, Audience.STAFF)


@staff.get("/staff/outcomes")
@needs(Permission.READ_CLIENT)
def waiting() -> str:
    """Past appointments whose outcome is still to be recorded."""
    now = clock.now()
    with unit_of_work():
        audit.record(actor(), "outcomes_read", now=now)
    return render_template("backoffice/staff/outcomes.html", rows=outcomes.without_outcome(actor(), now))


@staff.route("/staff/appointments/<int:appointment_id>/outcome", methods=["GET", "POST"])
@needs(Permission.READ_CLIENT)
def outcome(appointment_id: int):
    """Write one session up: what came of it, a note, what was done, the same time next week."""
    booked, now = queries.booked(actor(), appointment_id), clock.now()
    if not booked.appointment.stands or now < booked.appointment.starts_at:
        raise NotFound("outcome")
    form = _form(booked)

    def save() -> str:
        write_up_service.write_up(
            actor(),
            appointment_id,
            attendance=form.attendance.data or "",
            happened={"yes": True, "no": False}.get(form.happened.data or ""),
            reason_class=form.reason_class.data or "",
            offered=form.offered.data or "",
            note=_note_of(form),
            done=form.done.data or (),
            again=form.again.data,
            request_key=form.request_key.data,
            now=now,
        )
        return "/staff/outcomes"

    if not form.is_submitted():
        note_reading(booked.client.id, f"appointment:{appointment_id}")
    return save_once(form, save) or form_page(
        "backoffice/staff/outcome.html",
        form,
        booked=booked,
        reminded=outcomes.was_reminded(booked.appointment),
        notes=session_notes.notes_of(actor(), booked.client.id),
        next_week=write_up_service.next_week(booked.appointment.starts_at),
    )


def _note_of(form: OutcomeForm) -> NoteTyped:
    return NoteTyped(
        words=form.note.data or "",
        is_opinion={"fact": False, "opinion": True}.get(form.is_opinion.data or ""),
        third_party=form.third_party.data,
        safe_to_show=form.safe_to_show.data,
    )


def _form(booked: Booked) -> OutcomeForm:
    recorded = outcomes.outcome_of(booked.appointment.id)
    known = {"attendance": booked.appointment.attendance or None}
    if booked.appointment.attendance:
        known["happened"] = "no" if booked.appointment.attendance == "no" else "yes"
    if recorded:
        known |= {
            "happened": "yes" if recorded.happened else "no",
            "reason_class": recorded.reason_class,
            "offered": recorded.offered,
        }
    form = OutcomeForm(data=known)
    # Where no reminder reached her no other reason is offered (R46); the service refuses it too.
    reminded = outcomes.was_reminded(booked.appointment)
    open_ones = reasons_open("no", reminded) if booked.appointment.attendance == "no" else REASON_WORDS
    form.reason_class.choices = to_choose((name, REASON_WORDS[name]) for name in open_ones)
    still = write_up_service.open_actions(booked.client.id)
    form.done.choices = to_choose((action.id, f"{action.what} ({DOER_WORDS[action.doer]})") for action in still)
    return form
