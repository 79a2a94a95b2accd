"""Two records of one woman become one, and apart again: whole or not at all, never looser than either was."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from portal.accounts import service as accounts
from portal.accounts.models import ClientPasscode, KeptForm, SetupCode
from portal.audit import service as audit
from portal.backoffice.merge_changes import Changes
from portal.backoffice.merge_queries import MOVED, overlapping, why_not
from portal.booking import taking
from portal.booking.models import Occupancy
from portal.clients.models import Client, ClientMerge, ClientState, KeptApart, Restriction, SafeContact
from portal.clients.queries import client_in_reach, safe_contact, visible_client
from portal.clients.switches import SWITCHES
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, MovedTo, NotFound, Stale
from portal.messaging import gate, marks, outbox
from portal.messaging.inbox import thread_subject
from portal.messaging.models import Text, TextState
from portal.plan.models import Plan
from portal.plan.rules import PlanState
from portal.staff.models import Staff
from portal.worklist import service as worklist
from portal.worklist.models import Task

STRAGGLE_FOR = timedelta(hours=1)
"""How long after a merge stragglers are looked for."""
_OF_A_TEXT = ("state", "reason", "send_at", "settled_at", "number", "number_index")
_ALLOWING = (
    "may_text", "names_worker", "may_reply", "auto_reply", "may_ring", "may_leave_message", "may_say_who", "may_post",
    "may_email",
)  # fmt: skip
"""Answers of a safe-contact record that allow something."""
_OF_A_TASK = ("owner_id", "centre_id", "second_id", "taken_by", "taken_at", "subject")


def merge(actor: Actor, kept_id: int, merged_id: int, *, now: datetime) -> ClientMerge:
    """Join a record into another: everything that is a list goes there, and the stricter of both holds for it.

    Raises NotFound, Stale when somebody else joined or closed one of them meanwhile, and Invalid("sure", reason) as
    `merge_queries.why_not` says, or "same" for a record with itself.
    """
    require(actor, Permission.MERGE_RECORDS)
    if kept_id == merged_id:
        raise Invalid("sure", "same")
    try:
        visible_client(actor, kept_id)
        visible_client(actor, merged_id)
    except MovedTo:
        raise Stale("client") from None
    kept, merged = _locked(kept_id, merged_id)
    if any(client.state != ClientState.OPEN or client.merged_into_id for client in (kept, merged)):
        raise Stale("client")
    reason = why_not(kept, merged, now)
    if reason is not None:
        raise Invalid("sure", reason)
    changes, open_before = Changes(), _open_tasks((kept_id, merged_id))
    _copy_who_must_not_know(changes, kept, merged, now)
    _take_times(changes, kept, merged)
    _move_rows(changes, kept, merged)
    _join_contact(changes, kept, merged, now)
    _join_facts(changes, kept, merged)
    _end_ways_in(changes, kept, merged, now)
    changes.put(merged, state=ClientState.CLOSED, closed_at=now, merged_into_id=kept.id)
    session.flush()
    _hand_tasks(changes, kept, merged)
    _ask_gate(changes, kept, now)
    changes.raised = sorted(_open_tasks((kept_id,)) - open_before)
    row = ClientMerge(kept_id=kept_id, merged_id=merged_id, moved=changes.as_json(), merged_by=actor.id, merged_at=now)
    session.add(row)
    marks.mark(actor, kept_id, "merge", from_id=merged.keyworker_id, to_id=kept.keyworker_id, now=now)
    _audit_both(actor, "records_merged", row, now)
    session.flush()
    return row


def undo(actor: Actor, kept_id: int, merge_id: int, *, now: datetime) -> ClientMerge:
    """Part two records again: exactly what moved goes back, what came since stays with the kept one.

    Raises NotFound, Stale when it was undone before, Invalid("undo", "later") while a later merge into the same record
    stands, because what that one copied was decided with this one in place.
    """
    require(actor, Permission.MERGE_RECORDS)
    row = get_or_none(ClientMerge, merge_id)
    if row is None or row.kept_id != kept_id:
        raise NotFound("merge")
    visible_client(actor, kept_id)
    client_in_reach(actor, row.merged_id)
    kept, merged = _locked(kept_id, row.merged_id)
    session.refresh(row)
    if row.undone_at is not None or kept.merged_into_id is not None:
        raise Stale("merge")
    later = select(ClientMerge.id).where(
        ClientMerge.kept_id == kept_id, ClientMerge.undone_at.is_(None), ClientMerge.id > row.id
    )
    if session.scalar(later.limit(1)) is not None:
        raise Invalid("undo", "later")
    changes = Changes(row.moved)
    changes.take_back(kept_id, merged.id)
    worklist.close_by_id(changes.raised, done="not_needed", actor=actor, now=now)
    keyworker = get_or_none(Staff, merged.keyworker_id)
    if keyworker is None or not keyworker.active:
        worklist.raise_task("choose_keyworker", now=now, client_id=merged.id, centre_id=merged.centre_id)
    row.undone_by, row.undone_at = actor.id, now
    for client_id in (kept_id, merged.id):
        marks.mark(actor, client_id, "split", now=now)
    _audit_both(actor, "records_parted", row, now)
    session.flush()
    return row


def gather(now: datetime) -> int:
    """Give the kept record what was written for a merged one at the very moment of the merge; gives how many rows.

    On PostgreSQL a page that had looked at her record before may write to it just after.
    """
    recent = select(ClientMerge).where(ClientMerge.undone_at.is_(None), ClientMerge.merged_at > now - STRAGGLE_FOR)
    found = 0
    for row in session.scalars(lock_rows(recent.order_by(ClientMerge.id))).all():
        changes = Changes(row.moved)
        late = sum(changes.move(model, row.merged_id, row.kept_id) for model in MOVED)
        if late:
            session.expire_all()
            kept, merged = session.get_one(Client, row.kept_id), session.get_one(Client, row.merged_id)
            _take_times(changes, kept, merged)
            _hand_tasks(changes, kept, merged)
            _ask_gate(changes, kept, now)
            row.moved = changes.as_json()
            found += late
    session.flush()
    return found


def _locked(kept_id: int, merged_id: int) -> tuple[Client, Client]:
    """Both records, after everything that others might hold while they wait for a record: bookings and queued texts."""
    ids = sorted((kept_id, merged_id))
    taking.hold_clients(ids)
    session.scalars(lock_rows(_queued(ids).order_by(Text.id))).all()
    statement = lock_rows(select(Client).where(Client.id.in_(ids)).order_by(Client.id))
    found = {client.id: client for client in session.scalars(statement.execution_options(populate_existing=True))}
    return found[kept_id], found[merged_id]


def _queued(ids: Iterable[int]):
    return select(Text).where(Text.client_id.in_(list(ids)), Text.state.in_(outbox.QUEUED))


def _open_tasks(ids: Iterable[int]) -> set[int]:
    return set(session.scalars(select(Task.id).where(Task.client_id.in_(list(ids)), Task.closed_at.is_(None))))


def _copy_who_must_not_know(changes: Changes, kept: Client, merged: Client, now: datetime) -> None:
    """R29, R43: who must not know of one must not know of either; whom one must not meet the other must not."""
    staff_of = {
        client.id: set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id == client.id)))
        for client in (kept, merged)
    }
    for client, other in ((kept, merged), (merged, kept)):
        for staff_id in sorted(staff_of[other.id] - staff_of[client.id]):
            changes.add(Restriction(client_id=client.id, staff_id=staff_id, since_at=now))
    for other_id in sorted(_apart_from(merged.id) - _apart_from(kept.id)):
        changes.add(KeptApart(one_id=min(kept.id, other_id), other_id=max(kept.id, other_id)))


def _apart_from(client_id: int) -> set[int]:
    pairs = select(KeptApart).where(or_(KeptApart.one_id == client_id, KeptApart.other_id == client_id))
    return {pair.one_id + pair.other_id - client_id for pair in session.scalars(pairs)}


def _take_times(changes: Changes, kept: Client, merged: Client) -> None:
    """Her times are the kept record's; two that overlapped in the past stand as a deliberate overbooking."""
    twice = {taken.id for taken in overlapping(kept.id, merged.id)}
    for taken in session.scalars(select(Occupancy).where(Occupancy.resource == f"client:{merged.id}")).all():
        changes.put(taken, resource=f"client:{kept.id}", overbooked=taken.overbooked or taken.id in twice)
    session.flush()


