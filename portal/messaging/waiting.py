"""What waits for staff: threads to read or answer, texts that did not reach her, texts that nobody can place."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.clients.models import Client, ClientState, Restriction
from portal.clients.queries import clients_with_number, visible_client_ids
from portal.core.access import Actor, Role
from portal.core.database import session
from portal.messaging.models import IncomingText, PortalMessage, Text, TextState
from portal.messaging.phrases import FOR_A_PERSON
from portal.worklist.models import Task
from portal.worklist.queries import visible_tasks
from portal.worklist.rules import CALLED_OUT_FOR

FAILED_FOR = timedelta(days=7)
"""How long a text that did not reach her keeps her thread in the inbox."""
MOST_TRIAGED = 50
ANSWER_TASKS = ("incoming_text", "risk_text", "who_is_this", "opt_out")
"""Kinds of tasks that ask for an answer to her."""


@dataclass
class Waiting:
    """A thread that waits for staff: how much is unread, since when, whether it may tell of a risk."""

    client: Client
    unread: int = 0
    since: datetime | None = None
    at_risk: bool = False
    not_reached: int = 0
    to_answer: bool = False


def waiting_threads(actor: Actor, now: datetime) -> list[Waiting]:
    """The threads of the women an actor may see that wait for somebody, risks first, then the longest waiting."""
    ids = select(Client.id).where(Client.id.in_(visible_client_ids(actor)), Client.state == ClientState.OPEN)
    found: dict[int, Waiting] = {}

    def of(client_id: int | None) -> Waiting:
        client = clients[client_id or 0]
        return found.setdefault(client.id, Waiting(client))

    clients = {client.id: client for client in session.scalars(select(Client).where(Client.id.in_(ids)))}
    unread_texts = select(IncomingText.client_id, IncomingText.received_at).where(
        IncomingText.client_id.in_(ids), IncomingText.read_at.is_(None), IncomingText.meaning.in_(FOR_A_PERSON)
    )
    unread_messages = select(PortalMessage.client_id, PortalMessage.written_at).where(
        PortalMessage.client_id.in_(ids), PortalMessage.read_at.is_(None), PortalMessage.staff_id.is_(None)
    )
    for statement in (unread_texts, unread_messages):
        for client_id, at in session.execute(statement):
            waiting = of(client_id)
            waiting.unread, waiting.since = waiting.unread + 1, min(at, waiting.since or at)
    open_tasks = select(Task.client_id, Task.kind, Task.raised_at).where(
        Task.client_id.in_(ids), Task.kind.in_(ANSWER_TASKS), Task.closed_at.is_(None)
    )
    for client_id, kind, raised_at in session.execute(open_tasks):
        waiting = of(client_id)
        waiting.to_answer, waiting.at_risk = True, waiting.at_risk or kind == "risk_text"
        waiting.since = min(raised_at, waiting.since or raised_at)
    for client_id, count in session.execute(
        select(Text.client_id, func.count())
        .where(
            Text.client_id.in_(ids),
            Text.state.in_((TextState.HELD, TextState.NOT_DELIVERED)),
            Text.send_at > now - FAILED_FOR,
        )
        .group_by(Text.client_id)
    ):
        of(client_id).not_reached = count
    return sorted(found.values(), key=lambda waiting: (not waiting.at_risk, waiting.since or now, waiting.client.id))


def triage(actor: Actor) -> list[IncomingText]:
    """Texts from numbers that we cannot place, unread first: the managers', and of whoever may see all its women."""
    rows = session.scalars(
        select(IncomingText)
        .where(IncomingText.client_id.is_(None), IncomingText.meaning.in_(FOR_A_PERSON))
        .order_by(IncomingText.read_at.is_not(None), IncomingText.received_at.desc())
        .limit(MOST_TRIAGED)
    ).all()
    visible = _visible_to(actor)
    return [row for row in rows if _may_triage(actor, row, visible)]


def may_triage(actor: Actor, incoming: IncomingText) -> bool:
    """Whether a text that we cannot place is for this person to see and settle."""
    return _may_triage(actor, incoming, _visible_to(actor))


def may_read_on_duty(actor: Actor, incoming: IncomingText) -> bool:
    """Whether somebody on duty may read the one text that she is called out for, whose woman is not of her centres.

    The task must be hers to see, and none of the women who hold the number one of whom she must not know (R29).
    """
    subject = f"incoming:{incoming.id}"
    open_tasks = visible_tasks(actor).where(
        Task.subject == subject, Task.kind.in_(CALLED_OUT_FOR), Task.closed_at.is_(None)
    )
    holders = [holder.id for holder in clients_with_number(incoming.number)]
    never = select(Restriction.id).where(Restriction.staff_id == actor.id, Restriction.client_id.in_(holders))
    return session.scalars(open_tasks).first() is not None and session.scalar(never.limit(1)) is None


def _visible_to(actor: Actor) -> set[int]:
    return set(session.scalars(select(Client.id).where(Client.id.in_(visible_client_ids(actor)))))


def _may_triage(actor: Actor, incoming: IncomingText, visible: set[int]) -> bool:
    holders = {holder.id for holder in clients_with_number(incoming.number)}
    return holders <= visible if holders else actor.role is Role.MANAGER
