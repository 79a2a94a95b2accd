"""Gunicorn's threaded worker without its banner, its own error pages, or addresses in its log (R1, R10, R39)."""

import io
import os
from http import HTTPStatus
from socket import socket
from typing import Any

from gunicorn import util
from gunicorn.http import errors, wsgi
from gunicorn.workers.gthread import ThreadWorker
from werkzeug.test import create_environ, run_wsgi_app

_REPLACED = ("content-length", "set-cookie")
"""The length is counted anew; a cookie made for nobody must not replace the one that she has."""

_NOWHERE = "/refused"
"""An address that no page has, so that the app answers with its own error page."""


class BannerlessResponse(wsgi.Response):
    """An answer that does not say which server it comes from."""

    def default_headers(self) -> list[str]:
        """Gunicorn's own headers but `Server`."""
        return [line for line in super().default_headers() if not line.startswith("Server:")]


class WebWorker(ThreadWorker):
    """The worker class of `gunicorn_conf`."""

    def init_process(self) -> None:
        """Set the response class, which gunicorn looks up by its name in the module, and start."""
        wsgi.Response = BannerlessResponse
        super().init_process()

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
