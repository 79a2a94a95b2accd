"""The signed session cookie: strictly needed, HttpOnly, without an expiry of its own (R9)."""

from flask import Flask
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response


class CookieSession(SecureCookieSessionInterface):
    """Flask's own signed cookie, but removed by Max-Age=0 alone."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, or remove it when the session was emptied."""
        if session or not session.modified:
            super().save_session(app, session, response)
            return
        response.vary.add("Cookie")
        response.set_cookie(
            self.get_cookie_name(app),
            "",
            max_age=0,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=self.get_cookie_secure(app),
        )
