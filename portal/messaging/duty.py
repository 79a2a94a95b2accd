"""Calling out who is on duty for a task that may tell of a risk: one after the other until somebody has it (R25).

A call is a neutral text to a duty phone. It is claimed and committed before the gateway is asked, and is never
repeated: a call that was lost only means that the next person is called.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.audit import service as audit
from portal.clients.models import Client, Restriction, SafeContact
from portal.clients.queries import has_opted_out
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, on_sqlite, session
from portal.core.errors import Invalid, NotFound
from portal.core.phone import parse_mobile
from portal.messaging import chase
from portal.messaging.desk_models import DutyCall
from portal.messaging.models import IncomingText, TextState
from portal.messaging.phrases import digit_of
from portal.messaging.queries import number_index
from portal.messaging.rules import MOST_A_DAY, TOO_OLD_TO_SEND, free_at, state_told
from portal.messaging.stops import current_stop
from portal.sms.gateway import Gateway, Receipt, SendRefused, SendUnknown
from portal.staff.models import Staff
from portal.staff.queries import person
from portal.staff.rota import on_duty
from portal.worklist import service as worklist
from portal.worklist.models import Task
from portal.worklist.rules import CALLED_OUT_FOR

BODY = "Please look at the worklist now. Reply 1 if you have it."
"""What stands on a duty phone: no name, no place, nothing that says what it is about."""
ANSWERED = "duty"
"""The meaning of a text with which somebody on duty answered."""
NEXT_AFTER = timedelta(minutes=5)
USEFUL_FOR = timedelta(minutes=30)
ANSWERABLE_FOR = timedelta(days=1)
CALL_LOCK = 7_201_902
"""The advisory lock under which calls are claimed one at a time over all workers."""


@dataclass(frozen=True)
class Call:
    """A call that this worker alone makes now; `claimed_at` is real time."""

    call_id: int
    number: str
    claimed_at: datetime


def claim_next(now: datetime, real_now: datetime) -> Call | None:
    """Claim the next call that is due; a task for which nobody is left to call goes to all managers.

    None when nobody is to be called now. The caller commits before it sends.
    """
    if not on_sqlite():
        session.execute(select(func.pg_advisory_xact_lock(CALL_LOCK)))
    _note_answers()
    for task in session.scalars(_unseen()).all():
        calls = session.scalars(select(DutyCall).where(DutyCall.task_id == task.id).order_by(DutyCall.position)).all()
        if calls and not is_next_due(calls[-1].state, calls[-1].wanted_at, now):
            continue
        called = None if current_stop() is not None else _next_person(task, {call.staff_id for call in calls}, now)
        if called is None:
            _tell_managers(task, now)
            continue
        call = DutyCall(
            task_id=task.id, staff_id=called.id, position=len(calls) + 1, state="sending", wanted_at=now,
            claimed_at=real_now,
        )  # fmt: skip
        try:
            with session.begin_nested():
                session.add(call)
        except IntegrityError:
            continue
        audit.record(called.actor, "duty_called", now=now, client_id=task.client_id, subject=f"task:{task.id}")
        return Call(call.id, called.duty_number, real_now)
    return None


def is_next_due(state: str, wanted_at: datetime, now: datetime) -> bool:
    """Whether the next person is called: at once after a call that failed, else when nobody answered in 5 minutes."""
    return state == "failed" or now - wanted_at >= NEXT_AFTER


def deliver(gateway: Gateway, call: Call, *, public_url: str) -> Receipt | SendRefused | SendUnknown:
    """Text a duty phone, outside any unit of work; what came of it is for `settle`."""
    if clock.real_now() - call.claimed_at > TOO_OLD_TO_SEND:
        return SendUnknown(None)
    try:
        return gateway.send(
            to=call.number,
            body=BODY,
            status_callback=f"{public_url}/sms/duty/{call.call_id}",
            valid_for=int(USEFUL_FOR.total_seconds()),
        )
    except (SendRefused, SendUnknown) as failure:
        return failure


def settle(call: Call, outcome: Receipt | SendRefused | SendUnknown, *, now: datetime) -> None:
    """Store what came of a call; one of unknown fate is left alone, and the next person is called in her time."""
    row = session.get_one(DutyCall, call.call_id)
    if row.state == "sending" and isinstance(outcome, Receipt):
        row.state, row.sent_at = "sent", now
    elif row.state == "sending" and isinstance(outcome, SendRefused):
        row.state = "failed"
    session.flush()


def take_status(call_id: int, status: str) -> None:
    """The gateway tells what became of a call: one that did not arrive calls the next person at once.

    Raises NotFound.
    """
    call = get_or_none(DutyCall, call_id)
    if call is None:
        raise NotFound("call")
    if state_told(status) is TextState.NOT_DELIVERED and call.answered_at is None:
        call.state = "failed"
    session.flush()


def take_answer(incoming: IncomingText, now: datetime) -> bool:
    """Take a text from a duty phone that says 1: she has every task that she was called for. Gives whether it was one.

    Not one about a woman of whom she must not know since: she could not open it, and nobody else would be called (R29).

    Whatever else a duty phone says is read by a person, as any text from a number that we cannot place.
    """
    if digit_of(incoming.body) != "1":
        return False
    calls = session.scalars(
        select(DutyCall)
        .join(Staff, Staff.id == DutyCall.staff_id)
        .where(
            Staff.duty_number_index == incoming.number_index,
            Staff.active,
            DutyCall.wanted_at <= incoming.received_at,
            DutyCall.wanted_at > incoming.received_at - ANSWERABLE_FOR,
        )
        .order_by(DutyCall.id)
    ).all()
    if not calls or is_a_womans(incoming.number_index):
        return False
    for call in calls:
        if call.staff_id in _must_not_know(session.get_one(Task, call.task_id)):
            continue
        call.answered_at = call.answered_at or now
        worklist.take_by_text(person(call.staff_id).actor, call.task_id, now=now)
    incoming.meaning, incoming.interpreted_at = ANSWERED, now
    incoming.read_at, incoming.read_by = now, calls[-1].staff_id
    session.flush()
    return True


def set_number(actor: Actor, staff_id: int, number: str, *, drama_only: bool, now: datetime) -> None:
    """Set the phone on which somebody is called out, or with an empty number take it away.

    Raises NotFound, Invalid("number", …) as `parse_mobile`, Invalid("number", "taken" | "not_usable"): never a
    number that any woman's record holds or held.
    """
    require(actor, Permission.EDIT_ROTA)
    found = person(staff_id)
    plain = parse_mobile(number, drama_only=drama_only) if number.strip() else None
    index = number_index(plain) if plain else None
    if index is not None:
        same = select(Staff.id).where(Staff.duty_number_index == index, Staff.id != staff_id)
        if session.scalar(same.limit(1)) is not None:
            raise Invalid("number", "taken")
        if is_a_womans(index):
            raise Invalid("number", "not_usable")
    found.duty_number, found.duty_number_index = plain, index
    action = "duty_number_set" if plain else "duty_number_removed"
    audit.record(actor, action, now=now, subject=f"staff:{staff_id}")
    session.flush()


def is_a_womans(index: str) -> bool:
    """Whether any version of a woman's record, or the list she was brought over with, holds this number.

    No text to a staff phone ever goes to it.
    """
    held = select(SafeContact.id).where(SafeContact.number_index == index).limit(1)
    listed = select(Client.id).where(Client.listed_number_index == index).limit(1)
    return bool(session.scalar(select(or_(held.exists(), listed.exists()))))


def _unseen():
    """The tasks that nobody took or closed, the most urgent first."""
    unseen = select(Task).where(Task.kind.in_(CALLED_OUT_FOR), Task.closed_at.is_(None), Task.taken_by.is_(None))
    return lock_rows(unseen.order_by(Task.due_at, Task.id))


def _next_person(task: Task, called: set[int], now: datetime) -> Staff | None:
    """Who is called next: on duty, not called for it yet, and none who must not know one of its women (R29)."""
    never = _must_not_know(task) | called
    return next((each for each in on_duty(now) if each.id not in never and _may_be_called(each, now)), None)


def _must_not_know(task: Task) -> set[int]:
    """Whoever must not know of a woman whom a task may be about."""
    women = set(chase.women_of(task))
    return set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id.in_(women))))


def _may_be_called(called: Staff, now: datetime) -> bool:
    if called.duty_number is None or called.duty_number_index is None:
        return False
    if is_a_womans(called.duty_number_index) or has_opted_out(called.duty_number):
        return False
    recent = select(DutyCall.wanted_at).where(
        DutyCall.staff_id == called.id, DutyCall.state != "failed", DutyCall.wanted_at > now - timedelta(days=1)
    )
    until = free_at(session.scalars(recent.order_by(DutyCall.wanted_at.desc()).limit(MOST_A_DAY)).all())
    return until is None or until <= now


def _tell_managers(task: Task, now: datetime) -> None:
    """Once for each task, a task of all managers that names nobody."""
    told = select(Task.id).where(Task.subject == f"task:{task.id}")
    if session.scalar(told.limit(1)) is None:
        worklist.raise_task("nobody_answered", now=now, subject=f"task:{task.id}", due_at=now)


def _note_answers() -> None:
    """Whoever took or closed the task on the pages has answered too."""
    for at, who in ((Task.taken_at, Task.taken_by), (Task.closed_at, Task.closed_by)):
        when = select(at).where(Task.id == DutyCall.task_id).scalar_subquery()
        hers = select(Task.id).where(Task.id == DutyCall.task_id, who == DutyCall.staff_id).exists()
        session.execute(
            update(DutyCall)
            .where(DutyCall.answered_at.is_(None), hers)
            .values(answered_at=when)
            .execution_options(synchronize_session=False)
        )
