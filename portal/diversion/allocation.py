"""What becomes of a referral: accepted or declined, settled who must not know, given to a keyworker, first contact."""

from datetime import date, datetime

from sqlalchemy import delete, func, select

from portal.audit import service as audit
from portal.booking.models import Appointment, AppointmentState, Attendance
from portal.booking.notices import subject_of
from portal.centres.queries import bank_holidays_from
from portal.clients.models import Client, ClientState, Restriction
from portal.clients.queries import safe_contact, standing_client
from portal.clients.rules import Hold
from portal.core import clock
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.diversion import intake_rules as rules
from portal.diversion.intake import LONGEST_WAIT
from portal.diversion.models import Referral
from portal.messaging import gate, outbox
from portal.messaging.models import Text, TextState
from portal.worklist import service as worklist

_OPEN_TASKS = ("new_referral", "settle_must_not_know")


def accept(actor: Actor, referral_id: int, *, now: datetime) -> Referral:
    """Accept a referral; accepted already, nothing happens. Raises NotFound, NotAllowed, Stale when it was declined."""
    referral = _locked(actor, referral_id)
    if referral.state == "accepted":
        return referral
    _must_be(referral, "received")
    referral.state, referral.decided_at, referral.decided_by = "accepted", now, actor.id
    _record(actor, "referral_accepted", referral, now)
    return referral


def decline(actor: Actor, referral_id: int, *, reason: str, now: datetime) -> Referral:
    """Decline a referral that nobody has been given yet: her record closes, and what she said of her phone is erased.

    Where it came to a record that goes on without it, by joining the two, neither happens. Raises NotFound, NotAllowed,
    Stale when somebody decided otherwise meanwhile or gave her a keyworker, and Invalid("reason", "missing" |
    "has_appointment").
    """
    referral = _locked(actor, referral_id)
    client = session.get_one(Client, referral.client_id)
    if reason not in rules.DECLINED_BECAUSE:
        raise Invalid("reason", "missing")
    has_worker = client.keyworker_id is not None
    if referral.state == "declined" or referral.allocated_at is not None:
        raise Stale("referral")
    if has_worker and referral.state != "received":
        raise Stale("referral")
    goes_on = has_worker or _has_another(referral)
    if not goes_on and _comes(client.id, now):
        raise Invalid("reason", "has_appointment")
    referral.state, referral.decided_at, referral.decided_by = "declined", now, actor.id
    referral.declined_reason = reason
    if goes_on:
        worklist.close_for_subject(f"referral:{referral.id}", done="dealt_with", actor=actor, now=now)
    else:
        forget_what_she_said(client.id)
        client.state, client.closed_at = ClientState.CLOSED, now
        worklist.close_for_client(client.id, _OPEN_TASKS, done="dealt_with", actor=actor, now=now)
    _record(actor, "referral_declined", referral, now, reason=reason)
    return referral


def allocated(actor: Actor, client_id: int, *, now: datetime) -> None:
    """Somebody has just been made her keyworker: her referral is accepted, and first contact is hers to make.

    A step of what was checked. So it is with each of hers that nobody had been given, as joined records have several.
    """
    client = session.get_one(Client, client_id)
    nobodys = select(Referral).where(
        Referral.client_id == client_id, Referral.state != "declined", Referral.allocated_at.is_(None)
    )
    statement = lock_rows(nobodys.order_by(Referral.id)).execution_options(populate_existing=True)
    for referral in session.scalars(statement).all():
        _allocate(actor, referral, client, now)


