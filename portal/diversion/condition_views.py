"""What was asked of a woman, for staff: how it stands, changing it with reasons, and who runs short of time."""

from datetime import date

from flask import render_template, url_for
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired

from portal.audit import service as audit
from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import session, unit_of_work
from portal.core.errors import Stale
from portal.diversion import condition_reading, conditions, words
from portal.diversion.models import Condition
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, to_choose, unprocessable
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("diversion_conditions", __name__, Audience.STAFF)

ANY_SESSION = "any"


class VaryForm(OnceForm):
    """Other sessions, or another day; `was` is what the page showed."""

    sessions = IntegerField("How many sessions", validators=[InputRequired("Write how many.")])
    due_on = DateField("Up to and including", validators=[InputRequired("Write the day.")])
    reason = RadioField("Why", choices=to_choose(words.CHANGED.items()), validators=[InputRequired("Say why.")])
    was = HiddenField()
    messages = {
        ("sessions", "range"): "From 1 to 20 sessions.",
        ("sessions", "same"): "That is what is asked already.",
        ("due_on", "before_start"): "That lies before the day on which she was referred.",
    }


class ExcuseForm(OnceForm):
    """Letting her off one session."""

    appointment = SelectField("Which session", validate_choice=False)
    reason = RadioField("Why", choices=to_choose(words.EXCUSED.items()), validators=[InputRequired("Say why.")])
    messages = {
        ("appointment_id", "not_missed"): "That is no session that she could not come to.",
        ("appointment_id", "excused"): "She was let off that one already.",
        ("sessions", "last"): "One session stays asked. If nothing is asked any more, withdraw it.",
    }


class WithdrawForm(OnceForm):
    """Nothing is asked of her any more."""

    reason = RadioField("Why", choices=to_choose(words.WITHDRAWN.items()), validators=[InputRequired("Say why.")])


@staff.get("/staff/conditions")
@needs(Permission.KEEP_CONDITIONS)
def listed() -> str:
    """Who has how much time left for what was asked of her, the nearest day first; opening it is in the log."""
    now = clock.now()
    with unit_of_work():
        audit.record(actor(), "conditions_listed", now=now)
    rows = conditions.list_paced(actor(), now)
    return render_template(
        "diversion/staff/conditions.html",
        rows=rows,
        words=words,
        today=clock.london_today(now),
        workers=first_names(one.client.keyworker_id for one in rows),
    )


@staff.get("/staff/clients/<int:client_id>/conditions")
@needs(Permission.KEEP_CONDITIONS)
def of_client(client_id: int) -> str:
    """All that was asked of one woman, how it stands, and what was told of it."""
    now = clock.now()
    with unit_of_work():
        client = visible_client(actor(), client_id)
        audit.record(actor(), "client_read", now=now, client_id=client_id, subject="conditions")
    return render_template(
        "diversion/staff/client_conditions.html",
        client=client,
        words=words,
        today=clock.london_today(now),
        **condition_reading.all_of(client, now),
    )


@staff.route("/staff/conditions/<int:condition_id>/vary", methods=["GET", "POST"])
@needs(Permission.KEEP_CONDITIONS)
def vary(condition_id: int):
    """Ask for other sessions or another day, with the reason."""
    condition, form = _read(condition_id), VaryForm()
    if not form.is_submitted():
        form.sessions.data, form.due_on.data = condition.sessions_needed, condition.due_on
        form.was.data = _as_shown(condition)

    def save() -> str:
        conditions.vary(
            actor(),
            condition_id,
            sessions=form.sessions.data,
            due_on=form.due_on.data,
            reason=form.reason.data,
            was=_was(form.was.data),
            now=clock.now(),
        )
        return _address(condition)

    return _carried_out(form, save, "diversion/staff/vary.html", condition)


@staff.route("/staff/conditions/<int:condition_id>/excuse", methods=["GET", "POST"])
@needs(Permission.KEEP_CONDITIONS)
def excuse(condition_id: int):
    """Let her off one session: she need not make it up."""
    condition, form = _read(condition_id), ExcuseForm()
    off = {one.appointment_id for one in conditions.excused_of([condition.id])}
    not_come = [one for one in conditions.missed(condition, clock.now()) if one.id not in off]
    form.appointment.choices = to_choose(
        [(ANY_SESSION, "Any one session"), *((str(one.id), _when(one)) for one in not_come)]
    )

    def save() -> str:
        chosen = form.appointment.data or ANY_SESSION
        conditions.excuse(
            actor(),
            condition_id,
            appointment_id=int(chosen) if chosen.isdecimal() and len(chosen) < 12 else None,
            reason=form.reason.data,
            now=clock.now(),
        )
        return _address(condition)

    return _carried_out(form, save, "diversion/staff/excuse.html", condition)


@staff.route("/staff/conditions/<int:condition_id>/withdraw", methods=["GET", "POST"])
@needs(Permission.KEEP_CONDITIONS)
def withdraw(condition_id: int):
    """Nothing of it is asked of her any more."""
    condition, form = _read(condition_id), WithdrawForm()

    def save() -> str:
        conditions.withdraw(actor(), condition_id, reason=form.reason.data, now=clock.now())
        return _address(condition)

    return _carried_out(form, save, "diversion/staff/withdraw.html", condition)


@staff.post("/staff/conditions/excused/<int:excused_id>/back")
@needs(Permission.KEEP_CONDITIONS)
def take_excuse_back(excused_id: int):
    """She comes to it after all: pressed twice, taken back once."""
    condition = condition_reading.excused_condition(actor(), excused_id)

    def save() -> str:
        conditions.take_excuse_back(actor(), excused_id, now=clock.now())
        return _address(condition)

    return _carried_out(OnceForm(), save, "diversion/staff/no_more.html", condition)


def _carried_out(form: OnceForm, save, template: str, condition: Condition):
    """Once; what changed meanwhile is a page that says so, with all that was typed."""
    gone = False
    try:
        done = save_once(form, save)
    except Stale:
        done, gone = None, True
    shown = {"client": session.get_one(Client, condition.client_id), "condition": condition, "words": words}
    if gone:
        session.refresh(condition)
        return unprocessable(template, form=form, gone=True, **shown)[0], 409
    return done or form_page(template, form, gone=False, **shown)


def _read(condition_id: int) -> Condition:
    """A condition of a woman whom the reader may see, and a line in the log (R30)."""
    condition = conditions.condition_for(actor(), condition_id)
    with unit_of_work():
        subject = f"condition:{condition_id}"
        audit.record(actor(), "client_read", now=clock.now(), client_id=condition.client_id, subject=subject)
    return condition


def _as_shown(condition: Condition) -> str:
    return f"{condition.sessions_needed} {condition.due_on.isoformat()}"


def _was(shown: str | None) -> tuple[int, date]:
    sessions, _, day = (shown or "").partition(" ")
    try:
        return int(sessions), date.fromisoformat(day)
    except ValueError:
        raise Stale("condition") from None


def _when(one: Appointment) -> str:
    return f"{clock.london(one.starts_at):%a %-d %b, %H:%M}, not come to"


def _address(condition: Condition) -> str:
    return url_for("diversion_conditions.of_client", client_id=condition.client_id)
