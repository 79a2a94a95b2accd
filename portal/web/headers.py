"""Headers of every answer, errors included: nothing stored, nothing framed, nothing foreign (R5, R8, R11, R39)."""

from urllib.parse import urlsplit

from flask import Flask, g, request
from werkzeug.wrappers import Response

from portal.core.settings import Settings
from portal.web import static

_PERMISSIONS = ("camera", "geolocation", "microphone")
"""What would tell most of her. The other features ask her first, or do nothing without script or frames of others."""
_PASSKEYS = ("publickey-credentials-get", "publickey-credentials-create")
"""Staff alone sign in with passkeys, so their pages alone may ask for one."""
_INDEXED = ("/", "/now", "/help")
_STATIC_POLICY = "default-src 'none';base-uri 'none';frame-ancestors 'none'"


def init_app(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of the app, in as few bytes as say it: each page of hers carries them."""
    leave = urlsplit(settings.leave_url)
    # Without img-src no browser asks for an icon, which would be a page's fourth request: there are no pictures.
    # Leaving answers a form too, and browsers hold the redirect of a form against form-action.
    of_pages = (
        "default-src 'none';script-src 'self';connect-src 'self';"
        f"form-action 'self' {leave.scheme}://{leave.netloc};base-uri 'none';frame-ancestors 'none';style-src 'self'"
    )
    everywhere = {
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": ",".join(f"{name}=()" for name in _PERMISSIONS),
    }
    for_staff = everywhere["Permissions-Policy"] + "".join(f",{name}=(self)" for name in _PASSKEYS)
    if settings.https:
        everywhere["Strict-Transport-Security"] = "max-age=31536000"

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers.update(everywhere)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if request.endpoint == static.ENDPOINT and response.status_code == 200 and request.method != "OPTIONS":
            response.headers["Content-Security-Policy"] = _STATIC_POLICY
            response.headers["X-Robots-Tag"] = "noindex"
            return response
        response.headers["Content-Security-Policy"] = of_pages + g.get("sheet_allowed", "")
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"
        if request.path.startswith("/staff/"):
            response.headers["Permissions-Policy"] = for_staff
        if request.path not in _INDEXED and not request.path.startswith("/help/"):
            response.headers["X-Robots-Tag"] = "noindex"
        response.headers.pop("ETag", None)
        response.headers.pop("Last-Modified", None)
        return response
