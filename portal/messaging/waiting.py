"""What waits for staff: threads to read or answer, texts that did not reach her, texts that nobody can place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, not_, or_, select

from portal.clients.models import Client, ClientState, Restriction
from portal.clients.queries import clients_with_number, holders_of, visible_client_ids
from portal.core.access import Actor, Role
from portal.core.database import session
from portal.messaging.models import IncomingText, PortalMessage, Text, TextState
from portal.messaging.phrases import FOR_A_PERSON
from portal.worklist.models import Task
from portal.worklist.queries import visible_tasks
from portal.worklist.rules import CALLED_OUT_FOR

FAILED_FOR = timedelta(days=7)
"""How long a text that did not reach her keeps her thread in the inbox."""
FAILED = (TextState.HELD, TextState.NOT_DELIVERED)
MOST_TRIAGED = 50
SHOWS = ("", "mine", "covered")
"""What an inbox may be narrowed to: everything, her own caseload, the women whom she covers."""
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


def waiting_threads(actor: Actor, now: datetime, show: str = "") -> list[Waiting]:
    """The threads of the women an actor may see that wait for somebody, risks first, then the longest waiting.

    `show` narrows them as in SHOWS.
    """
    ids = select(Client.id).where(Client.id.in_(visible_client_ids(actor)), Client.state == ClientState.OPEN)
    if show:
        own = Client.keyworker_id == actor.id
        ids = ids.where(own if show == "mine" else or_(Client.keyworker_id.is_(None), not_(own)))
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
    failed = select(Text.client_id, func.coalesce(Text.settled_at, Text.wanted_at)).where(
        Text.client_id.in_(ids), Text.state.in_(FAILED), Text.send_at > now - FAILED_FOR
    )
    for client_id, at in session.execute(failed):
        waiting = of(client_id)
        waiting.not_reached, waiting.since = waiting.not_reached + 1, min(at, waiting.since or at)
    return sorted(found.values(), key=lambda waiting: (not waiting.at_risk, waiting.since or now, waiting.client.id))


def must_be_checked(client_ids: Iterable[int]) -> set[int]:
    """Of these women, those whose number sent a text that may tell of a risk, until a check that it is her (R25)."""
    risks = select(Task.client_id).where(
        Task.client_id.in_(list(client_ids)),
        Task.kind == "risk_text",
        Task.subject.startswith("incoming:"),
        Task.closed_at.is_(None),
    )
    return {client_id for client_id in session.scalars(risks) if client_id is not None}


def triage(actor: Actor) -> list[IncomingText]:
    """Texts from numbers that we cannot place, unread first: the managers', and of whoever may see all its women."""
    rows = session.scalars(
        select(IncomingText)
        .where(IncomingText.client_id.is_(None), IncomingText.meaning.in_(FOR_A_PERSON))
        .order_by(IncomingText.read_at.is_not(None), IncomingText.received_at.desc())
        .limit(MOST_TRIAGED)
    ).all()
    visible = _visible_to(actor)
    holders = holders_of({row.number_index for row in rows})
    return [row for row in rows if _may_triage(actor, holders.get(row.number_index, set()), visible)]


def may_triage(actor: Actor, incoming: IncomingText) -> bool:
    """Whether a text that we cannot place is for this person to see and settle."""
    holders = holders_of({incoming.number_index}).get(incoming.number_index, set())
    return _may_triage(actor, holders, _visible_to(actor))


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


def _may_triage(actor: Actor, holders: set[int], visible: set[int]) -> bool:
    return holders <= visible if holders else actor.role is Role.MANAGER
