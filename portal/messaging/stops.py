"""The switches that stop sending (R27): all of it, or texts to women alone; who, when, why."""

from datetime import datetime

from sqlalchemy import ColumnElement, select

from portal.audit import service as audit
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, Stale
from portal.messaging.models import SendingStop

NOT_YET = "nobody has turned them on yet"
"""Why texts to women are off in a charity that has just begun."""


def current_stop() -> SendingStop | None:
    """The stop of all sending that is in force, or None."""
    return session.scalars(select(SendingStop).where(*_in_force(women_only=False)).limit(1)).first()


def texts_off() -> SendingStop | None:
    """What keeps texts to women from leaving, or None while they are on."""
    return session.scalars(select(SendingStop).where(*_in_force(women_only=True)).limit(1)).first()


def texts_on() -> ColumnElement[bool]:
    """That texts to women are on, as a part of the gate's own query."""
    return ~select(SendingStop.id).where(*_in_force(women_only=True)).exists()


def stop_sending(actor: Actor, *, why: str, now: datetime) -> None:
    """Stop all sending at once; nothing more is claimed. Raises Invalid("why", …) or Stale if stopped already."""
    require(actor, Permission.TURN_SWITCHES)
    _stop(actor, why, women_only=False, now=now)
    audit.record(actor, "sending_stopped", now=now)


def stop_after_restore(actor: Actor, *, why: str, now: datetime) -> None:
    """Stop all sending because a backup was put back; nobody on the staff did that, and an earlier stop stands too."""
    session.add(SendingStop(stopped_at=now, stopped_by=None, why=why))
    session.flush()
    audit.record(actor, "sending_stopped", now=now, reason="restored")


def resume_sending(actor: Actor, *, now: datetime) -> None:
    """Send again. Raises Stale when nothing is stopped."""
    require(actor, Permission.TURN_SWITCHES)
    _end(actor, women_only=False, now=now)
    audit.record(actor, "sending_resumed", now=now)


def turn_texts_off(actor: Actor, *, why: str, now: datetime) -> None:
    """Let no text leave for a woman; what is due is held and somebody is asked to tell her.

    Raises Invalid("why", …) or Stale if they are off already.
    """
    require(actor, Permission.TURN_SWITCHES)
    _stop(actor, why, women_only=True, now=now)
    audit.record(actor, "texts_turned_off", now=now)


def turn_texts_on(actor: Actor, *, now: datetime) -> None:
    """Let texts leave for women; what was held for this reason alone goes if its time is still to come.

    Raises Stale when they are on already.
    """
    require(actor, Permission.TURN_TEXTS_ON)
    _end(actor, women_only=True, now=now)
    audit.record(actor, "texts_turned_on", now=now)


def begin_with_texts_off(first_id: int, *, now: datetime) -> None:
    """A charity begins: texts to women are off until a manager turns them on. `first_id` is its first person."""
    session.add(SendingStop(stopped_at=now, stopped_by=first_id, why=NOT_YET, women_only=True))
    session.flush()


def _in_force(*, women_only: bool) -> tuple[ColumnElement[bool], ...]:
    return SendingStop.ended_at.is_(None), SendingStop.women_only.is_(women_only)


def _stop(actor: Actor, why: str, *, women_only: bool, now: datetime) -> None:
    if not why.strip():
        raise Invalid("why", "missing")
    if len(why) > 200:
        raise Invalid("why", "too_long")
    if (texts_off() if women_only else current_stop()) is not None:
        raise Stale("stop")
    session.add(SendingStop(stopped_at=now, stopped_by=actor.id, why=why.strip(), women_only=women_only))


def _end(actor: Actor, *, women_only: bool, now: datetime) -> None:
    # Two people may have stopped it at the same moment: one press ends both.
    stops = session.scalars(lock_rows(select(SendingStop).where(*_in_force(women_only=women_only)))).all()
    if not stops:
        raise Stale("stop")
    for stop in stops:
        stop.ended_at, stop.ended_by = now, actor.id
