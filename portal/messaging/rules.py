"""Pure rules of sending: whether a text leaves now, later or not at all, and what the gateway's answers make of it."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.clients.rules import ContactFacts, Hold, contact_holds, next_safe_time, windows
from portal.core import clock
from portal.core.banned import LISTED_FOR_TEXTS, banned_in

READING_DAYS, READING_FROM, READING_UNTIL = range(5), 9, 17
"""When people read messages, in London wall time: Monday to Friday, 9 to 5 (R25)."""

CODE = "sign_in_code"
"""The kind of a text that carries a code with which she signs in (R13): digits that only she may read."""

LOCK_SCREEN = 40
"""Letters of a text that a locked phone shows (R21)."""
MOST_AN_HOUR, MOST_A_DAY = 6, 12
"""The hard cap on texts to one number (R27)."""
MOST_PARTS = {"GSM-7": 1, "UCS-2": 2}
"""Parts of an automatic text (R21)."""
MOST_PARTS_WRITTEN = 3
"""Parts of a text that staff wrote."""
USEFUL_FOR = timedelta(days=8)
"""How long a text without a time of its own may wait for a safe one."""
TEST_USEFUL_FOR = timedelta(minutes=5)
"""How long a test text is of use: she stands beside the person who pressed."""
RISK_DUE = timedelta(minutes=5)
"""How soon somebody must look at a text that may tell of a risk (R25)."""
LEFT_FOR_REPLIES = timedelta(minutes=5)
"""How long a bare digit is left for the room whose text it answers."""
AUTO_REPLY_EVERY = timedelta(hours=24)
"""An automatic reply goes at most once in this time (R24)."""
AUTO_REPLY_USEFUL_FOR = timedelta(minutes=30)
UNREAD_PAUSE = timedelta(minutes=2)
LOST_AFTER = timedelta(seconds=60)
"""Real time after which a claimed text that nobody settled has an unknown fate."""
TOO_OLD_TO_SEND = timedelta(seconds=20)
"""Real time after which a claim is no longer acted on: it could be looked up and sent by another worker."""
LEAST_VALID = 5
"""Seconds that must be left of her window or of a text's use when it leaves: the network knows no less (R19)."""
LOOK_UP_PAUSE = timedelta(minutes=2)
LOOK_UPS = 2
RETRY_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
TELL_AFTER_TRIES = 5
"""Refusals of the gateway after which a person is told, though we try on."""
NOT_TAKEN_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (15, 60, 180))
"""Pauses before a text that left but did not reach her phone goes again, one for each further try; then a person tells
her. The network has tried for as long as the text was valid; three tries over four hours outlast the Underground, a
flat battery and a lesson, and more would cost money and come too late for a person to help."""
TELL_BEFORE_WAIT = timedelta(hours=4)
"""A further try that is further away than this is told to a person at once."""
UNENDED_FOR = timedelta(days=3)
"""Time after which a text that the network has, and of which no end was told, is taken to have ended there."""
REDACT_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 360, 1440, 10080))
"""Pauses between tries to erase a body at the gateway; the last one goes on, so that none is forgotten."""


class TextState(StrEnum):
    """Where a text is, in states that staff understand; never "read"."""

    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    HANDED_OVER = "handed_over"
    REACHED = "reached"
    NOT_DELIVERED = "not_delivered"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    STOPPED = "stopped"


class Reason(StrEnum):
    """Why a text does not go, beside the reasons of clients.rules.Hold."""

    NOT_WANTED = "not_wanted"
    TOO_LATE = "too_late"
    FROZEN = "frozen"
    CAPPED = "capped"
    BANNED_WORD = "banned_word"
    TOO_LONG = "too_long"
    NO_WORDING = "no_wording"
    UNKNOWN_KIND = "unknown_kind"
    REFUSED = "refused"
    GATEWAY_BUSY = "gateway_busy"
    OUT_OF_REACH = "out_of_reach"
    NOT_TAKEN = "not_taken"
    TAKEN_BACK = "taken_back"
    TEXTS_OFF = "texts_off"
    RESTORED = "restored"


class SendingFacts(NamedTuple):
    """All that decides over one text to one woman.

    `frozen`: somebody at her number asked who we are, and it was not proved again since. `unread`: a text from her
    number waits for somebody to understand it. `free_at`: when the cap lets the next text to her number through.
    `needs_proof` is false for the test text alone, with which the proof is made. `texts_on`: a manager has turned on
    texts to women. `nothing_before_on`: the first London day on which she may be reached at all.
    """

    contact: ContactFacts | None
    open_record: bool
    opted_out: bool
    frozen: bool
    unread: bool
    free_at: datetime | None
    wanted: bool
    not_after_at: datetime | None
    texts_on: bool
    nothing_before_on: date | None
    needs_proof: bool = True


class Verdict(NamedTuple):
    """Where a text goes from here: SENDING (it may leave), WAITING until `at`, HELD or SKIPPED, and why."""

    state: TextState
    reason: str = ""
    at: datetime | None = None

    @property
    def needs_person(self) -> bool:
        """Whether a person must now reach her in another way, so that silence is nobody's neglect (R18)."""
        return self.state in (TextState.HELD, TextState.SKIPPED) and self.reason != Reason.NOT_WANTED


_PASSING = (Hold.UNREAD_ANSWER, Hold.PAUSED, Hold.OUTSIDE_HOURS, Hold.NOT_BEFORE)


