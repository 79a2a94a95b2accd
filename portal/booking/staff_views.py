"""Staff book for a woman, move her appointment, or cancel it."""

from flask import flash, redirect, render_template, request

from portal.booking import creche, desk_reading, offers, openings, practical, service, walk_ins
from portal.booking.desk_guests import is_guest
from portal.booking.diary_views import came_from, not_done, say_moved, say_to_solve, words
from portal.booking.forms import (
    BookForHerForm,
    MoveForHerForm,
    StaffCancelForm,
    read_day,
    read_id,
    read_start,
)
from portal.booking.help_form import HelpForm, proposed
from portal.booking.matching import spoken
from portal.booking.practical import BY_WORKER
from portal.booking.queries import Booked
from portal.booking.rules import (
    ClosedThatDay,
    NotOffered,
    PastTime,
    TooLateToChange,
)
from portal.centres.models import Kind
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Permission, Role
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, Stale
from portal.core.locales import LANGUAGES
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor
from portal.web.once import new_key

staff = AudienceBlueprint("booking_staff", __name__, Audience.STAFF)

LISTED_MINUTES = 30
WALK_IN_TIMES = 6


@staff.get("/staff/clients/<int:client_id>/appointments/new")
@needs(Permission.BOOK_FOR_CLIENT)
def new(client_id: int):
    """Choose kind, centre, worker and day for a woman, then a time."""
    return _booking_page(desk_reading.read_client(client_id))


@staff.post("/staff/clients/<int:client_id>/appointments")
@needs(Permission.BOOK_FOR_CLIENT)
def book(client_id: int):
    """Book for a woman."""
    form = BookForHerForm()
    client = desk_reading.client_known(client_id)
    wanted = _help_form(client) if "childcare_places" in request.form else None
    if wanted is not None and not wanted.validate():
        return _booking_page(client, form, wanted), 422
    try:
        with unit_of_work():
            appointment = service.book(
                actor(),
                client_id=client.id,
                kind_id=read_id(form.kind.data) or 0,
                centre_id=read_id(form.centre.data) or 0,
                worker_id=read_id(form.worker.data),
                starts_at=read_start(form.starts_at.data),
                request_key=form.request_key.data or "",
                now=clock.now(),
                walk_in="walk_in" in request.form,
                stands_here=desk_reading.stands_here(client.id),
            )
            if wanted is not None:
                practical.set_help(actor(), appointment.id, now=clock.now(), **wanted.said)
            if "walk_in" in request.form:
                walk_ins.has_a_time(client.id, clock.now())
    except Invalid as refusal:
        (wanted if wanted is not None and refusal.field in wanted else form).refuse(refusal)
        return _booking_page(client, form, wanted), 422
    except NotOffered as refusal:
        form.refuse(Invalid("starts_at", _reason(refusal)))
        return _booking_page(client, form, wanted), 409
    flash("Booked.")
    say_to_solve(appointment.id)
    return redirect(came_from(), 303)


