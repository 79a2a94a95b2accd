"""A secret that staff may see once: sealed in the session between the form that made it and the page that shows it."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any

from flask import session

from portal.core import clock, crypto

_KEPT_FOR = timedelta(minutes=5)


def keep(kind: str, **values: Any) -> None:
    """Keep values for the next page of this kind in this session."""
    until = (clock.real_now() + _KEPT_FOR).timestamp()
    sealed = crypto.keyring().seal(json.dumps(values | {"until": until}).encode(), _bound_to(kind))
    session[_name(kind)] = urlsafe_b64encode(sealed).decode()


def take(kind: str) -> dict[str, Any] | None:
    """The values kept for this kind, and no second time; None when there are none or they are too old."""
    sealed = session.pop(_name(kind), None)
    if sealed is None:
        return None
    try:
        values = json.loads(crypto.keyring().open(urlsafe_b64decode(sealed), _bound_to(kind)))
    except crypto.CannotOpen:
        return None
    return values if clock.real_now().timestamp() < values.pop("until") else None


def _name(kind: str) -> str:
    return f"once_{kind}"


def _bound_to(kind: str) -> str:
    return f"shown_once|{kind}|{session.get('t', '')}"
