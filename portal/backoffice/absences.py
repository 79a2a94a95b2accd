"""Noting that somebody is away and who covers, with what only the records of women can tell: R29, who has clients."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.clients.models import Client, ClientState, Restriction
from portal.clients.queries import has_clients, hidden_from, visible_client_ids
from portal.core.access import SYSTEM, Actor
from portal.core.database import session
from portal.core.errors import Invalid
from portal.staff import queries as staff_queries
from portal.staff import service
from portal.staff.models import Absence, Staff
from portal.worklist import service as worklist

LOOK_AFTER = "look_after_her"


@dataclass(frozen=True)
class TeamRow:
    """One colleague of a manager: her absences that are not over, the first one first, and how many clients she has."""

    person: Staff
    absences: list[Absence]
    clients: int


def note_absence(
    actor: Actor, staff_id: int, *, starts_at: datetime, ends_at: datetime, covered_by: int | None, now: datetime
) -> int:
    """Note an absence with who covers; gives how many of her women the cover must not know (R29).

    For each of those a manager of the woman's centre gets a task to look after her. Raises as
    `staff.service.add_absence`, and Invalid("covered_by", "missing") when somebody with clients leaves her own absence
    without cover; an admin may, because somebody who fell ill is away either way.
    """
    if covered_by is None and actor.id == staff_id and has_clients(staff_id):
        raise Invalid("covered_by", "missing")
    absence = service.add_absence(actor, staff_id, starts_at=starts_at, ends_at=ends_at, covered_by=covered_by, now=now)
    return _ask_managers(absence, now)


def set_cover(actor: Actor, absence_id: int, covered_by: int, *, now: datetime) -> int:
    """Say who covers an absence that is noted already; gives how many women this cover must not know.

    Raises as `staff.service.set_cover`.
    """
    absence = service.set_cover(actor, absence_id, covered_by, now=now)
    worklist.close_for_subject(_subject(absence.id), done="chose_cover", actor=actor, now=now)
    return _ask_managers(absence, now)


def _ask_managers(absence: Absence, now: datetime) -> int:
    if absence.covered_by is None or absence.ends_at <= now:
        return 0
    hidden = hidden_from(absence.covered_by, absence.staff_id)
    for client in hidden:
        manager = _manager_for(client, absence.staff_id, now)
        worklist.raise_task(
            LOOK_AFTER,
            now=now,
            client_id=client.id,
            owner_id=manager.id if manager else None,
            centre_id=client.centre_id,
            subject=_subject(absence.id),
            due_at=max(absence.starts_at, now),
        )
    return len(hidden)


def end_absence(actor: Actor, staff_id: int, absence_id: int, *, now: datetime) -> None:
    """Take an absence away, and the tasks that it made; raises NotFound."""
    service.remove_absence(actor, staff_id, absence_id, now=now)
    worklist.close_for_subject(_subject(absence_id), done="not_needed", actor=SYSTEM, now=now)


def team(actor: Actor, now: datetime) -> list[TeamRow]:
    """A manager's colleagues who can have clients, with their absences and how many women of theirs she may see."""
    people = staff_queries.keyworkers(actor.centres)
    absences = staff_queries.absences_of((person.id for person in people), now)
    counts = session.execute(
        select(Client.keyworker_id, func.count())
        .where(Client.id.in_(visible_client_ids(actor)), Client.state == ClientState.OPEN)
        .group_by(Client.keyworker_id)
    )
    clients = {row[0]: row[1] for row in counts}
    return [TeamRow(person, absences.get(person.id, []), clients.get(person.id, 0)) for person in people]


def covers_of(absences: Iterable[Absence]) -> dict[int, str]:
    """First names of those who cover, by id."""
    return staff_queries.first_names(absence.covered_by for absence in absences)


def _manager_for(client: Client, absent_id: int, now: datetime) -> Staff | None:
    """A manager of her centre who is here and may know of her."""
    restricted = set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id == client.id)))
    for person in staff_queries.keyworkers([client.centre_id]):
        usable = person.role == "manager" and person.id not in restricted and person.id != absent_id
        if usable and not staff_queries.is_away(person.id, now):
            return person
    return None


def _subject(absence_id: int) -> str:
    return f"absence:{absence_id}"
