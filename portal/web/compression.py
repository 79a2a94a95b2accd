"""Compression of pages and static files (Brotli, else gzip): bytes cost these women money."""

import gzip
from functools import lru_cache

import brotli
from flask import Flask, request
from werkzeug.wrappers import Response

SMALLEST = 300
"""Shorter bodies are sent as they are, in bytes."""

_WINDOW = 16
"""2 to this many bytes are looked back over: more than any page here has, and far less memory than the default."""

_TEXTUAL = ("text/", "application/javascript", "application/json", "image/svg+xml")


def init_app(app: Flask) -> None:
    """Compress every textual answer that the browser can read compressed."""

    @app.after_request
    def _compress(response: Response) -> Response:
        if (
            (response.status_code != 200 and response.status_code < 400)
            or not (response.mimetype or "").startswith(_TEXTUAL)
            or "Content-Encoding" in response.headers
        ):
            return response
        encoding = next((name for name in ("br", "gzip") if request.accept_encodings[name] > 0), None)
        response.vary.add("Accept-Encoding")
        if encoding is None or (response.is_streamed and not response.direct_passthrough):
            return response
        response.direct_passthrough = False
        body = response.get_data()
        if len(body) < SMALLEST:
            return response
        packed = (_pack_static if request.endpoint == "static" else _pack)(body, encoding)
        response.set_data(packed)
        response.headers["Content-Encoding"] = encoding
        return response


def _pack(body: bytes, encoding: str, quality: int = 5) -> bytes:
    if encoding == "br":
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality, lgwin=_WINDOW)
    return gzip.compress(body, compresslevel=min(quality, 9), mtime=0)


@lru_cache(maxsize=64)
def _pack_static(body: bytes, encoding: str) -> bytes:
    return _pack(body, encoding, quality=11)
