"""Writing down what staff know of a woman; a note is never written over, a correction stands beside it."""

from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients.note_models import StaffNote
from portal.clients.note_rules import LONGEST_NOTE
from portal.clients.queries import visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid, NotFound


def write(
    actor: Actor,
    client_id: int,
    *,
    body: str,
    is_opinion: bool | None,
    third_party: bool,
    safe_to_show: bool,
    corrects_id: int | None = None,
    corrects_session_id: int | None = None,
    appointment_id: int | None = None,
    now: datetime,
) -> StaffNote:
    """Keep a note of staff: fact or opinion, whether it tells of somebody else, whether her copy may hold it.

    With `corrects_id`, or `corrects_session_id` of a session's note that the caller has looked up, it stands beside
    the older one. Raises NotFound, Invalid("body", "missing" | "too_long"), Invalid("is_opinion", "missing").
    """
    require(actor, Permission.WRITE_PLAN)
    client = visible_client(actor, client_id)
    body = body.replace("\r\n", "\n").strip()
    if not body:
        raise Invalid("body", "missing")
    if len(body) > LONGEST_NOTE:
        raise Invalid("body", "too_long")
    if is_opinion is None:
        raise Invalid("is_opinion", "missing")
    if corrects_id is not None:
        note_of(client.id, corrects_id)
    row = StaffNote(
        client_id=client.id, body=body, is_opinion=is_opinion, third_party=third_party, safe_to_show=safe_to_show,
        written_by=actor.id, written_at=now, corrects_id=corrects_id, corrects_session_id=corrects_session_id,
        appointment_id=appointment_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    corrected = corrects_id is not None or corrects_session_id is not None
    audit.record(
        actor, "note_corrected" if corrected else "note_written", now=now, client_id=client.id,
        subject=f"staff_notes:{row.id}",
    )  # fmt: skip
    return row


def note_of(client_id: int, note_id: int) -> StaffNote:
    """A note about this client; raises NotFound."""
    found = session.scalars(select(StaffNote).where(StaffNote.id == note_id, StaffNote.client_id == client_id)).first()
    if found is None:
        raise NotFound("note")
    return found
