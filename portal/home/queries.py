"""What her own pages show, read from several rooms in a constant number of queries."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.booking.queries import next_appointment, see_again
from portal.booking.samples import samples
from portal.clients import her_acts
from portal.clients.models import Client, SafeContact
from portal.clients.queries import ids_of_hers
from portal.clients.rules import PAUSED_UNTIL_TOLD
from portal.core import clock
from portal.core.database import session
from portal.messaging.queries import days_off, unread_for_client
from portal.plan.queries import next_step
from portal.waiting.answering import held_for

SEEN_ACTIONS = ("client_read", "plan_read", "thread_read", "transcript_made", "safe_contact_read", "found_at_desk")
MOST_LOOKS = 100


def today(client: Client, now: datetime) -> dict[str, Any]:
    """Her next appointment with its place, her next step (never sensitive), new messages, whom she can see again,
    and the time that is offered to her."""
    booked = next_appointment(client.id, now)
    today = clock.london_today(now)
    one = booked.appointment if booked is not None else None
    is_today = one is not None and clock.london_today(one.starts_at) == today
    return {
        "booked": booked,
        "named": client.shows_worker_name,
        "again": see_again(client.id),
        "step": next_step(client.id, today),
        "messages": unread_for_client(client.id) if client.messages_online else 0,
        "days_off": days_off(now),
        "is_today": is_today,
        "offer": held_for(client.id),
        "may_be_late": one is not None and is_today and not one.arrived_at and not one.attendance,
    }


def looks(client_id: int) -> list[tuple[datetime, str]]:
    """When staff looked at her record, newest first, one line a role and day; roles only, never names (R30).

    What went on in it counts too.
    """
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.actor_role)
        .where(
            AuditEntry.client_id.in_(ids_of_hers(client_id)),
            AuditEntry.actor_kind == "staff",
            AuditEntry.action.in_(SEEN_ACTIONS),
            # A page that keeps itself fresh was opened by the same person before.
            AuditEntry.reason != "live",
        )
        .order_by(AuditEntry.at.desc())
        .limit(MOST_LOOKS)
    )
    seen: dict[tuple, datetime] = {}
    for at, role in rows:
        seen.setdefault((clock.london_today(at), role), at)
    return [(at, role) for (_, role), at in seen.items()]


def contact_page(client: Client, record: SafeContact | None, now: datetime) -> dict[str, Any]:
    """How we may reach her: her record, a sample of each kind of text, a pause, and the acts that would change it."""
    pause = record.pause_until - now if record is not None and record.pause_until is not None else timedelta(0)
    return {
        "record": record,
        "samples": samples(client, record, now),
        "is_paused": pause > timedelta(0),
        "until_told": pause > PAUSED_UNTIL_TOLD,
        "acts": her_acts.offered(record, now) if record is not None else [],
        "window_act": her_acts.window_act,
    }
