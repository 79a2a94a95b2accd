"""Who of the staff looked at her record: roles and days, never names, and at what in words of hers (R30)."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.queries import ids_of_hers
from portal.core import clock
from portal.core.database import session

DAYS = 20
MOST_READ = 2000
"""How many entries a page reads at most: no day of hers has nearly as many."""

_BY_ACTION = {
    "client_read": "page",
    "plan_read": "plan",
    "risk_read": "page",
    "safety_plan_read": "plan",
    "thread_read": "messages",
    "triage_read": "messages",
    "transcript_made": "copy",
    "copy_made": "copy",
    "partner_sheet_made": "page",
    "number_shown": "number",
    "found_at_desk": "list",
    "break_glass": "opened",
}
_BY_SUBJECT = {
    "desk_search": "list",
    "booking": "times",
    "appointment": "times",
    "closing": "times",
    "register": "times",
    "ring": "number",
    "caller": "number",
    "safe_contact": "number",
    "task": "task",
}
"""What a look at the record was for, by what its entry is about."""


@dataclass
class Looks:
    """What one role looked at on one day."""

    on: date
    role: str
    kinds: list[str] = field(default_factory=list)


def looks(client_id: int, before: date | None = None) -> tuple[list[Looks], date | None]:
    """The newest days on which staff looked at her record, a line for each role; and before which day there are more.

    What went on in her record counts too. What she does herself, and what no person did, is no look.
    """
    statement = (
        select(AuditEntry.at, AuditEntry.actor_role, AuditEntry.action, AuditEntry.subject)
        .where(
            AuditEntry.client_id.in_(ids_of_hers(client_id)),
            AuditEntry.actor_kind == "staff",
            AuditEntry.action.in_(_BY_ACTION),
            # A page that keeps itself fresh was opened by the same person before.
            AuditEntry.reason != "live",
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(MOST_READ)
    )
    if before is not None:
        statement = statement.where(AuditEntry.at < clock.london_midnight(before))
    found: dict[tuple[date, str], Looks] = {}
    for at, role, action, subject in session.execute(statement):
        on = _day(at)
        if len({each.on for each in found.values()} | {on}) > DAYS:
            return list(found.values()), min(each.on for each in found.values())
        line = found.setdefault((on, role), Looks(on, role))
        kind = _kind(action, subject)
        if kind not in line.kinds:
            line.kinds.append(kind)
    return list(found.values()), None


def _day(at: datetime) -> date:
    return clock.london_today(at)


def _kind(action: str, subject: str) -> str:
    if action != "client_read":
        return _BY_ACTION[action]
    return _BY_SUBJECT.get(subject.partition(":")[0], "page")
