"""Audience guards: they run before every view of their blueprint and turn away whom it is not for."""

from collections.abc import Callable
from functools import wraps

from flask import abort, current_app, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.access import Actor, can
from portal.web import locale

SETTINGS = "portal_settings"
LOCKED = "/staff/locked"
"""Where a desk waits for whoever comes back to it (R17)."""


def settings():
    """The settings of the running app."""
    return current_app.extensions[SETTINGS]


def actor() -> Actor:
    """The signed-in person of this request; only for views behind a guard."""
    return current_user.actor


def visitor() -> None:
    """Anybody may come in; her HttpOnly cookie makes leaving drop the page from the browser's memory (R2)."""
    session.setdefault("v", 1)
    g.audience = "public"


def client_only() -> Response | None:
    """Only a woman signed in to her own pages; others are led to sign in."""
    g.audience = "client"
    session.setdefault("v", 1)
    if current_user.is_authenticated and current_user.actor.is_client:
        return None
    return turn_away("accounts.sign_in")


def staff_only() -> Response | tuple[str, int] | None:
    """Only signed-in staff with the permission that the view needs; a view without a mark is open to nobody."""
    g.audience = "staff"
    if not (current_user.is_authenticated and current_user.actor.is_staff):
        return turn_away("accounts_staff.sign_in")
    view = current_app.view_functions[request.endpoint or ""]
    if not hasattr(view, "needed_permission"):
        abort(403)
    if view.needed_permission is not None and not can(current_user.actor, view.needed_permission):
        abort(403)
    if getattr(view, "fresh_proof", _never)():
        return fresh_proof()
    return None


def needs_fresh_proof(view=None, *, when: Callable[[], bool] | None = None):
    """Mark a staff view as one that asks for the second step again unless it was given in the last ten minutes.

    With `when` it asks only if that says so of the request, as for one of two buttons. A view that knows only halfway
    calls `fresh_proof` itself.
    """

    def mark(marked):
        marked.fresh_proof = when or _always
        return marked

    return mark if view is None else mark(view)


def fresh_proof() -> Response | tuple[str, int] | None:
    """None when the second step was given in the last ten minutes or with this very request; else what asks for it.

    A reader is led to a page that asks, and back. A writer gets that page as the answer: it holds what she typed, and
    sends it with the proof to the same address, so that nothing is lost and nothing is stored.
    """
    if current_user.proved_lately:
        return None
    if request.method in ("GET", "HEAD"):
        session["next"] = request.full_path.removesuffix("?")
        return redirect(url_for("accounts_me.ask_again"), 303)
    return current_app.extensions["portal_prove_or_ask"]()


def _always() -> bool:
    return True


def _never() -> bool:
    return False


def demo_only() -> None:
    """Only in the demo; in production the page is not there."""
    g.audience = "demo"
    if not settings().demo:
        abort(404)


def turn_away(sign_in: str) -> Response:
    """Lead to a sign-in page and remember where a reader wanted to go, or what a writer had typed."""
    # R13: before signing in the language comes from the browser or her choice, never from the record.
    locale.forget_record()
    keep_typed = current_app.extensions.get("portal_keep_typed")
    is_locked = g.audience == "staff" and current_app.extensions.get("portal_locked", bool)()
    if request.method == "GET":
        if not is_asked_by_itself():
            session["next"] = request.full_path.removesuffix("?")
    elif keep_typed is not None:
        keep_typed()
    if is_locked and is_asked_by_itself() and request.method == "GET":
        # An open page that asks by itself is told to close; a redirect would look to it like any other fault.
        return Response(status=401)
    return redirect(LOCKED if is_locked else url_for(sign_in), 303)


def is_asked_by_itself() -> bool:
    """Whether this request comes from an open page that keeps itself fresh, not from a person."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "asked_by_itself", False)


def sensitive(view):
    """Mark a page of hers as sensitive: it asks for the passcode again, then stays open for five minutes (R16)."""

    @wraps(view)
    def asked(*args, **kwargs):
        return view(*args, **kwargs) if current_user.stepped_up else ask_passcode_again()

    return asked


def sensitive_when(switch: str):
    """Mark a page of a sensitive class that has an online switch (R41); the view gets `shown`.

    With the switch off the view runs with shown=False and must give the page of a woman who has no such data; with it
    on, the page is `sensitive`.
    """

    def mark(view):
        @wraps(view)
        def asked(*args, **kwargs):
            shown = getattr(current_user.record, switch)
            if shown and not current_user.stepped_up:
                return ask_passcode_again()
            return view(*args, shown=shown, **kwargs)

        return asked

    return mark


def ask_passcode_again() -> Response:
    """Lead to the page that asks for her passcode, and back here after it."""
    if request.method == "GET":
        session["next"] = request.full_path.removesuffix("?")
    return redirect(url_for("accounts_own.step_up"), 303)
