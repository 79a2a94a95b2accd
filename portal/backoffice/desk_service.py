"""What the desk does for colleagues: a message taken for a worker."""

from datetime import datetime

from portal.audit import service as audit
from portal.core.access import Actor, Permission, require
from portal.core.errors import Invalid
from portal.staff.queries import keyworkers
from portal.worklist.service import Raised, raise_task

MESSAGE = "message_taken"
LONGEST_MESSAGE = 500


def take_message(actor: Actor, *, worker_id: int, words: str, once: str, now: datetime) -> Raised:
    """Pass a message on to a worker as a task of hers; the words are sealed and nobody else's.

    Raises Invalid("worker_id", "unknown") for somebody at none of the actor's centres, Invalid("words", "missing").
    """
    require(actor, Permission.MARK_ATTENDANCE)
    worker = next((person for person in keyworkers(actor.centres) if person.id == worker_id), None)
    if worker is None:
        raise Invalid("worker_id", "unknown")
    words = words.strip()
    if not words:
        raise Invalid("words", "missing")
    task = raise_task(MESSAGE, now=now, owner_id=worker.id, once=f"{MESSAGE}|{actor.id}|{once}", note=words)
    audit.record(actor, "message_taken", now=now, subject=f"task:{task.id}")
    return task
