"""The dead-man alarm: which duty has not ended well for too long, and what every staff page says about it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.core.database import session
from portal.jobs.models import Heartbeat

LATE_AFTER = timedelta(minutes=10)
WATCHED = {
    "sending": "Texts are not being sent",
    "planning": "Reminders are not being planned",
    "answers": "Texts that came in are not being read",
}
"""The duties without which women are not answered or reminded, and what it means when one is late."""


def beats() -> dict[str, datetime]:
    """When each watched duty last ended well, in real time; one that never did is not there."""
    rows = session.execute(select(Heartbeat.duty, Heartbeat.beat_at).where(Heartbeat.duty.in_(WATCHED)))
    return {row.duty: row.beat_at for row in rows}


def late(beats: Mapping[str, datetime], real_now: datetime) -> list[str]:
    """The watched duties that have not ended well for ten minutes, or never."""
    return [duty for duty in WATCHED if duty not in beats or real_now - beats[duty] >= LATE_AFTER]
