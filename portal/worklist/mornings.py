"""When people next work: the working morning by which something is due, bank holidays left out (R25)."""

from datetime import datetime

from portal.centres.queries import bank_holidays_from
from portal.core import clock
from portal.worklist import rules

LOOKED_AHEAD_DAYS = 30
"""Far beyond the longest run of days on which nobody works."""


def next_working_morning(now: datetime) -> datetime:
    """10:00 London time on the next weekday that is no bank holiday."""
    return rules.next_working_morning(now, bank_holidays_from(clock.london_today(now), LOOKED_AHEAD_DAYS))
