"""Booking, changing, cancelling, marking: one place of truth, held by locks and by the database's own rule."""

from datetime import datetime

from portal.audit import service as audit
from portal.booking import by_itself, cancelling, notices, offers, queries, taking
from portal.booking.availability import FreeTime
from portal.booking.cancelling import cancel as cancel
from portal.booking.models import Appointment, AppointmentState, Attendance
from portal.booking.rules import (
    ANOTHER_CENTRE,
    MARKS,
    AlreadyBooked,
    FixedTime,
    MarkedAlready,
    SlotTaken,
    TooEarlyToMark,
    TooLateToChange,
    mark_now,
    may_mark,
    too_late,
)
from portal.centres.models import Kind
from portal.clients.models import ClientState
from portal.clients.queries import Whom, whom_it_is
from portal.core import clock
from portal.core.access import Actor, Permission, Role, require
from portal.core.database import lock_rows, new_seal_id, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.messaging import outbox
from portal.web import once
from portal.worklist.service import close_for_subject


def book(
    actor: Actor,
    *,
    client_id: int,
    kind_id: int,
    centre_id: int,
    starts_at: datetime,
    worker_id: int | None = None,
    request_key: str,
    now: datetime,
    walk_in: bool = False,
    stands_here: bool = False,
    offered: bool = False,
    known: bool = False,
) -> Appointment:
    """Book a time for a woman; the same `request_key` again gives the same appointment.

    She is told of it, unless she stands here (`walk_in`) or it is `known` to her, from the paper diary. `stands_here`:
    reception found her at its desk by her code name, so that it can book her there whatever her centre. `offered`: a
    waiting list held this time for her, so that notice was looked at then.
    Raises NotFound, and of `rules`: PastTime, TooSoon, ClosedThatDay, SlotTaken, AlreadyBooked.
    """
    at_desk = actor.role is Role.RECEPTIONIST
    whom = (
        _whom_at_desk(actor, client_id, centre_id, stands_here, now)
        if at_desk
        else taking.whom_to_book_for(actor, client_id)
    )
    seal_id = new_seal_id()
    earlier = once.claim(actor, request_key, now=now, makes=seal_id)
    if earlier is not None:
        return queries.appointment_made(actor, earlier)
    on = clock.london_today(starts_at)
    by_staff = actor.is_staff or offered
    at = offers.place(whom.client, kind_id, centre_id, worker_id=worker_id, by_staff=by_staff, on=on)
    whom = taking.lock(at, whom)
    if actor.is_client:
        _refuse_second(client_id, at.kind, now)
    free = _free_at(at, starts_at, now)
    appointment = taking.add(actor, at, free, now, walk_in=walk_in, seal_id=seal_id)
    by_itself.keep_usual(actor, at, whom.client, appointment, now)
    elsewhere = at_desk and whom.client.centre_id not in actor.centres
    audit.record(
        actor,
        "appointment_booked",
        now=now,
        client_id=client_id,
        subject=notices.subject_of(appointment),
        reason=ANOTHER_CENTRE if elsewhere else "",
    )
    if elsewhere:
        notices.tell_her_worker(appointment, whom.client, now)
    if not (walk_in or known):
        notices.tell(appointment, "appointment_booked", now, whom)
    notices.mind_silence(appointment, whom, now)
    return appointment


def overbook(
    actor: Actor,
    *,
    client_id: int,
    kind_id: int,
    centre_id: int,
    worker_id: int,
    starts_at: datetime,
    reason: str,
    request_key: str,
    now: datetime,
) -> Appointment:
    """Book a woman with a worker who is taken then, on purpose and with a reason; a time that is free is just booked.

    Raises NotFound, Invalid("reason", "missing"), PastTime, ClosedThatDay, and SlotTaken when the worker does not work
    then or she herself cannot come (her own diary, R43).
    """
    require(actor, Permission.BOOK_FOR_CLIENT)
    whom = taking.whom_to_book_for(actor, client_id)
    if not reason.strip():
        raise Invalid("reason", "missing")
    seal_id = new_seal_id()
    earlier = once.claim(actor, request_key, now=now, makes=seal_id)
    if earlier is not None:
        return queries.appointment_made(actor, earlier)
    on = clock.london_today(starts_at)
    at = offers.place(whom.client, kind_id, centre_id, worker_id=worker_id, by_staff=True, on=on)
    whom = taking.lock(at, whom)
    why: str | None = None
    try:
        free = _free_at(at, starts_at, now)
    except SlotTaken:
        free, why = offers.overbooked_at(at, starts_at, now=now), reason.strip()
    appointment = taking.add(actor, at, free, now, overbooked_reason=why, seal_id=seal_id)
    by_itself.keep_usual(actor, at, whom.client, appointment, now)
    action = "appointment_overbooked" if why else "appointment_booked"
    audit.record(actor, action, now=now, client_id=client_id, subject=notices.subject_of(appointment))
    notices.tell(appointment, "appointment_booked", now, whom)
    notices.mind_silence(appointment, whom, now)
    return appointment


