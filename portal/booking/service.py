"""Booking, changing, cancelling, marking: one place of truth, held by locks and by the database's own rule."""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from portal.audit import service as audit
from portal.booking import notices, offers, queries
from portal.booking.availability import FreeTime, Interval
from portal.booking.models import Appointment, AppointmentState, Attendance, Occupancy
from portal.booking.rules import (
    MARKS,
    AlreadyBooked,
    MarkedAlready,
    SlotTaken,
    TooEarlyToMark,
    TooLateToChange,
    mark_now,
    may_mark,
)
from portal.centres.models import Kind
from portal.clients.models import Client, ClientState
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, on_sqlite, session, write_at_once
from portal.core.errors import Invalid, NotFound, Stale
from portal.messaging import outbox
from portal.web import once
from portal.worklist.service import close_for_subject

_LOCK_IN_ORDER = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name"
)
# Rows that nobody needs as objects: a plain insert is several times as fast as the session's own.
_TAKE = insert(cast(Table, Occupancy.__table__))


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
) -> Appointment:
    """Book a time for a woman; the same `request_key` again gives the same appointment.

    Raises NotFound, and of `rules`: PastTime, TooSoon, ClosedThatDay, SlotTaken, AlreadyBooked.
    """
    client = _client_to_book_for(actor, client_id)
    earlier = once.claim(actor, request_key, now=now)
    if earlier:
        return queries.appointment_for(actor, int(earlier))
    on = clock.london_today(starts_at)
    at = offers.place(client, kind_id, centre_id, worker_id=worker_id, by_staff=actor.is_staff, on=on)
    _lock(at)
    if actor.is_client:
        _refuse_second(client_id, at.kind, now)
    free = offers.free_at(at, starts_at, now=now)
    appointment = _add(actor, at, free, now, walk_in=walk_in)
    once.made(actor, request_key, str(appointment.id))
    audit.record(actor, "appointment_booked", now=now, client_id=client_id, subject=notices.subject_of(appointment))
    if not walk_in:
        notices.tell(appointment, "appointment_booked", now)
    notices.mind_silence(appointment, client, now)
    return appointment


def change(actor: Actor, appointment_id: int, *, starts_at: datetime, request_key: str, now: datetime) -> Appointment:
    """Move an appointment to another time: a new row takes the place of the old one, in one transaction.

    Raises NotFound, Stale when it stands no more, TooLateToChange once it began, and the refusals of `book`.
    """
    old = _appointment_to_change(actor, appointment_id)
    earlier = once.claim(actor, request_key, now=now)
    if earlier:
        return queries.appointment_for(actor, int(earlier))
    at, old = _place_of(actor, old)
    if not old.stands:
        raise Stale("appointment")
    if now >= old.starts_at or old.arrived_at or old.attendance:
        raise TooLateToChange("appointment")
    free = offers.free_at(at, starts_at, now=now, moving=old.id)
    _end(old, AppointmentState.SUPERSEDED, actor, now)
    appointment = _add(actor, at, free, now, instead_of=old)
    once.made(actor, request_key, str(appointment.id))
    audit.record(
        actor, "appointment_changed", now=now, client_id=old.client_id, subject=notices.subject_of(appointment)
    )
    close_for_subject(notices.subject_of(old), done="changed_booking", actor=actor, now=now)
    outbox.skip_for_subject(notices.subject_of(old), "moved", now)
    notices.tell(appointment, "appointment_changed", now)
    notices.mind_silence(appointment, session.get_one(Client, old.client_id), now)
    return appointment


def cancel(actor: Actor, appointment_id: int, *, reason: str, now: datetime) -> Appointment:
    """Cancel an appointment and give its time back; cancelled already, nothing happens.

    Raises NotFound, Stale when it was moved, TooLateToChange once it began (for staff: once it was marked),
    Invalid("reason", "missing") when staff give none.
    """
    appointment = _appointment_to_change(actor, appointment_id)
    appointment = session.scalars(lock_rows(_fresh(appointment.id))).one()
    if appointment.state == AppointmentState.CANCELLED:
        return appointment
    if not appointment.stands:
        raise Stale("appointment")
    begun = now >= appointment.starts_at
    if appointment.arrived_at or appointment.attendance or (begun and not actor.is_staff):
        raise TooLateToChange("appointment")
    if actor.is_staff and not reason.strip():
        raise Invalid("reason", "missing")
    appointment.end_reason = reason.strip() or None
    _end(appointment, AppointmentState.CANCELLED, actor, now)
    audit.record(
        actor,
        "appointment_cancelled",
        now=now,
        client_id=appointment.client_id,
        subject=notices.subject_of(appointment),
    )
    close_for_subject(notices.subject_of(appointment), done="not_needed", actor=actor, now=now)
    outbox.skip_for_subject(notices.subject_of(appointment), "cancelled", now)
    if not begun:
        notices.tell(appointment, "appointment_cancelled", now)
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
    appointment = session.scalars(lock_rows(_fresh(found.id))).one()
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


