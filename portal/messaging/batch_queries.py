"""Reading texts to many: whom one may pick, and what became of each."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from portal.clients.models import Client, SafeContact
from portal.clients.queries import caseload, safe_contacts, visible_client_ids
from portal.core.access import Actor, Role
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.messaging.models import Text, TextBatch

MOST_LISTED = 300
MOST_EARLIER = 10


@dataclass(frozen=True)
class Choice:
    """A woman who can be picked, and her newest safe-contact record."""

    client: Client
    record: SafeContact | None


def choices(
    actor: Actor,
    *,
    centre_id: int | None = None,
    keyworker_id: int | None = None,
    language: str | None = None,
    only: set[int] | None = None,
) -> list[Choice]:
    """The women whom an actor may write to, her own first, narrowed by what is given."""
    clients = [
        client
        for client in caseload(actor)
        if (centre_id is None or client.centre_id == centre_id)
        and (keyworker_id is None or client.keyworker_id == keyworker_id)
        and (only is None or client.id in only)
    ]
    records = safe_contacts(client.id for client in clients)
    found = [Choice(client, records.get(client.id)) for client in clients]
    if language is None:
        return found
    return [one for one in found if (one.record.text_language if one.record else one.client.language) == language]


def batch(actor: Actor, batch_id: int) -> TextBatch:
    """A batch that this person sent, or, of a manager, one to women of her centres; raises NotFound."""
    found = get_or_none(TextBatch, batch_id)
    if found is None or not (found.made_by == actor.id or _is_her_centres(actor, found)):
        raise NotFound("batch")
    return found


def may_open(actor: Actor, batch_ids: set[int]) -> set[int]:
    """Of these batches those that the actor may open."""
    rows = session.scalars(select(TextBatch).where(TextBatch.id.in_(batch_ids)))
    return {row.id for row in rows if row.made_by == actor.id or _is_her_centres(actor, row)}


def earlier(actor: Actor) -> list[TextBatch]:
    """The last batches that this person sent, the newest first."""
    statement = select(TextBatch).where(TextBatch.made_by == actor.id).order_by(TextBatch.id.desc())
    return list(session.scalars(statement.limit(MOST_EARLIER)))


@dataclass(frozen=True)
class Progress:
    """What became of a batch, of the women whom the reader may know of (R29): their texts, and who got none and why."""

    texts: list[tuple[Client, Text]]
    left_out: list[tuple[Client, str]]

    @property
    def states(self) -> Counter[str]:
        """How many texts are in each state."""
        return Counter(text.state for _, text in self.texts)


def progress(actor: Actor, batch: TextBatch) -> Progress:
    """What became of a batch."""
    reasons = {int(client_id): reason for client_id, reason in batch.left_out.items()}
    texts = session.scalars(select(Text).where(Text.batch_id == batch.id)).all()
    ids = set(reasons) | {text.client_id for text in texts}
    visible = Client.id.in_(visible_client_ids(actor))
    rows = session.scalars(select(Client).where(Client.id.in_(ids), visible))
    clients = {client.id: client for client in sorted(rows, key=lambda client: client.called_name.casefold())}
    by_client = {text.client_id: text for text in texts}
    return Progress(
        [(client, by_client[client.id]) for client in clients.values() if client.id in by_client],
        [(client, reasons[client.id]) for client in clients.values() if client.id in reasons],
    )


def _is_her_centres(actor: Actor, batch: TextBatch) -> bool:
    if actor.role is not Role.MANAGER:
        return False
    found = progress(actor, batch)
    return bool(found.texts or found.left_out)
