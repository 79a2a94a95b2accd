"""Changing how she may be reached safely: versions of the record, proof of the number, pauses, opt-outs (R18, R22)."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select, update

from portal.audit import service as audit
from portal.clients import answers as asked
from portal.clients.answers import ContactAnswers
from portal.clients.models import Client, OptOut, SafeContact
from portal.clients.queries import safe_contact, visible_client
from portal.clients.rules import LONGEST_PAUSE
from portal.core import clock, crypto
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.banned import LISTED_FOR_TEXTS, banned_in
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.core.locales import LANGUAGES
from portal.core.week import check_week

PROOFS = ("in_person", "code_word")
"""How staff know that it is her."""


def record_safe_contact(
    actor: Actor,
    client_id: int,
    answers: ContactAnswers,
    *,
    banned_words: Iterable[str],
    now: datetime,
    seen: str | None = None,
) -> SafeContact:
    """Record how she may be reached, as a new version (R18). A number that is new is not proved yet.

    `seen` is `state_of` the record that stood when she was asked: what she made stricter since, and a stop of all
    contact, are never overwritten by answers from before. Raises Invalid("may_text", "changed") then.

    Only this lets texts go again after a contact put her at risk (R47). Raises Invalid(question, "missing") for what
    was not answered, and Invalid for number missing, cover_phrase too_long | banned | link, whose_phone | wording |
    text_language | voice_language unknown, email not_an_address, check_again_on past | too_far, and the name of a day
    for safe hours that cannot stand.
    """
    require(actor, Permission.RECORD_SAFE_CONTACT)
    client = session.scalars(lock_rows(select(Client).where(Client.id == visible_client(actor, client_id).id))).one()
    today = clock.london_today(now)
    _check_answers(answers, banned_words, today)
    before = safe_contact(client.id)
    if seen is not None and seen != state_of(before):
        raise Invalid("may_text", "changed")
    # Unless she was ever asked there may be a number on the list she was brought over with; a no leaves it behind.
    listed = client.listed_number if answers.may_text or answers.may_ring else None
    kept = before.number if before else listed
    number = None if answers.whose_phone == "none" else answers.number or kept
    if (answers.may_text or answers.may_ring) and not number:
        raise Invalid("number", "missing")
    same_number = number is not None and number == kept
    record = SafeContact(
        client_id=client.id,
        version=before.version + 1 if before else 1,
        may_text=bool(answers.may_text),
        number=number,
        number_index=crypto.keyring().index("phone", number) if number else None,
        number_end_index=crypto.keyring().index("phone_end", number[-4:]) if number else None,
        proved_at=before.proved_at if before and same_number else None,
        sign_at=before.sign_at if before and same_number else None,
        stable_phone=False if answers.whose_phone == "none" else answers.stable_phone,
        stable_home=answers.stable_home,
        whose_phone=answers.whose_phone,
        who_else_sees=answers.who_else_sees.strip() or None,
        safe_hours=[
            {"day": day, "from": f"{opens:%H:%M}", "to": f"{closes:%H:%M}"} for day, opens, closes in answers.safe_hours
        ],
        pause_until=before.pause_until if before else None,
        wording=answers.wording or "plain",
        cover_phrase=" ".join(answers.cover_phrase.split()) if answers.wording == "cover" else None,
        names_worker=bool(answers.may_text and answers.names_worker),
        text_language=answers.text_language,
        voice_language=answers.voice_language,
        may_reply=bool(answers.may_text and answers.may_reply),
        auto_reply=bool(answers.may_text and answers.may_reply and answers.auto_reply),
        reminds_week_before=bool(answers.may_text and answers.reminds_week_before),
        reminds_same_morning=bool(answers.may_text and answers.reminds_same_morning),
        code_by_text=bool(answers.may_text and answers.code_by_text),
        may_ring=bool(answers.may_ring),
        may_leave_message=bool(answers.may_ring and answers.may_leave_message),
        may_say_who=bool(answers.may_ring and answers.may_say_who),
        may_post=answers.may_post,
        post_to=answers.post_to.strip() if answers.may_post else None,
        may_email=answers.may_email,
        email=answers.email.strip() if answers.may_email else None,
        code_word_hash=answers.code_word_hash or (before.code_word_hash if before else None),
        trusted_person=answers.trusted_person.strip() or None,
        asked_by=actor.id,
        asked_on=today,
        check_again_on=answers.check_again_on,
        recorded_at=now,
    )
    session.add(record)
    client.listed_number = client.listed_number_index = None
    session.flush()
    audit.record(actor, "safe_contact_recorded", now=now, client_id=client.id, subject=f"version:{record.version}")
    return record


def state_of(record: SafeContact | None) -> str:
    """What changes whenever a record is made anew or stopped; short, for a hidden field."""
    return f"{record.version}.{record.stopped_at.timestamp() if record.stopped_at else ''}" if record else "0"


def prove_number(actor: Actor, client_id: int, *, now: datetime, version: int | None = None) -> SafeContact:
    """Note that she read the test text beside a member of staff: the number of her newest version is hers (R18).

    Raises NotFound without a record or number, Stale when `version` is given and is not the newest any more.
    """
    require(actor, Permission.RECORD_SAFE_CONTACT)
    record = _newest(actor, client_id)
    if not record.number:
        raise NotFound("number")
    if version not in (None, record.version):
        raise Stale("safe contact")
    record.proved_at = record.sign_at = now
    audit.record(actor, "number_proved", now=now, client_id=client_id, subject=f"version:{record.version}")
    return record


def note_sign(client_id: int, number: str, *, now: datetime) -> bool:
    """A digit from this E.164 number answered a text of ours: a sign that it is still hers (R18); gives if it counts.

    Where nobody proved the number, or her record names another one by now, it says nothing.
    """
    record = safe_contact(client_id)
    if record is None or record.number != number or record.proved_at is None:
        return False
    record.sign_at = now
    audit.record(SYSTEM, "number_sign", now=now, client_id=client_id, subject=f"version:{record.version}")
    return True


def confirm_number(actor: Actor, client_id: int, *, how: str, now: datetime) -> SafeContact:
    """She said that it is still her number, `in_person` or with her `code_word`, which the caller has checked (R18).

    Raises Invalid("how", "missing"), NotFound without a number that was ever proved.
    """
    require(actor, Permission.RECORD_SAFE_CONTACT)
    if how not in PROOFS:
        raise Invalid("how", "missing")
    record = _newest(actor, client_id)
    if not record.number or record.proved_at is None:
        raise NotFound("number")
    record.sign_at = now
    audit.record(
        actor, "number_confirmed", now=now, client_id=client_id, subject=f"version:{record.version}", reason=how
    )
    return record


def pause_texts(actor: Actor, client_id: int, *, until: datetime | None, now: datetime) -> SafeContact:
    """Let no text leave before an instant; None ends the pause. She herself may only make a pause longer.

    Raises NotFound without a record, Invalid("until", "past" | "too_far" | "shorter").
    """
    if not actor.is_client:
        require(actor, Permission.RECORD_SAFE_CONTACT)
    record = _newest(actor, client_id)
    if until is not None and until <= now:
        raise Invalid("until", "past")
    if until is not None and until - now > LONGEST_PAUSE:
        raise Invalid("until", "too_far")
    if actor.is_client and (until is None or (record.pause_until is not None and until < record.pause_until)):
        raise Invalid("until", "shorter")
    record.pause_until = until
    audit.record(actor, "texts_paused" if until else "texts_pause_ended", now=now, client_id=client_id)
    return record


def check_again_by(client_id: int, on: date, *, why: str, now: datetime) -> bool:
    """Bring the day forward on which she must be asked again: her risk rose, or her number bounced (R18).

    It never moves back. Gives whether it moved; a woman without a record has nothing to check. `why` is a code of at
    most 40 letters for the audit log.
    """
    record = safe_contact(client_id)
    if record is None or record.check_again_on <= on:
        return False
    record.check_again_on = on
    audit.record(SYSTEM, "safe_contact_due", now=now, client_id=client_id, reason=why)
    session.flush()
    return True


def undo_opt_out(actor: Actor, client_id: int, *, how: str, now: datetime) -> None:
    """Undo an opt-out because she asked for it, `in_person` or with her `code_word` (R22).

    The caller has checked the code word. Raises Invalid("how", "missing"), NotFound when there is nothing to undo.
    """
    require(actor, Permission.RECORD_SAFE_CONTACT)
    if how not in PROOFS:
        raise Invalid("how", "missing")
    record = _newest(actor, client_id)
    undone = session.scalars(
        update(OptOut)
        .where(OptOut.number_index == record.number_index, OptOut.undone_at.is_(None))
        .values(undone_at=now, undone_by=actor.id)
        .returning(OptOut.id)
    ).all()
    if not undone:
        raise NotFound("opt-out")
    audit.record(actor, "opt_out_undone", now=now, client_id=client_id, reason=how)


def _check_answers(answers: ContactAnswers, banned_words: Iterable[str], today: date) -> None:
    for question in asked.unanswered(answers):
        raise Invalid(question, "missing")
    if answers.whose_phone not in asked.WHOSE_PHONE:
        raise Invalid("whose_phone", "unknown")
    if answers.wording and answers.wording not in asked.WORDINGS:
        raise Invalid("wording", "unknown")
    for field in ("text_language", "voice_language"):
        if getattr(answers, field) not in LANGUAGES:
            raise Invalid(field, "unknown")
    check_week(answers.safe_hours)
    banned = banned_in(answers.cover_phrase, (*banned_words, *LISTED_FOR_TEXTS))
    fault = asked.cover_phrase_fault(answers.cover_phrase.strip(), banned)
    if answers.wording == "cover" and fault:
        raise Invalid("cover_phrase", fault)
    if answers.may_email and not asked.is_email(answers.email.strip()):
        raise Invalid("email", "not_an_address")
    if answers.check_again_on <= today:
        raise Invalid("check_again_on", "past")
    if answers.check_again_on - today > asked.LONGEST_CHECK:
        raise Invalid("check_again_on", "too_far")


def _newest(actor: Actor, client_id: int) -> SafeContact:
    client = visible_client(actor, client_id)
    newest = safe_contact(client.id)
    if newest is None:
        raise NotFound("safe contact")
    return newest
