"""Staff's signing in with password and second step, or with a passkey alone; set-up by a one-time link; signing out."""

from functools import partial

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.accounts import (
    challenges,
    device_service,
    limits,
    passkeys,
    proofs,
    queries,
    recovery,
    rules,
    secrets,
    service,
    sessions,
    staff_service,
)
from portal.accounts.challenges import Purpose
from portal.accounts.models import SignedIn, StaffLink
from portal.accounts.staff_forms import (
    PasskeySignInForm,
    RecoveryForm,
    SecondFactorForm,
    StaffSetUpForm,
    StaffSignInForm,
)
from portal.accounts.step_up import passkey_place
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import get_or_none, unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.staff.models import Staff
from portal.web import shown_once
from portal.web.blueprints import Audience, AudienceBlueprint, open_to_all_staff
from portal.web.forms import unprocessable
from portal.web.guards import settings
from portal.web.routing import is_own_path

public = AudienceBlueprint("accounts_staff", __name__, Audience.PUBLIC)
staff = AudienceBlueprint("accounts_staff_own", __name__, Audience.STAFF)


@public.route("/staff/sign-in", methods=["GET", "POST"])
def sign_in():
    """The first factor, e-mail address and password; or a passkey, which is both."""
    form = StaffSignInForm()
    values = {"form": form, "passkey_form": PasskeySignInForm(formdata=None), "place": passkey_place()}
    if not form.is_submitted():
        return render_template("accounts/staff/sign_in.html", **values)
    if form.validate():
        person = password_fits(form.email.data, form.password.data)
        if person is not None:
            with unit_of_work():
                sessions.begin("second", person.actor, now=clock.now())
            return redirect(url_for("accounts_staff.second"), 303)
        form.refuse(Invalid("password", "wrong"))
    return unprocessable("accounts/staff/sign_in.html", **values)


@public.post("/staff/sign-in/passkey")
def sign_in_by_passkey():
    """A passkey alone: it asked for her finger or number itself."""
    form = PasskeySignInForm()
    if form.validate():
        with unit_of_work():
            asked = _asked(Purpose.SIGN_IN)
            person = proofs.proves_by_passkey_alone(form.passkey.data or "", asked, now=clock.now())
            if person is not None:
                sessions.begin("staff", person.actor, now=clock.now())
        if person is not None:
            return redirect(_begun(person), 303)
        form.refuse(Invalid("passkey", "wrong"))
    values = {"form": StaffSignInForm(formdata=None), "passkey_form": form, "place": passkey_place()}
    return unprocessable("accounts/staff/sign_in.html", **values)


@public.route("/staff/sign-in/second", methods=["GET", "POST"])
def second():
    """The second step: a code of the app, which works once, or a passkey."""
    pending = _pending()
    if pending is None:
        return redirect(url_for("accounts_staff.sign_in"), 303)
    form = SecondFactorForm()
    if form.is_submitted() and form.validate():
        given = proofs.Given(code=form.code.data or "", passkey=form.passkey.data or "")
        if not any(given):
            form.refuse(Invalid("code", "missing"))
        elif (person := _second_step(pending, given)) is not None:
            return redirect(_begun(person), 303)
        else:
            form.refuse(Invalid("passkey" if given.passkey else "code", "wrong"))
    credential = queries.credential(pending.actor_id)
    page = unprocessable if form.is_submitted() else render_template
    return page(
        "accounts/staff/second.html",
        form=form,
        has_app=bool(credential and credential.totp_secret),
        has_passkey=bool(passkeys.usable_passkeys(pending.actor_id)),
        place=passkey_place(),
    )