def verdict(facts: SendingFacts, at: datetime) -> Verdict:
    """What becomes of a text at `at` (aware UTC). It is total: what it does not know counts against sending."""
    if not facts.wanted:
        return Verdict(TextState.SKIPPED, Reason.NOT_WANTED)
    if facts.not_after_at is not None and at >= facts.not_after_at:
        return Verdict(TextState.SKIPPED, Reason.TOO_LATE)
    holds = contact_holds(
        facts.contact,
        at,
        opted_out=facts.opted_out,
        unread_answer=facts.unread,
        open_record=facts.open_record,
        nothing_before_on=facts.nothing_before_on,
    )
    if not facts.needs_proof:
        holds = [hold for hold in holds if hold not in (Hold.NOT_PROVED, Hold.NO_SIGN)]
    lasting = [hold for hold in holds if hold not in _PASSING]
    if facts.contact is None or lasting:
        return Verdict(TextState.HELD, lasting[0])
    if not facts.texts_on:
        return Verdict(TextState.HELD, Reason.TEXTS_OFF)
    if facts.frozen and facts.needs_proof:
        return Verdict(TextState.HELD, Reason.FROZEN)
    if holds or (facts.free_at is not None and facts.free_at > at):
        return _later(facts, facts.contact, at, holds[0] if holds else Reason.CAPPED)
    return Verdict(TextState.SENDING)


def _later(facts: SendingFacts, contact: ContactFacts, at: datetime, reason: str) -> Verdict:
    earliest = at + UNREAD_PAUSE if facts.unread else at
    first_at = clock.london_midnight(facts.nothing_before_on) if facts.nothing_before_on else earliest
    earliest = max(earliest, contact.pause_until or earliest, facts.free_at or earliest, first_at)
    safe_at = next_safe_time(contact.safe_hours, earliest)
    if safe_at is None or (facts.not_after_at is not None and safe_at >= facts.not_after_at):
        return Verdict(TextState.SKIPPED, reason)
    return Verdict(TextState.WAITING, reason, safe_at)


def valid_seconds(contact: ContactFacts, at: datetime, not_after_at: datetime | None) -> int:
    """How long a text sent at `at` may wait in the network: until her window or its use ends, whichever is first."""
    end = at
    for starts_at, ends_at in windows(contact.safe_hours, clock.london_today(at), 1):
        if starts_at <= end < ends_at:
            end = ends_at
    if not_after_at is not None:
        end = min(end, not_after_at)
    return max(0, int((end - at).total_seconds()))


def free_at(sent: Sequence[datetime]) -> datetime | None:
    """When the caps let the next text to a number through, from the instants of its last texts; None: at any time."""
    newest_first = sorted(sent, reverse=True)
    freed = [
        newest_first[most - 1] + span
        for most, span in ((MOST_AN_HOUR, timedelta(hours=1)), (MOST_A_DAY, timedelta(days=1)))
        if len(newest_first) >= most
    ]
    return max(freed, default=None)


def retry_pause(tries: int, retry_after: float | None) -> timedelta:
    """How long to wait after a refusal that may pass: longer each time, never shorter than the gateway asked."""
    pause = RETRY_PAUSES[min(max(tries, 1), len(RETRY_PAUSES)) - 1]
    return max(pause, timedelta(seconds=retry_after or 0))


def not_taken_pause(failed_tries: int) -> timedelta | None:
    """How long to wait after so many tries that left and did not reach her phone; None: no more tries."""
    return NOT_TAKEN_PAUSES[failed_tries - 1] if 0 < failed_tries <= len(NOT_TAKEN_PAUSES) else None


def redact_pause(tries: int) -> timedelta:
    """How long to wait before the next try to erase a body, after so many."""
    return REDACT_PAUSES[min(max(tries, 1), len(REDACT_PAUSES)) - 1]


_RANK = {TextState.HANDED_OVER: 1, TextState.REACHED: 2, TextState.NOT_DELIVERED: 3}
_STATE_OF = {
    "delivered": TextState.REACHED, "read": TextState.REACHED, "undelivered": TextState.NOT_DELIVERED,
    "failed": TextState.NOT_DELIVERED, "canceled": TextState.NOT_DELIVERED,
}  # fmt: skip


def state_told(status: str) -> TextState:
    """The state that a gateway's status means; whatever is not an end means that the network has it."""
    return _STATE_OF.get(status, TextState.HANDED_OVER)


def later_state(known: str, told: TextState) -> TextState:
    """The later of two states, in whatever order and however often they were told; it never goes back."""
    known = TextState(known)
    return told if _RANK[told] > _RANK.get(known, 0) else known


_LINK = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(?:com|org|net|info|uk|gov|ly|link)\b", re.IGNORECASE)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")


def words_for_texts(banned_words: Iterable[str], site_name: str) -> tuple[str, ...]:
    """Every word that no text may carry: the settings', the second list, other languages' and the site's name (R20)."""
    return (*banned_words, *LISTED_FOR_TEXTS, site_name)


def refused_in(body: str, *, words: Iterable[str], names: Iterable[str] = ()) -> list[str]:
    """What keeps a body from being sent: banned words, names that she did not choose, links, postcodes (R20).

    Names count only as they are written, capitals included, so that May the month is not taken for May.
    """
    found = banned_in(body, words)
    found += [name for name in names if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", body)]
    found += [match.group(0) for pattern in (_LINK, _POSTCODE) if (match := pattern.search(body))]
    return list(dict.fromkeys(found))


def thread_subject(client_id: int) -> str:
    """What the task to answer a woman is about."""
    return f"thread:{client_id}"
