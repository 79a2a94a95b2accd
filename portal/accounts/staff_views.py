"""Staff's signing in with password and second factor, set-up by a one-time link, signing out."""

from flask import abort, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.accounts import limits, queries, rules, secrets, service, sessions
from portal.accounts.forms import SecondFactorForm, StaffSetUpForm, StaffSignInForm
from portal.accounts.models import SignedIn, StaffLink
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import get_or_none, unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.staff.models import Staff
from portal.web.blueprints import Audience, AudienceBlueprint, open_to_all_staff
from portal.web.forms import unprocessable

public = AudienceBlueprint("accounts_staff", __name__, Audience.PUBLIC)
staff = AudienceBlueprint("accounts_staff_own", __name__, Audience.STAFF)


@public.route("/staff/sign-in", methods=["GET", "POST"])
def sign_in():
    """The first factor: e-mail address and password."""
    form = StaffSignInForm()
    if not form.is_submitted():
        return render_template("accounts/staff/sign_in.html", form=form)
    if form.validate():
        person = _first_factor(form.email.data, form.password.data)
        if person is not None:
            with unit_of_work():
                sessions.begin("second", person.actor, now=clock.now())
            return redirect(url_for("accounts_staff.second"), 303)
        form.refuse(Invalid("password", "wrong"))
    return unprocessable("accounts/staff/sign_in.html", form=form)


@public.route("/staff/sign-in/second", methods=["GET", "POST"])
def second():
    """The second factor: a code from the authenticator, which works once."""
    pending = _pending()
    if pending is None:
        return redirect(url_for("accounts_staff.sign_in"), 303)
    form = SecondFactorForm()
    if not form.is_submitted():
        return render_template("accounts/staff/second.html", form=form)
    if form.validate():
        person = _second_factor(pending, form.code.data)
        if person is not None:
            return redirect(_following(person), 303)
        form.refuse(Invalid("code", "wrong"))
    return unprocessable("accounts/staff/second.html", form=form)


@public.route("/staff/set-up/<token>", methods=["GET", "POST"])
def set_up(token: str):
    """Choose a password and set up the authenticator with a one-time link."""
    link = _link(token)
    person = get_or_none(Staff, link.staff_id)
    form = StaffSetUpForm()
    if form.is_submitted() and form.validate():
        try:
            with unit_of_work():
                service.set_staff_credential(
                    link, form.password.data, form.code.data, now=clock.now(), real_now=clock.real_now()
                )
            return redirect(url_for("accounts_staff.sign_in"), 303)
        except Invalid as refusal:
            form.refuse(refusal)
    values = {"form": form, "person": person, "secret": link.totp_secret, "qr": _qr(link.totp_secret, person)}
    if form.is_submitted():
        return unprocessable("accounts/staff/set_up.html", **values)
    return render_template("accounts/staff/set_up.html", **values)


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


def _link(token: str) -> StaffLink:
    """What a one-time link opens; wrong ones are counted for each network, and after too many none is opened."""
    now, address = clock.now(), request.remote_addr or ""
    account = f"link|{limits.network_of(address)}"
    with unit_of_work():
        if not limits.count_try(account, address, now=now):
            abort(429)
    link = queries.live_staff_link(token, now)
    if link is None:
        raise NotFound("link")
    with unit_of_work():
        limits.forgive(account, address)
    return link


def _first_factor(email: str, password: str) -> Staff | None:
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


def _second_factor(pending: SignedIn, code: str) -> Staff | None:
    account, address, now = f"second|{pending.actor_id}", request.remote_addr or "", clock.now()
    with unit_of_work():
        allowed = limits.count_try(account, address, now=now)
        right = service.use_totp(pending.actor_id, code, real_now=clock.real_now())
        person = get_or_none(Staff, pending.actor_id)
        if not (right and allowed) or person is None or not person.active:
            return None
        limits.forgive(account, address)
        service.end_session(pending.id, now=now)
        sessions.begin("staff", person.actor, now=now)
    return person


def _pending() -> SignedIn | None:
    token = session.get("t")
    row = queries.session_by_token(token) if token else None
    if row is None or row.kind != "second" or row.ended_at or rules.is_over("second", row.seen_at, clock.now()):
        return None
    return row


def _following(person: Staff) -> str:
    path = session.pop("next", None) or ""
    return path if path.startswith("/staff/") and "\\" not in path else landing(person.actor)


def _qr(secret: str, person: Staff | None) -> Markup:
    import pyotp
    import segno

    address = pyotp.TOTP(secret).provisioning_uri(name=person.email if person else "", issuer_name="Back office")
    return Markup(segno.make(address, error="m").svg_inline(scale=5, border=3))  # noqa: S704 - made by segno alone  # nosec B704
