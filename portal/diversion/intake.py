"""A woman is referred: by somebody who sends her, by staff from a call, or by herself; her record begins with it."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.audit import service as audit
from portal.centres.models import Centre
from portal.centres.queries import bank_holidays_from
from portal.clients.models import Client, Restriction
from portal.clients.service import make_unallocated
from portal.core import clock, crypto
from portal.core.access import SYSTEM, Actor, Permission, Role, require
from portal.core.boroughs import BOROUGHS
from portal.core.database import session
from portal.core.errors import Invalid
from portal.diversion import intake_rules as rules
from portal.diversion.models import Condition, Referral
from portal.staff import queries as staff
from portal.worklist import service as worklist

MOST_SESSIONS = 20
MOST_NAMES = 10
LONGEST_WAIT = timedelta(days=366)
"""How far ahead a release or the end of a condition may lie."""
_HOLIDAYS_AHEAD = 30


class SaidContact(NamedTuple):
    """How she said she may be reached; `number` is E.164, `hours` are her words."""

    may_text: bool = False
    may_ring: bool = False
    may_leave_message: bool = False
    comes_in: bool = False
    number: str | None = None
    whose_phone: str = ""
    hours: str = ""


class Asked(NamedTuple):
    """What a referral says. `must_not_know` is one of `rules.MUST_NOT_KNOW`, or "" when nobody asked (R29)."""

    called_name: str
    language: str
    centre_id: int
    contact: SaidContact
    must_not_know: str
    names: tuple[str, ...] = ()
    agreed_how: str = ""
    source: str = ""
    reference: str = ""
    borough: str = ""
    police_area: str = ""
    disposal: str = "none"
    disposal_on: date | None = None
    offence_group: str = "not_said"
    release_on: date | None = None
    reporter_is_family: bool = False
    sessions_needed: int | None = None
    due_on: date | None = None


def refer_herself(asked: Asked, *, days: int, now: datetime) -> Referral:
    """She asks for support herself, without signing in; `days` is the target for first contact in working days.

    Raises Invalid(field, reason) as `refer`.
    """
    facts = asked._replace(source="herself", reference=f"W-{secrets.token_hex(4).upper()}", agreed_how="herself")
    return _take(SYSTEM, facts, "herself", days, now)


def refer(actor: Actor, asked: Asked, *, days: int, now: datetime) -> Referral:
    """Somebody refers her, or takes her referral from a call; the same whether she is known or not (R42).

    Raises NotAllowed, and Invalid(field, reason): called_name missing, language | centre_id | source | disposal |
    police_area | offence_group unknown, reference missing, agreed_how missing, number missing, contact missing,
    must_not_know missing, must_not_know_names missing | too_many, release_on | due_on past | too_far,
    release_on missing from a prison, disposal_on future, sessions_needed range, due_on missing.
    """
    require(actor, Permission.REFER)
    return _take(actor, asked, "referrer" if actor.role is Role.REFERRER else "staff", days, now)


def _take(actor: Actor, asked: Asked, kind: str, days: int, now: datetime) -> Referral:
    _check(asked, clock.london_today(now))
    people = [rules.Person(one.id, one.name) for one in staff.people(active_only=True)]
    meant = [rules.meant(words, people) for words in asked.names]
    is_open = asked.must_not_know == "later" or any(not each.is_settled for each in meant)
    client = make_unallocated(
        actor,
        called_name=asked.called_name,
        language=asked.language,
        centre_id=_centre_for(asked.centre_id, meant),
        nothing_before_on=asked.release_on,
        now=now,
    )
    referral = _write(actor, asked, kind, client, now)
    referral.first_contact_due_at = rules.first_contact_due(
        now, asked.release_on, days, bank_holidays_from(_first_day(asked, now), _HOLIDAYS_AHEAD + days * 3)
    )
    referral.said_must_not_know = [
        words for words, each in zip(asked.names, meant, strict=True) if not each.is_settled
    ] or None
    _keep_from_knowing(actor, client, meant, is_open=is_open, now=now)
    if asked.sessions_needed:
        session.add(
            Condition(
                referral_id=referral.id,
                client_id=client.id,
                sessions_needed=asked.sessions_needed,
                due_on=asked.due_on,
            )
        )
    session.flush()
    audit.record(actor, "referral_made", now=now, client_id=client.id, subject=f"referral:{referral.id}", reason=kind)
    worklist.raise_task(
        "settle_must_not_know" if is_open else "new_referral",
        now=now,
        client_id=client.id,
        centre_id=client.centre_id,
        subject=f"referral:{referral.id}",
    )
    return referral


def _write(actor: Actor, asked: Asked, kind: str, client: Client, now: datetime) -> Referral:
    contact = asked.contact
    referral = Referral(
        client_id=client.id,
        referrer_id=actor.id if kind == "referrer" else None,
        taken_by=actor.id if kind == "staff" else None,
        state="received",
        source=asked.source,
        borough=asked.borough or None,
        police_area=asked.police_area or None,
        disposal=asked.disposal,
        disposal_on=asked.disposal_on,
        reference=" ".join(asked.reference.split()),
        offence_group=asked.offence_group,
        reporter_is_family=asked.reporter_is_family,
        referred_on=clock.london_today(now),
        recorded_at=now,
        asked_by_kind=kind,
        agreed_at=now,
        agreed_how=asked.agreed_how,
        release_on=asked.release_on,
        said_contact=_as_json(contact),
        said_number_index=crypto.keyring().index("phone", contact.number) if contact.number else None,
    )
    session.add(referral)
    session.flush()
    return referral


def _as_json(contact: SaidContact) -> dict[str, Any]:
    return {name: value for name, value in contact._asdict().items() if value}


def _first_day(asked: Asked, now: datetime) -> date:
    today = clock.london_today(now)
    return max(today, asked.release_on) if asked.release_on else today


def _keep_from_knowing(
    actor: Actor, client: Client, meant: Iterable[rules.Meant], *, is_open: bool, now: datetime
) -> None:
    """Whom she named must not know from now on (R29); while it is open who that is, nobody but managers does."""
    meant = list(meant)
    named = {staff_id for each in meant if each.is_settled for staff_id in each.staff_ids}
    maybe = {staff_id for each in meant if not each.is_settled for staff_id in each.staff_ids} - named
    if is_open:
        client.managers_only = True
        maybe |= {
            one.id for one in staff.people(active_only=True) if one.role not in (Role.MANAGER, Role.REFERRER)
        } - named
    session.add_all(
        Restriction(client_id=client.id, staff_id=staff_id, since_at=now, until_settled=staff_id in maybe)
        for staff_id in sorted(named | maybe)
    )
    session.flush()
    for staff_id in sorted(named):
        audit.record(actor, "restricted", now=now, client_id=client.id, subject=f"staff:{staff_id}")


def _centre_for(centre_id: int, meant: Iterable[rules.Meant]) -> int:
    """The centre she asked for; where each manager may be the one who must not know, another that has one who may."""
    maybe = {staff_id for each in meant for staff_id in each.staff_ids}
    centres = session.scalars(select(Centre.id).where(~Centre.archived).order_by(Centre.id)).all()
    if centre_id not in centres:
        raise Invalid("centre_id", "unknown")
    managed = {covered for manager in staff.managers() if manager.id not in maybe for covered in manager.centre_ids}
    if not maybe or centre_id in managed:
        return centre_id
    return next((number for number in centres if number in managed), centre_id)


def _check(asked: Asked, today: date) -> None:
    if not asked.called_name.strip():
        raise Invalid("called_name", "missing")
    for field, listed in (("source", rules.SOURCES), ("offence_group", rules.OFFENCE_GROUPS)):
        if getattr(asked, field) not in listed:
            raise Invalid(field, "unknown")
    if asked.borough and asked.borough not in BOROUGHS:
        raise Invalid("borough", "unknown")
    if asked.police_area and asked.police_area not in rules.POLICE_AREAS:
        raise Invalid("police_area", "unknown")
    if not asked.reference.strip():
        raise Invalid("reference", "missing")
    if asked.agreed_how not in ("herself", "spoken", "written"):
        raise Invalid("agreed_how", "missing")
    _check_contact(asked.contact)
    _check_names(asked)
    _check_days(asked, today)


def _check_contact(contact: SaidContact) -> None:
    if not (contact.may_text or contact.may_ring or contact.comes_in):
        raise Invalid("may_text", "missing")
    if (contact.may_text or contact.may_ring) and not contact.number:
        raise Invalid("number", "missing")
    if contact.number and contact.whose_phone not in ("own", "shared", "someone_else"):
        raise Invalid("whose_phone", "missing")


def _check_names(asked: Asked) -> None:
    if asked.must_not_know not in rules.MUST_NOT_KNOW:
        raise Invalid("must_not_know", "missing")
    if asked.must_not_know == "somebody" and not asked.names:
        raise Invalid("names", "missing")
    if len(asked.names) > MOST_NAMES:
        raise Invalid("names", "too_many")


def _check_days(asked: Asked, today: date) -> None:
    if asked.source == rules.CUSTODY and asked.release_on is None:
        raise Invalid("release_on", "missing")
    if asked.release_on is not None and not today <= asked.release_on <= today + LONGEST_WAIT:
        raise Invalid("release_on", "past" if asked.release_on < today else "too_far")
    if asked.disposal_on is not None and asked.disposal_on > today:
        raise Invalid("disposal_on", "future")
    if asked.sessions_needed is None:
        return
    if not 1 <= asked.sessions_needed <= MOST_SESSIONS:
        raise Invalid("sessions_needed", "range")
    if asked.due_on is None:
        raise Invalid("due_on", "missing")
    if not today < asked.due_on <= today + LONGEST_WAIT:
        raise Invalid("due_on", "past" if asked.due_on <= today else "too_far")
