"""Challenges for passkeys: random, for one purpose and person, in the signed cookie for five minutes, used up once."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from enum import StrEnum

from flask import session

from portal.accounts.passkeys import CHALLENGE_LIFE, use_challenge
from portal.core import clock


class Purpose(StrEnum):
    """What an answer is for; one for another purpose counts for nothing."""

    SIGN_IN = "sign_in"
    SECOND = "second"
    PROVE = "prove"
    ADD = "add"
    SET_UP = "set_up"


def ask(purpose: Purpose, who: int) -> bytes:
    """A new challenge for this browser; `who` is the member of staff who may answer, 0 for anybody's passkey."""
    challenge = secrets.token_bytes(32)
    asked = dict(session.get("asked", {}))
    asked[purpose.value] = [urlsafe_b64encode(challenge).decode(), who, int(clock.real_now().timestamp())]
    session["asked"] = asked
    return challenge


def take(purpose: Purpose, who: int, *, now: datetime) -> bytes | None:
    """The challenge that this browser was given, used up in the running unit of work; None when there is none."""
    asked = dict(session.get("asked", {}))
    kept = asked.pop(purpose.value, None)
    session["asked"] = asked
    if kept is None or kept[1] != who or clock.real_now().timestamp() - kept[2] >= CHALLENGE_LIFE.total_seconds():
        return None
    challenge = urlsafe_b64decode(kept[0])
    return challenge if use_challenge(challenge, now=now) else None
