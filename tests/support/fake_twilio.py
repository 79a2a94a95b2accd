"""A server on loopback that speaks enough of Twilio's REST and webhooks for the real client to be driven against it.

    with FakeTwilio() as twilio:
        twilio.script("429 7", "cut")          # how the next two sends go; then all is well again
        ...                                    # point TWILIO_API_BASE_URL at twilio.base_url
        twilio.messages                        # what it took, oldest first
        twilio.call_back(sid, "sent", "delivered", doubled=True)
        twilio.text_in(url, sender="+447700900001", to="+447700900999", body="1")

Written from Twilio's documentation and not with its library, so that the two check each other.
"""

import base64
import hashlib
import hmac
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from portal.core import clock
from tests.support.fake_twilio_server import FakeTwilioServer

SCRIPTED = (
    "ok",
    "403",
    "429",
    "500",
    "503",
    "500-accepted",
    "error",
    "slow",
    "hang",
    "cut",
    "refuse",
    "garbage",
    "blank",
)
"""`429 [Retry-After]`, `error CODE` and `slow SECONDS` take a value.

hang, cut, garbage, blank and 500-accepted take the text before they go wrong; refuse drops the connection, and 403,
500 and 503 show a web page, without taking it.
"""


@dataclass
class Message:
    """A text that the server took; `sent_at` stays None while it waits in the queue, as at Twilio."""

    sid: str
    to: str
    sender: str
    body: str
    status_callback: str
    validity_period: str
    smart_encoded: str
    created_at: datetime
    status: str = "queued"
    sent_at: datetime | None = None
    error_code: int | None = None

    def as_json(self, account_sid: str) -> dict[str, Any]:
        """The Message resource; like Twilio's it does not tell the status address."""
        return {
            "account_sid": account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.created_at),
            "date_sent": format_datetime(self.sent_at) if self.sent_at else None,
            "date_updated": format_datetime(self.sent_at or self.created_at),
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "num_segments": "1",
            "sid": self.sid,
            "status": self.status,
            "to": self.to,
        }


@dataclass(frozen=True)
class Answer:
    """What a webhook answered."""

    status: int
    text: str


Post = Callable[[str, Mapping[str, str], Mapping[str, str]], Answer]


def over_http(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
    """Post a form to a webhook over a real connection."""
    request = urllib.request.Request(url, urlencode(form).encode(), dict(headers))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            return Answer(response.status, response.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode())


class FakeTwilio:
    """One account at a made-up Twilio.

    `post` carries webhooks (over_http, or a test client's own); `chance` says how a send goes that no script tells.
    """

    def __init__(
        self,
        *,
        account_sid: str = "AC" + "0" * 32,
        auth_token: str = "made up token",
        post: Post = over_http,
        chance: Callable[[], str] = lambda: "ok",
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.messages: list[Message] = []
        self.received: list[Message] = []
        self.requests: list[str] = []
        self.released = threading.Event()
        self._post = post
        self._chance = chance
        self._script: deque[tuple[str, str]] = deque()
        self._lock = threading.Lock()
        self._server: FakeTwilioServer | None = None
        self._port = 0

    def __enter__(self) -> "FakeTwilio":
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._stop()

    @property
    def base_url(self) -> str:
        """What TWILIO_API_BASE_URL has to be."""
        return f"http://127.0.0.1:{self._port}"

    def script(self, *behaviours: str) -> None:
        """Say how the next sends go, one after the other; see SCRIPTED."""
        for behaviour in behaviours:
            name, _, value = behaviour.partition(" ")
            if name not in SCRIPTED:
                raise ValueError(behaviour)
            self._script.append((name, value))

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody listens at the address meanwhile."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def sign(self, url: str, form: Mapping[str, str], auth_token: str | None = None) -> str:
        """The X-Twilio-Signature of a webhook: the address, then each field and its value in order of the names."""
        signed = url + "".join(name + form[name] for name in sorted(form))
        key = (auth_token or self.auth_token).encode()
        return base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha1).digest()).decode()

    def call_back(
        self,
        sid: str,
        *statuses: str,
        error_code: int | None = None,
        doubled: bool = False,
        swapped: bool = False,
        late: float = 0,
        wrong_signature: bool = False,
    ) -> list[Answer]:
        """Move a text through statuses and post each to its status address; `late` waits so many seconds before."""
        message = self.message(sid)
        forms = []
        for status in statuses:
            self._move(message, status, error_code)
            forms.append(self._status_form(message))
        if swapped:
            forms.reverse()
        if doubled:
            forms = [form for form in forms for _ in range(2)]
        time.sleep(late)
        return [self._signed_post(message.status_callback, form, wrong_signature) for form in forms]

    def text_in(
        self,
        url: str,
        *,
        sender: str,
        to: str,
        body: str,
        sid: str | None = None,
        wrong_signature: bool = False,
        **extra: str,
    ) -> Answer:
        """Post an incoming text to a webhook; the same `sid` again is how Twilio tries a second time."""
        sid = sid or _new_sid()
        if all(message.sid != sid for message in self.received):
            at = clock.real_now().replace(microsecond=0)
            self.received.append(
                Message(sid, to, sender, body, "", "", "", created_at=at, status="received", sent_at=at)
            )
        form = {"From": sender, "To": to, "Body": body, "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid}
        form |= {"AccountSid": self.account_sid, "ApiVersion": "2010-04-01", "NumMedia": "0", "NumSegments": "1"}
        return self._signed_post(url, form | extra, wrong_signature)

    def message(self, sid: str) -> Message:
        """A text by its id, sent or received; raises KeyError."""
        for message in (*self.messages, *self.received):
            if message.sid == sid:
                return message
        raise KeyError(sid)

    def next_behaviour(self) -> tuple[str, str]:
        """How the send that has just come in goes."""
        with self._lock:
            if self._script:
                return self._script.popleft()
            name, _, value = self._chance().partition(" ")
            return name, value

    def take(self, form: Mapping[str, str]) -> Message:
        """Keep a text."""
        message = Message(
            sid=_new_sid(),
            to=form["To"],
            sender=form.get("From", "") or form["MessagingServiceSid"],
            body=form["Body"],
            status_callback=form.get("StatusCallback", ""),
            validity_period=form.get("ValidityPeriod", ""),
            smart_encoded=form.get("SmartEncoded", ""),
            created_at=clock.real_now().replace(microsecond=0),
            status="accepted" if "MessagingServiceSid" in form else "queued",
        )
        with self._lock:
            self.messages.append(message)
        return message

    def _move(self, message: Message, status: str, error_code: int | None) -> None:
        message.status = status
        message.error_code = error_code
        if status not in ("accepted", "queued"):
            message.sent_at = message.sent_at or clock.real_now().replace(microsecond=0)

    def _status_form(self, message: Message) -> dict[str, str]:
        form = {"MessageSid": message.sid, "SmsSid": message.sid, "AccountSid": self.account_sid}
        form |= {"MessageStatus": message.status, "SmsStatus": message.status, "To": message.to, "From": message.sender}
        return form | ({"ErrorCode": str(message.error_code)} if message.error_code else {})

    def _signed_post(self, url: str, form: Mapping[str, str], wrong_signature: bool) -> Answer:
        signature = self.sign(url, form, "somebody else's token" if wrong_signature else None)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return self._post(url, form, headers)

    def _start(self) -> None:
        self._server = FakeTwilioServer(("127.0.0.1", self._port), self)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def _new_sid() -> str:
    return f"SM{secrets.token_hex(16)}"
