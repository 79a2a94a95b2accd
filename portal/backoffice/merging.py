"""Two records of one woman become one, and apart again: whole or not at all, never looser than either was."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.audit import service as audit
from portal.backoffice import merge_steps as steps
from portal.backoffice.merge_changes import Changes
from portal.backoffice.merge_queries import MOVED, why_not
from portal.booking import taking
from portal.clients.merge_models import ClientMerge
from portal.clients.models import Client, ClientState
from portal.clients.queries import client_in_reach, safe_contact, standing_client
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, MovedTo, NotFound, Stale
from portal.messaging import marks
from portal.messaging.models import Text
from portal.staff.models import Staff
from portal.worklist import service as worklist
from portal.worklist.models import Task

STRAGGLE_FOR = timedelta(hours=1)
"""How long after a merge stragglers are looked for."""


def merge(actor: Actor, kept_id: int, merged_id: int, *, now: datetime) -> ClientMerge:
    """Join a record into another: everything that is a list goes there, and the stricter of both holds for it.

    Raises NotFound, Stale when somebody else joined or closed one of them meanwhile, and Invalid("sure", reason) as
    `merge_queries.why_not` says, or "same" for a record with itself.
    """
    require(actor, Permission.MERGE_RECORDS)
    if kept_id == merged_id:
        raise Invalid("sure", "same")
    try:
        standing_client(actor, kept_id)
        standing_client(actor, merged_id)
    except MovedTo:
        raise Stale("client") from None
    kept, merged = _locked(kept_id, merged_id)
    if any(client.state != ClientState.OPEN or client.merged_into_id for client in (kept, merged)):
        raise Stale("client")
    reason = why_not(kept, merged, now)
    if reason is not None:
        raise Invalid("sure", reason)
    changes, open_before = Changes(), _open_tasks((kept_id, merged_id))
    steps.copy_who_must_not_know(changes, kept, merged, now)
    steps.join_booking_needs(changes, kept, merged)
    steps.take_offers_back((kept_id, merged_id), now)
    steps.join_waits(changes, kept, merged, now)
    steps.take_times(changes, kept, merged)
    steps.keep_one_place(changes, kept, merged, now)
    steps.number_versions_on(changes, kept, merged)
    steps.move_rows(changes, kept, merged)
    steps.join_contact(changes, kept, merged, now)
    steps.join_facts(changes, kept, merged)
    steps.end_ways_in(changes, kept, merged, now)
    changes.put(merged, state=ClientState.CLOSED, closed_at=now, merged_into_id=kept.id)
    session.flush()
    steps.hand_tasks(changes, kept, merged)
    steps.ask_gate(changes, kept, now)
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
    standing_client(actor, kept_id)
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
    changes, contact = Changes(row.moved), safe_contact(kept_id)
    stopped_at = contact.stopped_at if contact is not None else None
    steps.leave_given_places(changes)
    changes.take_back(kept_id, merged.id)
    if stopped_at is not None:
        steps.stop_both(kept, merged, stopped_at, now)
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
        kept, merged = session.get_one(Client, row.kept_id), session.get_one(Client, row.merged_id)
        steps.take_offers_back([merged.id], now)
        steps.join_waits(changes, kept, merged, now)
        steps.number_versions_on(changes, kept, merged)
        late = sum(changes.move(model, row.merged_id, row.kept_id) for model in MOVED)
        if late:
            session.expire_all()
            steps.take_times(changes, kept, merged)
            steps.hand_tasks(changes, kept, merged)
            steps.ask_gate(changes, kept, now)
            row.moved = changes.as_json()
            found += late
    session.flush()
    return found


def _locked(kept_id: int, merged_id: int) -> tuple[Client, Client]:
    """Both records, after all that others might hold while they wait for a record: bookings, offers, queued texts.

    Offers before texts, as whoever ends an offer locks them: neither waits for what the other holds.
    """
    ids = sorted((kept_id, merged_id))
    taking.hold_clients(ids)
    session.scalars(lock_rows(steps.held_offers(ids))).all()
    session.scalars(lock_rows(steps.queued(ids).order_by(Text.id))).all()
    statement = lock_rows(select(Client).where(Client.id.in_(ids)).order_by(Client.id))
    found = {client.id: client for client in session.scalars(statement.execution_options(populate_existing=True))}
    return found[kept_id], found[merged_id]


def _open_tasks(ids: Iterable[int]) -> set[int]:
    return set(session.scalars(select(Task.id).where(Task.client_id.in_(list(ids)), Task.closed_at.is_(None))))


def _audit_both(actor: Actor, action: str, row: ClientMerge, now: datetime) -> None:
    for client_id, other_id in ((row.kept_id, row.merged_id), (row.merged_id, row.kept_id)):
        audit.record(actor, action, now=now, client_id=client_id, subject=f"client:{other_id}")
