"""What every text gateway can be asked, what it may answer, and which one the settings choose."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from portal.core.settings import Settings


class Receipt(NamedTuple):
    """The gateway took a text: its own id for it, and the status it had at that moment (Twilio's words)."""

    sid: str
    status: str


class Candidate(NamedTuple):
    """A text that the gateway took for a number, which may or may not be the one we lost sight of."""

    sid: str
    status: str
    body: str
    created_at: datetime


class GatewayFailure(Exception):
    """The gateway did not do what was asked; `code` is Twilio's error code, or None. Holds no number, no body (R10)."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"code {code}")
        self.code = code


class SendRefused(GatewayFailure):
    """The text was certainly not sent.

    `final`: this text can never go to this number. Not final: it may be tried again, after `retry_after` seconds
    where the gateway said so. `opted_out`: she, or whoever holds her phone, told the gateway to stop (R22).
    """

    def __init__(
        self, code: int | None, *, final: bool, retry_after: float | None = None, opted_out: bool = False
    ) -> None:
        super().__init__(code)
        self.final = final
        self.retry_after = retry_after
        self.opted_out = opted_out


class SendUnknown(GatewayFailure):
    """The text may or may not have been sent: look it up before anything is sent again."""


class GatewayUnavailable(GatewayFailure):
    """A look-up or a redaction got no answer that counts; nothing is known and nothing changed. Ask again later."""


class Gateway(Protocol):
    """Something that sends texts."""

    def send(self, *, to: str, body: str, status_callback: str, valid_for: int | None = None) -> Receipt:
        """Send one text to an E.164 number; later statuses are posted to `status_callback`.

        `valid_for` is how many seconds the text may wait at the gateway before it is dropped (R19: never late).
        Raises SendRefused or SendUnknown, and nothing else for what may happen on the way.
        """

    def find(self, *, to: str, sent_after: datetime) -> Sequence[Candidate]:
        """What the gateway took for a number since an instant of real time, oldest first; raises GatewayUnavailable."""

    def redact(self, sid: str) -> None:
        """Erase a text's body at the gateway; one that is gone already counts as done. Raises GatewayUnavailable."""


def gateway_for(settings: Settings) -> Gateway:
    """The gateway that the settings choose; Twilio's library is loaded only when it is first used."""
    if settings.sms_gateway == "twilio":
        from portal.sms.twilio import TwilioGateway

        return TwilioGateway.from_settings(settings)
    from portal.sms.demo import DemoGateway

    return DemoGateway()
