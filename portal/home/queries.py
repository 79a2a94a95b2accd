"""What her own pages show, read from several rooms in a constant number of queries."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.booking.queries import next_appointment, see_again
from portal.clients.models import Client, SafeContact
from portal.core import clock
from portal.core.database import session
from portal.core.locales import shown_in
from portal.messaging import wording
from portal.messaging.queries import unread_for_client
from portal.plan.queries import next_step
from portal.staff.models import Staff

SEEN_ACTIONS = ("client_read", "plan_read", "thread_read", "safe_contact_read", "found_at_desk")
MOST_LOOKS = 100


def today(client: Client, now: datetime) -> dict[str, Any]:
    """Her next appointment with its place, her next step (never sensitive), new messages, whom she can see again."""
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
        "is_today": is_today,
        "may_be_late": one is not None and is_today and not one.arrived_at and not one.attendance,
    }


def looks(client_id: int) -> list[tuple[datetime, str]]:
    """When staff looked at her record, newest first, one line a role and day; roles only, never names (R30)."""
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.actor_role)
        .where(AuditEntry.client_id == client_id, AuditEntry.actor_kind == "staff", AuditEntry.action.in_(SEEN_ACTIONS))
        .order_by(AuditEntry.at.desc())
        .limit(MOST_LOOKS)
    )
    seen: dict[tuple, datetime] = {}
    for at, role in rows:
        seen.setdefault((clock.london_today(at), role), at)
    return [(at, role) for (_, role), at in seen.items()]


def sample_text(client: Client, record: SafeContact | None) -> str:
    """What a reminder to her looks like, exactly, for 2:30pm with her worker a week after she was asked."""
    if record is None or not record.may_text:
        return ""
    worker = session.get(Staff, client.keyworker_id or 0)
    starts_at = clock.from_london(record.asked_on + timedelta(days=7), time(14, 30))
    facts = {"starts_at": starts_at, "worker": worker.first_name if worker else ""}
    return wording.render("appointment_reminder", facts, record, shown_in(record.text_language)).body
