"""Keeping feedback so that nothing leads back: no actor, no audit row, no request key, no time but the month.

Pressed twice it is kept once without any of these: the row's id is a keyed hash of the form's own random number, so a
second press meets the row that the first one made. Nobody can go from a row to the form, nor from a form to a woman.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Table

from portal.core import clock, crypto
from portal.core.database import connection, insert_unless_there, new_seal_id
from portal.core.errors import Invalid
from portal.feedback.models import Feedback
from portal.feedback.rules import LONGEST_WORDS, QUESTIONS, says_something

_TICKET_LASTS = 86400
_IDS = 2**31 - 1


def ticket(secret_key: str, centre_id: int) -> str:
    """A form's own signed number with the centre that it is about; it names nobody, and nothing of it is stored."""
    return _signer(secret_key).dumps([secrets.token_urlsafe(16), centre_id])


def keep(secret_key: str, ticket: str, *, answers: Mapping[str, str], words: str, now: datetime) -> None:
    """Keep what somebody said; the same form sent again changes nothing.

    Raises Invalid("listened", "missing") when nothing was said, ("ticket", "over") for a form that is not ours or older
    than a day, ("words", "too_long").
    """
    try:
        number, centre_id = _signer(secret_key).loads(ticket, max_age=_TICKET_LASTS)
    except BadSignature:
        raise Invalid("ticket", "over") from None
    if len(words) > LONGEST_WORDS:
        raise Invalid("words", "too_long")
    if not says_something(answers, words):
        raise Invalid("listened", "missing")
    seal_id = new_seal_id()
    values = {
        "id": int(crypto.keyring().index("feedback", number), 16) % _IDS + 1,
        "seal_id": seal_id,
        "centre_id": centre_id,
        "month": f"{clock.london_today(now):%Y-%m}",
        "words": Feedback.words.sealed(words.strip() or None, seal_id),
        **{question: answers.get(question) or "" for question in QUESTIONS},
    }
    connection().execute(insert_unless_there(cast(Table, Feedback.__table__), **values))


def _signer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="feedback")
