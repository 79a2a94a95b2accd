"""Gunicorn's threaded worker without its banner, its own error pages, or addresses in its log (R1, R10, R39).

It also lets nobody hold one of its few threads for long by sending slowly or by not hanging up.
"""

import io
import os
import time
from concurrent.futures import Future
from http import HTTPStatus
from socket import socket
from typing import Any

from gunicorn import util
from gunicorn.http import errors, wsgi
from gunicorn.workers.gthread import _DEFER, ThreadWorker
from werkzeug.test import create_environ, run_wsgi_app

_REPLACED = ("content-length", "set-cookie")
"""The length is counted anew; a cookie made for nobody must not replace the one that she has."""

_NOWHERE = "/refused"
"""An address that no page has, so that the app answers with its own error page."""


FIRST_BYTE_WITHIN = 0.1
"""Seconds that a thread waits for a new connection to say something; after that the main loop waits, at no cost."""
HEAD_WITHIN = 10.0
"""Seconds for the whole head of a request: a kilobyte, also over a poor line."""
BODY_WITHIN = 60.0
"""Seconds for a body, and for taking an answer: half a megabyte at 10 kB/s."""
HANGS_UP_WITHIN = 1.0
"""Seconds that the other side has to hang up after an answer that said so."""


class HurriedSocket(socket):
    """A connection on which reading ends at a set moment, however slowly the bytes come."""

    until: float | None = None

    def hurry(self, seconds: float) -> None:
        """Set the moment."""
        self.until = time.monotonic() + seconds

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Read, until the moment; then it is as if the other side had gone."""
        asked = self.gettimeout()
        if self.until is None or asked == 0:
            return super().recv(size, flags)
        left = self.until - time.monotonic()
        if left <= 0:
            raise errors.NoMoreData
        self.settimeout(left if asked is None else min(left, asked))
        try:
            return super().recv(size, flags)
        except TimeoutError:
            if asked is not None and asked < left:
                raise
            raise errors.NoMoreData from None
        finally:
            self.settimeout(asked)


class HonestBody:
    """The body of a request; one that breaks HTTP's rules ends for the app as one whose sender has gone."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)

    def read(self, size: int | None = None) -> bytes:
        """Read as a file does."""
        try:
            return self._body.read(size)
        except errors.ParseException as fault:
            raise errors.NoMoreData from fault


class BannerlessResponse(wsgi.Response):
    """An answer that does not say which server it comes from, nor what HTTP/1.1 takes as said."""

    def default_headers(self) -> list[str]:
        """Gunicorn's own headers but `Server`, and `Connection` only where the connection ends or is an old one's."""
        unsaid = ("Server:", "Connection: keep-alive") if self.req.version >= (1, 1) else ("Server:",)
        return [line for line in super().default_headers() if not line.startswith(unsaid)]


class WebWorker(ThreadWorker):
    """The worker class of `gunicorn_conf`."""

    def init_process(self) -> None:
        """Set the response class, which gunicorn looks up by its name in the module, and start."""
        wsgi.Response = BannerlessResponse
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Serve one request of a connection, in a thread of its own."""
        if not isinstance(conn.sock, HurriedSocket):
            plain = conn.sock
            conn.sock = HurriedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        if not conn.initialized and not conn.wait_for_data(FIRST_BYTE_WITHIN):
            return _DEFER
        conn.sock.hurry(HEAD_WITHIN)
        again = super().handle(conn)
        if not again:
            # Gunicorn would do this in its main loop, where everybody else waits for it.
            conn.sock.until = None
            util.close_graceful(conn.sock, timeout=HANGS_UP_WITHIN)
        return again

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Run the app on a request whose head is here."""
        conn.sock.hurry(BODY_WITHIN)
        req.body = HonestBody(req.body)
        return super().handle_request(req, conn)

    def finish_request(self, conn: Any, fs: "Future[Any]") -> None:
        """Keep a connection for its next request, or forget it: it is closed already."""
        if fs.cancelled() or fs.exception() is not None or fs.result():
            super().finish_request(conn, fs)
            return
        self.nr_conns -= 1
        conn.close()

    def handle_error(self, req: Any, client: socket, addr: Any, exc: Exception) -> None:
        """Answer what could not be read as a request with the app's own error page; log the kind of fault alone."""
        status = refusal_status(exc)
        self.log.warning("Request refused: %s", type(exc).__name__)
        try:
            util.write_nonblock(client, self.refusal(status))
        except OSError:
            self.log.debug("The other side had gone")

    def refusal(self, status: HTTPStatus) -> bytes:
        """The whole answer for a request that gunicorn could not read."""
        environ = create_environ(_NOWHERE, os.environ.get("PORTAL_PUBLIC_URL") or None, errors_stream=io.StringIO())
        body, _, headers = run_wsgi_app(self.wsgi, environ, buffered=True)
        page = b"".join(body)
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _REPLACED]
        lines += [f"Content-Length: {len(page)}", "", ""]
        return "\r\n".join(lines).encode("latin-1") + page


def refusal_status(fault: Exception) -> HTTPStatus:
    """The status for a fault met while a request was read."""
    if isinstance(fault, errors.LimitRequestLine):
        return HTTPStatus.REQUEST_URI_TOO_LONG
    if isinstance(fault, errors.LimitRequestHeaders):
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    if isinstance(fault, errors.InvalidResponseHeader | errors.InvalidResponseHeaderName):
        return HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(fault, errors.ParseException):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.INTERNAL_SERVER_ERROR
