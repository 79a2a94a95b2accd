"""Her code word: hashed when it is recorded, asked when somebody must know that it is her; wrong tries are counted."""

import unicodedata

from flask import request

from portal.accounts import limits, secrets
from portal.audit import service as audit
from portal.clients.models import SafeContact
from portal.core import clock
from portal.core.database import unit_of_work
from portal.web.guards import actor


def hashed(typed: str) -> str | None:
    """The hash of a code word to keep; None when nothing was typed."""
    return secrets.hash_secret("code_word", _folded(typed)) if _folded(typed) else None


def fault(contact: SafeContact | None, typed: str) -> str | None:
    """Why a typed code word does not show that it is her: `missing`, `wrong`; None when it does.

    Each try is counted first, and after too many even the right one is refused.
    """
    if not _folded(typed):
        return "missing"
    return None if contact is not None and _fits(contact, typed) else "wrong"


def _fits(contact: SafeContact, typed: str) -> bool:
    account, address = f"code_word|{contact.client_id}", request.remote_addr or ""
    with unit_of_work():
        allowed = limits.count_try(account, address, now=clock.now())
    right = secrets.verify_secret("code_word", _folded(typed), contact.code_word_hash) and allowed
    with unit_of_work():
        if right:
            limits.forgive(account, address)
        else:
            audit.record(actor(), "code_word_wrong", now=clock.now(), client_id=contact.client_id)
    return right


def _folded(typed: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", typed or "").casefold().split())
