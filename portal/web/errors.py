"""Error pages: the right status, Leave, 999, the 55 rule and a link to help; no query, no category of trouble (R49)."""

from pathlib import Path

from flask import Flask, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from portal.core import database
from portal.core.errors import MovedTo, NotAllowed, NotFound, Refusal
from portal.core.logs import get_logger

log = get_logger(__name__)

_PASSES_SOON = (429, 503)
_SECRET = {"passcode", "new_passcode", "code"}


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(CSRFError, lambda error: error_page(400))
    app.register_error_handler(HTTPException, lambda error: _http(error))
    app.register_error_handler(MovedTo, _moved)
    app.register_error_handler(NotFound, lambda error: error_page(404))
    app.register_error_handler(NotAllowed, lambda error: error_page(403))
    app.register_error_handler(Refusal, lambda error: error_page(409))
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int):
    """The page for a status, in her language, made without touching the database."""
    g.error_page = True
    title, text = _words(status)
    template = "errors/staff.html" if request.path.startswith("/staff") else "errors/page.html"
    held = _held() if status in _PASSES_SOON else []
    return render_template(template, title=title, text=text, held=held), status


def _held() -> list[tuple[str, str]]:
    """What she sent, to be sent again with one press, its token as it came; no form that holds a secret (R38)."""
    if request.method != "POST":
        return []
    try:
        fields = list(request.form.items(multi=True))
    except HTTPException:
        return []
    return [] if _SECRET & {name for name, _ in fields} else fields


def _words(status: int) -> tuple[str, str]:
    if status == 404:
        return gettext("Page not found"), gettext("This page is not here. Go back, or start again.")
    if status == 403:
        return gettext("You cannot open this page"), gettext("Ask a worker if you need it.")
    if status == 400:
        return gettext("This page was open too long"), gettext("Nothing was changed. Go back and try again.")
    if status == 409:
        return gettext("This has changed"), gettext("Someone changed this before you. Go back and look again.")
    if status == 413:
        return gettext("That is too long"), gettext("Nothing was saved. Go back and write less.")
    if status == 429:
        return gettext("Too many tries"), gettext("Wait a few minutes. Then try again.")
    if status == 503:
        return gettext("Try again in a minute"), gettext("We are busy. Nothing was changed.")
    if status >= 500:
        return gettext("Something went wrong"), gettext("It is not your fault. Nothing was changed. Try again soon.")
    return gettext("That did not work"), gettext("Nothing was changed. Go back and try again.")


def _http(error: HTTPException):
    if error.code is None or error.code < 400:
        return error
    page, status = error_page(error.code)
    headers = [(name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After")]
    return page, status, headers


def _moved(error: MovedTo):
    """A page about a record that goes on in another one is that one's page."""
    asked = request.view_args or {}
    if request.method != "GET" or asked.get("client_id") != error.was:
        return error_page(404)
    return redirect(url_for(request.endpoint or "", **asked | {"client_id": error.to}))


def _database(error: OperationalError):
    database.session.rollback()
    log.error("database_unavailable", error=type(error.orig).__name__, endpoint=request.endpoint)
    page, status = error_page(503)
    return page, status, {"Retry-After": "5"}


def _unexpected(error: Exception):
    database.session.rollback()
    # The traceback's own words could hold what she typed (R10), so only its places are kept.
    log.error("unexpected_fault", error=type(error).__name__, endpoint=request.endpoint, places=_places(error))
    return error_page(500)


def _places(error: BaseException) -> list[str]:
    places: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        places.append(f"{'/'.join(Path(trace.tb_frame.f_code.co_filename).parts[-2:])}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-6:]
