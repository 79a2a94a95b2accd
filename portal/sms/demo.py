"""The demo's gateway: takes every text, sends none; they are shown on /demo/phone out of the outbox itself."""

import secrets
from datetime import datetime

from portal.sms.gateway import Candidate, Receipt


class DemoGateway:
    """Takes all, forgets all, and says that it was delivered at once, because nothing will call back."""

    def send(self, *, to: str, body: str, status_callback: str, valid_for: int | None = None) -> Receipt:
        """A receipt with a made-up id; never fails."""
        return Receipt(sid=f"SM{secrets.token_hex(16)}", status="delivered")

    def find(self, *, to: str, sent_after: datetime) -> tuple[Candidate, ...]:
        """Nothing: no text ever left, so one whose fate is unknown may be sent again."""
        return ()

    def redact(self, sid: str) -> None:
        """Nothing to erase: no body was ever kept here."""