def note_first_contact(actor: Actor, referral_id: int, *, how: str, now: datetime) -> Referral:
    """Note that first contact has been made, and how; its task is done.

    Raises NotFound, NotAllowed, Invalid("how", "missing"), Stale when it was declined or somebody noted it before.
    """
    referral = _locked(actor, referral_id)
    if how not in rules.FIRST_CONTACT_HOW:
        raise Invalid("how", "missing")
    if referral.state == "declined" or referral.first_contact_at is not None:
        raise Stale("referral")
    referral.first_contact_at, referral.first_contact_by, referral.first_contact_how = now, actor.id, how
    worklist.close_for_client(referral.client_id, ("first_contact",), done="dealt_with", actor=actor, now=now)
    _record(actor, "first_contact_made", referral, now, reason=how)
    return referral


def note_who_came(now: datetime) -> int:
    """Who came to a time after she was referred has been contacted: her worker need not press that too; how many.

    The time that counts is when it began.
    """
    came = (
        Appointment.client_id == Referral.client_id,
        Appointment.state == AppointmentState.BOOKED,
        Appointment.attendance.in_((Attendance.YES, Attendance.LATE)),
        Appointment.starts_at >= Referral.recorded_at,
    )
    first = select(func.min(Appointment.starts_at)).where(*came).scalar_subquery()
    waiting = select(Referral, first).where(
        Referral.state != "declined",
        Referral.first_contact_at.is_(None),
        Referral.first_contact_due_at.is_not(None),
        first.is_not(None),
    )
    found = session.execute(lock_rows(waiting.order_by(Referral.id))).all()
    for referral, at in found:
        referral.first_contact_at, referral.first_contact_how = at, "she_came"
        worklist.close_for_client(referral.client_id, ("first_contact",), done="dealt_with", actor=SYSTEM, now=now)
        _record(SYSTEM, "first_contact_made", referral, now, reason="she_came")
    return len(found)


def settle(actor: Actor, referral_id: int, *, now: datetime) -> Referral:
    """A manager has found out who must not know, and said so: everybody else at her centre may see her from now on.

    The words that named them are erased. Raises NotFound, NotAllowed, Stale when it is settled.
    """
    require(actor, Permission.SETTLE_MUST_NOT_KNOW)
    referral = _locked(actor, referral_id)
    client = session.get_one(Client, referral.client_id)
    if not client.managers_only:
        raise Stale("referral")
    client.managers_only = False
    # Rows that a manager made her own while it was open say so no more, and stay.
    session.execute(delete(Restriction).where(Restriction.client_id == client.id, Restriction.until_settled))
    referral.said_must_not_know = None
    worklist.close_for_client(client.id, ("settle_must_not_know",), done="dealt_with", actor=actor, now=now)
    if client.keyworker_id is None and referral.state != "declined":
        worklist.raise_task(
            "new_referral",
            now=now,
            client_id=client.id,
            centre_id=client.centre_id,
            subject=f"referral:{referral.id}",
        )
    _record(actor, "must_not_know_settled", referral, now)
    return referral


def move_release(actor: Actor, referral_id: int, *, release_on: date | None, days: int, now: datetime) -> Referral:
    """The day on which she is released has moved; None: she is free. What waits for that day is looked at anew.

    Times of hers before that day become tasks of a person: she cannot come to them. `days` is the target for first
    contact in working days. Raises NotFound, NotAllowed, Invalid("release_on", "past" | "too_far"), Stale for a
    referral that was declined.
    """
    referral = _locked(actor, referral_id)
    if referral.state == "declined":
        raise Stale("referral")
    today = clock.london_today(now)
    if release_on is not None and not today <= release_on <= today + LONGEST_WAIT:
        raise Invalid("release_on", "past" if release_on < today else "too_far")
    client = session.get_one(Client, referral.client_id)
    referral.release_on = client.nothing_before_on = release_on
    first_day = max(release_on or today, today)
    referral.first_contact_due_at = rules.first_contact_due(
        now, release_on, days, bank_holidays_from(first_day, 30 + days * 3)
    )
    session.flush()
    worklist.put_due(f"referral:{referral.id}", "first_contact", referral.first_contact_due_at)
    _ask_gate(client, now)
    if release_on is not None:
        _ask_to_move(client, release_on, now)
    _record(actor, "release_moved", referral, now)
    return referral