def change(
    actor: Actor,
    appointment_id: int,
    *,
    starts_at: datetime,
    worker_id: int | None = None,
    request_key: str,
    now: datetime,
    offered: bool = False,
) -> Appointment:
    """Move an appointment to another time: a new row takes the place of the old one, in one transaction.

    With its own worker, unless staff name another. `offered`: a waiting list held this time for her. Raises NotFound,
    Stale when it stands no more, TooLateToChange once it began or the cut-off of its kind is over, FixedTime for a
    group session, and the refusals of `book`.
    """
    old = taking.appointment_to_change(actor, appointment_id)
    if old.session_id is not None:
        raise FixedTime("appointment")
    seal_id = new_seal_id()
    earlier = once.claim(actor, request_key, now=now, makes=seal_id)
    if earlier is not None:
        return queries.appointment_made(actor, earlier)
    at, whom, old = _place_of(actor, old, worker_id, offered)
    if not old.stands:
        raise Stale("appointment")
    until = at.kind.change_until_minutes if actor.is_client and not offered else 0
    if too_late(old.starts_at, until, now) or old.arrived_at or old.attendance:
        raise TooLateToChange("appointment")
    free = _free_at(at, starts_at, now, moving=old.id)
    taking.end(old, AppointmentState.SUPERSEDED, actor, now)
    taking.free(old)
    appointment = taking.add(actor, at, free, now, instead_of=old, seal_id=seal_id)
    by_itself.carry_over(actor, at, whom.client, old, appointment, now)
    audit.record(
        actor, "appointment_changed", now=now, client_id=old.client_id, subject=notices.subject_of(appointment)
    )
    close_for_subject(notices.subject_of(old), done="changed_booking", actor=actor, now=now)
    outbox.skip_for_subject(notices.subject_of(old), "moved", now)
    notices.tell(appointment, "appointment_changed", now, whom)
    notices.mind_silence(appointment, whom, now)
    return appointment


def mark(actor: Actor, appointment_id: int, *, attendance: str, now: datetime) -> Appointment:
    """Mark an appointment `arrived`, `yes`, `late` or `no`, or `undo` the mark; the same mark again changes nothing.

    Raises NotFound, Invalid("attendance", "unknown"), Stale when it stands no more, TooEarlyToMark before its day
    (`no`: before its start), MarkedAlready when somebody marked it otherwise.
    """
    if attendance not in MARKS:
        raise Invalid("attendance", "unknown")
    require(actor, Permission.MARK_ATTENDANCE)
    found = queries.appointment_for(actor, appointment_id)
    appointment = session.scalars(lock_rows(taking.fresh(found.id))).one()
    if not appointment.stands:
        raise Stale("appointment")
    standing = mark_now(appointment.attendance, appointment.arrived_at is not None)
    if attendance == standing or (attendance == "undo" and standing == "expected"):
        return appointment
    if clock.london_today(now) < clock.london_today(appointment.starts_at):
        raise TooEarlyToMark("mark")
    if attendance == Attendance.NO and now < appointment.starts_at:
        raise TooEarlyToMark("mark")
    if not may_mark(standing, attendance):
        raise MarkedAlready(standing)
    _put_mark(appointment, attendance, actor, now)
    audit.record(
        actor,
        "attendance_marked",
        now=now,
        client_id=appointment.client_id,
        subject=notices.subject_of(appointment),
        reason=attendance,
    )
    return appointment


def answer(appointment: Appointment, said: str, *, now: datetime) -> None:
    """Note what her answer to a text said: a state, never her words; nothing is booked, moved or cancelled (R23)."""
    appointment.answer, appointment.answered_at = said, now
    session.flush()


def _whom_at_desk(actor: Actor, client_id: int, centre_id: int, stands_here: bool, now: datetime) -> Whom:
    # Late: her own booking needs nothing of the desk.
    from portal.booking import desk_guests

    require(actor, Permission.BOOK_FOR_CLIENT)
    client = desk_guests.client_to_book_for(actor, client_id, centre_id, stands_here=stands_here, now=now)
    if client.state != ClientState.OPEN:
        raise NotFound("client")
    return whom_it_is(client_id)


def _place_of(
    actor: Actor, old: Appointment, worker_id: int | None, offered: bool
) -> tuple[offers.Place, Whom, Appointment]:
    """Where an appointment could move to, locked, and she and the appointment as they are under the lock."""
    whom = whom_it_is(old.client_id)
    if worker_id is None or not actor.is_staff:
        at = offers.place_of(old, whom.client, by_staff=actor.is_staff or offered)
    else:
        at = offers.place(whom.client, old.kind_id, old.centre_id, worker_id=worker_id, by_staff=True)
    whom = taking.lock(at, whom)
    return at, whom, session.scalars(lock_rows(taking.fresh(old.id))).one()


def _free_at(at: offers.Place, starts_at: datetime, now: datetime, moving: int | None = None) -> FreeTime:
    """The free time at a start; what is only held by a cancelling whose time is over is given back first."""
    try:
        return offers.free_at(at, starts_at, now=now, moving=moving)
    except SlotTaken:
        if not cancelling.settle_due(now):
            raise
        return offers.free_at(at, starts_at, now=now, moving=moving)


def _refuse_second(client_id: int, kind: Kind, now: datetime) -> None:
    standing = queries.open_of_kind(client_id, kind.id, now) if kind.one_at_a_time else None
    if standing is not None:
        raise AlreadyBooked(standing)


def _put_mark(appointment: Appointment, attendance: str, actor: Actor, now: datetime) -> None:
    appointment.marked_by, appointment.marked_at = actor.id, now
    if attendance == "undo":
        appointment.arrived_at, appointment.attendance = None, Attendance.UNKNOWN
        appointment.marked_by = appointment.marked_at = None
    elif attendance == "arrived":
        appointment.arrived_at = now
        notices.prompt_recheck(appointment, now)
    else:
        appointment.attendance = attendance
    session.flush()
