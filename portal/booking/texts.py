"""What every text about an appointment says, and whether it is still wanted when it leaves."""

from datetime import datetime
from functools import partial

from portal.booking import extra_reminders
from portal.booking.models import Appointment, AppointmentState
from portal.core.database import get_or_none, session
from portal.messaging import registry
from portal.staff.models import Staff

REMINDER = "appointment_reminder"
_ANSWERABLE = ("appointment_booked", "appointment_changed", REMINDER)
_OUR_ANSWERS = {"change_asked": "change", "call_asked": "call"}


def register_texts() -> None:
    """Tell messaging about the texts of this room."""
    for kind in _ANSWERABLE:
        registry.register(kind, still_wanted=_is_coming, facts=_facts, offers_replies=True)
    for which, extra in extra_reminders.EXTRA.items():
        still_wanted = partial(extra_reminders.still_wanted, which)
        registry.register(extra.kind, still_wanted=still_wanted, facts=_facts, offers_replies=True)
    for kind in ("appointment_cancelled", "appointments_cancelled"):
        registry.register(kind, still_wanted=_is_cancelled, facts=_facts)
    for kind, answer in _OUR_ANSWERS.items():
        registry.register(kind, still_wanted=_has_answered(answer), facts=_facts, answers_her=True)


def _facts(appointment_id: int) -> dict[str, object]:
    appointment = get_or_none(Appointment, appointment_id)
    if appointment is None:
        return {}
    worker = session.get(Staff, appointment.worker_id)
    return {"starts_at": appointment.starts_at, "worker": worker.first_name if worker else ""}


def _is_coming(appointment_id: int, now: datetime) -> bool:
    appointment = get_or_none(Appointment, appointment_id)
    return appointment is not None and appointment.stands and now < appointment.starts_at


def _is_cancelled(appointment_id: int, now: datetime) -> bool:
    appointment = get_or_none(Appointment, appointment_id)
    return appointment is not None and appointment.state == AppointmentState.CANCELLED and now < appointment.starts_at


def _has_answered(answer: str):
    def still_wanted(appointment_id: int, now: datetime) -> bool:
        appointment = get_or_none(Appointment, appointment_id)
        return appointment is not None and appointment.stands and appointment.answer == answer

    return still_wanted
