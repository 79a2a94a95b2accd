"""The real gateway: Twilio's own client, loaded when the first text goes out, and the check of its signatures."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from portal.core.settings import Settings
from portal.sms import rules
from portal.sms.gateway import Candidate, GatewayFailure, GatewayUnavailable, Receipt, SendRefused, SendUnknown

if TYPE_CHECKING:
    from twilio.rest import Client

# R10: at INFO the first prints every number in full, at DEBUG the second prints addresses with their queries.
for _name in ("twilio", "twilio.http_client", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Answer = TypeVar("Answer")

_UNREADABLE = (ValueError, TypeError, AttributeError)
"""How the library meets an answer that is not what it expects, and a body that cannot be written."""

CLOCKS_APART = timedelta(minutes=1)
"""How far Twilio's clock may be behind ours before a look-up could miss a text."""
MOST_LOOKED_UP = 1000
"""Twilio's largest page; far more than the caps let through to one number in years."""
SHORTEST_VALID, LONGEST_VALID = 5, 36_000
"""Seconds; what Twilio takes as a validity period."""


class TwilioGateway:
    """Sends through Twilio; every failure comes out as one of the gateway's own, stripped of what it quoted."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        messaging_service_sid: str,
        base_url: str = "",
        timeouts: tuple[float, float] = (5, 10),
    ) -> None:
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._from = {"messaging_service_sid": messaging_service_sid} if messaging_service_sid else {"from_": sender}
        self._base_url = base_url
        self._timeouts = timeouts

    @classmethod
    def from_settings(cls, settings: Settings) -> "TwilioGateway":
        """The gateway with the account, the sender and the address of the settings."""
        return cls(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token,
            sender=settings.twilio_from,
            messaging_service_sid=settings.twilio_messaging_service_sid,
            base_url=settings.twilio_api_base_url,
        )

    @cached_property
    def _client(self) -> "Client":
        from twilio.rest import Client

        from portal.sms.twilio_http import HttpClient

        http = HttpClient(base_url=self._base_url, timeouts=self._timeouts)
        return Client(self._account_sid, self._auth_token, http_client=http)

    def send(self, *, to: str, body: str, status_callback: str, valid_for: int | None = None) -> Receipt:
        """Send one text once; see Gateway.send."""
        extra: dict[str, Any] = dict(self._from)
        if valid_for is not None:
            extra["validity_period"] = min(max(valid_for, SHORTEST_VALID), LONGEST_VALID)
        message = _asked(
            lambda: self._client.messages.create(
                to=to,
                body=body,
                status_callback=status_callback,
                # Twilio must not reword: a look-up knows a text by its words, and segments.fold() has done the folding.
                smart_encoded=False,
                **extra,
            ),
            _send_failure,
        )
        if not message.sid:
            raise SendUnknown(None)
        return Receipt(sid=message.sid, status=message.status or "accepted")

    def find(self, *, to: str, sent_after: datetime) -> tuple[Candidate, ...]:
        """What Twilio took for a number since an instant of real time; see Gateway.find.

        Twilio does not give back the status address, and its DateSent filter knows whole days and leaves out what
        still waits in its queue, so everything to the number is read and sifted here by the date of its making.
        """
        since = sent_after - CLOCKS_APART

        def look_up() -> list[Candidate]:
            messages = self._client.messages.list(to=to, limit=MOST_LOOKED_UP, page_size=MOST_LOOKED_UP)
            return [
                Candidate(
                    sid=m.sid,
                    status=m.status,
                    body=m.body or "",
                    created_at=m.date_created,
                    code=str(m.error_code or ""),
                )
                for m in reversed(messages)
                if m.date_created >= since
            ]

        return tuple(sorted(_asked(look_up, _ask_failure), key=lambda found: found.created_at))

    def redact(self, sid: str) -> None:
        """Erase a body at Twilio, which refuses until the text has reached an end; see Gateway.redact."""
        try:
            _asked(lambda: self._client.messages(sid).update(body=""), _ask_failure)
        except GatewayUnavailable as failure:
            if failure.code not in (404, 20404):
                raise


def signature_is_valid(auth_token: str, url: str, form: Mapping[str, str], signature: str | None) -> bool:
    """Whether Twilio signed a call: `url` is our public address as Twilio knows it, `form` what it posted.

    Without a token everything is refused, because anybody can sign with an empty key.
    """
    if not auth_token or not signature:
        return False
    from twilio.request_validator import RequestValidator

    return bool(RequestValidator(auth_token).validate(url, form, signature))


def _asked(ask: Callable[[], Answer], failure_of: Callable[[Exception], GatewayFailure]) -> Answer:
    """Ask, and raise a failure that does not drag the library's own behind it: those quote numbers and bodies (R10)."""
    import requests
    from twilio.base.exceptions import TwilioException

    from portal.sms.twilio_http import TooManyRequests

    try:
        return ask()
    except (TwilioException, TooManyRequests, requests.RequestException, *_UNREADABLE) as error:
        failure = failure_of(error)
    raise failure


def _send_failure(error: Exception) -> GatewayFailure:
    import requests

    from portal.sms.twilio_http import TooManyRequests, nothing_was_sent

    if isinstance(error, TooManyRequests):
        return SendRefused(rules.TOO_MANY, final=False, retry_after=error.retry_after)
    if isinstance(error, UnicodeError):
        return SendRefused(None, final=True)
    if isinstance(error, requests.RequestException):
        return SendRefused(None, final=False) if nothing_was_sent(error) else SendUnknown(None)
    status = getattr(error, "status", None)
    return rules.send_failure(status, _code(error)) if status else SendUnknown(None)


def _ask_failure(error: Exception) -> GatewayFailure:
    return GatewayUnavailable(_code(error) or getattr(error, "status", None))


def _code(error: Exception) -> int | None:
    """Twilio's code; the library puts the HTTP status in its place where the answer had none."""
    code = getattr(error, "code", None)
    return code if isinstance(code, int) and code >= 1000 else None
