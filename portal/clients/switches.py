"""The online switches of her own pages, off until she and a worker have talked about each (R41)."""

from datetime import datetime

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import standing_client
from portal.core.access import Actor, Permission, require

SWITCHES = {
    "shows_worker_name": "Her worker's first name",
    "messages_online": "Messages",
    "safe_contact_online": "How we may reach her",
    "calendar_online": "A calendar file of her times, under her cover phrase",
    "seen_by_online": "Who looked at her record",
    "report_online": "What others are told",
    "sensitive_goals_online": "Sensitive goals",
    "safety_plan_online": "Safety plan",
    "sign_in_paused": "Sign-in paused",
}
"""The switches by their column, in the words of staff."""


def turn(actor: Actor, client: Client, on: set[str], *, now: datetime) -> None:
    """Turn on the named switches and all others off, each change in the audit log; raises NotAllowed, NotFound."""
    require(actor, Permission.RECORD_SAFE_CONTACT)
    standing_client(actor, client.id)
    for name in SWITCHES:
        if getattr(client, name) != (name in on):
            setattr(client, name, name in on)
            audit.record(actor, "switch_on" if name in on else "switch_off", now=now, client_id=client.id, subject=name)
