"""What closing a record asks, in codes and in the words of staff, and when she is asked again how she is."""

import calendar
from datetime import date
from typing import NamedTuple

from portal.worklist.rules import FOR_MANAGERS

FOLLOW_UP_MONTHS = 3


class Item(NamedTuple):
    """One line of the checklist: the question and the answers, none chosen beforehand."""

    question: str
    choices: dict[str, str]


REASONS = {
    "completed": "The support came to its end",
    "her_wish": "She does not want it any more",
    "moved_away": "She moved away",
    "lost_touch": "We lost touch with her",
    "other_support": "Somebody else supports her now",
    "sender_ended": "Whoever sent her ended it",
    "declined": "The referral was declined",
    "mistake": "It was opened by mistake",
    "died": "She died",
}
CHECKLIST = {
    "safety_plan": Item(
        "Her safety plan", {"looked_at": "looked at with her", "none": "she has none", "not_possible": "not possible"}
    ),
    "rating": Item(
        "How it is going, at the end",
        {"asked": "asked", "did_not_want": "she did not want to", "not_possible": "not possible"},
    ),
    "conditions": Item(
        "What was asked of her",
        {"reported": "told as it is", "nothing_asked": "nothing is asked", "still_open": "stays open"},
    ),
    "copy": Item(
        "Her plan and her own words, to keep",
        {"given": "given on paper", "did_not_want": "she did not want it", "not_possible": "not possible"},
    ),
    "told_her": Item("She knows that her pages and texts end", {"told": "told her", "not_possible": "not possible"}),
}
APPOINTMENTS = {
    "cancelled": "Cancel them; a person tells her, no text does",
    "kept": "She still comes to them; no reminder goes out",
}
RESULTS = {
    "doing_well": "She is doing well",
    "wants_support": "She would like support again",
    "came_back": "She came back",
    "not_reached": "Nobody reached her",
    "not_safe": "There was no safe way to ask her",
    "not_wanted": "She does not want to be asked",
}
FIRST_SEEN_TO = ("risk_text", "incoming_text", "who_is_this", "contact_put_at_risk")
"""Open tasks that somebody must see to before a record can be closed."""
OUTLAST_CLOSING = (
    *FOR_MANAGERS, "short_of_time", "meets_whom_she_must_not", "sees_who_must_not_know", "tell_partner", "risk_high",
    "marac_to_refer",
)  # fmt: skip


def follow_up_on(closed_on: date) -> date:
    """Three months after a day: the same day of the month, or its last."""
    months = closed_on.month - 1 + FOLLOW_UP_MONTHS
    year, month = closed_on.year + months // 12, months % 12 + 1
    return date(year, month, min(closed_on.day, calendar.monthrange(year, month)[1]))
