"""Break-glass: a record beyond one's reach, opened for an hour with a reason that a manager reads (R28-R30)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from portal.accounts.limits import count_look_up
from portal.audit import service as audit
from portal.audit.models import AuditEntry
from portal.centres.models import Centre
from portal.clients.models import Client, Restriction
from portal.clients.queries import client_by_code_name, clients_with_number, kept_record, visible_client_ids
from portal.clients.reach_models import BrokenGlass
from portal.core import phone
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.staff import queries as staff
from portal.worklist import service as worklist

OPEN_FOR = timedelta(minutes=60)
LONGEST_WORDS = 500
MOST_SHOWN = 100
TASK = "break_glass"
REASONS = {
    "danger": "She, or a child, may be in danger now",
    "she_is_here": "She is here, or on the phone, and her worker is not",
    "cover": "I stand in for a colleague who is away",
    "asked_by_colleague": "A colleague who has her asked me to help",
    "other": "Something else",
}
"""Why a record is opened, in the words of staff."""


@dataclass(frozen=True)
class Use:
    """One opening, with the names that its page shows and how often the record was looked at because of it."""

    glass: BrokenGlass
    called_name: str
    opened_by: str
    judged_by: str
    looks: int


def count_try(actor: Actor, *, now: datetime) -> bool:
    """Count a try to find a record by exact words, before it is looked for; False when there were too many.

    In a unit of work of its own, so that a try that finds nobody counts too: nobody may browse by guessing.
    """
    require(actor, Permission.BREAK_GLASS)
    audit.record(actor, "break_glass_tried", now=now)
    return count_look_up(f"break_glass:{actor.id}", now=now)


def open_beyond_reach(actor: Actor, typed: str, *, reason: str, words: str, now: datetime) -> int:
    """Open one record for an hour and tell the managers of its centre; gives the record's id.

    `typed` is her whole code name or her whole number. What the actor may see anyway is not opened; only its id comes
    back. Raises NotAllowed, and Invalid: typed not_there, reason missing, words missing | too_long. Somebody who must
    not know of her gets what everybody gets for a name that nobody has (R29).
    """
    require(actor, Permission.BREAK_GLASS)
    words = words.strip()
    if reason not in REASONS:
        raise Invalid("reason", "missing")
    if not words:
        raise Invalid("words", "missing")
    if len(words) > LONGEST_WORDS:
        raise Invalid("words", "too_long")
    client = _named(actor, typed)
    if client is None:
        raise Invalid("typed", "not_there")
    if session.scalar(visible_client_ids(actor, now).where(Client.id == client.id)) is not None:
        return client.id
    glass = BrokenGlass(
        client_id=client.id, staff_id=actor.id, reason=reason, words=words, opened_at=now, until_at=now + OPEN_FOR
    )
    session.add(glass)
    session.flush()
    audit.record(
        actor, "break_glass", now=now, client_id=client.id, subject=f"glass:{glass.id}", reason=f"break_glass:{reason}"
    )
    _tell_managers(actor, client, glass, now)
    return client.id


def open_until(actor: Actor, client: Client, now: datetime) -> datetime | None:
    """Until when a record that somebody sees is open by break-glass alone; None when it is hers to see anyway."""
    if client.centre_id in actor.centres or client.keyworker_id == actor.id:
        return None
    if session.scalar(visible_client_ids(actor, now).where(Client.id == client.id)) is not None:
        return None
    hers = (BrokenGlass.client_id == client.id, BrokenGlass.staff_id == actor.id, BrokenGlass.until_at > now)
    return session.scalar(select(func.max(BrokenGlass.until_at)).where(*hers))


def uses(actor: Actor, now: datetime) -> list[Use]:
    """The newest openings of records in a manager's reach, those that nobody has looked at first."""
    require(actor, Permission.OVERSEE_BREAK_GLASS)
    order = (BrokenGlass.judged_at.is_not(None), BrokenGlass.id.desc())
    found = session.scalars(select(BrokenGlass).where(_overseen(actor, now)).order_by(*order).limit(MOST_SHOWN)).all()
    clients = {
        row.id: row for row in session.scalars(select(Client).where(Client.id.in_({g.client_id for g in found})))
    }
    names = staff.first_names(person for glass in found for person in (glass.staff_id, glass.judged_by))
    return [
        Use(
            glass,
            clients[glass.client_id].called_name,
            names.get(glass.staff_id, ""),
            names.get(glass.judged_by or 0, ""),
            _looks(glass),
        )
        for glass in found
    ]


