"""Her signing in, set-up, step-up and signing out."""

from typing import Any
from urllib.parse import urlsplit

from flask import g, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import limits, proving, queries, rules, secrets, service, sessions, text_codes
from portal.accounts.forms import AskCodeForm, SetUpForm, SignInForm, StepUpForm, TextCodeForm
from portal.clients import own_language
from portal.clients.models import Client, ClientState
from portal.clients.queries import client_by_code_name
from portal.clients.rules import fold_code_name
from portal.core import clock, database
from portal.core.access import Actor
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.messaging.queries import days_off
from portal.web import locale
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.forms import unprocessable
from portal.web.guards import ask_passcode_again

public = AudienceBlueprint("accounts", __name__, Audience.PUBLIC)
own = AudienceBlueprint("accounts_own", __name__, Audience.CLIENT)


@public.route("/sign-in", methods=["GET", "POST"])
def sign_in():
    """Sign in with code name and passcode."""
    form = SignInForm()
    if not form.is_submitted():
        over = "over" in request.args
        if over and not current_user.is_authenticated:
            sessions.forget_who_was_here()
        return render_template("accounts/sign_in.html", form=form, over=over)
    if form.validate():
        client = _proved_client(form.code_name.data, form.passcode.data)
        if client is not None:
            return _signed_in(client, shared=form.shared.data)
        form.refuse(Invalid("passcode", "wrong"))
    return unprocessable("accounts/sign_in.html", form=form)


@public.route("/sign-in/text", methods=["GET", "POST"])
def text_code():
    """Sign in with a code by text: first for whom, then the code; it answers the same whoever she is (R13, R14)."""
    if "code" in request.form:
        return _code_typed(TextCodeForm())
    form = AskCodeForm()
    if form.is_submitted():
        if not form.validate():
            return unprocessable("accounts/text_ask.html", form=form)
        with unit_of_work():
            token = text_codes.ask(form.code_name.data, request.remote_addr or "", now=clock.now())
        session[sessions.ASKED] = token
        return redirect(url_for("accounts.text_code"), 303)
    if session.get(sessions.ASKED) and "again" not in request.args:
        return render_template("accounts/text_code.html", form=TextCodeForm(formdata=None))
    return render_template("accounts/text_ask.html", form=form)


@public.get("/sign-in/forgotten")
def forgotten() -> str:
    """What to do when she forgot her code name or passcode: ask a person; nothing goes by text (R48)."""
    return render_template("accounts/forgotten.html", days_off=days_off(clock.now()))


@public.route("/set-up", methods=["GET", "POST"])
def set_up():
    """Choose a passcode with the one-time code that staff made."""
    form = SetUpForm()
    if not form.is_submitted():
        return render_template("accounts/set_up.html", **_set_up_page(form))
    if form.validate():
        try:
            client = _set_up(form.code_name.data, form.code.data, form.passcode.data)
            return _signed_in(client, shared=form.shared.data)
        except Invalid as refusal:
            form.refuse(refusal)
    return unprocessable("accounts/set_up.html", **_set_up_page(form))


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
        if proving.passcode_fits(client.id, client.code_name, form.passcode.data):
            with unit_of_work():
                service.step_up(current_user.session_id, now=clock.now())
            return redirect(_following(), 303)
        form.refuse(Invalid("passcode", "wrong"))
    return unprocessable("accounts/step_up.html", form=form, first=first)


@public.post("/sign-out")
def sign_out() -> Response:
    """End her session and show the front page."""
    sessions.end_current()
    # At a centre's screen whoever comes next is another woman, and set-up would write the choice on her record.
    language = None if g.get("device_kind") == "kiosk" else session.get("lang")
    session.clear()
    session["v"] = 1
    if language:
        session["lang"] = language
    return redirect(url_for("home.front"), 303)


@own.get("/kept")
def kept():
    """What she had typed when her session ended: send it now, or throw it away (R38); behind her passcode where the
    form was on a sensitive page (R16)."""
    form = queries.kept_form(current_user.actor.id, clock.now())
    if form is None:
        return redirect(url_for("home_own.today"), 303)
    if not rules.is_calm_form(form.typed["path"]) and not current_user.stepped_up:
        return ask_passcode_again()
    return render_template("accounts/kept.html", kept=form.typed)


@own.post("/kept")
def drop_kept() -> Response:
    """Throw away what she had typed."""
    with unit_of_work():
        service.drop_kept(current_user.actor.id)
    return redirect(url_for("home_own.today"), 303)


def _code_typed(form: TextCodeForm):
    if form.validate():
        now, token = clock.now(), str(session.get(sessions.ASKED) or "")
        with unit_of_work():
            client = text_codes.use(token, form.code.data, request.remote_addr or "", now=now)
        if client is not None:
            return _signed_in(client, shared=form.shared.data, by_text=True)
        form.refuse(Invalid("code", "wrong"))
    return unprocessable("accounts/text_code.html", form=form)


def _signed_in(client: Client, *, shared: bool, by_text: bool = False) -> Response:
    now = clock.now()
    with unit_of_work():
        sessions.begin(sessions.kind_for(shared=shared), Actor("client", client.id), by_text=by_text, now=now)
    locale.follow_record(own_language.of_pages(client))
    if queries.kept_form(client.id, now) is not None:
        session.pop("next", None)
        return redirect(url_for("accounts_own.kept"), 303)
    return redirect(_following(), 303)


def _proved_client(code_name: str, passcode: str) -> Client | None:
    client = client_by_code_name(code_name)
    usable = client is not None and not client.sign_in_paused and client.state == ClientState.OPEN
    fits = proving.passcode_fits(client.id if client is not None and usable else 0, code_name, passcode)
    return client if usable and fits else None


def _set_up_page(form: SetUpForm) -> dict[str, Any]:
    """The first page of hers asks for her language too, above all that she may not be able to read."""
    return {"form": form, "days_off": days_off(clock.now()), "offered": locale.to_choose_from()}


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
    usable = client is not None and allowed and client.state == ClientState.OPEN and not client.sign_in_paused
    client_id = client.id if client is not None and usable else 0
    try:
        with unit_of_work():
            service.set_passcode(client_id, code, hashed, now=clock.now())
            if language := locale.chosen():
                own_language.choose_in_set_up(client_id, language, now=clock.now())
            limits.forgive(account, address)
    except NotFound:
        raise Invalid("code", "wrong") from None
    return database.session.get_one(Client, client_id)


def _following() -> str:
    path = session.pop("next", None) or ""
    parts = urlsplit(path)
    if (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and not parts.netloc
        and g.get("audience") != "staff"
    ):
        return path if not path.startswith(_NO_PAGES_TO_FOLLOW) else url_for("home_own.today")
    return url_for("home_own.today")


_NO_PAGES_TO_FOLLOW = ("/staff", "/step-up", "/stay")
