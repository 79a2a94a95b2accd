"""She asks her worker to get in touch with a service together with her."""

from datetime import datetime

from portal.audit import service as audit
from portal.clients.queries import visible_client
from portal.core.access import Actor
from portal.help import queries
from portal.worklist.service import raise_task

TOGETHER = "reach_service_together"


def ask_worker(actor: Actor, service_id: int, *, now: datetime) -> None:
    """Make it her keyworker's task to reach a service with her; asked twice, it is one task. Raises NotFound."""
    client = visible_client(actor, actor.id if actor.is_client else 0)
    service = queries.service_to_ask_for(service_id)
    raise_task(
        TOGETHER,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=f"service:{service.id}",
        note=service.name,
    )
    audit.record(actor, "help_asked_for", now=now, client_id=client.id, subject=f"service:{service.id}")
