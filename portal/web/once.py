"""Request keys: a form that makes something is carried out once, however often it is sent (R38)."""

import re
import secrets
from datetime import datetime

from sqlalchemy import select, update

from portal.core.access import Actor
from portal.core.database import insert_unless_there, session
from portal.core.errors import Invalid
from portal.web.models import RequestKey


def new_key() -> str:
    """A fresh key for a form."""
    return secrets.token_urlsafe(12)


def claim(actor: Actor, request_key: str, *, now: datetime) -> str | None:
    """Claim a form's key inside the unit of work that carries it out.

    Gives None when the key is new, else what `made` said the first time. A second request waits for the first.
    Raises Invalid("request_key", "missing") for a key that no form of ours gives.
    """
    if not re.fullmatch(r"[\w.:-]{1,64}", request_key or "", re.ASCII):
        raise Invalid("request_key", "missing")
    statement = insert_unless_there(
        RequestKey, actor_kind=actor.kind, actor_id=actor.id, request_key=request_key, claimed_at=now, made=""
    ).returning(RequestKey.id)
    if session.execute(statement).first() is not None:
        return None
    return session.scalar(select(RequestKey.made).where(*_of(actor, request_key))) or ""


def made(actor: Actor, request_key: str, what: str) -> None:
    """Note what a claimed form made, so that the same form sent again is led there."""
    session.execute(update(RequestKey).where(*_of(actor, request_key)).values(made=what))


def _of(actor: Actor, request_key: str):
    return (
        RequestKey.actor_kind == actor.kind,
        RequestKey.actor_id == actor.id,
        RequestKey.request_key == request_key,
    )
