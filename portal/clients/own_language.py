"""The language that she herself chooses for her pages."""

from datetime import datetime

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import session
from portal.core.locales import shown_in


def choose(client_id: int, language: str, *, now: datetime) -> None:
    """Keep on her record the language that she chose when she set up.

    Who could not choose her own, because it is not offered yet, and took English keeps hers on the record.
    """
    client = session.get_one(Client, client_id)
    if language == shown_in(client.language):
        return
    client.language = language
    audit.record(Actor("client", client_id), "language_chosen", now=now, client_id=client_id)
