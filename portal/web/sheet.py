"""Her style sheet inside the page of a first visit: on a slow line one journey there and back less (decision 41)."""

import base64
import hashlib

from flask import Flask, g, request
from werkzeug.wrappers import Response

from portal.web import sheet_rules, static

NAME = "css/site.css"
_FROM_OUTSIDE = ("none", "cross-site")
"""What a browser says of a page that was typed in, opened from a message, or linked to by another site."""
_PLACE = "<style></style>"


def init_app(app: Flask) -> None:
    """Let the layout ask `sheet_inside()`, and write into such a page what it can use of the sheet.

    What is written in, the policy of that answer allows by its hash: so the headers come after.
    """
    rules = sheet_rules.for_new_browsers(sheet_rules.rules(static.content(app, NAME).decode()))

    def sheet_inside() -> bool:
        g.sheet_inside = is_first_visit()
        return g.sheet_inside

    @app.after_request
    def _write_in(response: Response) -> Response:
        if g.get("sheet_inside"):
            page = response.get_data(as_text=True)
            sheet = sheet_rules.written(sheet_rules.used_by(rules, page))
            response.set_data(page.replace(_PLACE, f"<style>{sheet}</style>", 1))
            g.sheet_allowed = f" 'sha256-{base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()}'"
        return response

    app.jinja_env.globals["sheet_inside"] = sheet_inside


def is_first_visit() -> bool:
    """Whether whoever asks has nothing of ours: no cookie, and it comes from elsewhere, so a kept sheet is unlikely.

    Browsers too old to say where they come from may be too old for a sheet allowed by its hash: they get the link.
    """
    return not request.cookies and request.headers.get("Sec-Fetch-Site") in _FROM_OUTSIDE
