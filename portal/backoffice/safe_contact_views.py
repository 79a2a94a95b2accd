"""How she may be reached safely: asked and recorded, the number proved, texts paused, an opt-out undone (R18, R22)."""

from collections.abc import Callable
from datetime import timedelta

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.backoffice import code_word, queries
from portal.backoffice.forms import CodeWordForm, PauseForm, SafeContactForm
from portal.backoffice.reading import open_record
from portal.booking.samples import samples
from portal.clients import safe_contact as service
from portal.clients.queries import has_opted_out, must_be_asked, safe_contact, visible_client
from portal.clients.rules import pause_end, sign_is_old
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.core.phone import parse_mobile
from portal.diversion.allocation import forget_what_she_said
from portal.diversion.referrals import newest_of
from portal.messaging.staff_words import KINDS
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor, settings
from portal.web.routing import row_id
from portal.web.saving import form_page, save_once, saved
from portal.worklist import service as worklist

staff = AudienceBlueprint("backoffice_safe_contact", __name__, Audience.STAFF)

CHECK_AGAIN_DAYS = 90

_ASKED_KINDS = ("record_safe_contact", "recheck_safe_contact", "recheck_safe_contact_at_desk")


@staff.route("/staff/clients/<int:client_id>/safe-contact", methods=["GET", "POST"])
@needs(Permission.RECORD_SAFE_CONTACT)
def record(client_id: int):
    """Ask every question anew and record the answers as a new version."""
    client = open_record(client_id, "safe_contact")
    again_on = clock.london_today(clock.now()) + timedelta(days=CHECK_AGAIN_DAYS)
    form = SafeContactForm(
        data={
            "check_again_on": again_on,
            "text_language": client.language,
            "voice_language": client.language,
            "seen": service.state_of(safe_contact(client.id)),
            **_said(client_id),
        }
    )

    # Hashing is slow on purpose, so it comes before the unit of work that others wait for.
    code_word_hash = code_word.hashed(form.code_word.data) if form.is_submitted() else None

    def save() -> str:
        now, typed = clock.now(), (form.number.data or "").strip()
        answers = form.answers(
            number=parse_mobile(typed, drama_only=settings().demo) if typed else None,
            code_word_hash=code_word_hash,
        )
        service.record_safe_contact(
            actor(), client_id, answers, banned_words=settings().banned_words, now=now, seen=form.seen.data or ""
        )
        forget_what_she_said(client_id)
        worklist.close_for_client(client_id, _ASKED_KINDS, done="recorded_safe_contact", actor=actor(), now=now)
        return _address(client_id)

    done = save_once(form, save)
    if done is None:
        # Whoever looks at the page again saves with open eyes.
        form.seen.data = service.state_of(safe_contact(client_id))
    return done or form_page("backoffice/staff/safe_contact.html", form, said=_said_words(client_id), **_shown(client))


@staff.post("/staff/clients/<int:client_id>/prove-number")
@needs(Permission.RECORD_SAFE_CONTACT)
def prove_number(client_id: int) -> Response:
    """She read the test text beside a member of staff; without such a text there is no proof (R18)."""
    contact = safe_contact(visible_client(actor(), client_id).id)
    if contact is not None and not queries.test_text_went_out(contact):
        flash("Send her a test text first, and see it arrive together.")
        return redirect(_address(client_id), 303)
    with unit_of_work():
        service.prove_number(actor(), client_id, version=request.form.get("version", type=row_id), now=clock.now())
    return saved(_address(client_id), "Saved. The number is proved.")


@staff.post("/staff/clients/<int:client_id>/pause-texts")
@needs(Permission.RECORD_SAFE_CONTACT)
def pause_texts(client_id: int):
    """No texts until tomorrow morning, for a week, or until she says so in one press; else until a day, or no pause."""
    form, now = PauseForm(), clock.now()
    if form.validate():
        day = clock.london_midnight(form.until.data) if form.until.data else None
        until = pause_end(request.form.get("pause", ""), now) or day
        try:
            with unit_of_work():
                service.pause_texts(actor(), client_id, until=until, now=now)
            said = "Saved. Texts are paused." if until else "Saved. There is no pause."
            return saved(f"/staff/clients/{client_id}" if "in_file" in request.form else _address(client_id), said)
        except Invalid as refusal:
            form.refuse(refusal)
    return unprocessable("backoffice/staff/pause_texts.html", form=form, client=open_record(client_id, "safe_contact"))


@staff.route("/staff/clients/<int:client_id>/same-number", methods=["GET", "POST"])
@needs(Permission.RECORD_SAFE_CONTACT)
def same_number(client_id: int):
    """It is still her number: she says so in person or with her code word (R18)."""
    return _after_check(client_id, "number", service.confirm_number, "backoffice/staff/same_number.html")


@staff.route("/staff/clients/<int:client_id>/undo-opt-out", methods=["GET", "POST"])
@needs(Permission.RECORD_SAFE_CONTACT)
def undo_opt_out(client_id: int):
    """She wants texts again, and says so in person or with her code word (R22)."""
    return _after_check(client_id, "opt_out", service.undo_opt_out, "backoffice/staff/undo_opt_out.html")


def _after_check(client_id: int, what: str, change: Callable[..., object], template: str):
    """A page that does something once staff have said how they know that it is her."""
    client, contact, form = open_record(client_id, what), safe_contact(client_id), CodeWordForm()

    def save() -> str:
        change(actor(), client_id, how="in_person" if form.in_person.data else "code_word", now=clock.now())
        return _address(client_id)

    if form.validate_on_submit():
        fault = None if form.in_person.data else code_word.fault(contact, form.code_word.data)
        done = save_once(form, save) if fault is None else None
        if done is not None:
            return done
        if fault is not None:
            form.refuse(Invalid("code_word", fault))
    return form_page(template, form, client=client)


def _said(client_id: int) -> dict[str, object]:
    """What she said of it when she was referred, for who asks her now; it counts for nothing before a save (R18)."""
    said = _said_words(client_id)
    if not said:
        return {}
    # A yes of hers alone: what she did not say yes to is asked, as ever without an answer beforehand.
    yes = {name: "yes" for name in ("may_text", "may_ring", "may_leave_message") if said.get(name)}
    return {**yes, "number": said.get("number", ""), "whose_phone": said.get("whose_phone") or None}


def _said_words(client_id: int) -> dict:
    """How she said she may be reached, while there is no record in its place."""
    referral = newest_of(client_id) if safe_contact(client_id) is None else None
    return (referral.said_contact if referral else None) or {}


def _shown(client) -> dict:
    versions = queries.contact_versions(client.id)
    newest = versions[0] if versions else None
    now = clock.now()
    return {
        "client": client,
        "newest": newest,
        # Once she was asked, even in a record that was joined with this one, the list's number is not taken any more.
        "listed_end": client.listed_number[-3:] if client.listed_number and newest is None else "",
        "versions": versions,
        "askers": first_names(version.asked_by for version in versions),
        "is_due": must_be_asked(newest, now),
        "no_sign": newest is not None and newest.proved_at is not None and sign_is_old(newest.sign_at, now),
        "is_paused": newest is not None and newest.pause_until is not None and now < newest.pause_until,
        "opted_out": bool(newest and newest.number and has_opted_out(newest.number)),
        "samples": samples(client, newest, now),
        "kinds": KINDS,
        "pause_form": PauseForm(formdata=None),
        "test_text_address": f"/staff/clients/{client.id}/test-text",
    }


def _address(client_id: int) -> str:
    return url_for("backoffice_safe_contact.record", client_id=client_id)
