"""Static files: without comments, packed before anybody asks, at addresses that change with what they hold."""

import gzip
import hashlib
import mimetypes
import os
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import brotli
from flask import Flask, abort, current_app, request, url_for
from werkzeug.wrappers import Response

ENDPOINT = "static"
A_YEAR = "max-age=31536000, immutable"

_HASHED = re.compile(r"\.[0-9a-f]{8}(?=\.[a-z]+$)")
_COMMENTS = {
    ".css": re.compile(rb"/\*.*?\*/\s*", re.DOTALL),
    # Whole lines and indentation alone: what stands behind code might be part of a string.
    ".js": re.compile(rb"^\s*//.*\n|^[ \t]+", re.MULTILINE),
}


class StaticFile(NamedTuple):
    """One file as it goes out: by encoding, the empty one for whoever reads none; and the address it has now."""

    name: str
    mimetype: str
    bodies: dict[str, bytes]


def init_app(app: Flask, folder: Path, kept: Path) -> None:
    """Serve every file of a folder; what was packed is kept for the next start in another."""
    files = _packed(folder, kept)

    def serve(filename: str) -> Response:
        file = files.get(_HASHED.sub("", filename))
        if file is None:
            abort(404)
        encoding = readable_encoding()
        response = Response(file.bodies[encoding], mimetype=file.mimetype)
        # A page of the version before may still ask by the name that it knows: that is answered, but never kept.
        response.headers["Cache-Control"] = A_YEAR if filename == file.name else "no-store"
        response.vary.add("Accept-Encoding")
        if encoding:
            response.headers["Content-Encoding"] = encoding
        return response

    app.add_url_rule("/static/<path:filename>", endpoint=ENDPOINT, view_func=serve)
    app.extensions["portal_static"] = files


def content(app: Flask, name: str) -> bytes:
    """What a static file holds as it goes out, not packed."""
    return app.extensions["portal_static"][name].bodies[""]


def address(name: str) -> str:
    """The address of a static file, its hash in its name: caches between her and us often ignore what follows a "?"."""
    file = current_app.extensions["portal_static"].get(name)
    return url_for(ENDPOINT, filename=file.name if file else name)


def readable_encoding() -> str:
    """The best encoding that whoever asks can read; empty for none."""
    return next((name for name in ("br", "gzip") if request.accept_encodings[name] > 0), "")


@cache
def _packed(folder: Path, kept: Path) -> dict[str, StaticFile]:
    files = {}
    for path in sorted(folder.rglob("*.*")):
        name = path.relative_to(folder).as_posix()
        body = path.read_bytes()
        if path.suffix in _COMMENTS:
            body = _COMMENTS[path.suffix].sub(b"", body)
        mark = hashlib.sha256(body).hexdigest()[:8]
        bodies = {"": body, "gzip": gzip.compress(body, mtime=0), "br": _brotli(body, kept / f"{mark}.br")}
        mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
        files[name] = StaticFile(f"{name[: -len(path.suffix)]}.{mark}{path.suffix}", mimetype, bodies)
    return files


def _brotli(body: bytes, kept: Path) -> bytes:
    """A body at the highest quality, which takes a tenth of a second for all: done once, not at each start."""
    with suppress(OSError, brotli.error):
        packed = kept.read_bytes()
        if brotli.decompress(packed) == body:
            return packed
    packed = brotli.compress(body, mode=brotli.MODE_TEXT, quality=11)
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Two processes may start at once: each writes a file of its own, and the name gets a whole one.
        own = kept.with_suffix(f".{os.getpid()}")
        own.write_bytes(packed)
        own.replace(kept)
    return packed
