"""The one switch that stops all sending (R27): who, when, why."""

from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, Stale
from portal.messaging.models import SendingStop


def current_stop() -> SendingStop | None:
    """The stop that is in force, or None while texts are sent."""
    return session.scalars(select(SendingStop).where(SendingStop.ended_at.is_(None)).limit(1)).first()


def stop_sending(actor: Actor, *, why: str, now: datetime) -> None:
    """Stop all sending at once; nothing more is claimed. Raises Invalid("why", …) or Stale if stopped already."""
    require(actor, Permission.TURN_SWITCHES)
    if not why.strip():
        raise Invalid("why", "missing")
    if len(why) > 200:
        raise Invalid("why", "too_long")
    if current_stop() is not None:
        raise Stale("stop")
    session.add(SendingStop(stopped_at=now, stopped_by=actor.id, why=why.strip()))
    audit.record(actor, "sending_stopped", now=now)


def stop_after_restore(actor: Actor, *, why: str, now: datetime) -> None:
    """Stop all sending because a backup was put back; nobody on the staff did that, and an earlier stop stands too."""
    session.add(SendingStop(stopped_at=now, stopped_by=None, why=why))
    session.flush()
    audit.record(actor, "sending_stopped", now=now, reason="restored")


def resume_sending(actor: Actor, *, now: datetime) -> None:
    """Send again. Raises Stale when nothing is stopped."""
    require(actor, Permission.TURN_SWITCHES)
    # Two people may have stopped it at the same moment: one press ends both.
    stops = session.scalars(lock_rows(select(SendingStop).where(SendingStop.ended_at.is_(None)))).all()
    if not stops:
        raise Stale("stop")
    for stop in stops:
        stop.ended_at, stop.ended_by = now, actor.id
    audit.record(actor, "sending_resumed", now=now)
