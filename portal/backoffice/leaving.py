"""What somebody who leaves still has, handed over so that nothing is silent: clients, tasks, planned texts, covers."""

from datetime import datetime

from sqlalchemy import select

from portal.backoffice import queries
from portal.clients.models import Client
from portal.core.database import session
from portal.messaging.models import Text
from portal.messaging.outbox import LEAST_NOTICE, QUEUED
from portal.staff.models import Absence, Staff
from portal.staff.queries import person
from portal.worklist import service as worklist
from portal.worklist.mornings import next_working_morning


def hand_over(staff_id: int, *, now: datetime) -> None:
    """Each client waits for a keyworker, each open task goes to a centre, and people look at what she had planned.

    Shifts of somebody who has left are passed over by the rota.
    """
    left = person(staff_id)
    for client in queries.still_has(staff_id, now).clients:
        worklist.raise_task("choose_keyworker", now=now, client_id=client.id, centre_id=client.centre_id)
    _look_at_texts(left, now)
    _choose_covers(left, now)
    worklist.hand_over(staff_id, centre_id=left.centre_ids[0] if left.centre_ids else None)


def _look_at_texts(left: Staff, now: datetime) -> None:
    """What she planned goes as it was planned; a person looks at it before, if there is time."""
    planned = select(Client, Text).join(Text, Text.client_id == Client.id)
    for client, text in session.execute(planned.where(Text.written_by == left.id, Text.state.in_(QUEUED))):
        worklist.raise_task(
            "planned_text",
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
            due_at=max(now + LEAST_NOTICE, min(next_working_morning(now), text.send_at)),
        )


def _choose_covers(left: Staff, now: datetime) -> None:
    absences = select(Absence, Staff).join(Staff, Staff.id == Absence.staff_id)
    for absence, absent in session.execute(absences.where(Absence.covered_by == left.id, Absence.ends_at > now)):
        worklist.raise_task(
            "choose_cover",
            now=now,
            centre_id=absent.centre_ids[0] if absent.centre_ids else None,
            subject=f"absence:{absence.id}",
            due_at=max(now + LEAST_NOTICE, min(next_working_morning(now), absence.starts_at)),
            note=f"{absent.name} is away, and {left.name} was to cover.",
        )
