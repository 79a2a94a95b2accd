"""Her own acts that make contact stricter, each told to her keyworker."""

from datetime import datetime

from portal.clients import stricter
from portal.clients.models import Client
from portal.core.access import Actor
from portal.worklist.service import raise_task


def ask_less(client: Client, act: str, *, now: datetime) -> bool:
    """Carry out an act of hers and give her keyworker the task to see it; says whether it changed anything."""
    if stricter.make_stricter(Actor("client", client.id), act, now=now) is None:
        return False
    raise_task(
        "contact_made_stricter",
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
    )
    return True
