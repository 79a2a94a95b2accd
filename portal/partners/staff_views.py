"""Partners in the back office: who was asked for her, what she agreed to, the paper for them, what came of it."""

from flask import render_template, request, url_for

from portal.audit import service as audit
from portal.centres.models import Centre
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, Stale
from portal.help.queries import services
from portal.partners import facts, queries, rules, service, steps, words
from portal.partners.forms import AgreementForm, DraftForm, SendForm, StepForm, WithdrawForm
from portal.partners.queries import Asked
from portal.partners.rules import ReferralState
from portal.staff.models import Staff
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import PortalForm, to_choose
from portal.web.guards import actor, needs_fresh_proof
from portal.web.saving import form_page, save_once, saved

staff = AudienceBlueprint("partners_staff", __name__, Audience.STAFF)

_FIELD_OF = {item: f"item-{number}" for number, item in enumerate(rules.ITEMS)}
"""The form's field of each item: by number, so that no name in a form says what it is about (R7)."""


@staff.get("/staff/clients/<int:client_id>/partners")
@needs(Permission.READ_CLIENT)
def partners(client_id: int):
    """Every partner that was asked, or may be; opening it is in the audit log (R30)."""
    _note_reading(client_id, "partners")
    return _list_page(client_id, _draft_form(formdata=None))


@staff.post("/staff/clients/<int:client_id>/partners")
@needs(Permission.WRITE_PLAN)
def draft(client_id: int):
    """Write down a partner that might help; nobody is told anything by it."""
    visible_client(actor(), client_id)
    form = _draft_form()

    def save() -> str:
        row = service.draft(
            actor(),
            client_id,
            kind=form.kind.data or "",
            service_id=form.service_id.data or None,
            name=form.name.data or "",
            what_for=form.what_for.data or "",
            different=form.different.data,
            now=clock.now(),
        )
        return _address(row.id)

    return save_once(form, save, "Written down. Ask her now, line by line.") or _list_page(client_id, form)


@staff.get("/staff/partners/<int:partner_referral_id>")
@needs(Permission.READ_CLIENT)
def partner(partner_referral_id: int):
    """One request: what she said to each item, where it stands, and what can be done next."""
    row = queries.partner_referral(actor(), partner_referral_id)
    _note_reading(row.client_id, steps.subject_of(row))
    return _page(partner_referral_id)


@staff.post("/staff/partners/<int:partner_referral_id>/agreement")
@needs(Permission.WRITE_PLAN)
def agreement(partner_referral_id: int):
    """What she said, item by item."""
    form, answers = AgreementForm(), _answers()

    def save() -> None:
        service.record_agreements(
            actor(),
            partner_referral_id,
            answers=answers,
            how=form.how.data or "",
            revision=form.revision.data,
            now=clock.now(),
        )

    return _saved(partner_referral_id, form, save, typed=answers)


@staff.post("/staff/partners/<int:partner_referral_id>/told")
@needs(Permission.WRITE_PLAN)
@needs_fresh_proof
def told(partner_referral_id: int):
    """They are told now: what the paper says is kept as it is, and the paper comes to be printed."""
    form = SendForm()

    def save() -> None:
        service.send(
            actor(), partner_referral_id, different=form.different.data, revision=form.revision.data, now=clock.now()
        )

    sheet_address = url_for("partners_staff.sheet", partner_referral_id=partner_referral_id)
    return _saved(partner_referral_id, form, save, to=sheet_address, said="Kept as it is. Print it now.")


@staff.post("/staff/partners/<int:partner_referral_id>/step")
@needs(Permission.WRITE_PLAN)
def step(partner_referral_id: int):
    """What the partner did."""
    form = _step_form(queries.partner_referral(actor(), partner_referral_id).state)

    def save() -> None:
        state = form.state.data or ""
        reason = {"not_taken": form.not_taken.data, "outcome": form.outcome.data}.get(state) or ""
        try:
            service.note_step(
                actor(),
                partner_referral_id,
                state=state,
                reason=reason,
                happened_on=form.happened_on.data,
                revision=form.revision.data,
                now=clock.now(),
            )
        except Invalid as refusal:
            raise Invalid(state, refusal.reason) if refusal.field == "reason" else refusal from None

    return _saved(partner_referral_id, form, save)


@staff.post("/staff/partners/<int:partner_referral_id>/withdraw")
@needs(Permission.WRITE_PLAN)
def withdraw(partner_referral_id: int):
    """Taken back for her."""
    form = WithdrawForm()

    def save() -> None:
        steps.withdraw(actor(), partner_referral_id, reason=form.reason.data or "", now=clock.now())

    return _saved(partner_referral_id, form, save, said="Taken back. Nothing can be printed any more.")


