"""Undoing an import within a day: whom nobody worked on since goes as if she had never been here; the others stay."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.audit import service as audit
from portal.backoffice import moving_state
from portal.backoffice.moving_in import UNDONE_WITHIN
from portal.backoffice.moving_models import ClientImport, ImportedClient
from portal.booking import taking
from portal.clients.models import Client
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Stale


def can_undo(batch: ClientImport, now: datetime) -> bool:
    """Whether a list was brought over less than a day ago and not undone."""
    return batch.imported_at is not None and batch.undone_at is None and now - batch.imported_at < UNDONE_WITHIN


def undo(actor: Actor, batch: ClientImport, *, now: datetime) -> int:
    """Take back whom a list made, in one act; gives how many. Who was worked on since stays, with the reason.

    Raises Stale when it was undone before, was never brought over, or a day has passed.
    """
    require(actor, Permission.IMPORT_CLIENTS)
    if not can_undo(batch, now):
        raise Stale("import")
    made = session.scalars(
        select(ImportedClient).where(ImportedClient.import_id == batch.id).order_by(ImportedClient.client_id)
    ).all()
    ids = [woman.client_id for woman in made]
    # Whoever books, or adds anything about one of them at this moment, waits, and then finds her gone.
    taking.hold_clients(ids)
    session.execute(lock_rows(select(Client.id).where(Client.id.in_(ids)).order_by(Client.id)))
    stays: list[dict[str, Any]] = []
    for woman in made:
        why = moving_state.worked_on(woman.client_id, woman.state_as_made)
        if why:
            stays.append({"client_id": woman.client_id, "why": why})
            continue
        audit.record(actor, "client_taken_back", now=now, client_id=woman.client_id, subject=f"import:{batch.id}")
        moving_state.take_back(woman.client_id)
    batch = session.get_one(ClientImport, batch.id)
    batch.undone_at, batch.undone_by = now, actor.id
    batch.content = {"stays": stays}
    session.flush()
    gone = len(made) - len(stays)
    audit.record(actor, "import_undone", now=now, subject=f"import:{batch.id}", reason=str(gone))
    return gone