@staff.route("/staff/appointments/<int:appointment_id>/cancel", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def cancel(appointment_id: int):
    """Cancel with a reason."""
    booked, form = desk_reading.read_booked(appointment_id), StaffCancelForm()
    if not form.is_submitted():
        return render_template("booking/staff/cancel.html", booked=booked, form=form, **words())
    if form.validate():
        try:
            with unit_of_work():
                service.cancel(actor(), appointment_id, reason=form.reason.data or "", now=clock.now())
            flash("Cancelled. It can be undone for 90 seconds; then she is told, and its time is free.")
            return redirect(f"/staff/appointments/{appointment_id}", 303)
        except Invalid as refusal:
            form.refuse(refusal)
        except (TooLateToChange, Stale):
            return not_done("This cannot be cancelled", "It was marked, moved or cancelled before.", 409)
    return unprocessable("booking/staff/cancel.html", booked=booked, form=form, **words())


@staff.route("/staff/appointments/<int:appointment_id>/change", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def change(appointment_id: int):
    """Move an appointment to another time; a group session moves for all or not at all."""
    booked, form = desk_reading.read_booked(appointment_id), MoveForHerForm()
    if booked.appointment.session_id is not None:
        return not_done("A group has one time for all", "Move the session on its register, or cancel it for her.", 409)
    if not form.is_submitted():
        return _change_page(booked, form)
    try:
        with unit_of_work():
            moved = service.change(
                actor(),
                appointment_id,
                starts_at=read_start(form.starts_at.data),
                request_key=form.request_key.data or "",
                now=clock.now(),
            )
    except Invalid as refusal:
        form.refuse(refusal)
        return _change_page(booked, form), 422
    except NotOffered as refusal:
        form.refuse(Invalid("starts_at", _reason(refusal)))
        return _change_page(booked, form), 409
    except (TooLateToChange, Stale):
        return not_done("This cannot be moved", "It has begun, or was moved or cancelled before.", 409)
    say_moved(moved.id)
    return redirect(came_from(), 303)


def _booking_page(client: Client, form: BookForHerForm | None = None, wanted: HelpForm | None = None) -> str:
    form = form or BookForHerForm(request.args)
    kind_id, centre_id = read_id(form.kind.data), read_id(form.centre.data)
    walk_in = "walk_in" in request.values
    on = read_day(form.day.data) or clock.london_today(clock.now())
    centres = openings.centres_of(actor()) if actor().role is Role.RECEPTIONIST else openings.centres_open()
    form.kind.choices = [(str(kind.id), kind.name_in("en")) for kind in openings.kinds_offered(by_staff=True)]
    form.centre.choices = [(str(centre.id), centre.name) for centre in centres]
    times, at = [], None
    if kind_id and centre_id:
        at = offers.place(client, kind_id, centre_id, worker_id=read_id(form.worker.data), by_staff=True)
        at = at if walk_in else at.with_starts_every(LISTED_MINUTES)
        times = offers.free_times(at, now=clock.now(), from_on=on, days=1)[: WALK_IN_TIMES if walk_in else None]
    language = spoken(client.language, client.preparation)
    names, speakers = openings.workers_by_id(), openings.who_speaks(language)
    speaks = f"speaks {LANGUAGES[language].latin}" if language else ""
    form.worker.choices = [
        ("", "Anyone"),
        *((str(number), f"{name}, {speaks}" if number in speakers else name) for number, name in names.items()),
    ]
    form.day.data = on.isoformat()
    return render_template(
        "booking/staff/new.html",
        client=client,
        form=form,
        wanted=wanted if wanted is not None else _help_form(client, at.kind if at else None),
        female=practical.needed_by(client).female,
        guest=is_guest(actor(), client),
        times=times,
        at=at,
        sittings=creche.free_on(at.centre_id, on) if at else [],
        speaks=speaks,
        on=on,
        names=names,
        walk_in=walk_in,
        request_key=new_key(),
    )


def _help_form(client: Client, kind: Kind | None = None) -> HelpForm:
    """The form of practical help before anybody knows who will see her: as it was sent, or as her record proposes."""
    language = spoken(client.language, client.preparation)
    needed = practical.needed_by(client, kind)
    known = BY_WORKER if language and needed.interpreter is not None else "needed"
    form = HelpForm(data=proposed(needed, interpreter=known))
    form.ask_before_worker(language)
    return form


def _change_page(booked: Booked, form: MoveForHerForm) -> str:
    on = read_day(request.args.get("day")) or clock.london_today(booked.appointment.starts_at)
    language = spoken(booked.client.language, booked.client.preparation)
    at = offers.place_of(booked.appointment, booked.client, by_staff=True).with_starts_every(LISTED_MINUTES)
    times = offers.free_times(at, now=clock.now(), from_on=on, days=1, moving=booked.appointment.id)
    return render_template(
        "booking/staff/change.html",
        booked=booked,
        form=form,
        times=times,
        at=at,
        sittings=creche.free_on(at.centre_id, on),
        speaks=f"speaks {LANGUAGES[language].latin}" if language else "",
        on=on,
        names=openings.workers_by_id(),
        request_key=new_key(),
        **words(),
    )


def _reason(refusal: NotOffered) -> str:
    if isinstance(refusal, PastTime):
        return "past"
    return "closed" if isinstance(refusal, ClosedThatDay) else "taken"
