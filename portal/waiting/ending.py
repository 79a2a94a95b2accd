"""How offers and waits end that nobody took: lapsed, declined, withdrawn, off the list."""

from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import offers
from portal.booking.rules import NotOffered
from portal.clients.models import Client, ClientState
from portal.clients.queries import safe_contact
from portal.core.access import SYSTEM, Actor
from portal.core.database import lock_rows, on_sqlite, session
from portal.core.errors import NotFound
from portal.waiting import courses, holding, telling
from portal.waiting.models import HELD, Offer, OfferState, Wait

MOST_AT_ONCE = 200


def lapse_due(now: datetime) -> int:
    """End the offers whose time is over; gives how many.

    Where she could not have known of one it is withdrawn, so that our silence is never one of her three a week.
    """
    due = select(Offer).where(Offer.state.in_(HELD), Offer.lapses_at <= now).order_by(Offer.id).limit(MOST_AT_ONCE)
    found = session.scalars(_not_at_work(due)).all()
    for offer in found:
        if offer.state == OfferState.SAID_YES:
            # Nobody confirmed it in time: the task of doing so stays open, so that it is seen.
            end_offer(offer, OfferState.LAPSED, actor=SYSTEM, now=now, keeps_tasks=True)
        else:
            state = OfferState.LAPSED if telling.could_know(offer) else OfferState.WITHDRAWN
            end_offer(offer, state, actor=SYSTEM, now=now)
    return len(found)


def withdraw_lost(now: datetime) -> int:
    """Withdraw the offers that cannot be kept any more; gives how many.

    The day was closed, the worker is away or must not know of her, a woman whom she must not meet is there (R43), or a
    contact may have put her at risk (R47).
    """
    held = select(Offer).where(Offer.state.in_(HELD)).order_by(Offer.id).limit(MOST_AT_ONCE)
    lost = 0
    for offer in session.scalars(_not_at_work(held)).all():
        if not _can_be_kept(offer, now):
            withdraw(offer, actor=SYSTEM, now=now)
            lost += 1
    return lost


def withdraw(offer: Offer, *, actor: Actor, now: datetime) -> None:
    """Take an offer back; whoever said yes to it by text is told by a person."""
    was_kept = offer.state == OfferState.SAID_YES
    end_offer(offer, OfferState.WITHDRAWN, actor=actor, now=now)
    client = session.get_one(Client, offer.client_id)
    if was_kept and client.state == ClientState.OPEN:
        telling.ask_to_tell_lost(offer, client, now)


def end_offer(
    offer: Offer, state: OfferState, *, actor: Actor, now: datetime, done: str = "not_needed", keeps_tasks: bool = False
) -> None:
    """End an offer that nobody took: its time is free again, nothing more is said about it."""
    offer.state = state
    if state in (OfferState.DECLINED, OfferState.WITHDRAWN):
        offer.answered_at, offer.answered_by_kind, offer.answered_by_id = now, actor.kind, actor.id
    holding.release(offer, now)
    if not keeps_tasks:
        telling.take_back(offer, done=done, actor=actor, now=now)
    session.flush()
    subject = telling.subject_of(offer)
    audit.record(actor, f"offer_{state.value}", now=now, client_id=offer.client_id, subject=subject)


def end_wait(wait: Wait, why: str, *, actor: Actor, now: datetime) -> None:
    """Take a woman off a list for one of `rules.ENDED_WORDS`; an offer that is held for it is withdrawn."""
    wait.ended_at, wait.ended_why = now, why
    session.flush()
    held = select(Offer).where(Offer.wait_id == wait.id, Offer.state.in_(HELD))
    for offer in session.scalars(lock_rows(held).execution_options(populate_existing=True)).all():
        end_offer(offer, OfferState.WITHDRAWN, actor=actor, now=now)
    audit.record(actor, "wait_ended", now=now, client_id=wait.client_id, subject=f"wait:{wait.id}", reason=why)


def _not_at_work(statement):
    """The statement that locks what nobody else works on just now; what is left out comes with the next beat."""
    if not on_sqlite():
        statement = statement.with_for_update(skip_locked=True)
    return statement.execution_options(populate_existing=True)


def _can_be_kept(offer: Offer, now: datetime) -> bool:
    client, wait = session.get_one(Client, offer.client_id), session.get_one(Wait, offer.wait_id)
    record = safe_contact(client.id)
    if client.state != ClientState.OPEN or (record is not None and record.stopped_at is not None):
        return False
    if wait.course_id is not None:
        return courses.can_be_kept(wait, offer, client, now)
    try:
        at = holding.place_of_offer(offer, wait, client)
        free = offers.free_at(at, offer.starts_at, now=now, moving=wait.appointment_id, offer=offer.id)
    except (NotOffered, NotFound):
        return False
    return free.worker_id == offer.worker_id
