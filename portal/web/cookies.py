"""The signed session cookie: strictly needed, HttpOnly, without an expiry of its own (R9)."""

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.http import dump_cookie
from werkzeug.wrappers import Response as BaseResponse


class CookieSession(SecureCookieSessionInterface):
    """Flask's own signed cookie, but removed by Max-Age=0 alone."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, or remove it when the session was emptied."""
        if session or not session.modified:
            super().save_session(app, session, response)
        else:
            remove_cookie(response, self.get_cookie_name(app), secure=self.get_cookie_secure(app))
        # What depends on her cookie is never stored (R8), so that no cache needs to be told on what it depends.
        response.vary.discard("cookie")


def remove_cookie(response: BaseResponse, name: str, *, secure: bool) -> None:
    """Remove a cookie of ours by Max-Age=0; no Expires, so that no cookie of ours ever carries one (R9)."""
    cookie = dump_cookie(
        name, "", max_age=0, path="/", httponly=True, samesite="Lax", secure=secure, sync_expires=False
    )
    response.headers.add("Set-Cookie", cookie)
