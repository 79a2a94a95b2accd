"""Her appointments: seeing, booking, changing, cancelling."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.booking import cancelling, offers, openings, queries, service, steps
from portal.booking.forms import BookForm, CancelForm, ChangeForm, read_day, read_start, read_suits
from portal.booking.queries import Booked
from portal.booking.rules import (
    USEFULLY_SOONER,
    AlreadyBooked,
    FixedTime,
    NotOffered,
    TooLateToChange,
    too_late,
)
from portal.booking.steps import Choice
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.forms import unprocessable
from portal.web.guards import actor
from portal.web.once import new_key

own = AudienceBlueprint("booking_own", __name__, Audience.CLIENT)


@own.get("/appointments")
def appointments() -> str:
    """Her coming and past appointments."""
    now, me = clock.now(), actor().id
    coming, past = queries.upcoming(me, now), queries.past(me, now)
    return render_template("booking/appointments.html", coming=coming, past=past, **steps.words())


@own.route("/appointments/new", methods=["GET", "POST"])
def new():
    """Choose a kind, a centre, a day and a time, then check; a step with one possible answer is skipped.

    The chosen time comes by POST, so that its form's token stands in no address; nothing is held or changed by it.
    """
    choice = steps.settled(Choice.read(request.values))
    if isinstance(choice, str):
        return choice
    at = steps.place(choice)
    if request.method == "GET" and not request.args.get("starts_at"):
        return steps.ask_time(choice, at)
    try:
        starts_at = read_start(request.values.get("starts_at", ""))
    except Invalid as refusal:
        form = BookForm()
        form.refuse(refusal)
        return steps.ask_time(choice, at, form), 422
    standing = queries.open_of_kind(actor().id, at.kind.id, clock.now()) if at.kind.one_at_a_time else None
    if standing is not None:
        return steps.has_one(standing, starts_at)
    try:
        free = offers.free_at(at, starts_at, now=clock.now())
    except NotOffered as refusal:
        return steps.not_offered(refusal, choice, starts_at)
    return render_template(
        "booking/check.html",
        choice=choice,
        kind=at.kind,
        centre=openings.centre(at.centre_id),
        worker=openings.worker_of(free.worker_id),
        starts_at=starts_at,
        request_key=request.form.get("request_key") or new_key(),
        **steps.words(),
    )


@own.post("/appointments")
def book():
    """Book the time that she checked."""
    form, choice = BookForm(), Choice.read(request.form)
    try:
        starts_at = read_start(form.starts_at.data)
        with unit_of_work():
            appointment = service.book(
                actor(),
                client_id=actor().id,
                kind_id=choice.kind_id or 0,
                centre_id=choice.centre_id or 0,
                worker_id=choice.worker_id,
                starts_at=starts_at,
                request_key=form.request_key.data or "",
                now=clock.now(),
            )
    except Invalid as refusal:
        form.refuse(refusal)
        return steps.ask_time(choice, steps.place(choice), form), 422
    except NotOffered as refusal:
        return steps.not_offered(refusal, choice, starts_at)
    except AlreadyBooked as refusal:
        return steps.has_one(refusal.appointment_id, starts_at), 409
    return _to(appointment.id)


@own.get("/appointments/<int:appointment_id>")
def appointment(appointment_id: int) -> str:
    """One appointment: when, where, with whom, what to bring."""
    booked = queries.booked(actor(), appointment_id)
    follower = None if booked.appointment.stands else queries.follower(appointment_id)
    return render_template(
        "booking/appointment.html",
        booked=booked,
        follower=follower,
        open=_is_open(booked),
        calendar=current_user.record.calendar_online,
        can_change=_can_change(booked),
        can_cancel=_is_open(booked, booked.kind.cancel_until_minutes),
        can_wait=booked.appointment.starts_at - clock.now() > USEFULLY_SOONER and not booked.kind.group,
        can_undo=cancelling.can_undo(booked.appointment, clock.now()),
        **steps.words(),
    )


@own.get("/appointments/<int:appointment_id>/change")
def change(appointment_id: int):
    """The times to which an appointment can move; a group session moves for nobody alone."""
    choice = _moving(appointment_id)
    if choice.moving and choice.moving.appointment.session_id is not None:
        return _fixed_time(choice.moving)
    if choice.moving and not _is_open(choice.moving, choice.moving.kind.change_until_minutes):
        return _cannot_change(choice.moving)
    return steps.ask_time(choice, steps.place(choice))


@own.post("/appointments/<int:appointment_id>/change")
def move(appointment_id: int):
    """Move an appointment to another time."""
    form, choice = ChangeForm(), _moving(appointment_id)
    try:
        starts_at = read_start(form.starts_at.data)
        with unit_of_work():
            changed = service.change(
                actor(),
                appointment_id,
                starts_at=starts_at,
                request_key=form.request_key.data or "",
                now=clock.now(),
            )
    except Invalid as refusal:
        form.refuse(refusal)
        return steps.ask_time(choice, steps.place(choice), form), 422
    except NotOffered as refusal:
        return steps.not_offered(refusal, choice, starts_at)
    except FixedTime:
        return _fixed_time(queries.booked(actor(), appointment_id))
    except (TooLateToChange, Stale):
        return _cannot_change(queries.booked(actor(), appointment_id))
    return _to(changed.id)


@own.route("/appointments/<int:appointment_id>/cancel", methods=["GET", "POST"])
def cancel(appointment_id: int):
    """Cancel an appointment; a reason is welcome, never needed."""
    booked, form = queries.booked(actor(), appointment_id), CancelForm()
    if not form.is_submitted():
        if not _is_open(booked, booked.kind.cancel_until_minutes):
            return _cannot_change(booked)
        return render_template("booking/cancel.html", booked=booked, form=form, **steps.words())
    if not form.validate():
        return unprocessable("booking/cancel.html", booked=booked, form=form, **steps.words())
    try:
        with unit_of_work():
            service.cancel(actor(), appointment_id, reason=form.reason.data or "", now=clock.now())
    except (TooLateToChange, Stale):
        return _cannot_change(queries.booked(actor(), appointment_id))
    return _to(appointment_id)


@own.post("/appointments/<int:appointment_id>/undo")
def undo(appointment_id: int):
    """Take a cancelling back, as long as nobody was told."""
    try:
        with unit_of_work():
            cancelling.undo(actor(), appointment_id, now=clock.now())
    except FixedTime:
        return redirect(f"/groups/times/{appointment_id}/undo", 307)
    except Stale:
        return _cannot_change(queries.booked(actor(), appointment_id))
    except AlreadyBooked as refusal:
        starts_at = queries.booked(actor(), appointment_id).appointment.starts_at
        return steps.has_one(refusal.appointment_id, starts_at), 409
    return _to(appointment_id)


def _moving(appointment_id: int) -> Choice:
    booked = queries.booked(actor(), appointment_id)
    return Choice(
        day=read_day(request.args.get("day")),
        later="later" in request.args,
        suits=read_suits(request.args.get("suits")),
        moving=booked,
    )


def _is_open(booked: Booked, until_minutes: int = 0) -> bool:
    return booked.appointment.stands and not too_late(booked.appointment.starts_at, until_minutes, clock.now())


def _can_change(booked: Booked) -> bool:
    return booked.appointment.session_id is None and _is_open(booked, booked.kind.change_until_minutes)


def _fixed_time(booked: Booked):
    is_open = _is_open(booked, booked.kind.cancel_until_minutes)
    return render_template("booking/fixed_time.html", booked=booked, open=is_open, **steps.words()), 409


def _cannot_change(booked: Booked):
    page = render_template("booking/cannot_change.html", booked=booked, too_late=_is_open(booked), **steps.words())
    return page, 409


def _to(appointment_id: int) -> Response:
    return redirect(url_for("booking_own.appointment", appointment_id=appointment_id), 303)