@public.route("/staff/sign-in/recovery", methods=["GET", "POST"])
def recover():
    """A recovery code in place of the second step; she is told how many are left."""
    pending = _pending()
    if pending is None:
        return redirect(url_for("accounts_staff.sign_in"), 303)
    form = RecoveryForm()
    if not form.is_submitted():
        return render_template("accounts/staff/recovery.html", form=form)
    if form.validate():
        person = _second_step(pending, proofs.Given(recovery_code=form.recovery_code.data))
        if person is not None:
            flash(_used_a_code(recovery.codes_left(person.id)))
            return redirect(_begun(person), 303)
        form.refuse(Invalid("recovery_code", "wrong"))
    return unprocessable("accounts/staff/recovery.html", form=form)


@public.post("/staff/sign-in/challenge")
def challenge() -> Response:
    """What the browser must have before it asks for a passkey, for one purpose of this very browser."""
    at = passkeys.party(settings())
    wanted = request.form.get("for")
    if at is None or wanted not in tuple(Purpose):
        abort(404)
    purpose = Purpose(wanted)
    who = _who_may_answer(purpose)
    asked = challenges.ask(purpose, who)
    if purpose in (Purpose.ADD, Purpose.SET_UP):
        person = get_or_none(Staff, who)
        options = passkeys.options_to_add(person, asked, at, settings().site_name) if person else abort(404)
    else:
        options = passkeys.options_to_use(who or None, asked, at)
    return FlaskResponse(options, mimetype="application/json")


@public.route("/staff/set-up/<token>", methods=["GET", "POST"])
def set_up(token: str):
    """Choose a password and a second step with a one-time link; leads to the recovery codes, which are shown once."""
    link = _link(token)
    if link is None:
        return render_template("accounts/staff/set_up_gone.html"), 404
    person = get_or_none(Staff, link.staff_id)
    form = StaffSetUpForm()
    if form.is_submitted() and form.validate():
        add = partial(_add_first_passkey, form.passkey.data) if form.passkey.data else None
        try:
            with unit_of_work():
                codes = staff_service.set_up(
                    link,
                    form.password.data,
                    code=form.code.data or "",
                    add_passkey=add,
                    now=clock.now(),
                    real_now=clock.real_now(),
                )
            shown_once.keep("recovery_codes", codes=codes)
            return redirect(url_for("accounts_staff.set_up_codes"), 303)
        except Invalid as refusal:
            form.refuse(refusal)
        except NotFound:
            return render_template("accounts/staff/set_up_gone.html"), 404
    page = render_template(
        "accounts/staff/set_up.html",
        form=form,
        person=person,
        token=token,
        secret=link.totp_secret,
        qr=qr(link.totp_secret, person),
        place=passkey_place(),
    )
    return page, 422 if form.is_submitted() else 200


@public.get("/staff/set-up/codes")
def set_up_codes():
    """The recovery codes of somebody who has just set up her sign-in, once; loaded again they are gone."""
    kept = shown_once.take("recovery_codes")
    codes = kept["codes"] if kept else []
    return render_template("accounts/staff/codes.html", codes=codes, first=True), 200 if kept else 410


@staff.post("/staff/sign-out")
@open_to_all_staff
def sign_out() -> Response:
    """End the session."""
    sessions.end_current()
    session.clear()
    session["v"] = 1
    return redirect(url_for("accounts_staff.sign_in"), 303)


def landing(actor) -> str:
    """Where a member of staff begins: the day's board, or what her role works on."""
    if can(actor, Permission.SEE_BOARD):
        return url_for("backoffice.today")
    if can(actor, Permission.MANAGE_PEOPLE):
        return url_for("backoffice_people.people")
    return url_for("diversion_staff.referrals")


def _link(token: str) -> StaffLink | None:
    """What a one-time link opens; wrong ones are counted for each network, and after too many none is opened."""
    now, address = clock.now(), request.remote_addr or ""
    account = f"link|{limits.network_of(address)}"
    with unit_of_work():
        if not limits.count_try(account, address, now=now):
            abort(429)
    link = queries.live_staff_link(token, now)
    if link is not None:
        with unit_of_work():
            limits.forgive(account, address)
    return link


