"""Twilio's HTTP client with our time limits and no second tries; imports the library, so import it late."""

import logging
import ssl
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
import twilio.http
import urllib3.exceptions
from twilio.http.response import Response

from portal.core import clock
from portal.sms import rules

_WHILE_CONNECTING = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    ssl.SSLCertVerificationError,
)


class TooManyRequests(Exception):
    """Twilio answered 429; `retry_after` in seconds, where it said."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("429")
        self.retry_after = retry_after


class HttpClient(twilio.http.HttpClient):
    """Talks to Twilio, or to `base_url` in Twilio's place; `timeouts`: seconds to connect, seconds to answer.

    Neither logs nor keeps what it sends, as the library's own does (R10).
    """

    def __init__(self, *, base_url: str, timeouts: tuple[float, float]) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), is_async=False)
        self._base = urlsplit(base_url) if base_url else None
        self._timeouts = timeouts

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request; raises TooManyRequests, because the library's own error drops the Retry-After header."""
        # A connection kept from the last text may be closed by the other side just as the next is written to it,
        # which is one more unknown. So each request has its own.
        with requests.Session() as session:
            # A proxy of the environment would carry the demo's texts off this machine.
            session.trust_env = self._base is None
            answer = session.request(
                method,
                self._address(uri),
                params=params,
                data=data,
                headers=headers,
                auth=auth,
                timeout=timeout or self._timeouts,
                allow_redirects=allow_redirects,
            )
        if answer.status_code == 429:
            raise TooManyRequests(rules.seconds_to_wait(answer.headers.get("Retry-After"), clock.real_now()))
        return Response(answer.status_code, answer.content.decode(errors="replace"), answer.headers)

    def _address(self, uri: str) -> str:
        if not self._base:
            return uri
        return urlsplit(uri)._replace(scheme=self._base.scheme, netloc=self._base.netloc).geturl()


def nothing_was_sent(error: requests.RequestException) -> bool:
    """Whether an error came while connecting, before a byte of the request was written.

    Only what is certain counts: no such address, nobody listening, no connection in time, the wrong certificate.
    """
    return any(isinstance(cause, _WHILE_CONNECTING) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The errors inside an error: requests keeps urllib3's as its argument, urllib3 keeps the socket's as `reason`."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), getattr(cause, "original_error", None)]
