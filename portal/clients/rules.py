"""Pure rules about a client: code names, and whether she may be contacted (R18, R19)."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.core import clock
from portal.core.digits import western


def fold_code_name(code_name: str) -> str:
    """A code name without the differences that nobody should trip over: case, spaces, dashes, kind of digits."""
    text = western(unicodedata.normalize("NFKC", code_name).casefold())
    return re.sub(r"[\W_\u0640]+", "", text)


def code_name_fault(code_name: str, called_name: str) -> str | None:
    """Why a code name cannot be used: `shape`, `has_her_name`; None when it can.

    It is two plain words and a number, in any script; the name she is called by may not be one of the words (R12).
    """
    found = re.fullmatch(r"(\S+)[\s\-]+(\S+)[\s\-]+(\d{1,4})", unicodedata.normalize("NFKC", code_name).strip())
    if not found or not (_is_word(found[1]) and _is_word(found[2])):
        return "shape"
    names = {fold_code_name(name) for name in called_name.split()} - {""}
    return "has_her_name" if names & {fold_code_name(found[1]), fold_code_name(found[2])} else None


def _is_word(word: str) -> bool:
    # Vowel signs and the joiners of Persian and Bengali belong to words, though they are no letters.
    letters = [sign for sign in word if not unicodedata.category(sign).startswith("M") and sign not in _JOINERS]
    return len(letters) >= 2 and len(word) <= 20 and all(sign.isalpha() for sign in letters)


_JOINERS = "\u200c\u200d\u0640"


class Hold(StrEnum):
    """Why nothing may go to her now."""

    NO_RECORD = "no_record"
    STOPPED = "stopped"
    NOT_ALLOWED = "not_allowed"
    NO_NUMBER = "no_number"
    NOT_PROVED = "not_proved"
    NO_SIGN = "no_sign"
    CHECK_OVERDUE = "check_overdue"
    OPTED_OUT = "opted_out"
    PAUSED = "paused"
    NO_SAFE_HOURS = "no_safe_hours"
    OUTSIDE_HOURS = "outside_hours"
    UNREAD_ANSWER = "unread_answer"
    CLOSED_RECORD = "closed_record"
    NOT_BEFORE = "not_before"
    NO_CALLS = "no_calls"


SIGN_LASTS = timedelta(days=60)
"""How long a sign that the number is hers counts: proof beside staff, a digit that answered us, or her own word."""


class ContactFacts(NamedTuple):
    """What the newest safe-contact record says, with no wording in it.

    `sign_at` is the last sign that the number is hers; `stopped`, that a contact may have put her at risk (R47).
    """

    may_text: bool
    has_number: bool
    proved_at: datetime | None
    sign_at: datetime | None
    stopped: bool
    safe_hours: tuple[tuple[int, time, time], ...]
    pause_until: datetime | None
    check_again_on: date


def contact_holds(
    facts: ContactFacts | None,
    at: datetime,
    *,
    opted_out: bool,
    unread_answer: bool,
    open_record: bool,
    nothing_before_on: date | None,
) -> list[Hold]:
    """Every reason for which no text may leave for her at `at` (aware UTC); empty means that it may (R18, R19).

    Before the London day `nothing_before_on` she is where others hold her phone and read her letters: nothing goes. It
    is total: whatever the facts, it answers, and what it does not know counts against sending.
    """
    if not open_record:
        return [Hold.CLOSED_RECORD]
    holds = [Hold.NOT_BEFORE] if is_too_early(nothing_before_on, clock.london_today(at)) else []
    if facts is None:
        return [*holds, Hold.NO_RECORD]
    if facts.stopped:
        holds.append(Hold.STOPPED)
    if not facts.may_text:
        holds.append(Hold.NOT_ALLOWED)
    if not facts.has_number:
        holds.append(Hold.NO_NUMBER)
    if facts.proved_at is None:
        holds.append(Hold.NOT_PROVED)
    if sign_is_old(facts.sign_at, at):
        holds.append(Hold.NO_SIGN)
    if clock.london_today(at) >= facts.check_again_on:
        holds.append(Hold.CHECK_OVERDUE)
    if opted_out:
        holds.append(Hold.OPTED_OUT)
    if unread_answer:
        holds.append(Hold.UNREAD_ANSWER)
    if facts.pause_until is not None and at < facts.pause_until:
        holds.append(Hold.PAUSED)
    if not facts.safe_hours:
        holds.append(Hold.NO_SAFE_HOURS)
    elif not inside_safe_hours(facts.safe_hours, at):
        holds.append(Hold.OUTSIDE_HOURS)
    return holds


def may_contact(
    facts: ContactFacts | None,
    at: datetime,
    *,
    opted_out: bool,
    unread_answer: bool,
    open_record: bool,
    nothing_before_on: date | None,
) -> bool:
    """Whether a text may leave for her at `at` (aware UTC)."""
    return not contact_holds(
        facts,
        at,
        opted_out=opted_out,
        unread_answer=unread_answer,
        open_record=open_record,
        nothing_before_on=nothing_before_on,
    )


def is_too_early(nothing_before_on: date | None, on: date) -> bool:
    """Whether a London day lies before the first on which she may be reached at all, by text, call or letter."""
    return nothing_before_on is not None and on < nothing_before_on


def ring_holds(
    *,
    may_ring: bool | None,
    number: str | None,
    stopped: bool,
    check_again_on: date | None,
    open_record: bool,
    nothing_before_on: date | None,
    on: date,
) -> list[Hold]:
    """Every reason for which nobody may ring her on a day; empty means that she may be rung (R18, R26)."""
    if not open_record:
        return [Hold.CLOSED_RECORD]
    too_early = is_too_early(nothing_before_on, on)
    if may_ring is None or check_again_on is None:
        return [*([Hold.NOT_BEFORE] if too_early else []), Hold.NO_RECORD]
    reasons = (
        (Hold.NOT_BEFORE, too_early),
        (Hold.STOPPED, stopped),
        (Hold.NO_CALLS, not may_ring),
        (Hold.NO_NUMBER, not number),
        (Hold.CHECK_OVERDUE, on >= check_again_on),
    )
    return [hold for hold, holds in reasons if holds]


def sign_is_old(sign_at: datetime | None, at: datetime) -> bool:
    """Whether there was no sign for 60 days that the number is hers (R18)."""
    return sign_at is None or at - sign_at >= SIGN_LASTS


def inside_safe_hours(safe_hours: tuple[tuple[int, time, time], ...], at: datetime) -> bool:
    """Whether an instant lies in one of her windows, by the London wall clock; a window's end is outside."""
    local = clock.london(at)
    return any(
        day == local.weekday() and opens <= local.time().replace(tzinfo=None) < closes
        for day, opens, closes in safe_hours
    )


