"""Notes of staff in the copy of her data: those that may be shown and tell of nobody else; the others are counted."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from portal.booking.desk_models import SessionNote
from portal.clients.note_models import StaffNote
from portal.clients.note_rules import FACT, OPINION, left_out
from portal.core.database import session


def notes_for_her(client_ids: list[int]) -> dict[str, Any]:
    """The notes that go into her copy, the oldest first, and how many are left out for which reason (R34)."""
    kept, without = [], Counter[str]()
    for row in _notes(client_ids):
        reason = left_out(third_party=row.third_party, safe_to_show=row.safe_to_show)
        if reason is not None:
            without[reason.value] += 1
            continue
        words = row.body if isinstance(row, StaffNote) else row.note
        is_what = "" if row.is_opinion is None else OPINION if row.is_opinion else FACT
        kept.append({"written_at": row.written_at.isoformat(), "words": words, "is": is_what})
    return {"shown": sorted(kept, key=lambda note: note["written_at"]), "left_out": dict(without)}


def _notes(client_ids: list[int]) -> list[StaffNote | SessionNote]:
    found: list[StaffNote | SessionNote] = []
    for model in (StaffNote, SessionNote):
        found += session.scalars(select(model).where(model.client_id.in_(client_ids)))
    return found
