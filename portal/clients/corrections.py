"""Correcting what a woman's record says of her: the name to call out, her language, what her sessions need."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from portal.audit import service as audit
from portal.clients import rules
from portal.clients.models import Client
from portal.clients.queries import standing_client
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid, NotFound
from portal.core.locales import LANGUAGES


def mark(client: Client) -> str:
    """What stands for the facts that a page showed, so that nobody overwrites a colleague's correction unseen."""
    facts = [client.called_name, client.language, client.pages_language, client.preparation or {}]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def correct(
    actor: Actor,
    client_id: int,
    *,
    called_name: str,
    language: str,
    preparation: Mapping[str, str],
    pages_follow: bool,
    was: str,
    now: datetime,
) -> None:
    """Put right what the record says; `preparation` names the needs that change, empty words take one away.

    `pages_follow` ends the language that was chosen for her pages: it may be one that she cannot read (R48).

    `was` is the mark of what the page showed. Her code name, her texts and what is booked stay as they are. Raises
    NotAllowed, NotFound, and Invalid(field, reason): called_name missing | in_code_name | changed, language unknown.
    """
    require(actor, Permission.MAKE_CLIENT)
    client = session.get_one(Client, standing_client(actor, client_id).id, with_for_update=True, populate_existing=True)
    if client.merged_into_id is not None:
        raise NotFound("client")
    if mark(client) != was:
        raise Invalid("called_name", "changed")
    called_name = " ".join(called_name.split())
    if not called_name:
        raise Invalid("called_name", "missing")
    if called_name != client.called_name and rules.code_name_fault(client.code_name, called_name) == "has_her_name":
        raise Invalid("called_name", "in_code_name")
    if language not in LANGUAGES:
        raise Invalid("language", "unknown")
    needs = {name: words.strip() for name, words in ((client.preparation or {}) | dict(preparation)).items()}
    client.called_name, client.language = called_name, language
    client.preparation = {name: words for name, words in needs.items() if words}
    if pages_follow or client.pages_language == language:
        client.pages_language = None
    if mark(client) != was:
        audit.record(actor, "client_corrected", now=now, client_id=client_id)
