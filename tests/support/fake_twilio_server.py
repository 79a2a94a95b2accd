"""The HTTP half of the fake Twilio: which request means what, and how a scripted behaviour goes wrong on the wire."""

import base64
import json
import socket
import sys
import time
from collections.abc import Mapping
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from tests.support.fake_twilio import FakeTwilio, Message

ENDED = ("delivered", "undelivered", "failed", "received")


class FakeTwilioServer(ThreadingHTTPServer):
    """Listens on loopback for one FakeTwilio, a thread for each request."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], twilio: "FakeTwilio") -> None:
        super().__init__(address, _Handler)
        self.twilio = twilio

    def handle_error(self, request: object, client_address: object) -> None:
        """Silence for a client that stopped waiting, which is what `slow` is for; anything else is a fault here."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeTwilioServer

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True))
        sid = self._asked_for()
        if sid is None:
            return
        if sid:
            self._redact(sid, form)
        else:
            self._send(form)

    def do_GET(self) -> None:
        sid = self._asked_for()
        if sid is None:
            return
        if sid:
            self._show(sid)
        else:
            self._list(dict(parse_qsl(urlsplit(self.path).query)))

    def log_message(self, *_: object) -> None:
        """Silence: a test's output is for its failures."""

    @property
    def twilio(self) -> "FakeTwilio":
        return self.server.twilio

    def _asked_for(self) -> str | None:
        """The id in the path, "" for the whole list; None when the request has been turned away."""
        self.twilio.requests.append(f"{self.command} {self.path}")
        own = base64.b64encode(f"{self.twilio.account_sid}:{self.twilio.auth_token}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {own}":
            return self._fail(401, 20003, "Authenticate")
        whole = f"/2010-04-01/Accounts/{self.twilio.account_sid}/Messages"
        path = urlsplit(self.path).path
        if path == f"{whole}.json":
            return ""
        if path.startswith(f"{whole}/") and path.endswith(".json"):
            return path.removeprefix(f"{whole}/").removesuffix(".json")
        return self._fail(404, 20404, "The requested resource was not found")

    def _send(self, form: Mapping[str, str]) -> None:
        name, value = self.twilio.next_behaviour()
        match name:
            case "429":
                self._fail(429, 20429, "Too Many Requests", {"Retry-After": value} if value else {})
            case "403" | "500" | "503":
                self._answer(int(name), b"<html>an error page</html>", {"Content-Type": "text/html"})
            case "error":
                self._fail(400, int(value), f"The 'To' number {form['To']} cannot have: {form['Body']}")
            case "refuse":
                self._cut()
            case _:
                self._take(form, name, value)

    def _take(self, form: Mapping[str, str], name: str, value: str) -> None:
        if not form.get("Body"):
            self._fail(400, 21602, "Message body is required")
            return
        message = self.twilio.take(form)
        match name:
            case "cut":
                self._cut()
            case "hang":
                self.twilio.released.wait()
            case "500-accepted":
                self._fail(500, 20500, "Internal server error")
            case "garbage":
                self._answer(201, b'{"sid": "SM')
            case "blank":
                self._answer(201, b"{}")
            case _:
                if name == "slow":
                    time.sleep(float(value))
                self._answer(201, self._as_bytes(message.as_json(self.twilio.account_sid)))

    def _redact(self, sid: str, form: Mapping[str, str]) -> None:
        message = self._message(sid)
        if not message:
            return
        if form != {"Body": ""}:
            self._fail(400, 20001, "Only an empty Body is understood here")
        elif message.status not in ENDED:
            self._fail(400, 20009, "Cannot update this resource before it is complete")
        else:
            message.body = ""
            self._answer(200, self._as_bytes(message.as_json(self.twilio.account_sid)))

    def _show(self, sid: str) -> None:
        message = self._message(sid)
        if message:
            self._answer(200, self._as_bytes(message.as_json(self.twilio.account_sid)))

    def _list(self, query: Mapping[str, str]) -> None:
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        found = [m for m in reversed(self.twilio.messages) if _matches(m, query)]
        path = urlsplit(self.path).path
        more = f"{path}?{urlencode({**query, 'Page': str(page + 1)})}" if len(found) > (page + 1) * size else None
        shown = [m.as_json(self.twilio.account_sid) for m in found[page * size : (page + 1) * size]]
        self._answer(200, self._as_bytes({"messages": shown, "page": page, "page_size": size, "next_page_uri": more}))

    def _message(self, sid: str) -> "Message | None":
        try:
            return self.twilio.message(sid)
        except KeyError:
            return self._fail(404, 20404, "The requested resource was not found")

    def _fail(self, status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        self._answer(status, self._as_bytes({"code": code, "message": message, "status": status}), headers)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _as_bytes(value: object) -> bytes:
        return json.dumps(value, ensure_ascii=False).encode()


def _matches(message: "Message", query: Mapping[str, str]) -> bool:
    """Twilio's filters; a text without a sending date matches no DateSent filter."""
    if query.get("To", message.to) != message.to or query.get("From", message.sender) != message.sender:
        return False
    sent_on = message.sent_at.date() if message.sent_at else None
    for name, holds in (
        ("DateSent", lambda asked: sent_on == asked),
        ("DateSent>", lambda asked: sent_on is not None and sent_on >= asked),
        ("DateSent<", lambda asked: sent_on is not None and sent_on <= asked),
    ):
        if name in query and not holds(date.fromisoformat(query[name][:10])):
            return False
    return True
