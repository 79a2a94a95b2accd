"""By when a person must have done something."""

from datetime import datetime, time, timedelta

from portal.core import clock

MORNING = time(10, 0)


def next_working_morning(now: datetime) -> datetime:
    """10:00 London time on the next weekday after `now`'s day."""
    day = clock.london_today(now) + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return clock.from_london(day, MORNING)


DONE_WORDS = {
    "rang_her": "Rang her",
    "told_in_person": "Told her in person",
    "answered_by_text": "Answered by text",
    "changed_booking": "Changed the booking",
    "recorded_safe_contact": "Recorded safe contact",
    "could_not_reach": "Tried and could not reach her",
    "made_setup_code": "Made a new set-up code",
    "chose_keyworker": "Chose a keyworker",
    "offered_next": "Offered what comes next",
    "dealt_with": "Dealt with it",
    "not_needed": "Not needed any more",
}
"""What can have been done about a task; a task closes only with one of these (R25)."""

KIND_WORDS = {
    "hold_text": "A text to her is held",
    "text_not_delivered": "A text did not reach her: tell her in another way",
    "ring_her": "Ring her",
    "change_appointment": "She wants to change an appointment",
    "recheck_safe_contact": "Ask again how she may be reached",
    "record_safe_contact": "Ask how she may be reached",
    "incoming_text": "Read her text",
    "risk_text": "Read this text now: she may be in danger",
    "who_is_this": "Somebody asked who this is",
    "opt_out": "She asked for no more texts: ring her",
    "new_setup_code": "Give her a new set-up code",
    "reminder_by_person": "Remind her yourself",
    "choose_keyworker": "Choose her new keyworker",
    "walk_in_intake": "Somebody new came in: talk with her, and open a record if she wants",
    "message_taken": "A message was taken for you",
    "ring_about_closing": "Her day is closed: ring her about the new time",
    "follow_up_missed": "She could not come: ask kindly how she is, and offer another time",
    "ring_at_desk": "Ring her",
    "recheck_safe_contact_at_desk": "She is here: have it asked again how she may be reached",
}
"""What each kind of task asks for, in the words of staff."""


def words_for(kind: str) -> str:
    """What a kind of task asks for, in the words of staff; of a kind without words its own name."""
    return KIND_WORDS.get(kind) or kind.replace("_", " ").capitalize()