def _begun(person: Staff) -> str:
    """Where she goes on after signing in: to what she had typed when her time was over, or where she was going."""
    begun = queries.session_by_token(session["t"])
    if begun is not None and device_service.kept_form(begun.id, clock.now()) is not None:
        session.pop("next", None)
        return url_for("accounts_desk_own.kept")
    return following(person)


def following(person: Staff) -> str:
    """Where she was going, if that is a page of staff, or where she begins."""
    path = session.pop("next", None) or ""
    return path if is_own_path(path, below="/staff/") else landing(person.actor)


def password_fits(email: str, password: str) -> Staff | None:
    """The member of staff with this e-mail address and password; alike for all who are not she (R14)."""
    account, address = f"staff|{email.strip().casefold()}", request.remote_addr or ""
    with unit_of_work():
        allowed = limits.count_try(account, address, now=clock.now())
    known = queries.staff_password(email)
    fits = secrets.verify_secret("password", password, known[1] if known else None)
    if known is None or not (fits and allowed):
        return None
    with unit_of_work():
        limits.forgive(account, address)
    return get_or_none(Staff, known[0])


def qr(secret: str, person: Staff | None) -> Markup:
    """The picture that an authenticator app scans."""
    import pyotp
    import segno

    address = pyotp.TOTP(secret).provisioning_uri(name=person.email if person else "", issuer_name="Back office")
    picture = segno.make(address, error="m").svg_inline(scale=5, border=3)
    return Markup(picture)  # noqa: S704 - made by segno alone  # nosec B704


def _asked(purpose: Purpose) -> proofs.Asked:
    return proofs.Asked(purpose, passkeys.party(settings()), request.remote_addr or "")


def _second_step(pending: SignedIn, given: proofs.Given) -> Staff | None:
    now = clock.now()
    with unit_of_work():
        person = proofs.proves(pending.actor_id, given, _asked(Purpose.SECOND), now=now)
        if person is not None:
            service.end_session(pending.id, now=now)
            sessions.begin("staff", person.actor, now=now)
    return person


def _pending() -> SignedIn | None:
    token = session.get("t")
    row = queries.session_by_token(token) if token else None
    if row is None or row.kind != "second" or row.ended_at or rules.is_over("second", row.seen_at, clock.now()):
        return None
    return row


def _who_may_answer(purpose: Purpose) -> int:
    """Whose passkey is asked for, 0 for anybody's; 404 when nobody is there whom the purpose fits."""
    if purpose is Purpose.SIGN_IN:
        return 0
    if purpose is Purpose.SECOND:
        pending = _pending()
        return pending.actor_id if pending is not None else abort(404)
    if purpose is Purpose.SET_UP:
        link = queries.live_staff_link(request.form.get("token", ""), clock.now())
        return link.staff_id if link is not None else abort(404)
    return current_user.actor.id if current_user.is_authenticated and current_user.actor.is_staff else abort(404)


def _add_first_passkey(typed: str, person: Staff) -> None:
    """The passkey that set-up made, in the unit of work that sets everything up."""
    add_passkey(person, typed, "", Purpose.SET_UP)


def add_passkey(person: Staff, typed: str, name: str, purpose: Purpose) -> None:
    """Add what an authenticator answered to this browser's challenge; raises Invalid("passkey", …)."""
    at, answer, now = passkeys.party(settings()), passkeys.read_answer(typed), clock.now()
    asked = challenges.take(purpose, person.id, now=now)
    if at is None or answer is None or asked is None:
        raise Invalid("passkey", "wrong")
    passkeys.add_passkey(person, answer, asked, at, name, now=now)


def _used_a_code(left: int) -> str:
    number = {0: "No code is", 1: "1 code is"}.get(left, f"{left} codes are")
    return (
        f"You used a recovery code; the log says so. {number} left. If your phone is lost, set up a new app or passkey"
        " on your own page now, and make new codes."
    )
