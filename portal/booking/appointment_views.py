"""Staff and one appointment: everything that the desk can do with it, its practical help, the neutral card."""

from flask import flash, redirect, render_template

from portal.booking import cancelling, creche, desk_reading, practical
from portal.booking.diary_views import not_done, words
from portal.booking.help_form import HelpForm, proposed
from portal.booking.models import AppointmentState
from portal.booking.preparing import Needed
from portal.booking.queries import Booked, follower
from portal.booking.rules import FixedTime, NotOffered
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor

staff = AudienceBlueprint("booking_appointment", __name__, Audience.STAFF)


@staff.get("/staff/appointments/<int:appointment_id>")
@needs(Permission.SEE_BOARD)
def appointment(appointment_id: int):
    """One appointment and everything that the desk can do with it."""
    booked = desk_reading.read_booked(appointment_id)
    row, wanted = practical.help_of(appointment_id), _needed(booked)
    to_find = practical.to_prepare([booked])[appointment_id].places_to_find
    facts = {"without_place": bool(to_find)} | ({} if row else proposed(wanted))
    return _appointment_page(booked, HelpForm(formdata=None, obj=row, data=facts))


@staff.post("/staff/appointments/<int:appointment_id>/help")
@needs(Permission.BOOK_FOR_CLIENT)
def set_help(appointment_id: int):
    """What this appointment needs: childcare, fare, interpreter, companion."""
    booked, form = desk_reading.read_booked(appointment_id), HelpForm()
    if form.validate():
        try:
            with unit_of_work():
                practical.set_help(actor(), appointment_id, now=clock.now(), **form.said)
            flash("Saved.")
            return redirect(f"/staff/appointments/{appointment_id}", 303)
        except Invalid as refusal:
            form.refuse(refusal)
        except Stale:
            return not_done("Nothing was saved", "It was moved or cancelled meanwhile.", 409)
    return _appointment_page(booked, form), 422


@staff.post("/staff/appointments/<int:appointment_id>/undo")
@needs(Permission.BOOK_FOR_CLIENT)
def undo(appointment_id: int):
    """Take a cancelling back while nobody was told."""
    desk_reading.read_booked(appointment_id)
    try:
        with unit_of_work():
            cancelling.undo(actor(), appointment_id, now=clock.now())
    except FixedTime:
        return not_done("Undo it on the group's page", "Whether she still has her place stands there.", 409)
    except Stale:
        return not_done("This cannot be undone", "She was told by now. Restore it while its time is free.", 409)
    flash("It stands again. Nobody was told anything.")
    return redirect(f"/staff/appointments/{appointment_id}", 303)


@staff.post("/staff/appointments/<int:appointment_id>/restore")
@needs(Permission.BOOK_FOR_CLIENT)
def restore(appointment_id: int):
    """Book again what was cancelled, at its own time; she is told."""
    desk_reading.read_booked(appointment_id)
    try:
        with unit_of_work():
            appointment = cancelling.restore(actor(), appointment_id, now=clock.now())
    except (NotOffered, FixedTime):
        return not_done("This cannot be restored", "Its time is taken or closed by now. Book another time.", 409)
    except Stale:
        return not_done("This cannot be restored", "It stands again already, or can still be undone.", 409)
    flash("Booked again. She is told.")
    return redirect(f"/staff/appointments/{appointment.id}", 303)


@staff.get("/staff/appointments/<int:appointment_id>/card")
@needs(Permission.SEE_BOARD)
def card(appointment_id: int):
    """A card to print for her bag: the day and the time, no name, no place."""
    return render_template("booking/staff/card.html", booked=desk_reading.read_booked(appointment_id))


def _appointment_page(booked: Booked, form: HelpForm) -> str:
    on = clock.london_today(booked.appointment.starts_at)
    return render_template(
        "booking/staff/appointment.html",
        booked=booked,
        on=on,
        can_undo=cancelling.can_undo(booked.appointment, clock.now()),
        can_restore=_can_restore(booked),
        can_mark=on <= clock.london_today(clock.now()),
        form=form,
        needs=practical.to_prepare([booked])[booked.appointment.id].words,
        female=_needed(booked).female,
        sittings=creche.free_on(booked.appointment.centre_id, on),
        **words(),
    )


def _needed(booked: Booked) -> Needed:
    return practical.needed_by(booked.client, booked.kind, booked.worker)


def _can_restore(booked: Booked) -> bool:
    one = booked.appointment
    is_settled = one.state == AppointmentState.CANCELLED and one.settles_at is None
    return is_settled and one.session_id is None and one.starts_at > clock.now() and follower(one.id) is None
