"""Referrals as staff read them: one on a page, and what becomes of it."""

from collections.abc import Callable

from flask import render_template, url_for
from werkzeug.wrappers import Response

from portal.audit import service as audit
from portal.centres.queries import centre_names
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.locales import named
from portal.diversion import allocation, disposals, referrals
from portal.diversion import intake_rules as rules
from portal.diversion.refer_forms import DeclineForm, DisposalForm, FirstContactForm, KeyworkerForHerForm, ReleaseForm
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, unprocessable
from portal.web.guards import actor, settings
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("diversion_referral", __name__, Audience.STAFF)


@staff.get("/staff/referrals/<int:referral_id>")
@needs(Permission.READ_REFERRALS)
def referral(referral_id: int) -> str:
    """One referral: what it says, who may be the same woman, and what is to be done; opening it is in the log (R30)."""
    return render_template("diversion/staff/referral.html", **_shown(referral_id))


@staff.post("/staff/referrals/<int:referral_id>/accept")
@needs(Permission.READ_REFERRALS)
def accept(referral_id: int):
    """Accept it; somebody gives her a keyworker afterwards."""
    return _act(referral_id, OnceForm(), lambda: allocation.accept(actor(), referral_id, now=clock.now()), "Accepted.")


@staff.post("/staff/referrals/<int:referral_id>/decline")
@needs(Permission.READ_REFERRALS)
def decline(referral_id: int):
    """Decline it with a reason: her record closes, unless it goes on without this referral."""
    form = DeclineForm()
    return _act(
        referral_id,
        form,
        lambda: allocation.decline(actor(), referral_id, reason=form.reason.data, now=clock.now()),
        "Declined. Her record is closed, unless it goes on without this referral.",
    )


@staff.post("/staff/referrals/<int:referral_id>/first-contact")
@needs(Permission.READ_REFERRALS)
def first_contact(referral_id: int):
    """First contact has been made: one press says how."""
    form = FirstContactForm()
    return _act(
        referral_id,
        form,
        lambda: allocation.note_first_contact(actor(), referral_id, how=form.how.data or "", now=clock.now()),
        "Saved. First contact has been made.",
    )


@staff.post("/staff/referrals/<int:referral_id>/settle")
@needs(Permission.SETTLE_MUST_NOT_KNOW)
def settle(referral_id: int):
    """Who must not know is settled: from now on her centre may see her."""
    return _act(
        referral_id,
        OnceForm(),
        lambda: allocation.settle(actor(), referral_id, now=clock.now()),
        "Saved. Her centre can see her now, but for whom you named.",
    )


@staff.post("/staff/referrals/<int:referral_id>/release")
@needs(Permission.READ_REFERRALS)
def release(referral_id: int):
    """The day of her release has moved."""
    form = ReleaseForm()
    return _act(
        referral_id,
        form,
        lambda: allocation.move_release(
            actor(), referral_id, release_on=form.release_on.data, days=settings().first_contact_days, now=clock.now()
        ),
        "Saved. Nothing reaches her before that day." if form.release_on.data else "Saved. She may be reached now.",
    )


@staff.route("/staff/disposals", methods=["GET", "POST"])
@needs(Permission.EDIT_DISPOSALS)
def all_disposals():
    """The list of disposals, and a new one."""
    form = DisposalForm()

    def save() -> str:
        disposals.add(actor(), name=form.name.data or "", now=clock.now())
        return url_for("diversion_referral.all_disposals")

    return save_once(form, save) or form_page(
        "diversion/staff/disposals.html", form, disposals=disposals.listed(archived=True)
    )


@staff.route("/staff/disposals/<int:disposal_id>", methods=["GET", "POST"])
@needs(Permission.EDIT_DISPOSALS)
def disposal(disposal_id: int):
    """Call a disposal otherwise, or take it out of use."""
    found = disposals.one(disposal_id)
    form = DisposalForm(data={"name": found.name, "archived": found.archived})

    def save() -> str:
        disposals.change(actor(), disposal_id, name=form.name.data or "", archived=form.archived.data, now=clock.now())
        return url_for("diversion_referral.all_disposals")

    return save_once(form, save) or form_page("diversion/staff/disposal.html", form, disposal=found)


def _act(referral_id: int, form: OnceForm, change: Callable[[], object], done: str) -> Response | tuple[str, int]:
    def save() -> str:
        change()
        return url_for("diversion_staff.referrals")

    answer = save_once(form, save, done)
    return answer or unprocessable("diversion/staff/referral.html", **(_shown(referral_id) | {"acted": form}))


def _shown(referral_id: int) -> dict:
    now = clock.now()
    with unit_of_work():
        found, client = referrals.referral_for(actor(), referral_id)
        audit.record(actor(), "client_read", now=now, client_id=client.id, subject="referral")
    waiting = [one for one in referrals.unallocated(actor(), now) if one.referral.id == found.id]
    workers = waiting[0].workers if waiting else []
    return {
        "referral": found,
        "client": client,
        "said": found.said_contact or {},
        "sources": rules.SOURCES,
        "areas": rules.POLICE_AREAS,
        "groups": rules.OFFENCE_GROUPS,
        "reasons": rules.DECLINED_BECAUSE,
        "ways": rules.FIRST_CONTACT_HOW,
        "disposals": disposals.names(),
        "conditions": referrals.conditions_of(found),
        "same": referrals.maybe_the_same(actor(), referral_id),
        "language": named(client.language),
        "centre": centre_names()[client.centre_id],
        "people": first_names(
            [client.keyworker_id, found.referrer_id, found.taken_by, found.decided_by, found.first_contact_by]
        ),
        "workers": workers,
        "loads": referrals.loads(actor(), [worker.id for worker in workers]),
        "acted": None,
        "keyworker_form": KeyworkerForHerForm(formdata=None),
        "decline_form": DeclineForm(formdata=None),
        "contact_form": FirstContactForm(formdata=None),
        "release_form": ReleaseForm(formdata=None, data={"release_on": found.release_on}),
        "once_form": OnceForm(formdata=None),
    }