def judge(actor: Actor, glass_id: int, *, right: bool, words: str, now: datetime) -> None:
    """A manager says whether it was right to open a record, and the tasks that asked her to are closed.

    Raises NotFound beyond her reach, NotAllowed for her own, Invalid("words", "missing") when it was not right.
    """
    require(actor, Permission.OVERSEE_BREAK_GLASS)
    glass = None
    if 0 < glass_id < 2**31:
        statement = select(BrokenGlass).where(BrokenGlass.id == glass_id, _overseen(actor, now))
        glass = session.scalars(lock_rows(statement)).first()
    if glass is None:
        raise NotFound("break_glass")
    if glass.staff_id == actor.id:
        raise NotAllowed("own")
    if not right and not words.strip():
        raise Invalid("words", "missing")
    glass.judged_by, glass.judged_at, glass.was_right = actor.id, now, right
    glass.judgement = words.strip()
    session.flush()
    outcome = "right" if right else "not_right"
    audit.record(
        actor, "break_glass_judged", now=now, client_id=glass.client_id, subject=f"glass:{glass.id}", reason=outcome
    )
    worklist.close_for_subject(f"glass:{glass.id}", done="dealt_with", actor=actor, now=now)


def _named(actor: Actor, typed: str) -> Client | None:
    """The one record that these exact words name and of which the actor may know."""
    found = client_by_code_name(typed)
    named = [found] if found else clients_with_number(phone.normalise(typed)) if typed.strip() else []
    kept = {client.id: client for client in map(kept_record, named)}
    hidden = set(session.scalars(select(Restriction.client_id).where(Restriction.staff_id == actor.id)))
    known = [client for client in kept.values() if client.id not in hidden and not hidden & {one.id for one in named}]
    return known[0] if len(known) == 1 else None


def _overseen(actor: Actor, now: datetime) -> ColumnElement[bool]:
    return BrokenGlass.client_id.in_(visible_client_ids(actor, now))


def _looks(glass: BrokenGlass) -> int:
    statement = select(func.count(AuditEntry.id)).where(
        AuditEntry.client_id == glass.client_id,
        AuditEntry.actor_kind == "staff",
        AuditEntry.actor_id == glass.staff_id,
        AuditEntry.at >= glass.opened_at,
        AuditEntry.at < glass.until_at,
        or_(AuditEntry.action.like("%read%"), AuditEntry.action.in_(("transcript_made", "number_shown"))),
    )
    return session.scalar(statement) or 0


def _tell_managers(actor: Actor, client: Client, glass: BrokenGlass, now: datetime) -> None:
    hidden = set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id == client.id)))
    told = [
        person
        for person in staff.managers()
        if client.centre_id in person.centre_ids and person.id not in hidden | {actor.id}
    ]
    for person in told:
        worklist.raise_task(
            TASK,
            now=now,
            client_id=client.id,
            owner_id=person.id,
            subject=f"glass:{glass.id}",
            once=f"{TASK}|{glass.id}|{person.id}",
        )
    if not told:
        # No manager covers her centre and may know of her: any manager is told, without whom it is about.
        centre = get_or_none(Centre, client.centre_id)
        worklist.raise_task(
            TASK, now=now, subject=f"glass:{glass.id}", note=f"At {centre.name if centre else 'a centre'}."
        )
