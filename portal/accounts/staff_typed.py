"""What staff had typed when their desk locked or their time was over: kept from the request that then did nothing."""

import json
from datetime import datetime

from flask import request

from portal.accounts import device_service
from portal.accounts.devices import WAS_KEPT
from portal.core.database import unit_of_work

LOCK = "/staff/lock"
_NEVER_KEPT = {"csrf_token", "code", "code_word", WAS_KEPT}
_PROOFS = ("pass", "proof_", "recovery_code")
"""What somebody proves herself with, whatever the form calls it: an old password, a code of the app, a passkey."""
_ASKED_WHILE_TYPING = "/preview"


def keep(session_id: int, *, now: datetime) -> None:
    """Keep what this request brought, or what the page's script says was being typed when it locked."""
    path, fields = _typed()
    wanted = [(name, value) for name, value in fields if name not in _NEVER_KEPT and not _is_proof(name)]
    if path.startswith("/staff/") and not path.endswith(_ASKED_WHILE_TYPING) and path != LOCK:
        with unit_of_work():
            device_service.keep_typed(session_id, path, wanted, now=now)


def _is_proof(name: str) -> bool:
    return any(part in name for part in _PROOFS)


def _typed() -> tuple[str, list[tuple[str, str]]]:
    if request.path != LOCK:
        return request.path, list(request.form.items(multi=True))
    try:
        told = json.loads(request.form.get("typed") or "null")
        return str(told["path"]), [(str(name), str(value)) for name, value in told["fields"]]
    except (ValueError, TypeError, KeyError):
        return LOCK, []
