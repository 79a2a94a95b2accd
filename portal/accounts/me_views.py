"""A member of staff's own page: her passkeys, app, recovery codes, password and sessions."""

from flask import redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import passkeys, queries, recovery, service, staff_service, step_up
from portal.accounts.challenges import Purpose
from portal.accounts.staff_forms import AddPasskeyForm, AppForm, PasswordForm, ProofForm
from portal.accounts.staff_views import add_passkey, following, password_fits, qr
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.web import shown_once
from portal.web.blueprints import Audience, AudienceBlueprint, open_to_all_staff
from portal.web.forms import PortalForm, unprocessable
from portal.web.guards import actor, needs_fresh_proof
from portal.web.saving import form_page, saved

staff = AudienceBlueprint("accounts_me", __name__, Audience.STAFF)

_LAST = "This is your only second step. Add another one first."


@staff.get("/staff/me")
@open_to_all_staff
def me() -> str:
    """How she signs in, and where she is signed in."""
    return render_template("accounts/staff/me.html", **_shown())


@staff.route("/staff/step-up", methods=["GET", "POST"])
@open_to_all_staff
def ask_again():
    """The second step once more, then on to what was asked for."""
    form = ProofForm()
    if request.method == "POST" and step_up.gave_proof(form):
        return redirect(following(current_user.record), 303)
    page, status = step_up.page(form, to=url_for("accounts_me.ask_again"), held=[])
    return page, status if form.errors else 200


@staff.post("/staff/me/passkeys")
@open_to_all_staff
@needs_fresh_proof
def new_passkey():
    """Add the passkey that her browser has just made."""
    form = AddPasskeyForm()
    if form.validate():
        try:
            if not form.passkey.data:
                raise Invalid("passkey", "missing")
            with unit_of_work():
                add_passkey(current_user.record, form.passkey.data, form.name.data or "", Purpose.ADD)
            return saved(_mine(), "Passkey added.")
        except Invalid as refusal:
            form.refuse(refusal)
    return unprocessable("accounts/staff/me.html", **_shown(form=form))


@staff.post("/staff/me/passkeys/<int:passkey_id>/remove")
@open_to_all_staff
@needs_fresh_proof
def remove_passkey(passkey_id: int):
    """Take a passkey away; other sessions end, because the device may be lost."""
    credential, now = queries.credential(actor().id), clock.now()
    try:
        with unit_of_work():
            has_app = bool(credential and credential.totp_secret)
            passkeys.remove_passkey(actor(), passkey_id, has_app=has_app, now=now)
            service.end_other_sessions(actor(), current_user.session_id, now=now)
    except Invalid:
        return unprocessable("accounts/staff/me.html", **_shown(refused=_LAST))
    return saved(_mine(), "Passkey removed. Your other sessions have ended.")


@staff.route("/staff/me/app", methods=["GET", "POST"])
@open_to_all_staff
@needs_fresh_proof
def app():
    """A new authenticator app: its secret counts when a code has proved it."""
    import pyotp

    form, kept = AppForm(), shown_once.take("app_secret")
    if kept and form.validate_on_submit():
        try:
            with unit_of_work():
                staff_service.replace_app(
                    actor(),
                    kept["secret"],
                    form.code.data,
                    current_user.session_id,
                    now=clock.now(),
                    real_now=clock.real_now(),
                )
            return saved(_mine(), "The new app works. Your other sessions have ended.")
        except Invalid as refusal:
            form.refuse(refusal)
    elif form.is_submitted() and not form.errors:
        form.refuse(Invalid("code", "wrong"))
    secret = kept["secret"] if kept and form.is_submitted() else pyotp.random_base32()
    shown_once.keep("app_secret", secret=secret)
    return form_page("accounts/staff/app.html", form, secret=secret, qr=qr(secret, current_user.record))


@staff.post("/staff/me/app/remove")
@open_to_all_staff
@needs_fresh_proof
def remove_app():
    """Take the app away when a passkey is there."""
    try:
        with unit_of_work():
            staff_service.remove_app(actor(), current_user.session_id, now=clock.now())
    except Invalid:
        return unprocessable("accounts/staff/me.html", **_shown(refused=_LAST))
    return saved(_mine(), "The app no longer counts. Your other sessions have ended.")


@staff.post("/staff/me/codes")
@open_to_all_staff
@needs_fresh_proof
def new_codes() -> Response:
    """Make new recovery codes; the old ones stop working."""
    with unit_of_work():
        codes = recovery.make_codes(actor(), now=clock.now())
    shown_once.keep("recovery_codes", codes=codes)
    return redirect(url_for("accounts_me.codes"), 303)


@staff.get("/staff/me/codes")
@open_to_all_staff
def codes():
    """The new recovery codes, once; loaded again they are gone."""
    kept = shown_once.take("recovery_codes")
    made = kept["codes"] if kept else []
    return render_template("accounts/staff/codes.html", codes=made, first=False), 200 if kept else 410


@staff.route("/staff/me/password", methods=["GET", "POST"])
@open_to_all_staff
@needs_fresh_proof
def password():
    """Change her own password; other sessions end (R17)."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            if password_fits(current_user.record.email, form.old_password.data) is None:
                raise Invalid("old_password", "wrong")
            with unit_of_work():
                staff_service.change_password(actor(), form.new_password.data, current_user.session_id, now=clock.now())
            return saved(_mine(), "Password changed. Your other sessions have ended.")
        except Invalid as refusal:
            form.refuse(refusal)
    return form_page("accounts/staff/password.html", form)


@staff.post("/staff/me/sessions/<int:session_id>/end")
@open_to_all_staff
def end_session(session_id: int) -> Response:
    """End one of her sessions; her own of this moment by signing out."""
    with unit_of_work():
        staff_service.end_one_session(actor(), session_id, now=clock.now())
    if session_id == current_user.session_id:
        session.clear()
        return redirect(url_for("accounts_staff.sign_in"), 303)
    return saved(_mine(), "That session has ended.")


@staff.post("/staff/me/sessions/end-others")
@open_to_all_staff
def end_others() -> Response:
    """End all her sessions but this one."""
    with unit_of_work():
        service.end_other_sessions(actor(), current_user.session_id, now=clock.now())
    return saved(_mine(), "Your other sessions have ended.")


def _mine() -> str:
    return url_for("accounts_me.me")


def _shown(form: PortalForm | None = None, refused: str = "") -> dict:
    person = current_user.record
    credential = queries.credential(person.id)
    return {
        "person": person,
        "form": form or AddPasskeyForm(formdata=None),
        "refused": refused,
        "passkeys": passkeys.passkeys_of(person.id),
        "has_app": bool(credential and credential.totp_secret),
        "codes_left": recovery.codes_left(person.id),
        "sessions": [row for row in queries.live_sessions("staff", person.id, clock.now()) if row.kind == "staff"],
        "this_session": current_user.session_id,
        "place": step_up.passkey_place(),
    }