def _move_rows(changes: Changes, kept: Client, merged: Client) -> None:
    plans = {plan.client_id: plan for plan in session.scalars(select(Plan).where(_is_of(Plan, kept, merged)))}
    for model in MOVED:
        changes.move(model, merged.id, kept.id)
    if kept.id not in plans:
        changes.move(Plan, merged.id, kept.id)
    elif changes.rows["goals"] and (merged.id not in plans or plans[merged.id].state == PlanState.DRAFT):
        # Goals of a draft were never shown to her: until a worker has looked, neither is the plan they joined.
        changes.put(plans[kept.id], state=PlanState.DRAFT)
    if safe_contact(kept.id) is None:
        changes.move(SafeContact, merged.id, kept.id)
    session.expire_all()


def _is_of(model, kept: Client, merged: Client):
    return model.client_id.in_((kept.id, merged.id))


def _join_contact(changes: Changes, kept: Client, merged: Client, now: datetime) -> None:
    """Where both have a safe-contact record neither is trusted: nothing leaves before she was asked again.

    Until then what either of them forbids, calls and messages among it, is forbidden.
    """
    hers = safe_contact(kept.id)
    if hers is None or safe_contact(merged.id) is None:
        return
    other, today = safe_contact(merged.id), clock.london_today(now)
    changes.put(hers, check_again_on=min(hers.check_again_on, today))
    for name in _ALLOWING:
        changes.put(hers, **{name: getattr(hers, name) and getattr(other, name)})
    worklist.raise_task(
        "recheck_safe_contact", now=now, client_id=kept.id, owner_id=kept.keyworker_id, centre_id=kept.centre_id
    )


