"""Closing a day in a hurry, for a centre or for one worker there: whom it hits, new times, who must be rung."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from portal.audit import service as audit
from portal.booking import offers, queries, service
from portal.booking.availability import FreeTime
from portal.booking.desk_models import ClosedDay, HitByClosing
from portal.booking.models import Appointment, AppointmentState
from portal.booking.queries import Booked
from portal.centres.models import Centre, Closure
from portal.centres.queries import is_closed
from portal.clients.models import Client, Restriction
from portal.clients.queries import safe_contact
from portal.core import clock
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.messaging import gate
from portal.messaging.models import Text, TextState
from portal.staff.models import Absence, Staff
from portal.staff.queries import keyworkers
from portal.worklist.models import Task
from portal.worklist.service import close_for_subject, raise_task

RING = "ring_about_closing"
FURTHEST_DAYS = 60
PROPOSED, PROPOSED_DAYS = 3, 14
LISTED_FOR = timedelta(days=30)
PROPOSED_STEP_MINUTES = 30
WENT = (TextState.REACHED, TextState.HANDED_OVER)


@dataclass(frozen=True)
class Hit:
    """One woman whom a closed day hits. `state` is to_move, waiting (a text goes in time), ring, or told."""

    row: HitByClosing
    booked: Booked
    new: Appointment | None
    state: str
    text_at: datetime | None


def close_day(actor: Actor, *, centre_id: int, worker_id: int | None, on: date, now: datetime) -> ClosedDay:
    """Close a day: nothing more can be booked on it, and whoever is booked then stands on a list until she was told.

    Each centre has a list of its own: who is away is away from all her centres. Whom the actor does not see, at another
    centre or because she must not be known to this actor (R29), becomes a task of ringing her at once. The same day
    closed again gives the list there is. Raises NotFound for a centre that the actor does not cover,
    Invalid("worker_id", "unknown"), Invalid("on", "past" | "too_far").
    """
    require(actor, Permission.BOOK_FOR_CLIENT)
    if centre_id not in actor.centres:
        raise NotFound("centre")
    if worker_id is not None and worker_id not in {person.id for person in keyworkers([centre_id])}:
        raise Invalid("worker_id", "unknown")
    today = clock.london_today(now)
    if on < today:
        raise Invalid("on", "past")
    if on > today + timedelta(days=FURTHEST_DAYS):
        raise Invalid("on", "too_far")
    # The centres' rows are what to wait at, in one order: a day closed by two people at once is one list.
    centre_ids = {centre_id, *(one.centre_id for one in _hit(centre_id, worker_id, on, now))}
    session.scalars(lock_rows(select(Centre.id).where(Centre.id.in_(centre_ids)).order_by(Centre.id))).all()
    closed = _closed_before(centre_id, worker_id, on)
    if closed is None:
        closed = _start(actor, centre_id, worker_id, on, now)
        _take_from_the_diary(closed)
    _list_hits(actor, closed, now)
    return closed


def settle(
    actor: Actor, hit_id: int, *, starts_at: datetime | None, worker_id: int | None, request_key: str, now: datetime
) -> HitByClosing:
    """Move a woman whom a closed day hits to a new time, or with none cancel; she is told in her safe way.

    Where no text can tell her in time, ringing her becomes the desk's task. Raises NotFound and the refusals of
    `service.change` and `service.cancel`.
    """
    row = _row(actor, hit_id)
    if row.new_appointment_id is not None:
        return row
    # What she was told by phone before is not what is settled now.
    row.rung_by = row.rung_at = None
    if starts_at is None:
        service.cancel(actor, row.appointment_id, reason="That day is closed.", now=now)
    else:
        moved = service.change(
            actor, row.appointment_id, starts_at=starts_at, worker_id=worker_id, request_key=request_key, now=now
        )
        row.new_appointment_id = moved.id
    session.flush()
    close_for_subject(_hit_subject(row), done="not_needed", actor=actor, now=now)
    if _hits(actor, HitByClosing.id == row.id)[0].state == "ring":
        _ask_to_ring(row, now)
    return row


def list_group(
    actor: Actor,
    *,
    session_id: int,
    centre_id: int,
    worker_id: int,
    on: date,
    ended: Mapping[Appointment, Appointment | None],
    now: datetime,
) -> ClosedDay | None:
    """Put whom the cancelling or moving of a group session hits on a list, each with her new appointment or None.

    Who stands on the list of a closed day stays on that one. Where no text can tell her in time, ringing her becomes
    the desk's task. Gives the list, or None when nobody is hit.
    """
    lists: dict[int, ClosedDay] = {}
    for was, new in ended.items():
        row = session.scalars(select(HitByClosing).where(HitByClosing.appointment_id == was.id)).first()
        if row is None:
            closed = lists.get(0) or _list_of(actor, session_id, centre_id, worker_id, on, now)
            lists[0] = closed
            row = HitByClosing(closed_day_id=closed.id, appointment_id=was.id, client_id=was.client_id)
            session.add(row)
        else:
            lists.setdefault(row.closed_day_id, session.get_one(ClosedDay, row.closed_day_id))
        row.new_appointment_id, row.rung_by, row.rung_at = new.id if new else None, None, None
        session.flush()
        close_for_subject(_hit_subject(row), done="not_needed", actor=actor, now=now)
        if _hits(SYSTEM, HitByClosing.id == row.id)[0].state == "ring":
            _ask_to_ring(row, now)
    return next(iter(lists.values()), None)


def rang(actor: Actor, hit_id: int, *, now: datetime) -> HitByClosing:
    """Somebody of the desk told her by phone; the task to ring her is closed."""
    row = _row(actor, hit_id)
    if row.rung_at is None:
        row.rung_by, row.rung_at = actor.id, now
        audit.record(actor, "rang_about_closing", now=now, client_id=row.client_id, subject=f"hit:{row.id}")
    about_it = Task.subject.in_((_subject(row), _hit_subject(row)))
    open_ones = select(Task).where(Task.kind == RING, about_it, Task.closed_at.is_(None))
    for task in session.scalars(lock_rows(open_ones)):
        task.closed_at, task.closed_by, task.done = now, actor.id, "rang_her"
    session.flush()
    return row


def closed_day(actor: Actor, closed_day_id: int) -> ClosedDay:
    """A closed day at a centre of the actor's; raises NotFound."""
    found = get_or_none(ClosedDay, closed_day_id)
    if found is None or found.centre_id not in actor.centres:
        raise NotFound("closed day")
    return found


