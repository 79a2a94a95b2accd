"""What a worker writes down after a session: sealed, staff-only."""

from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import notices
from portal.booking.desk_models import SessionNote
from portal.booking.models import Appointment
from portal.clients.note_rules import LONGEST_NOTE
from portal.clients.queries import readable_client_ids, visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid


def write_note(
    actor: Actor,
    appointment: Appointment,
    *,
    note: str,
    is_opinion: bool | None,
    third_party: bool = False,
    safe_to_show: bool = False,
    now: datetime,
) -> SessionNote:
    """Keep a worker's note of a session, marked as `clients.notes.write` says.

    Raises NotFound, Invalid("note", "missing" | "too_long"), Invalid("is_opinion", "missing").
    """
    require(actor, Permission.WRITE_PLAN)
    client = visible_client(actor, appointment.client_id)
    note = note.strip()
    if not note:
        raise Invalid("note", "missing")
    if len(note) > LONGEST_NOTE:
        raise Invalid("note", "too_long")
    if is_opinion is None:
        raise Invalid("is_opinion", "missing")
    row = SessionNote(
        client_id=client.id, appointment_id=appointment.id, note=note, is_opinion=is_opinion, third_party=third_party,
        safe_to_show=safe_to_show, written_by=actor.id, written_at=now,
    )  # fmt: skip
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
