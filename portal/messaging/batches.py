"""One text to many women: who would get it and who not, one outbox row for each, ever, and stopping what is left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients.models import Client, SafeContact
from portal.clients.queries import Whom, safe_contacts, visible_client_ids
from portal.clients.rules import Hold
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid
from portal.core.locales import shown_in
from portal.messaging import batch_queries, composing, outbox, planned, queries, waiting, wording
from portal.messaging.composing import Draft
from portal.messaging.models import Text, TextBatch
from portal.messaging.rules import Verdict, refused_in
from portal.messaging.wording import Worded
from portal.worklist import service as worklist

MOST_WOMEN = 300


class LeftOut(StrEnum):
    """Why a woman does not get a text to many, beside what keeps any text from her."""

    CHECK_FIRST = "check_first"
    NAMES_WORKER = "names_worker"
    COVER = "cover"


@dataclass(frozen=True)
class Reader:
    """A woman who was picked: whether she gets it (`reason` says why not), when, and in what words.

    `other_language`: she does not read the language in which it is written.
    """

    client: Client
    record: SafeContact | None
    verdict: Verdict
    reason: str
    worded: Worded
    other_language: bool

    @property
    def gets_it(self) -> bool:
        """Whether a text goes to her."""
        return not self.reason


def draft(actor: Actor, language: str, body: str, *, words: Sequence[str]) -> Draft:
    """What would stand on the screens, and what in it no text to anybody may carry."""
    worded = wording.written(body, shown_in(language))
    return Draft(worded, refused_in(worded.body, words=words, names=queries.names_at_work().for_everybody(actor.id)))


def readers(
    actor: Actor, client_ids: Iterable[int], *, body: str, language: str, words: Sequence[str], now: datetime
) -> list[Reader]:
    """Who would get a text and who would not and why, by id; who may not be known to the actor is not there (R29).

    Raises WordsRefused, Invalid("body", "missing" | "too_long"), Invalid("who", "missing" | "too_many").
    """
    require(actor, Permission.WRITE_TEXT)
    draft(actor, language, body, words=words).checked()
    picked = set(client_ids)
    if len(picked) > MOST_WOMEN:
        raise Invalid("who", "too_many")
    visible = Client.id.in_(visible_client_ids(actor))
    clients = session.scalars(select(Client).where(Client.id.in_(picked), visible).order_by(Client.id)).all()
    if not clients:
        raise Invalid("who", "missing")
    records, unchecked, names = safe_contacts(picked), waiting.must_be_checked(picked), queries.names_at_work()
    found = []
    for client in clients:
        record = records.get(client.id)
        worded = wording.written(body, shown_in(composing.her_language(client, record)))
        verdict = composing.outlook(client, record, now)
        reason = verdict.reason if verdict.needs_person else ""
        if not reason and client.id in unchecked:
            reason = LeftOut.CHECK_FIRST
        if not reason and record is not None and record.wording == "cover" and record.cover_phrase:
            reason = LeftOut.COVER
        if not reason and refused_in(worded.body, words=(), names=names.for_her(client, record, actor.id)):
            reason = LeftOut.NAMES_WORKER
        other_language = composing.her_language(client, record) != language
        found.append(Reader(client, record, verdict, reason, worded, other_language))
    return found


def send_batch(
    actor: Actor, client_ids: Iterable[int], *, body: str, language: str, words: Sequence[str], now: datetime
) -> TextBatch:
    """Write one text to many women: each gets it once, in her own safe hours; who cannot is somebody's task.

    Everything is looked at anew, whatever the sender was shown. The caller claims the form's key, so that it is sent
    once. Raises as `readers`.
    """
    picked = readers(actor, client_ids, body=body, language=language, words=words, now=now)
    left_out = {str(reader.client.id): str(reader.reason) for reader in picked if not reader.gets_it}
    worded = draft(actor, language, body, words=words).checked()
    batch = TextBatch(body=worded.body, left_out=left_out, made_by=actor.id, made_at=now)
    session.add(batch)
    session.flush()
    texts = outbox.queue_many([_wanted(actor, batch, reader) for reader in picked if reader.gets_it], now=now)
    for text in texts:
        audit.record(
            actor, "text_written", now=now, client_id=text.client_id, subject=f"text:{text.id}", reason="batch"
        )
    for reader in picked:
        if not reader.gets_it and reader.reason != Hold.CLOSED_RECORD:
            _tell_a_person(batch, reader.client, now)
    audit.record(actor, "batch_sent", now=now, subject=f"batch:{batch.id}", reason=f"{len(texts)} texts")
    return batch


def stop_batch(actor: Actor, batch_id: int, *, now: datetime) -> int:
    """Take back every text of a batch that has not left; gives how many she may know of. Raises NotFound.

    Whoever sent it stops all of it; anybody else only the texts of women whom she may see (R29).
    """
    require(actor, Permission.WRITE_TEXT)
    batch = batch_queries.batch(actor, batch_id)
    waiting_ones = select(Text).where(Text.batch_id == batch.id, Text.state.in_(outbox.QUEUED)).order_by(Text.id)
    if batch.made_by != actor.id:
        waiting_ones = waiting_ones.where(Text.client_id.in_(visible_client_ids(actor)))
    texts = session.scalars(lock_rows(waiting_ones).execution_options(populate_existing=True)).all()
    known = set(session.scalars(visible_client_ids(actor)))
    for text in texts:
        planned.skip(text, now)
        audit.record(actor, "text_taken_back", now=now, client_id=text.client_id, subject=f"text:{text.id}")
    batch.stopped_at = batch.stopped_at or now
    audit.record(actor, "batch_stopped", now=now, subject=f"batch:{batch.id}", reason=f"{len(texts)} texts")
    return sum(text.client_id in known for text in texts)


def _wanted(actor: Actor, batch: TextBatch, reader: Reader) -> outbox.Wanted:
    return outbox.Wanted(
        Whom(reader.client, reader.record),
        "written",
        f"batch:{batch.id}:{reader.client.id}",
        body=reader.worded.body,
        written_by=actor.id,
        batch_id=batch.id,
    )


def _tell_a_person(batch: TextBatch, client: Client, now: datetime) -> None:
    worklist.raise_task(
        "batch_left_out",
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=f"batch:{batch.id}",
        note=batch.body,
    )
