"""What every staff page says while texts stand still: a duty that is late, all sending stopped, texts to women off."""

from datetime import date, datetime

from sqlalchemy import Boolean, String, cast, func, literal, or_, select, union_all

from portal.centres.bank_holidays import WARNED_BEFORE
from portal.centres.models import bank_holidays
from portal.core import clock
from portal.core.database import UtcDateTime, session
from portal.jobs.alarm import WATCHED, late
from portal.jobs.models import Heartbeat
from portal.messaging.models import SendingStop
from portal.messaging.staff_words import day_and_time
from portal.messaging.stops import NOT_YET
from portal.staff.models import Staff

BANK_HOLIDAYS = "bank_holidays"


def warnings() -> list[str]:
    """What staff must know on every page: that texts stand still, since when, what to do; one query while all runs."""
    now, real_now = clock.now(), clock.real_now()
    ended = _states(clock.london_today(now))
    found = [
        f"{_STOPPED[women_only]} since {day_and_time(stopped_at, now)}{_by(int(by))}: {why}"
        if why != NOT_YET
        else _NOT_YET
        for by, stopped_at, why, women_only in ended
        if by.isdecimal()
    ]
    known = {duty: beat_at for duty, beat_at, _, _ in ended if duty in WATCHED}
    standing = [f"{WATCHED[duty]}{_since(known.get(duty), now, real_now)}." for duty in late(known, real_now)]
    if standing:
        found.append(" ".join([*standing, "Tell an admin, and ring women who must know."]))
    return found + [_list_ends(until) for name, _, until, _ in ended if name == BANK_HOLIDAYS]


_STOPPED = {False: "All sending is stopped", True: "Texts to women are off"}
_NOT_YET = "Texts to women are off: a manager turns them on at Start. Until then tell women yourselves."


def _by(staff_id: int) -> str:
    return f" by {session.get_one(Staff, staff_id).name}" if staff_id else ""


def _states(today: date) -> list[tuple[str, datetime, str, bool]]:
    """The heartbeats (duty, when, "", False), the stops in force (who or 0, when, why, of texts to women alone), and
    the end of the bank holidays if near."""
    no_words, of_all = literal("", String), literal(False, Boolean)
    watched = select(Heartbeat.duty, Heartbeat.beat_at, no_words, of_all).where(Heartbeat.duty.in_(WATCHED))
    who = func.coalesce(SendingStop.stopped_by, 0).cast(String)
    stops = select(who, SendingStop.stopped_at, SendingStop.why, SendingStop.women_only).where(
        SendingStop.ended_at.is_(None)
    )
    last = func.max(bank_holidays.c.on)
    ending = (
        select(literal(BANK_HOLIDAYS), literal(None, UtcDateTime), cast(last, String), of_all)
        .where(bank_holidays.c.by_rule)
        .having(or_(last.is_(None), last < today + WARNED_BEFORE))
    )
    found = session.execute(union_all(watched, stops, ending))
    return [(name, at, why, bool(women_only)) for name, at, why, women_only in found]


def _list_ends(until: str | None) -> str:
    ends = f"ends on {date.fromisoformat(until):%-d %B %Y}" if until else "is empty"
    return f"The list of bank holidays {ends}: a manager or an admin fills it under Centres."


def _since(beat_at: datetime | None, now: datetime, real_now: datetime) -> str:
    """Since when, by the clock on the wall of the portal."""
    return f" since {day_and_time(beat_at + (now - real_now), now)}" if beat_at else ": the worker has not run yet"
