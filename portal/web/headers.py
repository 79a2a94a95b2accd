"""Headers of every answer, errors included: nothing stored, nothing framed, nothing foreign (R5, R8, R11, R39)."""

from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.wrappers import Response

from portal.core.settings import Settings

_PERMISSIONS = ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
_PASSKEYS = ("publickey-credentials-get", "publickey-credentials-create")
"""Staff alone sign in with passkeys, so their pages alone may ask for one."""
_INDEXED = ("/", "/now", "/help")


def init_app(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of the app."""
    leave = urlsplit(settings.leave_url)
    fixed = {
        # Leaving answers a form too, and browsers hold the redirect of a form against form-action.
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
            f"form-action 'self' {leave.scheme}://{leave.netloc}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in (*_PERMISSIONS, *_PASSKEYS)),
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    for_staff = ", ".join([*(f"{name}=()" for name in _PERMISSIONS), *(f"{name}=(self)" for name in _PASSKEYS)])
    if settings.https:
        fixed["Strict-Transport-Security"] = "max-age=31536000"

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers.update(fixed)
        if request.path.startswith("/staff/"):
            response.headers["Permissions-Policy"] = for_staff
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if request.path not in _INDEXED and not request.path.startswith("/help/"):
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        if request.endpoint != "static" or response.status_code >= 400 or request.method == "OPTIONS":
            response.headers["Cache-Control"] = "no-store"
            response.headers.pop("ETag", None)
            response.headers.pop("Last-Modified", None)
        return response
