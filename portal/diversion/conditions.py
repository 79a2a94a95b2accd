"""Varying what was asked of a woman, letting her off a session, withdrawing it; who runs short of time."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking.models import Appointment, Attendance
from portal.clients.models import Client, ClientState
from portal.clients.queries import standing_client, visible_client, visible_client_ids
from portal.core import clock
from portal.core.access import Actor, Permission, Role, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.diversion import rules
from portal.diversion.condition_models import ConditionChange
from portal.diversion.models import Condition, Referral
from portal.diversion.report_models import ExcusedSession, PoliceReport
from portal.diversion.standing import Standing, counts_for, sittings, standings
from portal.worklist.models import Task
from portal.worklist.service import close_for_subject, raise_task

MOST_LISTED = 500
SHORT_OF_TIME = "short_of_time"
LOOK_AT = (rules.Pace.SOON, rules.Pace.SHORT, rules.Pace.OVER)


class Paced(NamedTuple):
    """One condition with its woman, how many of the sessions left are booked in time, and what follows from that."""

    client: Client
    standing: Standing
    booked: int
    pace: rules.Pace


def condition_for(actor: Actor, condition_id: int, *, lock: bool = False) -> Condition:
    """A condition of a woman whom the actor may see, read anew and locked if it is to change; raises NotFound.

    A change outlasts break-glass, so that does not reach it.
    """
    require(actor, Permission.KEEP_CONDITIONS)
    found = get_or_none(Condition, condition_id)
    if found is None:
        raise NotFound("condition")
    visible_client(actor, found.client_id)
    if lock:
        standing_client(actor, found.client_id)
        fresh = lock_rows(select(Condition).where(Condition.id == found.id)).execution_options(populate_existing=True)
        found = session.scalars(fresh).one()
    return found


def vary(
    actor: Actor, condition_id: int, *, sessions: int, due_on: date, reason: str, was: tuple[int, date], now: datetime
) -> ConditionChange:
    """Ask for other sessions, or by another day, with the reason; `was` is what the page showed as asked.

    Raises NotFound, Stale when it was changed or withdrawn meanwhile, Invalid("sessions", "range" | "same"),
    Invalid("due_on", "before_start"), Invalid("reason", "missing").
    """
    condition = _standing_one(actor, condition_id)
    if was != (condition.sessions_needed, condition.due_on):
        raise Stale("condition")
    if not 1 <= sessions <= rules.MOST_SESSIONS:
        raise Invalid("sessions", "range")
    if due_on < session.get_one(Referral, condition.referral_id).referred_on:
        raise Invalid("due_on", "before_start")
    if (sessions, due_on) == was:
        raise Invalid("sessions", "same")
    if reason not in rules.CHANGED_BECAUSE:
        raise Invalid("reason", "missing")
    change = ConditionChange(
        client_id=condition.client_id,
        condition_id=condition.id,
        old_sessions=condition.sessions_needed,
        new_sessions=sessions,
        old_due_on=condition.due_on,
        new_due_on=due_on,
        reason=reason,
        changed_by=actor.id,
        changed_at=now,
    )
    session.add(change)
    condition.sessions_needed, condition.due_on = sessions, due_on
    _terms_changed(actor, condition, "condition_varied", reason, now)
    return change


def excuse(
    actor: Actor, condition_id: int, *, appointment_id: int | None, reason: str, now: datetime
) -> ExcusedSession:
    """Let her off one session, a missed one or any: she need not make it up.

    At least one session stays asked: whoever asks for none withdraws the condition. Raises NotFound, Stale,
    Invalid("reason", "missing"), Invalid("appointment_id", "not_missed" | "excused"), Invalid("sessions", "last").
    """
    condition = _standing_one(actor, condition_id)
    if reason not in rules.EXCUSED_BECAUSE:
        raise Invalid("reason", "missing")
    known = excused_of([condition.id])
    if appointment_id is not None:
        if appointment_id not in {one.id for one in missed(condition, now)}:
            raise Invalid("appointment_id", "not_missed")
        if appointment_id in {one.appointment_id for one in known}:
            raise Invalid("appointment_id", "excused")
    if condition.sessions_needed - len(known) <= 1:
        raise Invalid("sessions", "last")
    row = ExcusedSession(
        client_id=condition.client_id,
        condition_id=condition.id,
        appointment_id=appointment_id,
        reason=reason,
        excused_by=actor.id,
        excused_at=now,
    )
    session.add(row)
    _terms_changed(actor, condition, "session_excused", reason, now)
    return row


def take_excuse_back(actor: Actor, excused_id: int, *, now: datetime) -> ExcusedSession:
    """She comes to it after all, or it was a mistake. Raises NotFound, Stale when it was taken back before."""
    row = get_or_none(ExcusedSession, excused_id)
    if row is None:
        raise NotFound("excused")
    condition = _standing_one(actor, row.condition_id)
    session.refresh(row)
    if row.taken_back_at is not None:
        raise Stale("excused")
    row.taken_back_by, row.taken_back_at = actor.id, now
    _terms_changed(actor, condition, "excuse_taken_back", "", now)
    return row


def withdraw(actor: Actor, condition_id: int, *, reason: str, now: datetime) -> Condition:
    """Nobody asks it of her any more; it stays to be read. Raises NotFound, Stale, Invalid("reason", "missing")."""
    condition = _standing_one(actor, condition_id)
    if reason not in rules.WITHDRAWN_BECAUSE:
        raise Invalid("reason", "missing")
    condition.withdrawn_why, condition.withdrawn_by, condition.withdrawn_at = reason, actor.id, now
    _terms_changed(actor, condition, "condition_withdrawn", reason, now)
    return condition


def excused_of(condition_ids: list[int]) -> list[ExcusedSession]:
    """The sessions that she was let off and that were not taken back, the first first."""
    statement = select(ExcusedSession).where(
        ExcusedSession.condition_id.in_(condition_ids), ExcusedSession.taken_back_at.is_(None)
    )
    return list(session.scalars(statement.order_by(ExcusedSession.id)))


def missed(condition: Condition, now: datetime) -> list[Appointment]:
    """The sessions that would have counted for a condition and to which she could not come, the first first."""
    referral = session.get_one(Referral, condition.referral_id)
    not_come = (Appointment.attendance == Attendance.NO, Appointment.starts_at <= now)
    statement = sittings([condition.client_id], *not_come).with_only_columns(Appointment)
    found = session.scalars(statement.order_by(Appointment.starts_at, Appointment.id))
    return [one for one in found if counts_for(referral, condition, one.starts_at, one.session_id is not None)]


def paced(client_ids: list[int], now: datetime) -> list[Paced]:
    """How the conditions of some women lie to their days, whatever the pace, in four queries."""
    found = standings(client_ids, now)
    ids = {one.condition.client_id for one in found}
    clients = {client.id: client for client in session.scalars(select(Client).where(Client.id.in_(ids)))}
    coming = defaultdict(list)
    for client_id, starts_at, in_group in session.execute(sittings(ids, Appointment.starts_at > now)):
        coming[client_id].append((starts_at, in_group))
    return [
        Paced(clients[one.condition.client_id], one, booked, _pace(one, booked, now))
        for one in found
        for booked in (_booked(one, coming[one.condition.client_id]),)
    ]


def list_paced(actor: Actor, now: datetime) -> list[Paced]:
    """The conditions still to be met of a keyworker's own women, or of all in a manager's reach, the nearest day first.

    None of a woman who must not be known to her (R29), and no record that is closed.
    """
    require(actor, Permission.KEEP_CONDITIONS)
    in_reach = select(Client.id).where(
        Client.id.in_(visible_client_ids(actor)),
        Client.state == ClientState.OPEN,
        Client.id.in_(select(Condition.client_id).where(Condition.withdrawn_at.is_(None))),
    )
    if actor.role is Role.KEYWORKER:
        in_reach = in_reach.where(Client.keyworker_id == actor.id)
    rows = paced(list(session.scalars(in_reach.order_by(Client.id).limit(MOST_LISTED))), now)
    to_do = [one for one in rows if one.pace is not rules.Pace.ENOUGH and not one.standing.not_met_because]
    return sorted(to_do, key=lambda one: (one.standing.condition.due_on, one.standing.condition.id))


def raise_tasks(now: datetime) -> int:
    """Ask keyworkers to look at conditions that run short of time, once for each day asked; never a report.

    Gives how many were asked now.
    """
    soon = select(Condition.client_id).where(Condition.withdrawn_at.is_(None))
    open_ones = select(Client.id).where(Client.state == ClientState.OPEN, Client.id.in_(soon)).order_by(Client.id)
    raised = 0
    for one in paced(list(session.scalars(open_ones)), now):
        if one.pace not in LOOK_AT or one.standing.not_met_because:
            continue
        condition = one.standing.condition
        once = f"{SHORT_OF_TIME}|{condition.id}|{condition.due_on.isoformat()}"
        if session.scalar(select(Task.id).where(Task.once == once).limit(1)) is not None:
            continue
        raise_task(
            SHORT_OF_TIME,
            now=now,
            client_id=one.client.id,
            owner_id=one.client.keyworker_id,
            centre_id=one.client.centre_id,
            subject=f"condition:{condition.id}",
            once=once,
        )
        raised += 1
    return raised


def _pace(one: Standing, booked: int, now: datetime) -> rules.Pace:
    today = clock.london_today(now)
    return rules.pace(left=one.left, booked=booked, due_on=one.condition.due_on, today=today)


def _booked(one: Standing, coming: list[tuple[datetime, bool]]) -> int:
    return sum(
        counts_for(one.referral, one.condition, at, in_group) and clock.london_today(at) <= one.condition.due_on
        for at, in_group in coming
    )


def _standing_one(actor: Actor, condition_id: int) -> Condition:
    condition = condition_for(actor, condition_id, lock=True)
    if condition.withdrawn_at is not None:
        raise Stale("condition")
    return condition


def _terms_changed(actor: Actor, condition: Condition, action: str, reason: str, now: datetime) -> None:
    """What was said of other terms does not stand for these: drafts end, and so does "not met"; what was sent stays."""
    said_before = select(PoliceReport).where(PoliceReport.condition_id == condition.id, PoliceReport.ended_at.is_(None))
    for report in session.scalars(lock_rows(said_before)):
        if report.sent_at is None or report.status == rules.ReportStatus.NOT_MET:
            report.ended_why, report.ended_by, report.ended_at = "changed", actor.id, now
            close_for_subject(f"report:{report.id}", done="not_needed", actor=actor, now=now)
    session.flush()
    subject = f"condition:{condition.id}"
    audit.record(actor, action, now=now, client_id=condition.client_id, subject=subject, reason=reason)
