"""Request keys: a form that makes something is carried out once, however often it is sent (R38)."""

import re
import secrets
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update

from portal.core.access import Actor
from portal.core.database import connection, insert_unless_there, on_sqlite, session
from portal.core.errors import Invalid
from portal.web.models import RequestKey


def new_key() -> str:
    """A fresh key for a form."""
    return secrets.token_urlsafe(12)


def claim(actor: Actor, request_key: str, *, now: datetime, makes: str = "") -> str | None:
    """Claim a form's key inside the unit of work that carries it out.

    Gives None when the key is new, else what `made` said the first time. A second request waits for the first. Whoever
    knows beforehand what the form `makes` need not call `made`. Raises Invalid("request_key", "missing") for a key that
    no form of ours gives.
    """
    if not re.fullmatch(r"[\w.:-]{1,64}", request_key or "", re.ASCII):
        raise Invalid("request_key", "missing")
    facts = {"actor_kind": actor.kind, "actor_id": actor.id, "request_key": request_key}
    claimed: Any = connection().execute(_claiming(on_sqlite()), facts | {"claimed_at": now, "made": makes})
    if claimed.scalar() is not None:
        return None
    return session.scalar(select(RequestKey.made).where(*_of(actor, request_key))) or ""


def made(actor: Actor, request_key: str, what: str) -> None:
    """Note what a claimed form made, so that the same form sent again is led there."""
    asked = {"of_kind": actor.kind, "of_id": actor.id, "of_key": request_key, "made": what}
    session.execute(_MADE, asked)


@cache
def _claiming(_on_sqlite: bool) -> Any:
    return insert_unless_there(_KEYS).returning(_KEYS.c.id)


def _of(actor: Actor, request_key: str):
    return (
        RequestKey.actor_kind == actor.kind,
        RequestKey.actor_id == actor.id,
        RequestKey.request_key == request_key,
    )


_KEYS = cast(Table, RequestKey.__table__)
_MADE = update(_KEYS).where(
    _KEYS.c.actor_kind == bindparam("of_kind"),
    _KEYS.c.actor_id == bindparam("of_id"),
    _KEYS.c.request_key == bindparam("of_key"),
)
