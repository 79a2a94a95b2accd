"""Booking, changing, cancelling, marking: one place of truth, held by locks and by the database's own rule."""

from datetime import datetime

from portal.audit import service as audit
from portal.booking import cancelling, notices, offers, practical, queries, taking
from portal.booking.availability import FreeTime
from portal.booking.cancelling import cancel as cancel
from portal.booking.models import Appointment, AppointmentState, Attendance
from portal.booking.rules import (
    MARKS,
    AlreadyBooked,
    MarkedAlready,
    SlotTaken,
    TooEarlyToMark,
    TooLateToChange,
    mark_now,
    may_mark,
    too_late,
)
from portal.centres.models import Kind
from portal.clients.models import Client, ClientState
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
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
    known: bool = False,
) -> Appointment:
    """Book a time for a woman; the same `request_key` again gives the same appointment.

    She is told of it, unless she stands here (`walk_in`) or it is `known` to her, from the paper diary.

    Raises NotFound, and of `rules`: PastTime, TooSoon, ClosedThatDay, SlotTaken, AlreadyBooked.
    """
    client = _client_to_book_for(actor, client_id)
    earlier = once.claim(actor, request_key, now=now)
    if earlier:
        return queries.appointment_for(actor, int(earlier))
    on = clock.london_today(starts_at)
    at = offers.place(client, kind_id, centre_id, worker_id=worker_id, by_staff=actor.is_staff, on=on)
    taking.lock(at)
    if actor.is_client:
        _refuse_second(client_id, at.kind, now)
    free = _free_at(at, starts_at, now)
    appointment = taking.add(actor, at, free, now, walk_in=walk_in)
    once.made(actor, request_key, str(appointment.id))
    audit.record(actor, "appointment_booked", now=now, client_id=client_id, subject=notices.subject_of(appointment))
    if not (walk_in or known):
        notices.tell(appointment, "appointment_booked", now)
    notices.mind_silence(appointment, client, now)
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
    client = _client_to_book_for(actor, client_id)
    if not reason.strip():
        raise Invalid("reason", "missing")
    earlier = once.claim(actor, request_key, now=now)
    if earlier:
        return queries.appointment_for(actor, int(earlier))
    on = clock.london_today(starts_at)
    at = offers.place(client, kind_id, centre_id, worker_id=worker_id, by_staff=True, on=on)
    taking.lock(at)
    why: str | None = None
    try:
        free = _free_at(at, starts_at, now)
    except SlotTaken:
        free, why = offers.overbooked_at(at, starts_at, now=now), reason.strip()
    appointment = taking.add(actor, at, free, now, overbooked_reason=why)
    once.made(actor, request_key, str(appointment.id))
    action = "appointment_overbooked" if why else "appointment_booked"
    audit.record(actor, action, now=now, client_id=client_id, subject=notices.subject_of(appointment))
    notices.tell(appointment, "appointment_booked", now)
    notices.mind_silence(appointment, client, now)
    return appointment


def change(
    actor: Actor,
    appointment_id: int,
    *,
    starts_at: datetime,
    worker_id: int | None = None,
    request_key: str,
    now: datetime,
) -> Appointment:
    """Move an appointment to another time: a new row takes the place of the old one, in one transaction.

    With its own worker, unless staff name another. Raises NotFound, Stale when it stands no more, TooLateToChange once
    it began or the cut-off of its kind is over, and the refusals of `book`.
    """
    old = taking.appointment_to_change(actor, appointment_id)
    earlier = once.claim(actor, request_key, now=now)
    if earlier:
        return queries.appointment_for(actor, int(earlier))
    at, old = _place_of(actor, old, worker_id)
    if not old.stands:
        raise Stale("appointment")
    until = at.kind.change_until_minutes if actor.is_client else 0
    if too_late(old.starts_at, until, now) or old.arrived_at or old.attendance:
        raise TooLateToChange("appointment")
    free = _free_at(at, starts_at, now, moving=old.id)
    taking.end(old, AppointmentState.SUPERSEDED, actor, now)
    taking.free(old)
    appointment = taking.add(actor, at, free, now, instead_of=old)
    practical.carry_over(old, appointment)
    once.made(actor, request_key, str(appointment.id))
    audit.record(
        actor, "appointment_changed", now=now, client_id=old.client_id, subject=notices.subject_of(appointment)
    )
    close_for_subject(notices.subject_of(old), done="changed_booking", actor=actor, now=now)
    outbox.skip_for_subject(notices.subject_of(old), "moved", now)
    notices.tell(appointment, "appointment_changed", now)
    notices.mind_silence(appointment, session.get_one(Client, old.client_id), now)
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


def _client_to_book_for(actor: Actor, client_id: int) -> Client:
    if actor.is_staff:
        require(actor, Permission.BOOK_FOR_CLIENT)
    client = visible_client(actor, client_id)
    if client.state != ClientState.OPEN:
        raise NotFound("client")
    return client


def _place_of(actor: Actor, old: Appointment, worker_id: int | None) -> tuple[offers.Place, Appointment]:
    """Where an appointment could move to, locked, and the appointment read again under the lock."""
    client = session.get_one(Client, old.client_id)
    if worker_id is None or not actor.is_staff:
        at = offers.place_of(old, client, by_staff=actor.is_staff)
    else:
        at = offers.place(client, old.kind_id, old.centre_id, worker_id=worker_id, by_staff=True)
    taking.lock(at)
    return at, session.scalars(lock_rows(taking.fresh(old.id))).one()


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
