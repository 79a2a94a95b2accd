"""Closing a woman's record with a reason and a checklist, asking later how she is, and opening it again as it was.

Closed, nothing goes to her and nobody signs in as her: a page that nobody here reads would promise what is not there.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.accounts import service as accounts
from portal.audit import service as audit
from portal.backoffice import closing_rules as rules
from portal.booking import cancelling, taking
from portal.booking.models import Appointment, AppointmentState
from portal.booking.notices import ask_to_recheck
from portal.clients import safe_contact
from portal.clients.closing_models import Closing
from portal.clients.models import Client, ClientState
from portal.clients.queries import safe_contact as newest_contact
from portal.clients.queries import standing_client
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups import locking
from portal.groups.models import Place
from portal.messaging import outbox
from portal.messaging.models import Text
from portal.plan import reviews
from portal.staff.models import Staff
from portal.waiting import ending
from portal.waiting.models import HELD, Offer, Wait
from portal.worklist import service as worklist
from portal.worklist.models import Task

FOLLOW_UP_TASK = "follow_up_after_closing"
RING_FROM = timedelta(days=7)
"""So long before the day of a follow-up, and until its result is noted, she may be rung about it."""


def close_record(
    actor: Actor,
    client_id: int,
    *,
    reason: str,
    checklist: dict[str, str],
    appointments: str,
    follow_up: str,
    now: datetime,
) -> Closing:
    """Close a record: sign-in, texts, waits, offers and places end; times to come end or stay, as `appointments` says.

    `checklist` answers each of `rules.CHECKLIST`; `follow_up` "yes" has a person ask in three months how she is.
    Raises NotFound, Stale when it is closed or joined already, Invalid(field, reason): reason, follow_up, appointments
    or an item of the checklist missing; tasks risk_open while a text of hers that may tell of a risk waits.
    """
    require(actor, Permission.MAKE_CLIENT)
    standing_client(actor, client_id)
    client = _locked(client_id)
    if client.state != ClientState.OPEN or client.merged_into_id is not None:
        raise Stale("client")
    coming = coming_of(client_id, now)
    _check(reason, checklist, appointments if coming else "none", follow_up)
    if _tasks(client_id, rules.FIRST_SEEN_TO):
        raise Invalid("tasks", "risk_open")
    _end_waits(actor, client, now)
    if appointments != "kept":
        _give_places_back(actor, client, now)
    if appointments == "cancelled":
        for one in coming:
            cancelling.end_quietly(actor, one, rules.REASONS[reason], now)
    texts = outbox.skip_for_client(client_id, "closed_record", now)
    accounts.end_ways_in(client_id, now=now)
    worklist.close_by_id(_tasks(client_id, ()), done="not_needed", actor=actor, now=now)
    client.state, client.closed_at = ClientState.CLOSED, now
    closing = Closing(
        client_id=client_id,
        reason=reason,
        checklist=checklist | {"appointments": appointments if coming else "none", "texts": str(texts)},
        closed_by=actor.id,
        closed_at=now,
        follow_up_on=rules.follow_up_on(clock.london_today(now)) if follow_up == "yes" else None,
    )
    session.add(closing)
    session.flush()
    audit.record(actor, "record_closed", now=now, client_id=client_id, subject=f"closing:{closing.id}", reason=reason)
    return closing


def reopen(actor: Actor, client_id: int, *, now: datetime) -> Client:
    """Open a closed record again, with everything as it was, but how she may be reached is asked anew (R18).

    Raises NotFound, Stale when it is open or goes on in another one.
    """
    require(actor, Permission.MAKE_CLIENT)
    standing_client(actor, client_id)
    client = _locked(client_id)
    if client.state != ClientState.CLOSED or client.merged_into_id is not None:
        raise Stale("client")
    client.state, client.closed_at = ClientState.OPEN, None
    closing = open_closing(client_id)
    if closing is not None:
        closing.reopened_by, closing.reopened_at = actor.id, now
        if closing.followed_up_at is None:
            closing.follow_up_result, closing.followed_up_by, closing.followed_up_at = "came_back", actor.id, now
        worklist.close_for_subject(f"closing:{closing.id}", done="not_needed", actor=actor, now=now)
    _ask_anew(client, now)
    reviews.tell_again(client, now)
    keyworker = get_or_none(Staff, client.keyworker_id or 0)
    if keyworker is None or not keyworker.active:
        worklist.raise_task("choose_keyworker", now=now, client_id=client_id, centre_id=client.centre_id)
    session.flush()
    audit.record(actor, "record_reopened", now=now, client_id=client_id)
    return client


def note_follow_up(actor: Actor, client_id: int, *, result: str, now: datetime) -> Closing:
    """Note how she was, or why nobody could ask. Raises NotFound, Stale, Invalid("result", "missing")."""
    require(actor, Permission.MAKE_CLIENT)
    standing_client(actor, client_id)
    _locked(client_id)
    closing = open_closing(client_id)
    if closing is None:
        raise NotFound("closing")
    if closing.followed_up_at is not None:
        raise Stale("closing")
    if result not in rules.RESULTS:
        raise Invalid("result", "missing")
    closing.follow_up_result, closing.followed_up_by, closing.followed_up_at = result, actor.id, now
    session.flush()
    subject = f"closing:{closing.id}"
    worklist.close_for_subject(subject, done="dealt_with", actor=actor, now=now)
    audit.record(actor, "followed_up", now=now, client_id=client_id, subject=subject, reason=result)
    return closing


def raise_follow_ups(now: datetime) -> int:
    """Ask a person to ask her how she is, on the day: never a text. Gives how many were asked now."""
    due = (
        select(Closing, Client)
        .join(Client, Client.id == Closing.client_id)
        .where(Closing.follow_up_on <= clock.london_today(now), Closing.followed_up_at.is_(None))
        .where(Closing.reopened_at.is_(None), Client.merged_into_id.is_(None))
        .order_by(Closing.id)
    )
    raised = 0
    for closing, client in session.execute(due).all():
        once = f"{FOLLOW_UP_TASK}|{closing.id}"
        if session.scalar(select(Task.id).where(Task.once == once).limit(1)) is None:
            worklist.raise_task(
                FOLLOW_UP_TASK,
                now=now,
                client_id=client.id,
                owner_id=client.keyworker_id,
                centre_id=client.centre_id,
                subject=f"closing:{closing.id}",
                once=once,
            )
            raised += 1
    return raised


def open_closing(client_id: int) -> Closing | None:
    """The closing of a record that was not opened again since."""
    statement = select(Closing).where(Closing.client_id == client_id, Closing.reopened_at.is_(None))
    return session.scalars(statement.execution_options(populate_existing=True)).first()


def is_followed_up(client_id: int, today: date) -> bool:
    """Whether a person may ask her now how she is though her record is closed: she said so, and it is time."""
    closing = open_closing(client_id)
    if closing is None or closing.follow_up_on is None or closing.followed_up_at is not None:
        return False
    return today >= closing.follow_up_on - RING_FROM


def coming_of(client_id: int, now: datetime) -> list[Appointment]:
    """Her appointments to come, the first first."""
    statement = select(Appointment).where(
        Appointment.client_id == client_id,
        Appointment.state == AppointmentState.BOOKED,
        Appointment.starts_at > now,
    )
    found = session.scalars(statement.order_by(Appointment.starts_at).execution_options(populate_existing=True))
    return list(found)


def _check(reason: str, checklist: dict[str, str], appointments: str, follow_up: str) -> None:
    if reason not in rules.REASONS:
        raise Invalid("reason", "missing")
    for item, answers in rules.CHECKLIST.items():
        if checklist.get(item) not in answers.choices:
            raise Invalid(item, "missing")
    if appointments not in (*rules.APPOINTMENTS, "none"):
        raise Invalid("appointments", "missing")
    if follow_up not in ("yes", "no"):
        raise Invalid("follow_up", "missing")


def _locked(client_id: int) -> Client:
    """Her record, after all that others might hold while they wait for it: bookings, offers, queued texts."""
    taking.hold_clients([client_id])
    offers = select(Offer).where(Offer.client_id == client_id, Offer.state.in_(HELD)).order_by(Offer.id)
    session.scalars(lock_rows(offers)).all()
    queued = select(Text).where(Text.client_id == client_id, Text.state.in_(outbox.QUEUED)).order_by(Text.id)
    session.scalars(lock_rows(queued)).all()
    statement = lock_rows(select(Client).where(Client.id == client_id)).execution_options(populate_existing=True)
    return session.scalars(statement).one()


def _end_waits(actor: Actor, client: Client, now: datetime) -> None:
    waits = select(Wait).where(Wait.client_id == client.id, Wait.ended_at.is_(None)).order_by(Wait.id)
    for wait in session.scalars(lock_rows(waits)).all():
        ending.end_wait(wait, "closed", actor=actor, now=now)


def _give_places_back(actor: Actor, client: Client, now: datetime) -> None:
    places = select(Place).where(Place.client_id == client.id, Place.left_at.is_(None)).order_by(Place.id)
    for place in session.scalars(lock_rows(places)).all():
        place.left_by_kind, place.left_by_id = actor.kind, actor.id
        locking.give_back(place, now)


def _tasks(client_id: int, kinds: tuple[str, ...]) -> list[int]:
    """The open tasks about her, of these kinds or of all that closing makes idle."""
    statement = select(Task.id).where(Task.client_id == client_id, Task.closed_at.is_(None))
    wanted = Task.kind.in_(kinds) if kinds else Task.kind.not_in(rules.OUTLAST_CLOSING)
    return list(session.scalars(statement.where(wanted)))


def _ask_anew(client: Client, now: datetime) -> None:
    today = clock.london_today(now)
    if newest_contact(client.id) is None:
        worklist.raise_task(
            "record_safe_contact",
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
        )
    else:
        safe_contact.check_again_by(client.id, today, why="reopened", now=now)
        ask_to_recheck(client, now)
