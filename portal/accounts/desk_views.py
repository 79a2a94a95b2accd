"""At a desk: locking it, unlocking it, changing person; and the page where a browser becomes a device (R17)."""

from collections.abc import Iterable

from flask import redirect, render_template, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import device_service, devices, limits, queries, secrets, sessions, staff_typed
from portal.accounts.desk_forms import DeviceCodeForm, UnlockForm
from portal.accounts.models import SignedIn
from portal.accounts.rules import IDLE
from portal.accounts.staff_views import landing
from portal.core import clock
from portal.core.database import get_or_none, unit_of_work
from portal.core.errors import Invalid
from portal.staff.models import Staff
from portal.web.blueprints import Audience, AudienceBlueprint, asked_by_itself, open_to_all_staff
from portal.web.forms import to_choose, unprocessable
from portal.web.guards import LOCKED, actor
from portal.web.routing import is_own_path

public = AudienceBlueprint("accounts_desk", __name__, Audience.PUBLIC)
staff = AudienceBlueprint("accounts_desk_own", __name__, Audience.STAFF)

SIGN_IN = "/staff/sign-in"
_LONGEST_ADDRESS = 300
_SEEN_BEFORE = 60
"""Seconds before a session is over at which a page may say so: its clock and ours differ, and signs of life are noted
each half a minute."""


@staff.post(staff_typed.LOCK)
@open_to_all_staff
@asked_by_itself
def lock() -> Response:
    """Lock this desk; a page whose time is over asks for it too, and is not heard while another page is in use."""
    now, row = clock.now(), queries.session_by_token(session["t"])
    if row is None or not current_user.on_desk:
        sessions.end_current()
        session.clear()
        session["v"] = 1
        return redirect(SIGN_IN, 303)
    by_time = request.form.get("by") == "time"
    if not by_time or (now - row.seen_at).total_seconds() >= IDLE["staff"].total_seconds() - _SEEN_BEFORE:
        with unit_of_work():
            device_service.lock(actor(), row.id, now=now)
        staff_typed.keep(row.id, now=now)
        session.pop("_flashes", None)
        session["next"] = _within(request.form.get("back", ""))
    return redirect(LOCKED, 303)


@public.route(LOCKED, methods=["GET", "POST"])
@asked_by_itself
def locked():
    """Nothing of any woman: who is signed in at this desk today, and the one field that opens it again."""
    session.pop("_flashes", None)
    if current_user.is_authenticated and current_user.actor.is_staff:
        return render_template("accounts/staff/still_open.html", back=landing(actor()))
    now, device = clock.now(), devices.current()
    here = device_service.present(device.id, now) if device is not None else []
    if device is None or not here:
        return redirect(SIGN_IN, 303)
    form, before = UnlockForm(), _before(row for row, _ in here)
    form.who.choices = to_choose((person.id, person.first_name) for _, person in here)
    last = before.actor_id if before is not None else here[0][1].id
    if not form.is_submitted():
        form.who.data = last
    elif form.validate():
        row, person = next(pair for pair in here if pair[1].id == form.who.data)
        if _password_fits(person, form.password.data):
            return _opened(row, person, before)
        form.refuse(Invalid("password", "wrong"))
    values = {"form": form, "device": device, "last": get_or_none(Staff, last), "alone": len(here) == 1}
    page = unprocessable if form.is_submitted() else render_template
    return page("accounts/staff/locked.html", **values)


@staff.get("/staff/kept")
@open_to_all_staff
def kept():
    """What was typed when this desk locked: send it now, or throw it away (R38)."""
    found = device_service.kept_form(current_user.session_id, clock.now())
    if found is None:
        return redirect(landing(actor()), 303)
    return render_template("accounts/staff/kept.html", kept=found.typed)


@staff.post("/staff/kept")
@open_to_all_staff
def drop_kept() -> Response:
    """Throw away what was typed."""
    with unit_of_work():
        device_service.drop_kept(current_user.session_id)
    return redirect(landing(actor()), 303)


@public.route("/staff/device", methods=["GET", "POST"])
def become():
    """Type the code that a colleague made: from then on this browser is that desk or kiosk."""
    form = DeviceCodeForm()
    if form.is_submitted() and form.validate():
        answer = _become(form.code.data)
        if answer is not None:
            return answer
        form.refuse(Invalid("code", "wrong"))
    if form.is_submitted():
        return unprocessable("accounts/staff/device.html", form=form)
    return render_template("accounts/staff/device.html", form=form)


def _become(code: str) -> Response | None:
    now, address = clock.now(), request.remote_addr or ""
    account = f"device|{limits.network_of(address)}"
    with unit_of_work():
        allowed = limits.count_try(account, address, now=now)
    with unit_of_work():
        taken = device_service.take_code(code, now=now) if allowed else None
        if taken is not None:
            limits.forgive(account, address)
    if taken is None:
        return None
    device, token = taken
    # Whoever was signed in here before is not, once it is a device of everybody's.
    sessions.end_current()
    session.clear()
    session["v"] = 1
    where = "/" if device.kind == devices.KIOSK else SIGN_IN
    return devices.become(redirect(where, 303), device.kind, token)


def _before(here: Iterable[SignedIn]) -> SignedIn | None:
    """Of the sessions of this desk the one that locked in this browser, if its cookie still says which."""
    row = queries.session_by_token(session["t"]) if "t" in session else None
    return next((one for one in here if row is not None and one.id == row.id), None)


def _password_fits(person: Staff, password: str) -> bool:
    """Counted together with the tries at signing in: who guesses here guesses there (R14)."""
    account, address = f"staff|{person.email.strip().casefold()}", request.remote_addr or ""
    with unit_of_work():
        allowed = limits.count_try(account, address, now=clock.now())
    credential = queries.credential(person.id)
    fits = secrets.verify_secret("password", password, credential.password_hash if credential else None) and allowed
    if fits:
        with unit_of_work():
            limits.forgive(account, address)
    return fits


def _opened(row: SignedIn, person: Staff, before: SignedIn | None) -> Response:
    now, same = clock.now(), before is not None and before.id == row.id
    with unit_of_work():
        token = device_service.unlock(row, person, now=now, changed=not same)
        if token is not None and before is not None and not same:
            device_service.put_aside(before, person.actor, now=now)
    if token is None:
        return redirect(SIGN_IN, 303)
    where = _within(session.pop("next", None) or "") if same else ""
    if not same:
        session.clear()
    session["t"] = token
    if device_service.kept_form(row.id, now) is not None:
        return redirect("/staff/kept", 303)
    return redirect(where or landing(person.actor), 303)


def _within(address: str) -> str:
    """An address of the back office, or nothing."""
    inside = is_own_path(address, below="/staff/") and len(address) < _LONGEST_ADDRESS
    return address if inside and not address.startswith((LOCKED, SIGN_IN)) else ""
