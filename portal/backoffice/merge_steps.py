"""What joining two records does, step by step; each keeps what it changed, and none makes anything looser."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from portal.accounts import service as accounts
from portal.accounts.models import ClientPasscode, KeptForm, SetupCode, TextCode
from portal.backoffice import put_at_risk
from portal.backoffice.merge_changes import Changes
from portal.backoffice.merge_queries import MOVED, overlapping
from portal.booking.models import Occupancy
from portal.clients.booking_needs import NEEDS
from portal.clients.models import (
    AvoidedCentre,
    AvoidedWorker,
    BookingNeeds,
    Client,
    KeptApart,
    Restriction,
    SafeContact,
)
from portal.clients.queries import safe_contact
from portal.clients.switches import SWITCHES
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.database import lock_rows, session
from portal.groups.models import Place
from portal.messaging import gate, outbox
from portal.messaging.models import Text, TextState
from portal.messaging.rules import thread_subject
from portal.plan.answer_models import PlanVersion
from portal.plan.models import Plan
from portal.plan.rules import PlanState
from portal.waiting import ending
from portal.waiting.models import HELD, Offer, Wait
from portal.worklist import service as worklist
from portal.worklist.models import Task

_OF_A_TEXT = ("state", "reason", "send_at", "settled_at", "number", "number_index")
_ALLOWING = (
    "may_text", "names_worker", "may_reply", "auto_reply", "may_ring", "may_leave_message", "may_say_who", "may_post",
    "may_email",
)  # fmt: skip
"""Answers of a safe-contact record that allow something."""
_OF_A_TASK = ("owner_id", "centre_id", "second_id", "taken_by", "taken_at", "subject")


def queued(client_ids: Iterable[int]) -> Select:
    """The texts to some women that have not left."""
    return select(Text).where(Text.client_id.in_(list(client_ids)), Text.state.in_(outbox.QUEUED))


def held_offers(client_ids: Iterable[int]) -> Select:
    """The offers that are held for some women."""
    return select(Offer).where(Offer.client_id.in_(list(client_ids)), Offer.state.in_(HELD)).order_by(Offer.id)


def copy_who_must_not_know(changes: Changes, kept: Client, merged: Client, now: datetime) -> None:
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


def join_booking_needs(changes: Changes, kept: Client, merged: Client) -> None:
    """Whom and where one does not go the other does not; what a session must have for one it must have for both."""
    for model, column in ((AvoidedWorker, "staff_id"), (AvoidedCentre, "centre_id")):
        rows = session.execute(select(model.client_id, getattr(model, column)).where(_is_of(model, kept, merged))).all()
        hers = {number for client_id, number in rows if client_id == kept.id}
        for number in sorted({number for _, number in rows} - hers):
            changes.add(model(client_id=kept.id, **{column: number}))
    needs = {
        row.client_id: row for row in session.scalars(select(BookingNeeds).where(_is_of(BookingNeeds, kept, merged)))
    }
    if kept.id in needs and merged.id in needs:
        one, other = needs[kept.id], needs[merged.id]
        changes.put(one, **{name: getattr(one, name) or getattr(other, name) for name in NEEDS})
    elif merged.id in needs:
        changes.move(BookingNeeds, merged.id, kept.id)


def take_offers_back(client_ids: Iterable[int], now: datetime) -> None:
    """What is offered to some women is taken back: the joined record waits on, and is asked anew."""
    for offer in session.scalars(lock_rows(held_offers(client_ids)).execution_options(populate_existing=True)).all():
        ending.withdraw(offer, actor=SYSTEM, now=now)


def join_waits(changes: Changes, kept: Client, merged: Client, now: datetime) -> None:
    """Who waits for the same in both records waits once, since the earlier day."""
    ids = (kept.id, merged.id)
    waits = session.scalars(select(Wait).where(Wait.client_id.in_(ids), Wait.ended_at.is_(None)).order_by(Wait.id))
    hers: dict[tuple, Wait] = {}
    for wait in sorted(waits, key=lambda wait: wait.client_id != kept.id):
        same = hers.setdefault((wait.kind_id, wait.course_id), wait)
        if same is not wait:
            changes.put(same, since_at=min(same.since_at, wait.since_at))
            changes.put(wait, ended_at=now, ended_why="joined")
    session.flush()


def take_times(changes: Changes, kept: Client, merged: Client) -> None:
    """Her times are the kept record's; two that overlapped in the past stand as a deliberate overbooking."""
    twice = {taken.id for taken in overlapping(kept.id, merged.id)}
    for taken in session.scalars(select(Occupancy).where(Occupancy.resource == f"client:{merged.id}")).all():
        changes.put(taken, resource=f"client:{kept.id}", overbooked=taken.overbooked or taken.id in twice)
    session.flush()


def keep_one_place(changes: Changes, kept: Client, merged: Client, now: datetime) -> None:
    """A woman has one place in a course: where both records have one, the other is free.

    A place that is hers goes before one that was only held, for an offer that was taken back or for an undoing.
    """
    open_ones = select(Place).where(_is_of(Place, kept, merged), Place.left_at.is_(None)).order_by(Place.id)
    places = session.scalars(open_ones.execution_options(populate_existing=True)).all()
    seen = set()
    for place in sorted(places, key=lambda one: (one.held_until_at is not None, one.client_id != kept.id)):
        if place.course_id in seen:
            changes.put(place, left_at=now, left_by_kind=place.left_by_kind or SYSTEM.kind, left_by_id=SYSTEM.id)
        seen.add(place.course_id)
    session.flush()


