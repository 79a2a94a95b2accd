"""Finding words in what was said, in one's own caseload: sealed words are opened and looked through, newest first."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from portal.audit import service as audit
from portal.clients.models import Client, ClientState
from portal.clients.queries import visible_client_ids
from portal.core.access import Actor, Permission, Role, require
from portal.core.database import session
from portal.core.errors import Invalid
from portal.messaging.models import IncomingText, PortalMessage, Text

LEAST_LETTERS = 2
MOST_LOOKED_THROUGH = 2000
"""Newest rows of each kind that are opened: sealed words cannot be searched by the database."""
MOST_FOUND = 100
AROUND = 60
"""Letters shown before and after what was found."""

_SAID: tuple[tuple[str, Any, Any], ...] = (
    ("text", Text, Text.wanted_at),
    ("incoming", IncomingText, IncomingText.received_at),
    ("message", PortalMessage, PortalMessage.written_at),
)


@dataclass(frozen=True)
class Found:
    """A place where the words stand: before them, they themselves, after them."""

    client_id: int
    called_name: str
    at: datetime
    hers: bool
    before: str
    words: str
    after: str


@dataclass(frozen=True)
class Search:
    """What was found, newest first; `capped`: older words, or more places, were left out."""

    found: list[Found]
    capped: bool


def search(actor: Actor, words: str) -> Search:
    """Where some words stand in the threads of somebody's own caseload; of a manager, in her centres' (R29).

    Capitals and forms of letters make no difference. Raises Invalid("words", "too_short").
    """
    require(actor, Permission.READ_INBOX)
    wanted = _folded(words.strip())
    if len(wanted) < LEAST_LETTERS:
        raise Invalid("words", "too_short")
    clients = {
        client.id: client for client in session.scalars(select(Client).where(Client.id.in_(own_caseload(actor))))
    }
    found, capped = [], False
    for kind, model, at in _SAID:
        statement = select(model).where(model.client_id.in_(clients)).order_by(at.desc())
        rows = session.scalars(statement.limit(MOST_LOOKED_THROUGH + 1)).all()
        capped = capped or len(rows) > MOST_LOOKED_THROUGH
        found += list(_places(kind, rows[:MOST_LOOKED_THROUGH], wanted, clients))
    found.sort(key=lambda place: place.at, reverse=True)
    return Search(found[:MOST_FOUND], capped or len(found) > MOST_FOUND)


def note_search(actor: Actor, done: Search, *, now: datetime) -> None:
    """Log that somebody searched, without the words, and whose words she was shown (R30)."""
    require(actor, Permission.READ_INBOX)
    audit.record(actor, "messages_searched", now=now, reason=f"{len(done.found)} found")
    for client_id in sorted({place.client_id for place in done.found}):
        audit.record(actor, "thread_read", now=now, client_id=client_id, reason="search")


def own_caseload(actor: Actor) -> Select[int]:
    """The ids of the open clients on somebody's own caseload; of a manager, of all women of her centres."""
    ids = select(Client.id).where(Client.id.in_(visible_client_ids(actor)), Client.state == ClientState.OPEN)
    return ids if actor.role is Role.MANAGER else ids.where(Client.keyworker_id == actor.id)


def _places(kind: str, rows: Iterable[Any], wanted: str, clients: dict[int, Client]) -> Iterator[Found]:
    for row in rows:
        body = (row.said if kind == "text" else row.body) or ""
        cut = _cut(body, wanted)
        if cut is None:
            continue
        begin, end = cut
        at = {"text": "wanted_at", "incoming": "received_at", "message": "written_at"}[kind]
        yield Found(
            client_id=row.client_id,
            called_name=clients[row.client_id].called_name,
            at=getattr(row, at),
            hers=kind == "incoming" or (kind == "message" and row.staff_id is None),
            before=("…" if begin > AROUND else "") + body[max(0, begin - AROUND) : begin],
            words=body[begin:end],
            after=body[end : end + AROUND] + ("…" if end + AROUND < len(body) else ""),
        )


def _cut(body: str, wanted: str) -> tuple[int, int] | None:
    """From where to where the words stand in a body as it was written, however its letters are folded."""
    folded, origins = "", []
    for place, letter in enumerate(body):
        part = _folded(letter)
        folded += part
        origins += [place] * len(part)
    begin = folded.find(wanted)
    return None if begin < 0 else (origins[begin], origins[begin + len(wanted) - 1] + 1)


def _folded(words: str) -> str:
    """Without capitals, marks over letters and other forms of the same letter."""
    apart = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
