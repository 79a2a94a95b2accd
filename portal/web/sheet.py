"""Her style sheet inside the page on a first visit: on a slow line one journey there and back less (decision 41)."""

import base64
import hashlib

from flask import Flask, g, request
from markupsafe import Markup

from portal.web import static

NAME = "css/site.css"
_FROM_OUTSIDE = ("none", "cross-site")
"""What a browser says of a page that was typed in, opened from a message, or linked to by another site."""


def init_app(app: Flask) -> None:
    """Give the layout `sheet_inside()`: the sheet to write into this page, or nothing where a link will do."""
    sheet = static.content(app, NAME).decode().strip()
    source = "sha256-" + base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()

    def sheet_inside() -> Markup | None:
        if not is_first_visit():
            return None
        g.sheet_allowed = f" '{source}'"
        return Markup(sheet)  # noqa: S704 - our own file  # nosec B704

    app.jinja_env.globals["sheet_inside"] = sheet_inside


def is_first_visit() -> bool:
    """Whether whoever asks has nothing of ours: no cookie, and it comes from elsewhere, so a kept sheet is unlikely.

    Browsers too old to say where they come from may be too old for a sheet allowed by its hash: they get the link.
    """
    return not request.cookies and request.headers.get("Sec-Fetch-Site") in _FROM_OUTSIDE