@staff.get("/staff/partners/<int:partner_referral_id>/sheet")
@needs(Permission.WRITE_PLAN)
@needs_fresh_proof
def sheet(partner_referral_id: int):
    """The paper for the partner: what she agreed to, and nothing else; before it is told only a look ahead."""
    row = queries.partner_referral(actor(), partner_referral_id)
    client = visible_client(actor(), row.client_id)
    try:
        each, lines = service.printable(actor(), partner_referral_id)
    except Stale as refusal:
        return render_template("partners/staff/no_sheet.html", referral=row, client=client, why=str(refusal)), 409
    with unit_of_work():
        audit.record(
            actor(), "partner_sheet_made", now=clock.now(), client_id=client.id, subject=steps.subject_of(row),
            reason="" if each.is_told else "look",
        )  # fmt: skip
    return render_template(
        "partners/staff/sheet.html",
        asked=each,
        lines=lines,
        purposes=[item for item in rules.PURPOSES if item in each.agreed],
        sent_on=_sent_on(each),
        client=client,
        centre=session.get_one(Centre, client.centre_id),
        worker=session.get(Staff, client.keyworker_id or 0),
        form=SendForm(formdata=None, revision=row.revision),
        words=words,
    )


def _saved(partner_referral_id: int, form: PortalForm, save, *, to: str = "", said: str = "Saved.", typed=None):
    """Carry out a form of a request: led on, or the page with its faults (422), or as it stands now (409)."""
    queries.partner_referral(actor(), partner_referral_id)
    if not form.validate():
        return _page(partner_referral_id, form, typed)
    try:
        with unit_of_work():
            save()
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(partner_referral_id, form, typed)
    except Stale:
        return _page(partner_referral_id, form, typed, changed=True)
    return saved(to or _address(partner_referral_id), said)


def _page(
    partner_referral_id: int,
    sent: PortalForm | None = None,
    typed: dict[str, bool] | None = None,
    *,
    changed: bool = False,
):
    """One request with its forms; the one that was sent keeps what was typed."""
    row = queries.partner_referral(actor(), partner_referral_id)
    client = visible_client(actor(), row.client_id)
    each = queries.asked(row)
    forms: dict[str, PortalForm] = {
        "agreement": AgreementForm(formdata=None, revision=row.revision),
        "send": SendForm(formdata=None, revision=row.revision),
        "step": _step_form(row.state, formdata=None, revision=row.revision),
        "withdraw": WithdrawForm(formdata=None),
    }
    for name, form in forms.items():
        if sent is not None and type(form) is type(sent):
            forms[name] = sent
            if changed and hasattr(sent, "revision"):
                sent.revision.data, sent.revision.raw_data = row.revision, None
    known = facts.facts_for(row, client, clock.now())
    page = render_template(
        "partners/staff/partner.html",
        without_number=rules.without_number,
        asked=each,
        client=client,
        form=sent or forms["withdraw"],
        forms_of=forms,
        typed=typed or {},
        known=known,
        field_of=_FIELD_OF,
        purposes=rules.PURPOSES,
        fields=[item for item in rules.FIELDS if item in known or item in each.answers],
        not_told=rules.not_told(known, each.lines, each.agreed) if each.is_told else [],
        people=first_names(step.by_id for step in each.steps if step.by_kind == "staff"),
        words=words,
        changed=changed,
        may_withdraw=rules.may_be_withdrawn(row.state),
        is_agreed=row.state == ReferralState.AGREED,
        may_follow=rules.may_follow(row.state),
    )
    return page, 409 if changed else 422 if sent is not None else 200


def _list_page(client_id: int, form: DraftForm):
    client: Client = visible_client(actor(), client_id)
    return form_page("partners/staff/partners.html", form, client=client, rows=queries.asked_of(client.id), words=words)


def _draft_form(**values) -> DraftForm:
    form = DraftForm(**values)
    listed = [(one.id, one.name) for one in services().services]
    form.service_id.choices = to_choose([(0, "Not in the directory"), *listed])
    return form


def _step_form(state: str, **values) -> StepForm:
    form = StepForm(**values)
    form.state.choices = to_choose((one, words.STATE_WORDS[one]) for one in rules.may_follow(state))
    form.not_taken.choices = to_choose([("", "Choose"), *words.NOT_TAKEN_WORDS.items()])
    form.outcome.choices = to_choose([("", "Choose"), *words.OUTCOME_WORDS.items()])
    return form


def _answers() -> dict[str, bool]:
    """What was ticked beside each item; an item without an answer was not asked."""
    said = {item: request.form.get(field) for item, field in _FIELD_OF.items()}
    return {item: answer == "yes" for item, answer in said.items() if answer in ("yes", "no")}


def _sent_on(each: Asked):
    return next((step.happened_on for step in each.steps if step.state == ReferralState.SENT), None)


def _note_reading(client_id: int, what: str) -> None:
    with unit_of_work():
        visible_client(actor(), client_id)
        audit.record(actor(), "client_read", now=clock.now(), client_id=client_id, subject=what)


def _address(partner_referral_id: int) -> str:
    return url_for("partners_staff.partner", partner_referral_id=partner_referral_id)
