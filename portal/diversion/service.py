"""Recording why a woman is on the scheme: a referral and what was asked of her."""

from datetime import date, datetime

from portal.audit import service as audit
from portal.clients.queries import visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid
from portal.diversion.models import Condition, Referral

MOST_SESSIONS = 20


def record_condition(
    actor: Actor,
    client_id: int,
    *,
    source: str,
    disposal: str,
    reference: str,
    reporter_is_family: bool,
    referred_on: date,
    sessions_needed: int,
    due_on: date,
    now: datetime,
) -> Condition:
    """Record a referral that nobody made here, and its condition: so many sessions, up to and including `due_on`.

    Sessions from `referred_on` on count. Raises NotFound, Invalid("sessions_needed", "range"),
    Invalid("due_on", "before_start").
    """
    require(actor, Permission.MAKE_CLIENT)
    client = visible_client(actor, client_id)
    if not 1 <= sessions_needed <= MOST_SESSIONS:
        raise Invalid("sessions_needed", "range")
    if due_on < referred_on:
        raise Invalid("due_on", "before_start")
    referral = Referral(
        client_id=client.id,
        source=source,
        disposal=disposal,
        reference=reference,
        reporter_is_family=reporter_is_family,
        referred_on=referred_on,
        recorded_at=now,
    )
    session.add(referral)
    session.flush()
    condition = Condition(referral_id=referral.id, client_id=client.id, sessions_needed=sessions_needed, due_on=due_on)
    session.add(condition)
    session.flush()
    audit.record(actor, "condition_recorded", now=now, client_id=client.id, subject=f"referral:{referral.id}")
    return condition
