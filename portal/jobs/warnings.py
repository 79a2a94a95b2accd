"""What every staff page says while texts stand still: a duty that is late, or all sending stopped."""

from datetime import datetime

from sqlalchemy import String, func, literal, select

from portal.core import clock
from portal.core.database import session
from portal.jobs.alarm import WATCHED, late
from portal.jobs.models import Heartbeat
from portal.messaging.models import SendingStop
from portal.messaging.staff_words import day_and_time
from portal.staff.models import Staff


def warnings() -> list[str]:
    """What staff must know on every page: that texts stand still, since when, what to do; one query while all runs."""
    ended, now, real_now = _states(), clock.now(), clock.real_now()
    found = [
        f"All sending is stopped since {day_and_time(stopped_at, now)}{_by(int(by))}: {why}"
        for by, stopped_at, why in ended
        if by.isdecimal()
    ]
    known = {duty: beat_at for duty, beat_at, _ in ended if duty in WATCHED}
    standing = [f"{WATCHED[duty]}{_since(known.get(duty), now, real_now)}." for duty in late(known, real_now)]
    if standing:
        found.append(" ".join([*standing, "Tell an admin, and ring women who must know."]))
    return found


def _by(staff_id: int) -> str:
    return f" by {session.get_one(Staff, staff_id).name}" if staff_id else ""


def _states() -> list[tuple[str, datetime, str]]:
    """The heartbeats (duty, when, "") and the stops in force (who or 0, when, why)."""
    watched = select(Heartbeat.duty, Heartbeat.beat_at, literal("", String)).where(Heartbeat.duty.in_(WATCHED))
    stops = select(
        func.coalesce(SendingStop.stopped_by, 0).cast(String), SendingStop.stopped_at, SendingStop.why
    ).where(SendingStop.ended_at.is_(None))
    return [(name, at, why) for name, at, why in session.execute(watched.union_all(stops))]


def _since(beat_at: datetime | None, now: datetime, real_now: datetime) -> str:
    """Since when, by the clock on the wall of the portal."""
    return f" since {day_and_time(beat_at + (now - real_now), now)}" if beat_at else ": the worker has not run yet"
