"""When to remind her of something inside her safe hours (R19). Pure."""

from datetime import datetime, time, timedelta

from portal.clients.rules import windows
from portal.core import clock

REMINDER_HOUR = time(10, 0)
REMINDER_MARGIN = timedelta(minutes=30)
"""A reminder is planned this long before her window closes, so that a slow worker does not miss it."""

REMINDER_DAYS_BACK = 4

SafeHours = tuple[tuple[int, time, time], ...]


def reminder_time(safe_hours: SafeHours, starts_at: datetime, booked_at: datetime) -> datetime | None:
    """When to remind her inside her safe hours (R19), or None when a person must.

    The day before, as near to 10:00 in London as her windows allow; else in the last window of an earlier day, up to
    4 days back; never before it was booked.
    """
    starts_on = clock.london_today(starts_at)
    for days_back in range(1, REMINDER_DAYS_BACK + 1):
        on = starts_on - timedelta(days=days_back)
        wanted_at = clock.from_london(on, REMINDER_HOUR)
        choices = [_nearest_in(window, wanted_at) for window in windows(safe_hours, on, 1)]
        later = [at for at in choices if at > booked_at]
        if later:
            return min(later, key=lambda at: abs(at - wanted_at)) if days_back == 1 else later[-1]
    return None


def _nearest_in(window: tuple[datetime, datetime], wanted_at: datetime) -> datetime:
    opens, closes = window
    return max(opens, min(wanted_at, closes - REMINDER_MARGIN))