def _join_facts(changes: Changes, kept: Client, merged: Client) -> None:
    """R41: her pages show only what both records showed. What a session needs is put together."""
    for name in SWITCHES:
        one, other = getattr(kept, name), getattr(merged, name)
        changes.put(kept, **{name: one or other if name == "sign_in_paused" else one and other})
    needs = (merged.preparation or {}) | (kept.preparation or {})
    if needs != (kept.preparation or {}):
        changes.put(kept, preparation=needs)


def _end_ways_in(changes: Changes, kept: Client, merged: Client, now: datetime) -> None:
    """The merged record opens nothing any more; who knew only its passcode needs a set-up code for the kept one."""
    accounts.end_all_sessions("client", merged.id, now=now)
    unused = select(SetupCode).where(SetupCode.client_id == merged.id, SetupCode.used_at.is_(None))
    for code in session.scalars(unused).all():
        changes.put(code, used_at=now)
    for form in session.scalars(select(KeptForm).where(KeptForm.client_id == merged.id, KeptForm.expires_at > now)):
        changes.put(form, expires_at=now)
    if session.get(ClientPasscode, kept.id) is None and session.get(ClientPasscode, merged.id) is not None:
        worklist.raise_task(
            "new_setup_code", now=now, client_id=kept.id, owner_id=kept.keyworker_id, centre_id=kept.centre_id
        )


def _hand_tasks(changes: Changes, kept: Client, merged: Client) -> None:
    """Open tasks go to whoever may know of her: the kept record's keyworker in place of the merged one's."""
    restricted = set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id == kept.id)))
    moved = set(changes.rows["tasks"])
    for task in session.scalars(select(Task).where(Task.client_id == kept.id, Task.closed_at.is_(None))).all():
        with changes.watching(task, *_OF_A_TASK):
            if task.owner_id in restricted or (task.id in moved and task.owner_id == merged.keyworker_id):
                task.owner_id = kept.keyworker_id
            if task.taken_by in restricted:
                task.taken_by = task.taken_at = None
            if task.second_id in restricted:
                task.second_id = None
            if task.id in moved and task.centre_id == merged.centre_id:
                task.centre_id = kept.centre_id
            if task.subject == thread_subject(merged.id):
                task.subject = thread_subject(kept.id)
    session.flush()


def _ask_gate(changes: Changes, kept: Client, now: datetime) -> None:
    """What was queued for the merged record goes through the gate anew, with the kept record's safe contact."""
    record = safe_contact(kept.id)
    texts = session.scalars(_queued([kept.id]).where(Text.id.in_(changes.rows["texts"]))).all()
    for text in texts:
        if text.state == TextState.HELD and text.send_at <= now:
            continue
        with changes.watching(text, *_OF_A_TEXT):
            outbox.address(text, record)
            verdict = gate.wanted_at(text, kept, record, max(text.send_at, now))
            outbox.apply(text, kept, verdict, now)


def _audit_both(actor: Actor, action: str, row: ClientMerge, now: datetime) -> None:
    for client_id, other_id in ((row.kept_id, row.merged_id), (row.merged_id, row.kept_id)):
        audit.record(actor, action, now=now, client_id=client_id, subject=f"client:{other_id}")
