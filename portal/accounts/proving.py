"""Whether a passcode that was just typed is hers: counted first, with the same work for everybody (R14)."""

from flask import request

from portal.accounts import limits, queries, rules, secrets
from portal.clients.rules import fold_code_name
from portal.core import clock
from portal.core.database import unit_of_work


def passcode_fits(client_id: int, code_name: str, passcode: str) -> bool:
    """Whether a passcode is hers; each try is counted first, and each takes the same work, also for nobody's id 0."""
    account, address = f"client|{fold_code_name(code_name)}", request.remote_addr or ""
    with unit_of_work():
        allowed = limits.count_try(account, address, now=clock.now())
    hashed = queries.passcode_hash(client_id)
    fits = secrets.verify_secret("passcode", rules.read_passcode(passcode), hashed) and allowed
    if fits:
        with unit_of_work():
            limits.forgive(account, address)
    return fits
