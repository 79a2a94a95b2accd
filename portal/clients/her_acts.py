"""What she herself may change of how she is reached: each act only ever takes something away. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from portal.clients.rules import LONGEST_PAUSE

PAUSES = {"pause_day": timedelta(days=1), "pause_week": timedelta(days=7), "pause_told": LONGEST_PAUSE}
"""How long each of her pauses lasts; the longest means: until she tells a worker."""

SAME_PRESS = timedelta(minutes=10)
"""A pause pressed again within this time is the same pause."""

HOURS = "hours "
"""What begins the act that takes away one window, as `window_act` names it."""


class Record(Protocol):
    """What the acts read of a safe-contact record."""

    may_text: bool
    safe_hours: list[dict[str, Any]] | None
    pause_until: datetime | None
    wording: str
    names_worker: bool
    may_reply: bool
    auto_reply: bool
    reminds_week_before: bool
    reminds_same_morning: bool
    code_by_text: bool
    may_ring: bool
    may_leave_message: bool
    may_say_who: bool
    may_post: bool | None
    may_email: bool | None


class Act(NamedTuple):
    """An act that takes away `what` it names; where that is off already, there is nothing to do."""

    what: str
    changes: Mapping[str, Any]


ACTS = {
    "no_texts": Act("may_text", {"may_text": False, "may_reply": False, "auto_reply": False, "code_by_text": False}),
    "no_replies": Act("may_reply", {"may_reply": False, "auto_reply": False}),
    "no_auto_reply": Act("auto_reply", {"auto_reply": False}),
    "no_name": Act("names_worker", {"names_worker": False}),
    "no_week_reminder": Act("reminds_week_before", {"reminds_week_before": False}),
    "no_morning_reminder": Act("reminds_same_morning", {"reminds_same_morning": False}),
    "no_code": Act("code_by_text", {"code_by_text": False}),
    "no_calls": Act("may_ring", {"may_ring": False, "may_leave_message": False, "may_say_who": False}),
    "no_voicemail": Act("may_leave_message", {"may_leave_message": False}),
    "no_letters": Act("may_post", {"may_post": False, "post_to": None}),
    "no_email": Act("may_email", {"may_email": False, "email": None}),
}


def stricter(record: Record, act: str, now: datetime) -> dict[str, Any]:
    """The columns that an act of hers changes, with their new values; empty when it would change nothing.

    It is total: an act that is not known changes nothing, and none ever allows what the record did not.
    """
    if act in PAUSES:
        until = now + PAUSES[act]
        is_long_enough = record.pause_until is not None and record.pause_until > until - SAME_PRESS
        return {} if is_long_enough else {"pause_until": until}
    if act == "short_wording":
        return {"wording": "short"} if record.wording == "plain" else {}
    if act.startswith(HOURS):
        left = [window for window in record.safe_hours or [] if window_act(window) != act]
        return {"safe_hours": left} if len(left) < len(record.safe_hours or []) else {}
    known = ACTS.get(act)
    return dict(known.changes) if known is not None and getattr(record, known.what) else {}


def window_act(window: Mapping[str, Any]) -> str:
    """The name of the act that takes this window of her safe hours away."""
    return f"{HOURS}{window['day']} {window['from']}-{window['to']}"


_OF_TEXTS = (
    "no_replies", "no_auto_reply", "no_name", "short_wording", "no_week_reminder", "no_morning_reminder", "no_code"
)  # fmt: skip
_OF_OTHERS = ("no_calls", "no_voicemail", "no_letters", "no_email")


def offered(record: Record, now: datetime) -> list[str]:
    """The acts that would change something for her now, pauses and windows of her hours aside; texts' first."""
    acts = (*_OF_TEXTS, "no_texts") if record.may_text else ()
    return [act for act in (*acts, *_OF_OTHERS) if stricter(record, act, now)]