def hits(actor: Actor, closed: ClosedDay) -> list[Hit]:
    """Whom a closed day hits and how far each is, by time; none of whom the actor must not know (R29)."""
    return _hits(actor, HitByClosing.closed_day_id == closed.id)


def hit(actor: Actor, hit_id: int) -> Hit:
    """One woman whom a closed day hits; raises NotFound."""
    return _hits(actor, HitByClosing.id == _row(actor, hit_id).id)[0]


def recent(actor: Actor, now: datetime) -> list[tuple[ClosedDay, Staff | None, int]]:
    """The closed days of the actor's centres, the newest first, with how many women are still to be told."""
    rows = session.execute(
        select(ClosedDay, Staff)
        .outerjoin(Staff, Staff.id == ClosedDay.worker_id)
        .where(ClosedDay.centre_id.in_(actor.centres), ClosedDay.started_at > now - LISTED_FOR)
        .order_by(ClosedDay.id.desc())
    ).all()
    return [(closed, worker, sum(one.state != "told" for one in hits(actor, closed))) for closed, worker in rows]


def elsewhere(actor: Actor, closed: ClosedDay) -> list[ClosedDay]:
    """The lists of the same worker's day at the actor's other centres."""
    if closed.worker_id is None or closed.session_id is not None:
        return []
    closed_too = (ClosedDay.session_id.is_(None), ClosedDay.id != closed.id)
    same = (ClosedDay.worker_id == closed.worker_id, ClosedDay.on == closed.on, *closed_too)
    return list(session.scalars(select(ClosedDay).where(*same, ClosedDay.centre_id.in_(actor.centres))))


def proposals(found: Iterable[Hit], now: datetime) -> dict[int, list[FreeTime]]:
    """The nearest new times for each woman still to be moved, no time proposed to two, her own worker first."""
    given: list[tuple[int, datetime, datetime]] = []
    proposed: dict[int, list[FreeTime]] = {}
    for one in found:
        # A group session has no new time for one woman alone: it is cancelled, or moved for all.
        if one.state != "to_move" or one.booked.appointment.session_id is not None:
            continue
        booked = one.booked
        try:
            at = offers.place_of(booked.appointment, booked.client, by_staff=True)
        except NotFound:
            proposed[one.row.id] = []
            continue
        on = clock.london_today(booked.appointment.starts_at)
        free = offers.free_times(
            at.with_starts_every(PROPOSED_STEP_MINUTES), now=now, from_on=on, days=PROPOSED_DAYS,
            moving=booked.appointment.id,
        )  # fmt: skip
        lasts = timedelta(minutes=at.terms.buffer_before + at.terms.minutes + at.terms.buffer_after)
        listed = [each for each in free if not _given_away(each, lasts, given)][:PROPOSED]
        if listed:
            given.append((listed[0].worker_id, listed[0].starts_at, listed[0].starts_at + lasts))
        proposed[one.row.id] = listed
    return proposed


