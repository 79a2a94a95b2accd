"""Where she is signed in, staying signed in, and a new passcode, while she is signed in."""

from flask import flash, get_flashed_messages, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import proving, queries, rules, secrets, service, sessions
from portal.accounts.asking_less import ask_less
from portal.accounts.forms import PasscodeForm
from portal.clients import own_language
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.web import locale
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.forms import unprocessable
from portal.web.routing import row_id

own = AudienceBlueprint("accounts_signed_in", __name__, Audience.CLIENT)


@own.get("/stay")
def stay() -> Response:
    """She is still there: a sign of life like any other request, which gives her the whole time anew (R15)."""
    return Response(status=204)


@own.get("/me/signed-in")
def signed_in() -> str:
    """Her sessions: since when and on what, nothing about network or place (R15)."""
    found = queries.live_sessions("client", current_user.actor.id, clock.now())
    said = get_flashed_messages(category_filter=["signed_in"])
    return render_template(
        "accounts/signed_in.html", found=found, this_id=current_user.session_id, said=said[0] if said else None
    )


@own.post("/me/signed-in")
def end() -> Response:
    """End one other session of hers, or all others."""
    actor, now = current_user.actor, clock.now()
    one = request.form.get("session", type=row_id)
    with unit_of_work():
        if one is None:
            service.end_other_sessions(actor, current_user.session_id, now=now)
        else:
            service.end_own_session(actor, one, now=now)
    return redirect(url_for("accounts_signed_in.signed_in"), 303)


@own.post("/me/no-codes")
def no_codes() -> Response:
    """No code by text any more: she may always take this way in away, and the answer is the same for all (R13, R41)."""
    client, now = current_user.record, clock.now()
    with unit_of_work():
        ask_less(client, "no_code", now=now)
    flash("no_codes", "signed_in")
    return redirect(url_for("accounts_signed_in.signed_in"), 303)


@own.route("/me/passcode", methods=["GET", "POST"])
def passcode():
    """Choose a new passcode with the one that she has; every session of hers ends, and this one begins anew (R15)."""
    form = PasscodeForm()
    if not form.is_submitted():
        return render_template("accounts/passcode.html", form=form)
    if form.validate():
        try:
            return _changed(form)
        except Invalid as refusal:
            form.refuse(refusal)
    return unprocessable("accounts/passcode.html", form=form)


def _changed(form: PasscodeForm) -> Response:
    client, kind = current_user.record, current_user.kind
    wanted = rules.read_passcode(form.new_passcode.data)
    fault = rules.passcode_fault(wanted)
    if fault:
        raise Invalid("new_passcode", fault)
    if not proving.passcode_fits(client.id, client.code_name, form.passcode.data):
        raise Invalid("passcode", "wrong")
    hashed, now = secrets.hash_secret("passcode", wanted), clock.now()
    with unit_of_work():
        service.put_passcode(client.id, hashed, now=now)
        sessions.begin(kind, current_user.actor, now=now)
    locale.follow_record(own_language.of_pages(client))
    session.pop("next", None)
    flash("passcode", "signed_in")
    return redirect(url_for("accounts_signed_in.signed_in"), 303)
