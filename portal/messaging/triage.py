"""Texts that we could not place: whose they were, after a check, or that nobody here is meant (R23)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients.models import Client, ClientState
from portal.clients.queries import clients_with_number, visible_client
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.messaging import waiting
from portal.messaging.models import IncomingText
from portal.messaging.phrases import FOR_A_PERSON, Meaning
from portal.messaging.rules import thread_subject
from portal.worklist import service as worklist
from portal.worklist.models import Task
from portal.worklist.rules import CALLED_OUT_FOR, CHECKED

WRONG_NUMBER = "wrong_number"


def place(actor: Actor, incoming_id: int, client_id: int, *, how: str, now: datetime) -> None:
    """Put a text into the thread of one of the women who hold its number, after a check that it was her.

    Her worker gets the task to answer it. Raises NotFound, Invalid("how", "missing") without a check, Stale when it
    was settled before.
    """
    require(actor, Permission.READ_INBOX)
    incoming = _unsettled(actor, incoming_id)
    client = visible_client(actor, client_id)
    if client.state != ClientState.OPEN or client.id not in {each.id for each in clients_with_number(incoming.number)}:
        raise NotFound("client")
    if how not in CHECKED:
        raise Invalid("how", "missing")
    incoming.client_id = client.id
    if incoming.meaning == Meaning.TRIAGE:
        incoming.meaning = Meaning.WORDS
    _hand_to_her_worker(actor, incoming, client, now)
    audit.record(actor, "text_placed", now=now, client_id=client.id, subject=f"incoming:{incoming.id}", reason=how)
    session.flush()


def wrong_number(actor: Actor, incoming_id: int, *, now: datetime) -> None:
    """Say that a text was meant for nobody here: its tasks close, but for one that may tell of a risk (R25).

    Raises NotFound, Stale when it was settled before.
    """
    require(actor, Permission.READ_INBOX)
    incoming = _unsettled(actor, incoming_id)
    incoming.meaning = WRONG_NUMBER
    for task in _open_tasks(incoming):
        if task.kind not in CALLED_OUT_FOR:
            task.closed_at, task.closed_by, task.done = now, actor.id, "wrong_number"
    audit.record(actor, "text_wrong_number", now=now, subject=f"incoming:{incoming.id}")
    session.flush()


def _hand_to_her_worker(actor: Actor, incoming: IncomingText, client: Client, now: datetime) -> None:
    """A text that may tell of a risk keeps its task; words become her worker's."""
    for task in _open_tasks(incoming):
        if task.kind != "incoming_text":
            task.client_id, task.owner_id, task.centre_id = client.id, client.keyworker_id, client.centre_id
            continue
        task.closed_at, task.closed_by, task.done = now, actor.id, "placed"
        worklist.raise_task(
            "incoming_text",
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
            subject=thread_subject(client.id),
        )


def _open_tasks(incoming: IncomingText) -> Sequence[Task]:
    about = select(Task).where(Task.subject == f"incoming:{incoming.id}", Task.closed_at.is_(None))
    return session.scalars(lock_rows(about)).all()


def _unsettled(actor: Actor, incoming_id: int) -> IncomingText:
    """A text that this person may place; locked."""
    mine = 0 < incoming_id < 2**31
    row = session.get(IncomingText, incoming_id, with_for_update=True) if mine else None
    if row is None or not waiting.may_triage(actor, row):
        raise NotFound("incoming")
    if row.client_id is not None:
        # Placed with a woman of whom this person must not know, it is not there.
        visible_client(actor, row.client_id)
    if row.client_id is not None or row.meaning == WRONG_NUMBER:
        raise Stale("incoming")
    if row.meaning not in FOR_A_PERSON:
        raise NotFound("incoming")
    return row
