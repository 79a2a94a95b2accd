"""The steps of a request to a partner, and taking it back: by her own press, or by staff for her."""

from datetime import date, datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import standing_client
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid
from portal.partners import queries, rules
from portal.partners.models import PartnerReferral, PartnerStep
from portal.partners.rules import ReferralState
from portal.partners.words import WITHDRAWN_WORDS
from portal.worklist.service import raise_task

TELL_PARTNER = "tell_partner"
"""The task to tell a partner that she took back what it was told."""


def withdraw(actor: Actor, partner_referral_id: int, *, reason: str = "she_said", now: datetime) -> PartnerReferral:
    """Take a request back, by her or by staff for her; a second time is harmless.

    Where the partner was told, her keyworker gets a task to tell it. Raises NotFound, Invalid("reason", "missing").
    """
    row = locked(actor, partner_referral_id)
    if not actor.is_client:
        require(actor, Permission.WRITE_PLAN)
        if reason not in WITHDRAWN_WORDS:
            raise Invalid("reason", "missing")
    if rules.may_be_withdrawn(row.state):
        row.revision += 1
        take_back(actor, row, "she_said" if actor.is_client else reason, now)
    return row


def locked(actor: Actor, partner_referral_id: int) -> PartnerReferral:
    """A request that the actor may change, locked until the unit of work ends; raises NotFound.

    What a partner is told outlasts break-glass, so that does not reach it.
    """
    found = queries.partner_referral(actor, partner_referral_id)
    standing_client(actor, found.client_id)
    statement = select(PartnerReferral).where(PartnerReferral.id == found.id)
    return session.scalars(lock_rows(statement).execution_options(populate_existing=True)).one()


def take_back(actor: Actor, row: PartnerReferral, reason: str, now: datetime) -> None:
    """Put a locked request back, and have the partner told where it was told anything."""
    told = row.told is not None
    step(actor, row, ReferralState.WITHDRAWN, reason=reason, now=now)
    if told:
        ask_to_tell(row, now)


def ask_to_tell(row: PartnerReferral, now: datetime) -> None:
    """Give her keyworker the task to tell a partner what is not agreed any more."""
    client = session.get_one(Client, row.client_id)
    raise_task(
        TELL_PARTNER,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=subject_of(row),
    )


def step(
    actor: Actor,
    row: PartnerReferral,
    state: ReferralState,
    *,
    reason: str = "",
    happened_on: date | None = None,
    now: datetime,
) -> None:
    """Bring a locked request to a state, with the day, who noted it, and an entry in the audit log."""
    row.state, row.state_at = state, now
    session.add(
        PartnerStep(
            referral_id=row.id, client_id=row.client_id, state=state, reason=reason,
            happened_on=happened_on or clock.london_today(now), noted_at=now, by_kind=actor.kind, by_id=actor.id,
        )
    )  # fmt: skip
    session.flush()
    audit.record(actor, f"partner_{state}", now=now, client_id=row.client_id, subject=subject_of(row), reason=reason)


def subject_of(row: PartnerReferral) -> str:
    """How tasks and the audit log name a request."""
    return f"partner_referrals:{row.id}"
