"""Asking staff for their second step again before something that could do much harm."""

from flask import render_template, request
from flask_login import current_user

from portal.accounts import passkeys, proofs, queries, service
from portal.accounts.challenges import Purpose
from portal.accounts.staff_forms import ProofForm
from portal.audit import service as audit
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.web.guards import settings

_OF_THE_PROOF = ("csrf_token", "proof_code", "proof_passkey")


def prove_or_ask():
    """None when this request brings the proof; else the page that asks, holding what was typed for the same address."""
    form = ProofForm()
    if gave_proof(form):
        return None
    return page(form, to=request.full_path.removesuffix("?"), held=_held())


def gave_proof(form: ProofForm) -> bool:
    """Whether the second step was sent and is right; then it counts as fresh. Faults are put at the fields."""
    if "proof_code" not in request.form or not form.validate():
        return False
    given = proofs.Given(code=form.proof_code.data or "", passkey=form.proof_passkey.data or "")
    if not any(given):
        form.refuse(Invalid("proof_code", "missing"))
        return False
    now, who = clock.now(), current_user.actor
    asked = proofs.Asked(Purpose.PROVE, passkeys.party(settings()), request.remote_addr or "")
    with unit_of_work():
        right = proofs.proves(who.id, given, asked, now=now) is not None
        if right:
            service.step_up(current_user.session_id, now=now)
            audit.record(who, "proved_again", now=now, reason="passkey" if given.passkey else "app")
    if right:
        current_user.stepped_up_at = now
    else:
        form.refuse(Invalid("proof_passkey" if given.passkey else "proof_code", "wrong"))
    return right


def page(form: ProofForm, *, to: str, held: list[tuple[str, str]]):
    """The page that asks for the second step: 403 in place of what was asked for, 422 after a wrong one."""
    credential = queries.credential(current_user.actor.id)
    return render_template(
        "accounts/staff/step_up.html",
        form=form,
        to=to,
        held=held,
        files=bool(request.files),
        has_app=bool(credential and credential.totp_secret),
        has_passkey=bool(passkeys.usable_passkeys(current_user.actor.id)),
        place=passkey_place(),
    ), 422 if form.errors else 403


def passkey_place() -> dict[str, str]:
    """Why passkeys do not work at the address that is open, in words; empty when they do."""
    at = passkeys.party(settings())
    if at is None:
        return {"words": "Passkeys need a name in the address of this site, not a number.", "address": ""}
    if request.host_url.rstrip("/") != at.origin and settings().demo:
        return {"words": "Passkeys need a name in the address, not a number. Open", "address": at.origin + request.path}
    return {}


def _held() -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _OF_THE_PROOF and "password" not in name
    ]
