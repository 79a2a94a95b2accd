"""What every staff page says while texts stand still: a duty that is late, all sending stopped, texts to women off."""

from datetime import datetime

from sqlalchemy import Boolean, String, literal, select

from portal.core import clock
from portal.core.database import session
from portal.jobs.alarm import WATCHED, late
from portal.jobs.models import Heartbeat
from portal.messaging.models import SendingStop
from portal.messaging.staff_words import day_and_time
from portal.messaging.stops import NOT_YET
from portal.staff.models import Staff


def warnings() -> list[str]:
    """What staff must know on every page: that texts stand still, since when, what to do; one query while all runs."""
    ended, now, real_now = _states(), clock.now(), clock.real_now()
    found = [
        f"{_STOPPED[women_only]} since {day_and_time(stopped_at, now)} by {session.get_one(Staff, int(by)).name}: {why}"
        if why != NOT_YET
        else _NOT_YET
        for by, stopped_at, why, women_only in ended
        if by.isdecimal()
    ]
    known = {duty: beat_at for duty, beat_at, _, _ in ended if duty in WATCHED}
    standing = [f"{WATCHED[duty]}{_since(known.get(duty), now, real_now)}." for duty in late(known, real_now)]
    if standing:
        found.append(" ".join([*standing, "Tell an admin, and ring women who must know."]))
    return found


_STOPPED = {False: "All sending is stopped", True: "Texts to women are off"}
_NOT_YET = "Texts to women are off: a manager turns them on at Start. Until then tell women yourselves."


def _states() -> list[tuple[str, datetime, str, bool]]:
    """The heartbeats (duty, when, "", False) and the stops in force (who, when, why, of texts to women alone)."""
    watched = select(Heartbeat.duty, Heartbeat.beat_at, literal("", String), literal(False, Boolean))
    stops = select(
        SendingStop.stopped_by.cast(String), SendingStop.stopped_at, SendingStop.why, SendingStop.women_only
    ).where(SendingStop.ended_at.is_(None))
    found = session.execute(watched.where(Heartbeat.duty.in_(WATCHED)).union_all(stops))
    return [(name, at, why, bool(women_only)) for name, at, why, women_only in found]


def _since(beat_at: datetime | None, now: datetime, real_now: datetime) -> str:
    """Since when, by the clock on the wall of the portal."""
    return f" since {day_and_time(beat_at + (now - real_now), now)}" if beat_at else ": the worker has not run yet"