def _given_away(free: FreeTime, lasts: timedelta, given: list[tuple[int, datetime, datetime]]) -> bool:
    """Whether a time meets one that was proposed to somebody else before."""
    return any(
        worker_id == free.worker_id and free.starts_at < ends_at and free.starts_at + lasts > starts_at
        for worker_id, starts_at, ends_at in given
    )


def _closed_before(centre_id: int, worker_id: int | None, on: date) -> ClosedDay | None:
    same = ClosedDay.worker_id.is_(None) if worker_id is None else ClosedDay.worker_id == worker_id
    closed = (ClosedDay.centre_id == centre_id, ClosedDay.on == on, ClosedDay.session_id.is_(None), same)
    statement = select(ClosedDay).where(*closed)
    return session.scalars(lock_rows(statement)).first()


def _list_of(actor: Actor, session_id: int, centre_id: int, worker_id: int, on: date, now: datetime) -> ClosedDay:
    before = select(ClosedDay).where(ClosedDay.session_id == session_id, ClosedDay.on == on)
    found = session.scalars(before).first()
    if found is None:
        found = ClosedDay(centre_id=centre_id, worker_id=worker_id, session_id=session_id, on=on,
                          started_by=actor.id, started_at=now)  # fmt: skip
        session.add(found)
        session.flush()
    return found


def _start(actor: Actor, centre_id: int, worker_id: int | None, on: date, now: datetime) -> ClosedDay:
    closed = ClosedDay(centre_id=centre_id, worker_id=worker_id, on=on, started_by=actor.id, started_at=now)
    session.add(closed)
    session.flush()
    audit.record(actor, "day_closed", now=now, subject=f"closed_day:{closed.id}")
    return closed


def _list_hits(actor: Actor, closed: ClosedDay, now: datetime) -> None:
    """Put whoever is hit on the list of the centre where she is booked, unless she stands there."""
    centre_id, worker_id, on = closed.centre_id, closed.worker_id, closed.on
    lists = {centre_id: closed}
    restricted = set(session.scalars(select(Restriction.client_id).where(Restriction.staff_id == actor.id)))
    for appointment in _hit(centre_id, worker_id, on, now):
        at = appointment.centre_id
        if at not in lists:
            lists[at] = _closed_before(at, worker_id, on) or _start(actor, at, worker_id, on, now)
        row = _added(lists[at], appointment)
        took_it_back = not appointment.stands and appointment.ended_by_kind == "client"
        if row is not None and not took_it_back and (at not in actor.centres or row.client_id in restricted):
            _ask_to_ring(row, now)


def _added(closed: ClosedDay, appointment: Appointment) -> HitByClosing | None:
    """The new row of a list, or None when she stands there already."""
    listed = select(HitByClosing.id).where(
        HitByClosing.closed_day_id == closed.id, HitByClosing.appointment_id == appointment.id
    )
    if session.scalar(listed) is not None:
        return None
    row = HitByClosing(closed_day_id=closed.id, appointment_id=appointment.id, client_id=appointment.client_id)
    session.add(row)
    session.flush()
    return row


def _take_from_the_diary(closed: ClosedDay) -> None:
    if closed.worker_id is None:
        if not is_closed(closed.centre_id, closed.on):
            session.add(Closure(centre_id=closed.centre_id, starts_on=closed.on, ends_on=closed.on))
        return
    begins_at, ends_at = clock.london_midnight(closed.on), clock.london_midnight(closed.on + timedelta(days=1))
    session.add(Absence(staff_id=closed.worker_id, starts_at=begins_at, ends_at=ends_at))