def forget_what_she_said(client_id: int) -> None:
    """Erase how she said she may be reached: a live record stands in its place, or nothing will go to her."""
    said = Referral.said_number_index.is_not(None) | Referral._said_contact.is_not(
        None
    )  # the column behind the sealed attribute
    for referral in session.scalars(select(Referral).where(Referral.client_id == client_id, said)):
        referral.said_contact = referral.said_number_index = None
    session.flush()


def _allocate(actor: Actor, referral: Referral, client: Client, now: datetime) -> None:
    if referral.state == "received":
        referral.state, referral.decided_at, referral.decided_by = "accepted", now, actor.id
        _record(actor, "referral_accepted", referral, now)
    referral.allocated_at, referral.allocated_by = now, actor.id
    worklist.close_for_client(client.id, ("new_referral",), done="chose_keyworker", actor=actor, now=now)
    if referral.first_contact_at is None:
        worklist.raise_task(
            "first_contact",
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
            subject=f"referral:{referral.id}",
            due_at=referral.first_contact_due_at,
        )
    if safe_contact(client.id) is None:
        worklist.raise_task(
            "record_safe_contact",
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
        )
    _record(actor, "referral_allocated", referral, now)


def _ask_gate(client: Client, now: datetime) -> None:
    """What waits for her to be free goes through the gate again, as it did when it was wanted."""
    record = safe_contact(client.id)
    waiting = select(Text).where(Text.client_id == client.id, Text.state == TextState.WAITING).order_by(Text.id)
    for text in session.scalars(lock_rows(waiting).execution_options(populate_existing=True)).all():
        text.send_at = now if text.reason == Hold.NOT_BEFORE else max(text.send_at, now)
        outbox.apply(text, client, gate.wanted_at(text, client, record, text.send_at), now)


def _ask_to_move(client: Client, release_on: date, now: datetime) -> None:
    too_early = select(Appointment).where(
        Appointment.client_id == client.id,
        Appointment.state == AppointmentState.BOOKED,
        Appointment.ends_at > now,
        Appointment.starts_at < clock.london_midnight(release_on),
    )
    for appointment in session.scalars(too_early.order_by(Appointment.id)):
        worklist.raise_task(
            "before_release",
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
            subject=subject_of(appointment),
        )


def _has_another(referral: Referral) -> bool:
    """Whether another referral of hers stands, because two records of hers were joined."""
    others = select(Referral.id).where(
        Referral.client_id == referral.client_id, Referral.id != referral.id, Referral.state != "declined"
    )
    return session.scalar(others.limit(1)) is not None


def _comes(client_id: int, now: datetime) -> bool:
    coming = select(Appointment.id).where(
        Appointment.client_id == client_id, Appointment.state == AppointmentState.BOOKED, Appointment.ends_at > now
    )
    return session.scalar(coming.limit(1)) is not None


def _locked(actor: Actor, referral_id: int) -> Referral:
    """A referral of a woman whose record the actor may see; both are held until the transaction ends.

    Her record first, as whoever gives her a keyworker holds it: neither waits for what the other has.
    """
    require(actor, Permission.READ_REFERRALS)
    found = get_or_none(Referral, referral_id)
    if found is None:
        raise NotFound("referral")
    standing_client(actor, found.client_id)
    hers = lock_rows(select(Client).where(Client.id == found.client_id))
    session.scalars(hers.execution_options(populate_existing=True)).one()
    statement = lock_rows(select(Referral).where(Referral.id == referral_id))
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def _must_be(referral: Referral, state: str) -> None:
    if referral.state != state:
        raise Stale("referral")


def _record(actor: Actor, action: str, referral: Referral, now: datetime, reason: str = "") -> None:
    session.flush()
    audit.record(actor, action, now=now, client_id=referral.client_id, subject=f"referral:{referral.id}", reason=reason)
