"""What Twilio's codes, statuses and look-ups mean to us; pure."""

import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime
from email.utils import parsedate_to_datetime

from portal.sms.gateway import Candidate, GatewayFailure, SendRefused, SendUnknown

OPTED_OUT = 21610
TOO_MANY = 20429

# The account, the sender or the network is at fault, not the text: what is refused today may go once somebody
# has put it right. 30003 is a phone that is switched off or out of reach, 30036 one that stayed so until the text's
# time was over; 30008 and 30410 are faults between networks.
_PASSING = frozenset(
    {20001, 20003, 20005, 20006, 20403, 20404, TOO_MANY, 21212, 21603, 21606, 21608, 21611, 21703,
     30001, 30002, 30003, 30008, 30017, 30022, 30023, 30036, 30410,
     63038}
)  # fmt: skip

OUT_OF_REACH = frozenset({30003, 30036})
"""Her phone was switched off or out of reach."""
_WRONG_NUMBER = frozenset({21211, 21214, 21217, 21265, 21614, 21635, 30005, 30006})
"""Not a number, not one that can be reached, no mobile, a landline, nobody's any more."""

_RANKS = {
    "scheduled": 0, "accepted": 1, "queued": 2, "sending": 3, "sent": 4, "partially_delivered": 5,
    "delivered": 6, "read": 7, "canceled": 8, "undelivered": 8, "failed": 8,
}  # fmt: skip
ENDED = frozenset({"delivered", "read", "canceled", "undelivered", "failed"})
"""Statuses after which no other is expected."""

_LONGEST_WAIT = 86_400.0


def send_failure(status: int, code: int | None) -> GatewayFailure:
    """What an error answer to sending means: `status` is of HTTP, `code` Twilio's own where there was one."""
    if status == 429:
        return SendRefused(code or TOO_MANY, final=False)
    # 4xx is Twilio's word that no message was made. Anything else but a receipt proves nothing: 5xx is known to come
    # after a text was taken (the fault lay in the answer), and 408 says only that someone on the way stopped waiting.
    # A text looked up for nothing costs two minutes; the same text twice on a watched phone may cost her far more.
    if 400 <= status < 500 and status != 408:
        return SendRefused(code, final=is_final(code), opted_out=code == OPTED_OUT)
    return SendUnknown(code or status)


def is_final(code: int | None) -> bool:
    """Whether an error code, from sending or from a status call, means that this text can never reach this number.

    Without a code somebody other than Twilio answered, such as a proxy, so nothing is said about the text.
    """
    return code is not None and code not in _PASSING


def passes(code: str) -> bool:
    """Whether a status call's error code means that the same text may reach this number later; without a code, no."""
    return code.isdecimal() and not is_final(int(code))


def is_out_of_reach(code: str) -> bool:
    """Whether an error code means that her phone was off or out of reach."""
    return code.isdecimal() and int(code) in OUT_OF_REACH


def is_wrong_number(code: str) -> bool:
    """Whether an error code means that the number itself is wrong or gone, so that it may be somebody else's soon."""
    return code.isdecimal() and int(code) in _WRONG_NUMBER


def later_status(known: str | None, told: str) -> str | None:
    """Which of two statuses stands, in whatever order and however often they were told; words we do not know never do.

    Where two endings contradict each other, the one that lays nothing at her door stands (R46): not delivered.
    """
    return told if _RANKS.get(told, -1) > _RANKS.get(known or "", -1) else known


def taken(candidates: Iterable[Candidate], *, body: str, known_sids: Collection[str]) -> Candidate | None:
    """The text that we lost sight of, if the gateway took it: same words, not one whose id we know already."""
    wanted = _words(body)
    matching = (found for found in candidates if found.sid not in known_sids and _words(found.body) == wanted)
    return min(matching, key=lambda found: found.created_at, default=None)


def seconds_to_wait(header: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for (a number or a date), one day at most; None if it says nothing."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), _LONGEST_WAIT) if seconds == seconds else None


def _words(body: str) -> str:
    return " ".join(unicodedata.normalize("NFC", body).split())
