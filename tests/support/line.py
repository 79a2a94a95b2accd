"""What lies between her phone and the portal: a line that can stall, and the neutral page outside."""

import datetime
import http.server
import ipaddress
import os
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_RECORD = 1208
"""Bytes of a TLS record: a packet's, so that what has come can be read before the rest; Caddy begins so too."""
REAL_CHAIN = 2100
"""Bytes of what a real site with an elliptic key shows: its own certificate (918 to 976) and one that vouches for it,
signed by a root that old phones know (1,116 to 1,124). Here one certificate of that size stands for both."""
_PADDING = x509.ObjectIdentifier("1.3.6.1.4.1.32473.1")
"""An extension that means nothing: the number is kept for examples (RFC 5612)."""
WEATHER = "Cloudy with sunny spells"
_REQUEST = re.compile(rb"^(?:GET|POST) (\S+) HTTP/1\.1\r$", re.MULTILINE)


@dataclass
class Line:
    """Leads over HTTPS to a port of this machine; while `stalled` it takes every connection and never answers.

    `asked` holds the address of every request, whoever in a browser made it; `up` and `down` count what it carried.
    """

    port: int
    leads_to: int = 0
    stalled: bool = False
    asked: list[str] = field(default_factory=list)
    up: int = 0
    down: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The address to give to a browser."""
        return f"https://127.0.0.1:{self.port}"

    @contextmanager
    def stalling(self) -> Iterator[None]:
        """Let nothing through, in either direction, from now until the end of the block."""
        self.stalled = True
        try:
            yield
        finally:
            self.stalled = False
            self.hang_up()

    def hang_up(self) -> None:
        """End every connection."""
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def keep(self, caller: socket.socket) -> None:
        """Take a connection and say nothing."""
        self._open.append(caller)

    def take(self, caller: socket.socket) -> None:
        """Carry one connection, for as long as it lives."""
        server = socket.create_connection(("127.0.0.1", self.leads_to))
        self._open += (caller, server)
        for source, target, count in ((caller, server, self._count_up), (server, caller, self._count_down)):
            threading.Thread(target=self._carry, args=(source, target, count), daemon=True).start()

    def forget(self) -> None:
        """Count from nothing again."""
        self.asked, self.up, self.down = [], 0, 0

    def _count_up(self, part: bytes) -> None:
        self.up += len(part)
        self.asked += [line.decode() for line in _REQUEST.findall(part)]

    def _count_down(self, part: bytes) -> None:
        self.down += len(part)

    def _carry(self, source: socket.socket, target: socket.socket, count: Callable[[bytes], None]) -> None:
        with suppress(OSError):
            while part := source.recv(_RECORD):
                if not self.stalled:
                    count(part)
                    target.sendall(part)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def line(tls: ssl.SSLContext) -> Iterator[Line]:
    """A line that waits to be told where it leads."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        made = Line(door.getsockname()[1])

        def take(caller: socket.socket) -> None:
            with suppress(OSError):
                made.take(tls.wrap_socket(caller, server_side=True))

        def answer() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = door.accept()
                    if not made.stalled:
                        threading.Thread(target=take, args=(caller,), daemon=True).start()
                    else:
                        made.keep(caller)

        threading.Thread(target=answer, daemon=True).start()
        try:
            yield made
        finally:
            made.hang_up()


class _Outside(http.server.BaseHTTPRequestHandler):
    """Any address is the weather, not to be stored, with a cookie such as ours."""

    def do_GET(self) -> None:  # the library's name
        page = f'<!doctype html><link rel="icon" href="data:,"><title>Weather</title><p>{WEATHER}</p>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-cache" if self.path.startswith("/plain") else "no-store")
        if "Cookie" not in self.headers:
            self.send_header("Set-Cookie", "weather=1; Path=/; HttpOnly")
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(page)

    def log_message(self, *args) -> None:
        pass


class _Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """Browsers hang up as they like."""


@contextmanager
def outside(tls: ssl.SSLContext) -> Iterator[str]:
    """The neutral page's address: another site than the portal's in the eyes of a browser."""
    with _Quiet(("127.0.0.1", 0), _Outside) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_port}/"
        server.shutdown()


def certificate(folder: Path, size: int = 0) -> ssl.SSLContext:
    """A certificate of this machine's own for an hour, which browsers are told to take; padded to a size in bytes."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = _signed(key, padding=0)
    if size:
        made = _signed(key, padding=size - len(made.public_bytes(serialization.Encoding.DER)))
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + made.public_bytes(serialization.Encoding.PEM)
    (folder / "own.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    context.num_tickets = 1
    return context


def _signed(key: ec.EllipticCurvePrivateKey, padding: int) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.UnrecognizedExtension(_PADDING, os.urandom(padding)), critical=False)
        .sign(key, hashes.SHA256())
    )
