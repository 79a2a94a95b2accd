"""What came of an appointment: recording it, whether she was reminded (R46), which still have no outcome."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.audit import service as audit
from portal.booking import notices, queries
from portal.booking.models import Appointment, AppointmentState, Attendance, Outcome
from portal.booking.outcome_rules import REMINDED_HER, SETTLES_FOLLOW_UP, outcome_fault
from portal.booking.queries import Booked
from portal.booking.rules import TooEarlyToMark
from portal.clients.models import Client
from portal.core.access import Actor, Permission, Role, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, Stale
from portal.messaging.models import Text, TextState
from portal.worklist.models import Task
from portal.worklist.service import raise_task

REMINDER = "appointment_reminder"
FOLLOW_UP = "follow_up_missed"
MOST_LISTED = 200


def record_outcome(
    actor: Actor,
    appointment_id: int,
    *,
    attendance: str,
    happened: bool | None,
    reason_class: str = "",
    offered: str = "",
    now: datetime,
) -> Outcome:
    """Record what came of an appointment; recorded again, the newest answer stands.

    Raises NotFound, Stale when it stands no more, TooEarlyToMark before its start, Invalid as
    `outcome_rules.outcome_fault` says: reason_class not_reminded is R46.
    """
    require(actor, Permission.MARK_ATTENDANCE)
    require(actor, Permission.READ_CLIENT)
    found = queries.appointment_for(actor, appointment_id)
    appointment = session.scalars(lock_rows(select(Appointment).where(Appointment.id == found.id))).one()
    if not appointment.stands:
        raise Stale("appointment")
    if now < appointment.starts_at:
        raise TooEarlyToMark("outcome")
    fault = outcome_fault(attendance, happened, reason_class, offered, was_reminded(appointment))
    if fault:
        raise Invalid(*fault)
    if appointment.attendance != attendance:
        appointment.attendance, appointment.marked_by, appointment.marked_at = attendance, actor.id, now
    outcome = outcome_of(appointment.id) or Outcome(appointment_id=appointment.id, client_id=appointment.client_id)
    outcome.happened, outcome.offered = bool(happened), offered
    outcome.reason_class = "" if happened else reason_class
    outcome.recorded_by, outcome.recorded_at = actor.id, now
    session.add(outcome)
    session.flush()
    follow_up(appointment, actor, now, settled=offered in SETTLES_FOLLOW_UP)
    audit.record(
        actor,
        "outcome_recorded",
        now=now,
        client_id=appointment.client_id,
        subject=notices.subject_of(appointment),
        reason=outcome.reason_class or attendance,
    )
    return outcome


def follow_up(appointment: Appointment, actor: Actor, now: datetime, *, settled: bool = False) -> None:
    """Have somebody ask kindly how she is after an appointment she could not come to; never a report.

    The task closes by itself once she did come after all, or (`settled`) was offered what comes next.
    """
    subject = notices.subject_of(appointment)
    if appointment.attendance == Attendance.NO and not settled:
        client = session.get_one(Client, appointment.client_id)
        raise_task(
            FOLLOW_UP,
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
            subject=subject,
        )
        return
    open_ones = select(Task).where(Task.kind == FOLLOW_UP, Task.subject == subject, Task.closed_at.is_(None))
    for task in session.scalars(lock_rows(open_ones)):
        task.closed_at, task.closed_by = now, actor.id if actor.is_staff else None
        task.done = "offered_next" if settled else "not_needed"
    session.flush()


def was_reminded(appointment: Appointment) -> bool:
    """Whether a reminder reached her before it began: a text that was delivered, or a person who said so (R46)."""
    subject = notices.subject_of(appointment)
    text = select(Text.id).where(Text.subject == subject, Text.kind == REMINDER, Text.state == TextState.REACHED)
    person = select(Task.id).where(
        Task.subject == subject,
        Task.kind == notices.PERSON_REMINDS,
        Task.done.in_(REMINDED_HER),
        Task.closed_at < appointment.starts_at,
    )
    return any(session.scalar(statement.limit(1)) is not None for statement in (text, person))


def outcome_of(appointment_id: int) -> Outcome | None:
    """The outcome recorded for an appointment, or None."""
    return session.scalars(select(Outcome).where(Outcome.appointment_id == appointment_id)).first()


def without_outcome(actor: Actor, now: datetime) -> list[Booked]:
    """The past appointments whose outcome is still to be recorded, the oldest first: a worker's own, a manager's all.

    One that she could not come to needs the reason too.
    """
    statement = queries.visible_appointments(actor).where(*_waiting(actor, now)).order_by(Appointment.starts_at)
    return [Booked(*row) for row in session.execute(statement.limit(MOST_LISTED))]


def count_without_outcome(actor: Actor, now: datetime) -> int:
    """How many `without_outcome` would list."""
    found = queries.visible_appointments(actor).where(*_waiting(actor, now))
    return session.scalar(select(func.count()).select_from(found.with_only_columns(Appointment.id).subquery())) or 0


def _waiting(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    told = select(Outcome.appointment_id)
    open_ones = or_(
        Appointment.attendance == Attendance.UNKNOWN,
        and_(Appointment.attendance == Attendance.NO, Appointment.id.not_in(told)),
    )
    mine = Appointment.centre_id.in_(actor.centres) if actor.role is Role.MANAGER else Appointment.worker_id == actor.id
    return Appointment.state == AppointmentState.BOOKED, Appointment.ends_at <= now, open_ones, mine
