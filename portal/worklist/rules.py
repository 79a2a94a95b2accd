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
    "not_needed": "Not needed any more",
}
"""What can have been done about a task; a task closes only with one of these (R25)."""
