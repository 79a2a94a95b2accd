"""What a worker writes down after a session: sealed, staff-only."""

from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import notices
from portal.booking.desk_models import SessionNote
from portal.booking.models import Appointment
from portal.clients.queries import readable_client_ids, visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid

LONGEST_NOTE = 4000


def write_note(actor: Actor, appointment: Appointment, *, note: str, now: datetime) -> SessionNote:
    """Keep a worker's note of a session; raises NotFound, Invalid("note", "missing" | "too_long")."""
    require(actor, Permission.WRITE_PLAN)
    client = visible_client(actor, appointment.client_id)
    note = note.strip()
    if not note:
        raise Invalid("note", "missing")
    if len(note) > LONGEST_NOTE:
        raise Invalid("note", "too_long")
    row = SessionNote(
        client_id=client.id, appointment_id=appointment.id, note=note, written_by=actor.id, written_at=now
    )
    session.add(row)
    session.flush()
    audit.record(actor, "session_noted", now=now, client_id=client.id, subject=notices.subject_of(appointment))
    return row


def notes_of(actor: Actor, client_id: int, limit: int = 8) -> list[SessionNote]:
    """The newest notes of a woman whom the member of staff may see."""
    rows = session.scalars(
        select(SessionNote)
        .where(SessionNote.client_id == client_id, SessionNote.client_id.in_(readable_client_ids(actor)))
        .order_by(SessionNote.written_at.desc(), SessionNote.id.desc())
        .limit(limit)
    )
    return list(rows) if actor.is_staff else []