def leave_given_places(changes: Changes) -> None:
    """A place that somebody else has by now, or that is not there any more, does not come back with the parting."""
    changed = changes.values.get(Place.__tablename__, {})
    for row_id in list(changed):
        place = session.get_one(Place, int(row_id), populate_existing=True)
        same = (Place.course_id == place.course_id, Place.number == place.number, Place.left_at.is_(None))
        is_given = session.scalar(select(Place.id).where(*same, Place.id != place.id).limit(1)) is not None
        if is_given or place.number > place.of_places:
            del changed[row_id]


def number_versions_on(changes: Changes, kept: Client, merged: Client) -> None:
    """The plans that were shared with the merged record are numbered on from the kept record's, from the last one."""
    last = session.scalar(select(func.max(PlanVersion.number)).where(PlanVersion.client_id == kept.id)) or 0
    of_merged = select(PlanVersion).where(PlanVersion.client_id == merged.id).order_by(PlanVersion.number.desc())
    for version in session.scalars(of_merged).all():
        changes.put(version, number=version.number + last)
        session.flush()


def move_rows(changes: Changes, kept: Client, merged: Client) -> None:
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


def join_contact(changes: Changes, kept: Client, merged: Client, now: datetime) -> None:
    """Where both have a safe-contact record neither is trusted: nothing leaves before she was asked again.

    Until then what either of them forbids, calls and messages among it, is forbidden.
    """
    hers, other, today = safe_contact(kept.id), safe_contact(merged.id), clock.london_today(now)
    if hers is None or other is None:
        return
    # R47: a stop of either is a stop of both, and only asking her anew ends it.
    changes.put(hers, check_again_on=min(hers.check_again_on, today), stopped_at=hers.stopped_at or other.stopped_at)
    if other.stopped_at is not None:
        put_at_risk.hold_everything(kept, now)
    for name in _ALLOWING:
        changes.put(hers, **{name: getattr(hers, name) and getattr(other, name)})
    worklist.raise_task(
        "recheck_safe_contact", now=now, client_id=kept.id, owner_id=kept.keyworker_id, centre_id=kept.centre_id
    )


def stop_both(kept: Client, merged: Client, stopped_at: datetime, now: datetime) -> None:
    """R47: parting two records never lets out what was stopped while they were one."""
    session.expire_all()
    for client in (kept, merged):
        record = safe_contact(client.id)
        if record is not None:
            record.stopped_at = record.stopped_at or stopped_at
            record.check_again_on = min(record.check_again_on, clock.london_today(now))
        put_at_risk.hold_everything(client, now)


def join_facts(changes: Changes, kept: Client, merged: Client) -> None:
    """R41: her pages show only what both records showed. What a session needs is put together.

    The later day counts before which nothing may reach her.
    """
    for name in SWITCHES:
        one, other = getattr(kept, name), getattr(merged, name)
        changes.put(kept, **{name: one or other if name == "sign_in_paused" else one and other})
    days = [day for day in (kept.nothing_before_on, merged.nothing_before_on) if day is not None]
    changes.put(kept, nothing_before_on=max(days, default=None))
    needs = (merged.preparation or {}) | (kept.preparation or {})
    if needs != (kept.preparation or {}):
        changes.put(kept, preparation=needs)


def end_ways_in(changes: Changes, kept: Client, merged: Client, now: datetime) -> None:
    """The merged record opens nothing any more; who knew only its passcode needs a set-up code for the kept one."""
    accounts.end_all_sessions("client", merged.id, now=now)
    unused = select(SetupCode).where(SetupCode.client_id == merged.id, SetupCode.used_at.is_(None))
    for code in session.scalars(unused).all():
        changes.put(code, used_at=now)
    live = select(TextCode).where(TextCode.client_id == merged.id, TextCode.ended_at.is_(None))
    for by_text in session.scalars(live).all():
        changes.put(by_text, ended_at=now)
    for form in session.scalars(select(KeptForm).where(KeptForm.client_id == merged.id, KeptForm.expires_at > now)):
        changes.put(form, expires_at=now)
    if session.get(ClientPasscode, kept.id) is None and session.get(ClientPasscode, merged.id) is not None:
        worklist.raise_task(
            "new_setup_code", now=now, client_id=kept.id, owner_id=kept.keyworker_id, centre_id=kept.centre_id
        )


def hand_tasks(changes: Changes, kept: Client, merged: Client) -> None:
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


def ask_gate(changes: Changes, kept: Client, now: datetime) -> None:
    """What was queued for the merged record goes through the gate anew, with the kept record's safe contact."""
    record = safe_contact(kept.id)
    texts = session.scalars(queued([kept.id]).where(Text.id.in_(changes.rows["texts"]))).all()
    for text in texts:
        if text.state == TextState.HELD and text.send_at <= now:
            continue
        with changes.watching(text, *_OF_A_TEXT):
            outbox.address(text, record)
            verdict = gate.wanted_at(text, kept, record, max(text.send_at, now))
            outbox.apply(text, kept, verdict, now)
