"""Asking over a bare socket, so that every byte of the answer is counted; and signing in from outside."""

import re
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

ACCEPT = "Accept-Encoding: br, gzip\r\n"


@dataclass
class Answer:
    """An answer as it came over the wire."""

    status: int
    head: bytes
    body: bytes

    @property
    def bytes_on_wire(self) -> int:
        """Status line, headers and body."""
        return len(self.head) + 4 + len(self.body)


class Wire:
    """One connection kept open to a server, with a cookie jar of one cookie."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host, self.port = parts.hostname, parts.port
        self.cookies: dict[str, str] = {}
        self.connection: socket.socket | None = None

    def get(self, path: str, *, compressed: bool = True) -> Answer:
        """GET a path."""
        return self._ask(f"GET {path} HTTP/1.1\r\n", "", compressed)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """POST a form."""
        return self._ask(f"POST {path} HTTP/1.1\r\n", urlencode(fields), compressed=False)

    def token(self, path: str) -> str:
        """The CSRF token of a page's form."""
        found = re.search(rb'name="csrf_token" value="([^"]+)"', self.get(path, compressed=False).body)
        assert found, f"{path} has no form"
        return found.group(1).decode()

    def sign_in(self, code_name: str, passcode: str) -> None:
        """Sign a woman in."""
        token = self.token("/sign-in")
        answer = self.post("/sign-in", {"csrf_token": token, "code_name": code_name, "passcode": passcode})
        assert answer.status == 303, answer.body[:500]

    def close(self) -> None:
        """Let go of the connection."""
        if self.connection:
            self.connection.close()
            self.connection = None

    def _ask(self, line: str, form: str, compressed: bool) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = line + f"Host: {self.host}:{self.port}\r\n" + (ACCEPT if compressed else "")
        request += f"Cookie: {cookie}\r\n" if cookie else ""
        if form:
            request += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
        for attempt in (1, 2):
            try:
                return self._exchange((request + "\r\n" + form).encode())
            except (ConnectionError, EOFError):
                self.close()
                if attempt == 2:
                    raise
        raise AssertionError

    def _exchange(self, request: bytes) -> Answer:
        if self.connection is None:
            self.connection = socket.create_connection((self.host, self.port), timeout=30)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
        while len(body) < length:
            body += self._more()
        for name, value in re.findall(rb"(?i)set-cookie: ([^=]+)=([^;]*)", head):
            self.cookies[name.decode()] = value.decode()
        if b"connection: close" in head.lower():
            self.close()
        return Answer(int(head.split(b" ", 2)[1]), head, body)

    def _more(self) -> bytes:
        chunk = self.connection.recv(65536) if self.connection else b""
        if not chunk:
            raise EOFError
        return chunk


def per_second(wire: Wire, path: str, seconds: float = 3.0) -> float:
    """Requests a second of one path over one connection."""
    wire.get(path)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        assert wire.get(path).status == 200
        count += 1
    return count / (time.perf_counter() - started)
