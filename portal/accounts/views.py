"""Her signing in, set-up, step-up and signing out."""

from urllib.parse import urlsplit

from flask import g, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import limits, queries, rules, secrets, service, sessions
from portal.accounts.forms import SetUpForm, SignInForm, StepUpForm
from portal.clients.models import Client, ClientState
from portal.clients.queries import client_by_code_name
from portal.clients.rules import fold_code_name
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.messaging.queries import days_off
from portal.web import locale
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.forms import unprocessable

public = AudienceBlueprint("accounts", __name__, Audience.PUBLIC)
own = AudienceBlueprint("accounts_own", __name__, Audience.CLIENT)


@public.route("/sign-in", methods=["GET", "POST"])
def sign_in():
    """Sign in with code name and passcode."""
    form = SignInForm()
    if not form.is_submitted():
        return render_template("accounts/sign_in.html", form=form, over="over" in request.args)
    if form.validate():
        client = _proved_client(form.code_name.data, form.passcode.data)
        if client is not None:
            return _signed_in(client)
        form.refuse(Invalid("passcode", "wrong"))
    return unprocessable("accounts/sign_in.html", form=form)


@public.route("/set-up", methods=["GET", "POST"])
def set_up():
    """Choose a passcode with the one-time code that staff made."""
    form = SetUpForm()
    if not form.is_submitted():
        return render_template("accounts/set_up.html", form=form, days_off=days_off(clock.now()))
    if form.validate():
        try:
            return _signed_in(_set_up(form.code_name.data, form.code.data, form.passcode.data))
        except Invalid as refusal:
            form.refuse(refusal)
    return unprocessable("accounts/set_up.html", form=form, days_off=days_off(clock.now()))


@own.route("/step-up", methods=["GET", "POST"])
def step_up():
    """Give the passcode again, for the parts that are sensitive (R16)."""
    form = StepUpForm()
    # R6: what leaving can and cannot do is offered before the first sensitive page after each signing in.
    first = current_user.stepped_up_at is None
    if not form.is_submitted():
        return render_template("accounts/step_up.html", form=form, first=first)
    if form.validate():
        client = current_user.record
        if _passcode_fits(client, client.code_name, form.passcode.data):
            with unit_of_work():
                service.step_up(current_user.session_id, now=clock.now())
            return redirect(_following(), 303)
        form.refuse(Invalid("passcode", "wrong"))
    return unprocessable("accounts/step_up.html", form=form, first=first)


@public.post("/sign-out")
def sign_out() -> Response:
    """End her session and show the front page."""
    sessions.end_current()
    language = session.get("lang")
    session.clear()
    session["v"] = 1
    if language:
        session["lang"] = language
    return redirect(url_for("home.front"), 303)


@own.get("/kept")
def kept():
    """What she had typed when her session ended: send it now, or throw it away (R38)."""
    form = queries.kept_form(current_user.actor.id, clock.now())
    if form is None:
        return redirect(url_for("home_own.today"), 303)
    return render_template("accounts/kept.html", kept=form.typed)


@own.post("/kept")
def drop_kept() -> Response:
    """Throw away what she had typed."""
    with unit_of_work():
        service.drop_kept(current_user.actor.id)
    return redirect(url_for("home_own.today"), 303)


def _signed_in(client: Client) -> Response:
    now = clock.now()
    with unit_of_work():
        sessions.begin("own", Actor("client", client.id), now=now)
    locale.follow_record(client.language)
    if queries.kept_form(client.id, now) is not None:
        session.pop("next", None)
        return redirect(url_for("accounts_own.kept"), 303)
    return redirect(_following(), 303)


def _proved_client(code_name: str, passcode: str) -> Client | None:
    client = client_by_code_name(code_name)
    usable = client is not None and not client.sign_in_paused and client.state == ClientState.OPEN
    fits = _passcode_fits(client if usable else None, code_name, passcode)
    return client if usable and fits else None


def _passcode_fits(client: Client | None, code_name: str, passcode: str) -> bool:
    account, address = f"client|{fold_code_name(code_name)}", request.remote_addr or ""
    with unit_of_work():
        allowed = limits.count_try(account, address, now=clock.now())
    hashed = queries.passcode_hash(client.id) if client else None
    fits = secrets.verify_secret("passcode", rules.read_passcode(passcode), hashed) and allowed
    if fits:
        with unit_of_work():
            limits.forgive(account, address)
    return fits


def _set_up(code_name: str, code: str, typed_passcode: str) -> Client:
    account, address = f"set-up|{fold_code_name(code_name)}", request.remote_addr or ""
    passcode = rules.read_passcode(typed_passcode)
    fault = rules.passcode_fault(passcode)
    if fault:
        raise Invalid("passcode", fault)
    with unit_of_work():
        allowed = limits.count_try(account, address, now=clock.now())
    client = client_by_code_name(code_name)
    # The slow hash comes before the code is looked at, so that every answer takes the same time (R14).
    hashed = secrets.hash_secret("passcode", passcode)
    if client is None or not allowed or client.state != ClientState.OPEN or client.sign_in_paused:
        raise Invalid("code", "wrong")
    try:
        with unit_of_work():
            service.set_passcode(client, code, hashed, now=clock.now())
            limits.forgive(account, address)
    except NotFound:
        raise Invalid("code", "wrong") from None
    return client


def _following() -> str:
    path = session.pop("next", None) or ""
    parts = urlsplit(path)
    if (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and not parts.netloc
        and g.get("audience") != "staff"
    ):
        return path if not path.startswith(("/staff", "/step-up")) else url_for("home_own.today")
    return url_for("home_own.today")