def _hit(centre_id: int, worker_id: int | None, on: date, now: datetime) -> list[Appointment]:
    begins_at, ends_at = clock.london_midnight(on), clock.london_midnight(on + timedelta(days=1))
    statement = select(Appointment).where(
        # A cancelling that can be undone counts as if she came.
        or_(Appointment.state == AppointmentState.BOOKED, Appointment.settles_at.is_not(None)),
        Appointment.starts_at >= max(begins_at, now),
        Appointment.starts_at < ends_at,
        Appointment.arrived_at.is_(None),
        # Who is away is away from all her centres.
        Appointment.centre_id == centre_id if worker_id is None else Appointment.worker_id == worker_id,
    )
    return list(session.scalars(statement.order_by(Appointment.starts_at, Appointment.id)))


def _row(actor: Actor, hit_id: int) -> HitByClosing:
    require(actor, Permission.BOOK_FOR_CLIENT)
    found = get_or_none(HitByClosing, hit_id)
    if found is None:
        raise NotFound("hit")
    closed_day(actor, found.closed_day_id)
    must_not_know = select(Restriction.id).where(
        Restriction.client_id == found.client_id, Restriction.staff_id == actor.id
    )
    if session.scalar(must_not_know) is not None:
        raise NotFound("hit")
    return found


def _hits(actor: Actor, which) -> list[Hit]:
    restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    rows = session.scalars(select(HitByClosing).where(which, HitByClosing.client_id.not_in(restricted))).all()
    booked = {
        row[0].id: Booked(*row)
        for row in session.execute(
            queries.visible_appointments(actor).where(Appointment.id.in_([row.appointment_id for row in rows]))
        )
    }
    new_ids = [row.new_appointment_id for row in rows if row.new_appointment_id is not None]
    new = {one.id: one for one in session.scalars(select(Appointment).where(Appointment.id.in_(new_ids)))}
    texts = _texts(rows)
    found = []
    for row in rows:
        if row.appointment_id in booked:
            one = booked[row.appointment_id]
            state, text_at = _state(row, one.appointment, texts.get(_subject(row)))
            found.append(Hit(row, one, new.get(row.new_appointment_id or 0), state, text_at))
    return sorted(found, key=lambda each: (each.booked.appointment.starts_at, each.row.id))


def _state(row: HitByClosing, was: Appointment, text: Text | None) -> tuple[str, datetime | None]:
    if was.stands:
        return "to_move", None
    # Who took it back herself knows; a cancelling of the desk's that no text can tell her of is for the phone at once.
    of_her_own = was.ended_by_kind == "client"
    if was.settles_at is not None:
        if of_her_own or (row.rung_at is None and _text_can_tell(was)):
            return "waiting", was.settles_at
        return ("ring" if row.rung_at is None else "told"), None
    if of_her_own or row.rung_at is not None or (text is not None and text.state in WENT):
        return "told", text.sent_at if text else None
    # A text that would come after her time was over tells her too late.
    in_time = text is not None and text.state in (TextState.WAITING, TextState.SENDING)
    if in_time and text is not None and text.send_at < was.starts_at:
        return "waiting", text.send_at
    return "ring", None


def _text_can_tell(was: Appointment) -> bool:
    """Whether the text about a cancelling, wanted once it is settled, would reach her as far as is known today."""
    text = Text(kind="appointment_cancelled", client_id=was.client_id, not_after_at=was.starts_at)
    client, at = session.get_one(Client, was.client_id), was.settles_at or was.starts_at
    return not gate.wanted_at(text, client, safe_contact(client.id), at).needs_person


def _texts(rows: Iterable[HitByClosing]) -> dict[str, Text]:
    subjects = [_subject(row) for row in rows]
    kinds = ("appointment_changed", "appointment_cancelled", "appointments_cancelled")
    found = session.scalars(select(Text).where(Text.subject.in_(subjects), Text.kind.in_(kinds)).order_by(Text.id))
    return {text.subject: text for text in found}


def _subject(row: HitByClosing) -> str:
    return f"appointment:{row.new_appointment_id or row.appointment_id}"


def _hit_subject(row: HitByClosing) -> str:
    # Not the appointment's: when its cancelling is settled, every task about the appointment is closed.
    return f"hit:{row.id}"


def _ask_to_ring(row: HitByClosing, now: datetime) -> None:
    was = session.get_one(Appointment, row.appointment_id)
    client = session.get_one(Client, row.client_id)
    raise_task(
        RING,
        now=now,
        client_id=client.id,
        centre_id=was.centre_id,
        subject=_subject(row) if row.new_appointment_id else _hit_subject(row),
        due_at=max(now, min(was.starts_at - timedelta(hours=1), now + timedelta(hours=2))),
    )
