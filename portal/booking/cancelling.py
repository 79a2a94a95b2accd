"""Cancelling, which can be undone for a short while before anyone is told, and restoring later what was cancelled."""

from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import by_itself, notices, offers, queries, taking
from portal.booking.models import Appointment, AppointmentState
from portal.booking.rules import UNDO_WITHIN, AlreadyBooked, FixedTime, TooLateToChange, too_late
from portal.centres.models import Kind
from portal.clients.queries import whom_it_is
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, Stale
from portal.messaging import outbox
from portal.worklist.service import close_for_subject

MOST_SETTLED = 100


def cancel(actor: Actor, appointment_id: int, *, reason: str, now: datetime) -> Appointment:
    """Cancel an appointment; for UNDO_WITHIN its time stays taken and nobody is told.

    Cancelled already, nothing happens. Raises NotFound, Stale when it was moved, TooLateToChange once it began or the
    cut-off of its kind is over (for staff: once it was marked), Invalid("reason", "missing") when staff give none.
    """
    appointment = to_end(actor, appointment_id)
    if appointment.state == AppointmentState.CANCELLED:
        return appointment
    if not appointment.stands:
        raise Stale("appointment")
    kind = session.get_one(Kind, appointment.kind_id)
    late = not actor.is_staff and too_late(appointment.starts_at, kind.cancel_until_minutes, now)
    if appointment.arrived_at or appointment.attendance or late:
        raise TooLateToChange("appointment")
    if actor.is_staff and not reason.strip():
        raise Invalid("reason", "missing")
    appointment.end_reason = reason.strip() or None
    appointment.settles_at = now + UNDO_WITHIN
    taking.end(appointment, AppointmentState.CANCELLED, actor, now)
    _record(actor, "appointment_cancelled", appointment, now)
    return appointment


def undo(actor: Actor, appointment_id: int, *, now: datetime) -> Appointment:
    """Take a cancelling back while nobody was told; it stands already, nothing happens.

    Raises NotFound, Stale once the cancelling is settled, AlreadyBooked when she booked another of its kind meanwhile,
    FixedTime for a group session: whether she still has her place there is the groups' to say.
    """
    appointment = to_end(actor, appointment_id)
    if appointment.session_id is not None:
        raise FixedTime("appointment")
    if appointment.stands:
        return appointment
    if not can_undo(appointment, now):
        raise Stale("appointment")
    if actor.is_client and session.get_one(Kind, appointment.kind_id).one_at_a_time:
        standing = queries.open_of_kind(appointment.client_id, appointment.kind_id, now)
        if standing is not None:
            raise AlreadyBooked(standing)
    stand_again(actor, appointment, now)
    return appointment


def stand_again(actor: Actor, appointment: Appointment, now: datetime) -> None:
    """Let an appointment stand again whose cancelling is not settled; what was to be told meanwhile is told anew."""
    lost = notices.lost_since(appointment, appointment.ended_at or now)
    if lost:
        # What came due meanwhile was not sent: as a new revision it can be wanted anew.
        appointment.revision += 1
    appointment.state, appointment.settles_at, appointment.end_reason = AppointmentState.BOOKED, None, None
    appointment.ended_at, appointment.ended_by_kind, appointment.ended_by_id = None, "", None
    session.flush()
    _tell_again(appointment, lost, now)
    _record(actor, "cancelling_undone", appointment, now)


def restore(actor: Actor, appointment_id: int, *, now: datetime) -> Appointment:
    """Book again what was cancelled and settled, while its time is free: a new row, of which she is told anew.

    The cancelled row stays as it is. Raises NotFound, Stale when it is not cancelled or stands again already, FixedTime
    for a group session, and the refusals of a time that cannot be had.
    """
    require(actor, Permission.BOOK_FOR_CLIENT)
    old = queries.appointment_for(actor, appointment_id)
    if old.session_id is not None:
        raise FixedTime("appointment")
    whom = whom_it_is(old.client_id)
    at = offers.place_of(old, whom.client, by_staff=True)
    whom = taking.lock(at, whom)
    old = session.scalars(lock_rows(taking.fresh(old.id))).one()
    if old.state != AppointmentState.CANCELLED or old.settles_at is not None or queries.follower(old.id):
        raise Stale("appointment")
    free = offers.free_at(at, old.starts_at, now=now)
    appointment = taking.add(actor, at, free, now, instead_of=old)
    by_itself.carry_over(actor, at, whom.client, old, appointment, now)
    _record(actor, "appointment_restored", appointment, now)
    outbox.skip_for_subject(notices.subject_of(old), "restored", now)
    notices.tell(appointment, "appointment_booked", now, whom)
    notices.mind_silence(appointment, whom, now)
    return appointment


