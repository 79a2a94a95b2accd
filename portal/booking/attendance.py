"""Marks at the desk, one press each: here, here late, gone in, gone, came, did not come, and one step back."""

from datetime import datetime

from sqlalchemy import delete, select

from portal.audit import service as audit
from portal.booking import notices, outcomes, queries, service
from portal.booking.models import Appointment, Attendance, Outcome
from portal.booking.rules import MarkedAlready, TooEarlyToMark, TooLateToChange
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import NotFound, Stale
from portal.web import once

HERE_LATE, IN, GONE, UNDO = "here_late", "in", "gone", "undo"


def standing(appointment: Appointment) -> str:
    """Where it stands: `expected`, `arrived` (she waits), `in` (with her worker), `gone`, `yes`, `late` or `no`."""
    if appointment.left_at:
        return GONE
    if appointment.went_in_at:
        return IN
    if appointment.arrived_at and appointment.attendance in (Attendance.UNKNOWN, Attendance.LATE):
        return "arrived"
    return appointment.attendance or "expected"


def mark(actor: Actor, appointment_id: int, *, attendance: str, now: datetime) -> Appointment:
    """Mark an appointment; who goes in has come, and `undo` takes one step back. The same mark again changes nothing.

    Raises NotFound, Invalid("attendance", "unknown"), Stale, TooEarlyToMark and MarkedAlready as `service.mark`.
    """
    if attendance in (HERE_LATE, IN, GONE):
        appointment = _came(actor, appointment_id, attendance, now)
    elif attendance == UNDO:
        appointment = _undone(actor, appointment_id, now)
    else:
        appointment = service.mark(actor, appointment_id, attendance=attendance, now=now)
    outcomes.follow_up(appointment, actor, now)
    return appointment


def say_late(actor: Actor, *, request_key: str, now: datetime) -> Appointment:
    """She says on the day that she will be late: a state for the desk, nothing is moved.

    Raises NotFound when she has no appointment today that is not over, TooLateToChange once she is here,
    Invalid("request_key", "missing").
    """
    booked = queries.next_appointment(actor.id, now) if actor.is_client else None
    if booked is None or clock.london_today(booked.appointment.starts_at) != clock.london_today(now):
        raise NotFound("appointment")
    appointment = booked.appointment
    if appointment.arrived_at or appointment.attendance:
        raise TooLateToChange("appointment")
    if once.claim(actor, request_key, now=now) is None and appointment.answer != "late":
        service.answer(appointment, "late", now=now)
        audit.record(actor, "said_late", now=now, client_id=actor.id, subject=notices.subject_of(appointment))
    return appointment


def _came(actor: Actor, appointment_id: int, to: str, now: datetime) -> Appointment:
    appointment = _locked(actor, appointment_id)
    if clock.london_today(now) < clock.london_today(appointment.starts_at):
        raise TooEarlyToMark("mark")
    before = standing(appointment)
    if before == to or (to == HERE_LATE and before == "arrived" and appointment.attendance):
        return appointment
    if before in ("no", GONE) or (to == HERE_LATE and before != "expected"):
        raise MarkedAlready(before)
    if to == HERE_LATE and now < appointment.starts_at:
        raise TooEarlyToMark("mark")
    if not appointment.arrived_at:
        appointment.arrived_at = now
        notices.prompt_recheck(appointment, now)
    if to == HERE_LATE:
        appointment.attendance = Attendance.LATE
    else:
        appointment.attendance = appointment.attendance or Attendance.YES
    if to == IN:
        appointment.went_in_at = now
    elif to == GONE:
        appointment.left_at = now
    return _marked(actor, appointment, to, now)


def _undone(actor: Actor, appointment_id: int, now: datetime) -> Appointment:
    appointment = _locked(actor, appointment_id)
    if appointment.left_at and appointment.went_in_at:
        appointment.left_at = None
    elif appointment.went_in_at:
        appointment.went_in_at, appointment.attendance = None, Attendance.UNKNOWN
    elif appointment.left_at:
        appointment.left_at, appointment.attendance = None, Attendance.UNKNOWN
    else:
        appointment = service.mark(actor, appointment_id, attendance=UNDO, now=now)
        session.execute(delete(Outcome).where(Outcome.appointment_id == appointment.id))
        return appointment
    if not appointment.attendance:
        session.execute(delete(Outcome).where(Outcome.appointment_id == appointment.id))
    return _marked(actor, appointment, UNDO, now)


def _locked(actor: Actor, appointment_id: int) -> Appointment:
    require(actor, Permission.MARK_ATTENDANCE)
    found = queries.appointment_for(actor, appointment_id)
    fresh = select(Appointment).where(Appointment.id == found.id).execution_options(populate_existing=True)
    appointment = session.scalars(lock_rows(fresh)).one()
    if not appointment.stands:
        raise Stale("appointment")
    return appointment


def _marked(actor: Actor, appointment: Appointment, to: str, now: datetime) -> Appointment:
    appointment.marked_by, appointment.marked_at = actor.id, now
    session.flush()
    subject = notices.subject_of(appointment)
    audit.record(actor, "attendance_marked", now=now, client_id=appointment.client_id, subject=subject, reason=to)
    return appointment
