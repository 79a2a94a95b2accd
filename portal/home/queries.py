"""What her own pages show, read from several rooms in a constant number of queries."""

from datetime import datetime, timedelta
from typing import Any

from portal.booking.queries import next_appointment, see_again
from portal.booking.samples import samples
from portal.clients import her_acts
from portal.clients.models import Client, SafeContact
from portal.clients.rules import PAUSED_UNTIL_TOLD
from portal.core import clock
from portal.messaging.queries import days_off, unread_for_client
from portal.plan.queries import next_step
from portal.waiting.answering import held_for


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
