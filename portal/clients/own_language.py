"""The language that she herself chooses, for her record in the set-up and for her pages at any time."""

from datetime import datetime

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import session
from portal.core.locales import shown_in


def of_pages(client: Client) -> str:
    """The language of her pages: what she chose for them herself, as long as that is offered, else her record's."""
    own = client.pages_language
    return own if own and shown_in(own) == own else client.language


def choose_in_set_up(client_id: int, language: str, *, now: datetime) -> None:
    """Keep on her record the language that she chose when she set up: for her pages, her texts and her workers.

    Who could not choose her own, because it is not offered yet, and took English keeps hers on the record.
    """
    client = session.get_one(Client, client_id)
    _put(client, client.language if language == shown_in(client.language) else language, None, now)


def choose_for_pages(client_id: int, language: str, *, now: datetime) -> None:
    """Remember wherever she signs in the language that she chose for her pages; texts and workers keep theirs.

    Where she chose the one that her record shows anyway, her pages follow her record again.
    """
    client = session.get_one(Client, client_id)
    _put(client, client.language, None if language == shown_in(client.language) else language, now)


def _put(client: Client, language: str, pages_language: str | None, now: datetime) -> None:
    if (client.language, client.pages_language) == (language, pages_language):
        return
    client.language, client.pages_language = language, pages_language
    audit.record(Actor("client", client.id), "language_chosen", now=now, client_id=client.id)