def windows(safe_hours: tuple[tuple[int, time, time], ...], first: date, days: int) -> list[tuple[datetime, datetime]]:
    """Her windows as UTC instants over some London days, in order; one that a clock change empties is left out."""
    found = []
    for offset in range(days):
        on = first + timedelta(days=offset)
        for day, opens, closes in safe_hours:
            if day == on.weekday():
                starts_at, ends_at = clock.from_london(on, opens), clock.from_london(on, closes)
                if starts_at < ends_at:
                    found.append((starts_at, ends_at))
    return sorted(found)


def next_safe_time(safe_hours: tuple[tuple[int, time, time], ...], at: datetime, *, days: int = 8) -> datetime | None:
    """The first instant at or after `at` inside her windows, or None when the next `days` days hold none."""
    today = clock.london_today(at)
    for offset in range(days):
        for starts_at, ends_at in windows(safe_hours, today + timedelta(days=offset), 1):
            if at < ends_at:
                return max(at, starts_at)
    return None


def read_safe_hours(listed: list[dict]) -> tuple[tuple[int, time, time], ...]:
    """Safe hours as they are stored, read into (weekday, from, to); to `24:00` counts as the last minute."""
    return tuple(
        sorted(
            (int(window["day"]), time.fromisoformat(window["from"]), time.fromisoformat(window["to"]))
            for window in listed
        )
    )


LONGEST_PAUSE = timedelta(days=366)
PAUSED_UNTIL_TOLD = timedelta(days=180)
"""A pause that still lasts longer than this has no end but her word."""
MORNING = time(8, 0)


def pause_end(choice: str, now: datetime) -> datetime | None:
    """When a pause of one press ends: tomorrow morning, a week from now, or not before she says so; else None."""
    if choice == "morning":
        return clock.from_london(clock.london_today(now) + timedelta(days=1), MORNING)
    return {"week": now + timedelta(days=7), "told": now + LONGEST_PAUSE}.get(choice)