def settle_due(now: datetime) -> int:
    """Settle every cancelling that can be undone no more: free its time, tell her; gives how many."""
    due = select(Appointment).where(Appointment.settles_at <= now).order_by(Appointment.id).limit(MOST_SETTLED)
    appointments = session.scalars(lock_rows(due).execution_options(populate_existing=True)).all()
    for appointment in appointments:
        settle(appointment, now)
    return len(appointments)


def end_quietly(actor: Actor, appointment: Appointment, reason: str, now: datetime) -> None:
    """End an appointment to come at once, free its time, and leave telling her to a person: no text says so."""
    appointment.end_reason, appointment.settles_at = reason, None
    taking.end(appointment, AppointmentState.CANCELLED, actor, now)
    taking.free(appointment)
    subject = notices.subject_of(appointment)
    close_for_subject(subject, done="not_needed", actor=actor, now=now)
    outbox.skip_for_subject(subject, "cancelled", now)
    _record(actor, "appointment_cancelled", appointment, now)


def can_undo(appointment: Appointment, now: datetime) -> bool:
    """Whether a cancelling can still be taken back."""
    return appointment.settles_at is not None and now < appointment.settles_at


def _tell_again(appointment: Appointment, lost: set[str], now: datetime) -> None:
    """Reminders are wanted again by themselves; the news of her time is not."""
    if now < appointment.starts_at:
        for kind in lost.intersection(notices.NEWS):
            notices.tell(appointment, kind, now)


def settle(appointment: Appointment, now: datetime) -> None:
    """Settle a cancelling now: its time is free, and she is told, once where one act ended several group sessions."""
    appointment.settles_at = None
    taking.free(appointment)
    _record(SYSTEM, "cancelling_settled", appointment, now)
    subject = notices.subject_of(appointment)
    close_for_subject(subject, done="not_needed", actor=SYSTEM, now=now)
    outbox.skip_for_subject(subject, "cancelled", now)
    if now < appointment.starts_at:
        _tell(appointment, now)


def _tell(appointment: Appointment, now: datetime) -> None:
    """Where one act ended several group sessions of hers, the first that is to come tells of all."""
    with_it = _ended_with(appointment, now)
    if not any(starts_at < appointment.starts_at for starts_at in with_it):
        notices.tell(appointment, "appointments_cancelled" if with_it else "appointment_cancelled", now)


def _ended_with(appointment: Appointment, now: datetime) -> list[datetime]:
    """The starts of her other group sessions to come that the same act ended."""
    if appointment.session_id is None:
        return []
    statement = select(Appointment.starts_at).where(
        Appointment.client_id == appointment.client_id,
        Appointment.state == AppointmentState.CANCELLED,
        Appointment.session_id.is_not(None),
        Appointment.ended_at == appointment.ended_at,
        Appointment.starts_at > now,
        Appointment.id != appointment.id,
    )
    return list(session.scalars(statement))


def to_end(actor: Actor, appointment_id: int) -> Appointment:
    """An appointment that the actor may cancel, locked and read anew; raises NotFound, NotAllowed."""
    found = taking.appointment_to_change(actor, appointment_id)
    return session.scalars(lock_rows(taking.fresh(found.id))).one()


def _record(actor: Actor, action: str, appointment: Appointment, now: datetime) -> None:
    audit.record(actor, action, now=now, client_id=appointment.client_id, subject=notices.subject_of(appointment))
