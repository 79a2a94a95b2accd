"""Whether a browser is a desk or a kiosk of the charity's: read from its own cookie, before anybody signs in."""

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask, g, redirect, request, session, url_for
from flask_login import current_user
from itsdangerous import BadSignature, TimestampSigner
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.accounts.secrets import token_index
from portal.core import clock
from portal.core.database import session as database_session
from portal.core.database import unit_of_work
from portal.web.cookies import remove_cookie
from portal.web.guards import LOCKED, settings
from portal.web.leave import cookie_flags, cookie_name

if TYPE_CHECKING:
    from portal.accounts.device_models import Device

DESK, KIOSK = "desk", "kiosk"
REMEMBERED_FOR = timedelta(days=90)
"""How long a cookie counts where the browser brings its session back each morning."""
SCREEN_CLEARS_AFTER = timedelta(minutes=5)
"""After how long a kiosk shows its start again, whatever public page was left open there."""

WAS_KEPT = "was_kept"
"""The field with which words that were kept are sent after all."""

_HOLDS_WORDS = (b"<textarea", b"data-typed")
"""In a page: words may be typed here, or were typed on the page before and are held."""
_START = "/?over=1"
_BEFORE_SIGN_IN = {KIOSK: ("/sign-in", "/set-up"), DESK: ("/staff/sign-in", "/staff/locked")}


def init_app(app: Flask) -> None:
    """Note the kind of device before a page is made, and clear its screen when nobody is there any more."""
    app.before_request(_note_kind)
    app.after_request(_clear_screen)
    app.after_request(_forget_what_was_sent)


def current() -> "Device | None":
    """The device that this browser is, one query; None without its cookie, or when it was ended."""
    if "device" not in g:
        g.device = _find(_token()[1])
    return g.device


def become(response: Response, kind: str, token: str) -> Response:
    """Make the browser that gets this answer a device."""
    value = _signer().sign(f"{kind}.{token}").decode()
    response.set_cookie(cookie_name(settings(), "device"), value, **cookie_flags())
    return response


def _note_kind() -> Response | None:
    """Most pages need the signed kind alone and ask the database nothing; signing in asks whether it still stands."""
    kind = _token()[0]
    if kind is None:
        return None
    g.device_kind = kind
    if kind == KIOSK and request.path == "/" and "over" in request.args:
        # Whoever comes next begins in the language of the browser, not in that of whoever was there before.
        session.clear()
        session["v"] = 1
        return redirect("/", 303)
    if request.path.startswith(_BEFORE_SIGN_IN[kind]):
        device = current()
        if device is None:
            g.device_kind = None
            return None
        _note_use(device)
    if kind == KIOSK and g.device_kind and request.path.startswith("/sign-in/text"):
        # A phone that rings in a waiting room tells whose it is.
        return redirect(url_for("accounts.sign_in"), 303)
    return None


def _note_use(device: "Device") -> None:
    today = clock.london_today(clock.now())
    if device.seen_on != today:
        with unit_of_work():
            device.seen_on = today


def _clear_screen(response: Response) -> Response:
    kind = g.get("device_kind")
    if "device" in g and g.device is None and kind is None and _token()[0]:
        remove_cookie(response, cookie_name(settings(), "device"), secure=settings().https)
    if kind is None or response.mimetype != "text/html" or "Location" in response.headers:
        return response
    if kind == KIOSK and g.get("audience") != "client" and request.path != "/":
        response.headers["Refresh"] = f"{SCREEN_CLEARS_AFTER.seconds}; url={_START}"
    is_staff = kind == DESK and g.get("audience") == "staff" and current_user.is_authenticated
    # Words that take long to write are not thrown away: there the script locks, and keeps them (R38).
    if is_staff and current_user.on_desk and not any(typed in response.get_data() for typed in _HOLDS_WORDS):
        response.headers["Refresh"] = f"{current_user.idle_seconds}; url={LOCKED}"
    return response


def _forget_what_was_sent(response: Response) -> Response:
    """What was kept for a member of staff, and has been sent now, does not come back."""
    done = request.method == "POST" and request.path.startswith("/staff/") and response.status_code < 400
    # In this order: the form of a refused request may be too big to be read.
    if done and current_user.is_authenticated and current_user.actor.is_staff and WAS_KEPT in request.form:
        from portal.accounts import device_service

        with unit_of_work():
            device_service.drop_kept(current_user.session_id)
    return response


def _token() -> tuple[str | None, str | None]:
    """The kind and token in the device's cookie."""
    cookie = request.cookies.get(cookie_name(settings(), "device"))
    if not cookie:
        return None, None
    try:
        value = _signer().unsign(cookie, max_age=int(REMEMBERED_FOR.total_seconds())).decode()
    except BadSignature:
        return None, None
    kind, _, token = value.partition(".")
    return (kind, token) if kind in _BEFORE_SIGN_IN else (None, None)


def _find(token: str | None) -> "Device | None":
    if not token:
        return None
    # Late: only the charity's own devices need the table, no woman's phone.
    from portal.accounts.device_models import Device

    named = select(Device).where(Device.token_index == token_index("device", token), Device.revoked_at.is_(None))
    return database_session.scalars(named).first()


def _signer() -> TimestampSigner:
    return TimestampSigner(settings().secret_key, salt="device")
