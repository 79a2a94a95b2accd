"""Checking what staff give for the second step: a code of the app, a passkey, a recovery code; all throttled alike."""

from datetime import datetime
from typing import NamedTuple

from portal.accounts import challenges, limits, passkeys, recovery, service
from portal.accounts.challenges import Purpose
from portal.core import clock
from portal.core.database import get_or_none
from portal.staff.models import Staff


class Given(NamedTuple):
    """What somebody gave; what she did not give is empty."""

    code: str = ""
    passkey: str = ""
    recovery_code: str = ""


class Asked(NamedTuple):
    """What it is asked for, where passkeys work, and from which address it comes."""

    purpose: Purpose
    at: passkeys.Party | None
    address: str


def proves(staff_id: int, given: Given, asked: Asked, *, now: datetime) -> Staff | None:
    """The member of staff if what was given proves that it is she, counted against her limit and the network's (R14).

    Runs in the unit of work that carries out what it is asked for, so that nothing is used up for nothing. After too
    many tries a right code costs as much, is spent, and is answered as a wrong one; a recovery code alone is kept.
    """
    account = f"second|{staff_id}"
    allowed = limits.count_try(account, asked.address, now=now)
    person = get_or_none(Staff, staff_id)
    if person is None or not person.active or (given.recovery_code and not allowed):
        return None
    if not _fits(person, given, asked, now) or not allowed:
        return None
    limits.forgive(account, asked.address)
    return person


def proves_by_passkey_alone(typed: str, asked: Asked, *, now: datetime) -> Staff | None:
    """The member of staff whose passkey answered; it holds both factors, the thing and the finger or number."""
    answer = passkeys.read_answer(typed)
    owner = passkeys.owner_of(answer) if answer else None
    if answer is None or owner is None:
        limits.count_try(f"passkey|{answer.credential_index if answer else ''}", asked.address, now=now)
        return None
    return proves(owner, Given(passkey=typed), asked, now=now)


def _fits(person: Staff, given: Given, asked: Asked, now: datetime) -> bool:
    if given.passkey:
        who = 0 if asked.purpose is Purpose.SIGN_IN else person.id
        answer = passkeys.read_answer(given.passkey)
        challenge = challenges.take(asked.purpose, who, now=now)
        if answer is None or challenge is None or asked.at is None:
            return False
        return passkeys.passkey_fits(person, answer, challenge, asked.at, now=now)
    if given.recovery_code:
        return recovery.use_code(person.actor, given.recovery_code, now=now)
    return service.use_totp(person.id, given.code, real_now=clock.real_now())
