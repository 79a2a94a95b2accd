"""What was said between her and us, from one day to another, to be printed or kept as a plain text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.errors import Invalid
from portal.messaging import staff_words, threads
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.staff.queries import first_names


@dataclass(frozen=True)
class Line:
    """One thing said: when (an instant), by whom and how, the words, and of a text of ours what became of it."""

    at: datetime
    who: str
    words: str
    state: str = ""


@dataclass(frozen=True)
class Transcript:
    """Everything said with one woman between two London days, both included."""

    client: Client
    lines: list[Line]


def open_transcript(
    actor: Actor, client_id: int, *, from_on: date | None, until_on: date | None, saved: bool, now: datetime
) -> Transcript:
    """Read her whole thread, or its days from one to another; the log notes it (R30), and whether it was saved.

    Raises NotFound, Invalid("until_on", "before_from").
    """
    require(actor, Permission.READ_INBOX)
    client = visible_client(actor, client_id)
    if from_on is not None and until_on is not None and until_on < from_on:
        raise Invalid("until_on", "before_from")
    begin = clock.london_midnight(from_on) if from_on else None
    end = clock.london_midnight(until_on + timedelta(days=1)) if until_on and until_on < date.max else None
    entries = [
        entry
        for entry in threads.thread(client.id, limit=None)
        if (begin is None or entry.at >= begin) and (end is None or entry.at < end)
    ]
    names = first_names(staff_id for entry in entries for staff_id in _people(entry.row))
    audit.record(actor, "transcript_made", now=now, client_id=client.id, reason="saved" if saved else "shown")
    return Transcript(client, [_line(entry, names, now) for entry in entries])


def as_text(transcript: Transcript, now: datetime) -> str:
    """The transcript as a plain text that any program opens."""
    head = f"Messages with {transcript.client.called_name}, as of {_instant(now)}"
    blocks = [head]
    for line in transcript.lines:
        state = f"\n[{line.state}]" if line.state else ""
        blocks.append(f"{_instant(line.at)}, {line.who}\n{line.words}{state}")
    if not transcript.lines:
        blocks.append("Nothing was said.")
    return "\n\n".join(blocks) + "\n"


def _line(entry: threads.Entry, names: Mapping[int, str], now: datetime) -> Line:
    row = entry.row
    if isinstance(row, Text):
        writer = names.get(row.written_by or 0, "by itself")
        words = row.said or f"({staff_words.KINDS.get(row.kind, 'Text')}, {staff_words.unsaid(row)})"
        return Line(entry.at, f"{writer}, by text", words, staff_words.receipt(row, now))
    if isinstance(row, IncomingText):
        return Line(entry.at, "from her number", row.body)
    if isinstance(row, PortalMessage):
        writer = "she" if row.staff_id is None else names.get(row.staff_id, "staff")
        return Line(entry.at, f"{writer}, on her pages", row.body)
    return Line(entry.at, "what happened", staff_words.mark(row, names))


def _people(row: Text | IncomingText | PortalMessage | ThreadMark) -> set[int | None]:
    if isinstance(row, ThreadMark):
        return {row.made_by, row.from_id, row.to_id}
    if isinstance(row, Text):
        return {row.written_by}
    return {row.staff_id} if isinstance(row, PortalMessage) else set()


def _instant(at: datetime) -> str:
    local = clock.london(at)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"
