"""Leaving: one hop to a neutral page, the session ended, nothing of ours shown for five minutes (R1 to R3)."""

from collections.abc import Callable

from flask import Flask, current_app, redirect, render_template, request, session
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.wrappers import Response

from portal.core import clock, database
from portal.core.extensions import csrf
from portal.core.logs import get_logger
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.cookies import remove_cookie
from portal.web.guards import settings

log = get_logger(__name__)

QUIET_SECONDS = 300
LEAVES_WITHIN = 0.3
"""Seconds that leaving waits for a busy database before it leads out all the same."""

_OPEN_WHILE_LEFT = ("/", "/leave", "/health", "/ready", "/metrics")
_OPEN_BELOW_WHILE_LEFT = ("/static/", "/sms/")

public = AudienceBlueprint("leave", __name__, Audience.PUBLIC)


@public.route("/leave", methods=["GET", "POST"])
def leave() -> Response:
    """End her session and go to the neutral page."""
    end_session: Callable[[float], None] | None = current_app.extensions.get("portal_end_session")
    if end_session is not None:
        try:
            end_session(LEAVES_WITHIN)
        except Exception as fault:  # noqa: BLE001  # she must get out whatever is broken
            database.session.rollback()
            log.error("session_not_ended_on_leaving", error=type(fault).__name__)
    session.clear()
    session.modified = True
    response = _lead_out()
    response.set_cookie(left_cookie_name(), _signer().sign(b"1").decode(), **cookie_flags())
    return response


# A page whose token is stale must let her out all the same; nobody gains by making her leave.
csrf.exempt(leave)


@public.get("/about-leaving")
def about_leaving() -> str:
    """What Leave does and what it cannot do; asked for her passcode, she finds the way on here too (R6)."""
    return render_template("leave/about.html", on_her_way="t" in session and "next" in session)


def init_app(app: Flask) -> None:
    """Register the page and the quiet time after it."""
    app.before_request(_quiet_after_leaving)
    app.after_request(_no_error_page_while_quiet)


def is_quiet() -> bool:
    """Whether this browser pressed Leave in the last five minutes."""
    cookie = request.cookies.get(left_cookie_name())
    if not cookie:
        return False
    try:
        _, left_at = _signer().unsign(cookie, return_timestamp=True)
    except BadSignature:
        return False
    # The clock of the machine that let her out may be ahead of this one's.
    return abs((clock.real_now() - left_at).total_seconds()) <= QUIET_SECONDS


def come_back(response: Response) -> Response:
    """End the quiet time: she pressed Start or Help herself."""
    remove_cookie(response, left_cookie_name(), secure=settings().https)
    return response


def cookie_flags() -> dict:
    """The flags of every cookie of ours (R9)."""
    return {"path": "/", "httponly": True, "samesite": "Lax", "secure": settings().https}


def cookie_name(settings, name: str) -> str:
    """A cookie's full name: with the __Host- prefix over HTTPS."""
    return f"__Host-{name}" if settings.https else name


def left_cookie_name() -> str:
    """The name of the cookie that says she left."""
    return cookie_name(settings(), "left")


def _quiet_after_leaving() -> Response | None:
    if request.path in _OPEN_WHILE_LEFT or request.path.startswith(_OPEN_BELOW_WHILE_LEFT) or not is_quiet():
        return None
    if request.method == "GET" and (request.path == "/now" or request.path.split("/")[1] == "help"):
        return redirect("/", 303)
    return _lead_out()


def _no_error_page_while_quiet(response: Response) -> Response:
    """A refused press of Start shows the front page again; any other fault leads out (R3)."""
    if response.status_code < 400 or not is_quiet():
        return response
    return redirect("/", 303) if (request.path, request.method) == ("/", "POST") else _lead_out()


def _lead_out() -> Response:
    response = redirect(settings().leave_url, 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _signer() -> TimestampSigner:
    return TimestampSigner(settings().secret_key, salt="left")
