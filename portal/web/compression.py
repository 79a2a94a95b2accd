"""Compression of pages (Brotli, else gzip): bytes cost these women money. Static files come packed already."""

import gzip

import brotli
from flask import Flask, request
from werkzeug.wrappers import Response

from portal.web import static

SMALLEST = 300
"""Shorter bodies are sent as they are, in bytes."""

_WINDOW = 16
"""2 to this many bytes are looked back over: more than any page here has, and far less memory than the default."""

_HARDER = ((2300, 11), (1500, 10))
"""A page that takes more packed bytes than the first is packed once more, by the quality beside it: on a slow line the
bytes saved take 10 times as long as the packing, the last 90 of a page with its sheet inside twice as long."""

_TEXTUAL = ("text/", "application/javascript", "application/json", "image/svg+xml")


def init_app(app: Flask) -> None:
    """Compress every textual answer that the browser can read compressed."""

    @app.after_request
    def _compress(response: Response) -> Response:
        if (
            (response.status_code != 200 and response.status_code < 400)
            or not (response.mimetype or "").startswith(_TEXTUAL)
            or request.endpoint == static.ENDPOINT
        ):
            return response
        encoding = static.readable_encoding()
        if not encoding or (response.is_streamed and not response.direct_passthrough):
            return response
        response.direct_passthrough = False
        body = response.get_data()
        if len(body) < SMALLEST:
            return response
        response.set_data(_pack(body, encoding))
        response.headers["Content-Encoding"] = encoding
        return response


def _pack(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(body, compresslevel=6, mtime=0)
    packed = _brotli(body, quality=5)
    return next((_brotli(body, quality) for size, quality in _HARDER if len(packed) > size), packed)


def _brotli(body: bytes, quality: int) -> bytes:
    return brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality, lgwin=_WINDOW)