def _appointment_to_change(actor: Actor, appointment_id: int) -> Appointment:
    if actor.is_staff:
        require(actor, Permission.BOOK_FOR_CLIENT)
    return queries.appointment_for(actor, appointment_id)


def _place_of(actor: Actor, old: Appointment) -> tuple[offers.Place, Appointment]:
    """Where an appointment could move to, locked, and the appointment read again under the lock."""
    at = offers.place_of(old, session.get_one(Client, old.client_id), by_staff=actor.is_staff)
    _lock(at)
    return at, session.scalars(lock_rows(_fresh(old.id))).one()


def _fresh(appointment_id: int):
    return select(Appointment).where(Appointment.id == appointment_id).execution_options(populate_existing=True)


def _lock(at: offers.Place) -> None:
    """Hold everything that a booking here might take until the transaction ends; on SQLite there is one writer anyway.

    PostgreSQL evaluates the locks in the order of the sorted list, so two bookings never wait for each other.
    """
    if on_sqlite():
        return
    names = [*at.resources, *([f"centre:{at.centre_id}"] if at.has_kept_apart else [])]
    session.execute(_LOCK_IN_ORDER, {"names": sorted(names)})


def _refuse_second(client_id: int, kind: Kind, now: datetime) -> None:
    standing = queries.open_of_kind(client_id, kind.id, now) if kind.one_at_a_time else None
    if standing is not None:
        raise AlreadyBooked(standing)


def _add(
    actor: Actor,
    at: offers.Place,
    free: FreeTime,
    now: datetime,
    *,
    instead_of: Appointment | None = None,
    walk_in: bool = False,
) -> Appointment:
    appointment = Appointment(
        client_id=at.client_id,
        kind_id=at.kind.id,
        centre_id=at.centre_id,
        worker_id=free.worker_id,
        room_id=free.room_id,
        starts_at=free.starts_at,
        ends_at=free.starts_at + timedelta(minutes=at.terms.minutes),
        supersedes_id=instead_of.id if instead_of else None,
        revision=instead_of.revision + 1 if instead_of else 1,
        walk_in=walk_in,
        booked_by_kind=actor.kind,
        booked_by_id=actor.id,
        booked_at=now,
    )
    write_at_once(appointment)
    before, after = timedelta(minutes=at.terms.buffer_before), timedelta(minutes=at.terms.buffer_after)
    whole = (appointment.starts_at - before, appointment.ends_at + after)
    takes = {f"worker:{free.worker_id}": whole, f"client:{at.client_id}": (appointment.starts_at, appointment.ends_at)}
    if free.room_id is not None:
        takes[f"room:{free.room_id}"] = whole
    _take(appointment, takes)
    return appointment


def _take(appointment: Appointment, takes: dict[str, Interval]) -> None:
    """The database's own rule against overlaps is the net under the locks: it too says that the time is taken."""
    rows = [
        {"appointment_id": appointment.id, "resource": resource, "starts_at": begins_at, "ends_at": ends_at}
        for resource, (begins_at, ends_at) in takes.items()
    ]
    try:
        session.execute(_TAKE, rows)
    except IntegrityError as fault:
        if "occupancies_no_overlap" in str(fault.orig):
            raise SlotTaken from None
        raise


def _end(appointment: Appointment, state: AppointmentState, actor: Actor, now: datetime) -> None:
    appointment.state = state
    appointment.ended_at, appointment.ended_by_kind, appointment.ended_by_id = now, actor.kind, actor.id
    session.execute(delete(Occupancy).where(Occupancy.appointment_id == appointment.id))
    session.flush()


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
