"""All notes about a woman in one row: those of her sessions and those beside them, each with its marks."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import or_, select

from portal.booking.desk_models import SessionNote
from portal.clients import notes
from portal.clients.note_models import StaffNote
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound

MOST = 100
SHOWN = ("all", "fact", "opinion", "not_said", "session", "others", "show")
"""What the page can be narrowed to: everything, facts, opinions, those of which nobody said, those of sessions, those
that tell of somebody else, those that may go into her copy."""


class Note(NamedTuple):
    """One note of either sort; `key` is `n` or `s` and its id, `corrects` the key of the one that it corrects."""

    key: str
    words: str
    is_opinion: bool | None
    third_party: bool
    safe_to_show: bool
    written_by: int
    at: datetime
    appointment_id: int | None
    corrects: str | None


class Page(NamedTuple):
    """Some notes, the newest first; which of them were corrected, and when; the day before which there are more."""

    notes: list[Note]
    corrected: dict[str, datetime]
    before: date | None


def newest_notes(client_id: int, most: int) -> list[Note]:
    """The newest notes about a client."""
    return _read(client_id, None, most)[:most]


def notes_page(client_id: int, *, show: str = "all", before: date | None = None) -> Page:
    """The notes about a client that fit, MOST at most, in three queries; an unknown `show` is everything."""
    found = _read(client_id, before, MOST + 1)
    more = len(found) > MOST
    listed = found[:MOST]
    older = clock.london_today(listed[-1].at) if more else None
    # A day is never torn apart: what is older than its last whole day comes on the next page.
    if older is not None and clock.london_today(listed[0].at) != older:
        listed = [note for note in listed if clock.london_today(note.at) != older]
        older = clock.london_today(listed[-1].at)
    return Page([note for note in listed if _fits(note, show)], _corrected(client_id), older)


def note_to_correct(client_id: int, key: str) -> Note:
    """The note with this key about this client; raises NotFound."""
    number = key[1:]
    if not number.isascii() or not number.isdigit() or len(number) > 10:
        raise NotFound("note")
    if key[0] == "n":
        return _of_staff(notes.note_of(client_id, int(number)))
    row = get_or_none(SessionNote, int(number)) if key[0] == "s" else None
    if row is None or row.client_id != client_id:
        raise NotFound("note")
    return _of_session(row)


def write(
    actor: Actor,
    client_id: int,
    *,
    body: str,
    is_opinion: bool | None,
    third_party: bool,
    safe_to_show: bool,
    corrects: str,
    now: datetime,
) -> StaffNote:
    """Keep a note, or a correction of the one with this key; raises as `clients.notes.write` does."""
    old = note_to_correct(client_id, corrects) if corrects else None
    of_session = old is not None and old.key[0] == "s"
    return notes.write(
        actor,
        client_id,
        body=body,
        is_opinion=is_opinion,
        third_party=third_party,
        safe_to_show=safe_to_show,
        corrects_id=int(old.key[1:]) if old is not None and not of_session else None,
        corrects_session_id=int(old.key[1:]) if old is not None and of_session else None,
        appointment_id=old.appointment_id if old is not None else None,
        now=now,
    )


def _corrected(client_id: int) -> dict[str, datetime]:
    columns = (StaffNote.corrects_id, StaffNote.corrects_session_id, StaffNote.written_at)
    corrects = or_(StaffNote.corrects_id.is_not(None), StaffNote.corrects_session_id.is_not(None))
    rows = session.execute(select(*columns).where(StaffNote.client_id == client_id, corrects).order_by(StaffNote.id))
    return {f"n{of_staff}" if of_staff else f"s{of_session}": at for of_staff, of_session, at in rows}


def _read(client_id: int, before: date | None, most: int) -> list[Note]:
    found = [_of_staff(row) for row in session.scalars(_newest(StaffNote, client_id, before, most))]
    found += [_of_session(row) for row in session.scalars(_newest(SessionNote, client_id, before, most))]
    return sorted(found, key=lambda note: (note.at, note.key), reverse=True)


def _newest(model, client_id: int, before: date | None, most: int):
    statement = select(model).where(model.client_id == client_id)
    if before is not None:
        statement = statement.where(model.written_at < clock.london_midnight(before))
    return statement.order_by(model.written_at.desc(), model.id.desc()).limit(most)


def _of_staff(row: StaffNote) -> Note:
    corrects = f"n{row.corrects_id}" if row.corrects_id else f"s{row.corrects_session_id or ''}"
    return Note(
        f"n{row.id}", row.body, row.is_opinion, row.third_party, row.safe_to_show, row.written_by, row.written_at,
        row.appointment_id, corrects if len(corrects) > 1 else None,
    )  # fmt: skip


def _of_session(row: SessionNote) -> Note:
    return Note(
        f"s{row.id}", row.note, row.is_opinion, row.third_party, row.safe_to_show, row.written_by, row.written_at,
        row.appointment_id, None,
    )  # fmt: skip


def _fits(note: Note, show: str) -> bool:
    return {
        "fact": note.is_opinion is False,
        "opinion": note.is_opinion is True,
        "not_said": note.is_opinion is None,
        "session": note.key[0] == "s",
        "others": note.third_party,
        "show": note.safe_to_show and not note.third_party,
    }.get(show, True)
