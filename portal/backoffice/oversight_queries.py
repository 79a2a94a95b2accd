"""Reading the audit log with its people's names, and the state of the switches."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select

from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core.access import Actor
from portal.core.database import session
from portal.messaging import stops as stops_now
from portal.messaging.models import SendingStop, Text
from portal.messaging.rules import Reason
from portal.staff.models import Staff

PAGE = 100


def audit_page(actor: Actor, before: int | None) -> tuple[Sequence[AuditEntry], dict[int, str]]:
    """A page of the log, the newest first, and the names of the staff in it.

    Entries about a woman whom the reader must not know are left out (R29).
    """
    hidden = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    statement = select(AuditEntry).where(or_(AuditEntry.client_id.is_(None), AuditEntry.client_id.not_in(hidden)))
    if before and 0 < before < 2**31:
        statement = statement.where(AuditEntry.id < before)
    entries = session.scalars(statement.order_by(AuditEntry.id.desc()).limit(PAGE)).all()
    return entries, _names(row.actor_id for row in entries if row.actor_kind == "staff")


def switches(actor: Actor) -> dict[str, Any]:
    """The stops in force, earlier ones, how many texts wait or are held, and the names of who turned them.

    Texts to a woman of whom the actor must not know are not counted (R29).
    """
    known = Text.client_id.not_in(select(Restriction.client_id).where(Restriction.staff_id == actor.id))
    stops = session.scalars(select(SendingStop).order_by(SendingStop.id.desc()).limit(20)).all()
    waiting = session.scalar(select(func.count()).where(Text.state == "waiting", known)) or 0
    people = {person for stop in stops for person in (stop.stopped_by, stop.ended_by) if person}
    off = select(func.count()).where(Text.state == "held", Text.reason == Reason.TEXTS_OFF, known)
    held = session.scalar(off) or 0
    return {
        "stops": stops, "current": stops_now.current_stop(), "off": stops_now.texts_off(), "waiting": waiting,
        "held": held, "names": _names(people), "not_yet": stops_now.NOT_YET,
    }  # fmt: skip


def _names(ids) -> dict[int, str]:
    return {row.id: row.name for row in session.scalars(select(Staff).where(Staff.id.in_(set(ids))))}
