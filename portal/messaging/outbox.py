"""Wanting a text and ceasing to want it, in the caller's unit of work: the outbox row is the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from portal.clients.models import Client, OptOut, SafeContact
from portal.clients.queries import Whom, clients_with_number, has_opted_out, safe_contact, whom_it_is
from portal.clients.rules import Hold
from portal.clients.safe_contact import check_again_by
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.at_once import write_all_at_once
from portal.core.database import lock_rows, session
from portal.messaging import gate, held_texts, registry
from portal.messaging.models import Text, TextState
from portal.messaging.queries import number_index
from portal.messaging.rules import USEFUL_FOR, Reason, Verdict
from portal.worklist import service as worklist
from portal.worklist.mornings import next_working_morning

LEAST_NOTICE = timedelta(minutes=15)
"""The least time that a person gets to tell her what a text could not."""
MOST_FREED = 200

QUEUED = (TextState.WAITING, TextState.HELD)


@dataclass(frozen=True)
class Wanted:
    """A text that is wanted: to whom, of which kind, what it is about, and what keeps it from being wanted twice.

    It waits for `send_at` (now, if none is given), or for her next safe time after it, and is of no use from
    `not_after_at` on. `facts` hold plain values and instants.
    """

    whom: Whom
    kind: str
    once: str
    subject: str = ""
    facts: dict[str, Any] | None = None
    body: str | None = None
    send_at: datetime | None = None
    not_after_at: datetime | None = None
    written_by: int | None = None
    batch_id: int | None = None


def queue(
    client_id: int,
    kind: str,
    *,
    subject: str = "",
    once: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
    body: str | None = None,
    send_at: datetime | None = None,
    not_after_at: datetime | None = None,
    written_by: int | None = None,
    whom: Whom | None = None,
) -> Text:
    """Want a text to a client in the running unit of work; wanted again with the same `once`, it is the same text.

    As `queue_many` does it. `whom` is she, where this unit of work has read her already. Raises NotFound for an unknown
    client.
    """
    wanted = Wanted(whom or whom_it_is(client_id), kind, once, subject, facts, body, send_at, not_after_at, written_by)
    return queue_many([wanted], now=now)[0]


def queue_many(wanted: Sequence[Wanted], *, now: datetime) -> list[Text]:
    """Want texts in the running unit of work, in their order; the only way into the outbox, for one as for many.

    Where one may not go it is held or skipped with its reason, and her keyworker gets a task.
    """
    texts, verdicts = [], []
    for one in wanted:
        text = _text(one, now)
        verdict = gate.wanted_at(text, one.whom.client, one.whom.contact, text.send_at)
        _put(text, verdict, now)
        texts.append(text)
        verdicts.append(verdict)
    written = write_all_at_once(texts)
    for one, text, verdict in zip(wanted, texts, verdicts, strict=True):
        if text in written:
            _mind(text, one.whom.client, verdict, now)
    return [
        text if text in written else session.scalars(select(Text).where(Text.once == text.once)).one() for text in texts
    ]


def _text(wanted: Wanted, now: datetime) -> Text:
    send_at = max(wanted.send_at or now, now)
    text = Text(
        client_id=wanted.whom.client.id,
        kind=wanted.kind,
        subject=wanted.subject,
        once=wanted.once,
        facts=_as_json(wanted.facts),
        body=wanted.body,
        written_by=wanted.written_by,
        batch_id=wanted.batch_id,
        state=TextState.WAITING,
        send_at=send_at,
        not_after_at=wanted.not_after_at or send_at + USEFUL_FOR,
        wanted_at=now,
    )
    address(text, wanted.whom.contact)
    return text


def skip_for_subject(subject: str, reason: str, now: datetime) -> int:
    """Skip every text about a record that has not left yet (it was cancelled or moved); gives how many."""
    texts = session.scalars(lock_rows(select(Text).where(Text.subject == subject, Text.state.in_(QUEUED)))).all()
    for text in texts:
        _end(text, TextState.SKIPPED, reason, now)
        close_tasks(text, now)
    return len(texts)


def skip_for_client(client_id: int, reason: str, now: datetime) -> int:
    """Skip every text to a woman that has not left yet; gives how many."""
    queued = select(Text).where(Text.client_id == client_id, Text.state.in_(QUEUED)).order_by(Text.id)
    texts = session.scalars(lock_rows(queued)).all()
    for text in texts:
        _end(text, TextState.SKIPPED, reason, now)
        close_tasks(text, now)
    return len(texts)


def opt_out(number: str, now: datetime) -> int:
    """A number asks for no more texts: stop all that is queued for it at once, and have her rung (R22).

    Gives how many texts were stopped.
    """
    if not has_opted_out(number):
        session.add(OptOut(number_index=number_index(number), opted_out_at=now))
    texts = _queued_for(number)
    for text in texts:
        _end(text, TextState.STOPPED, Hold.OPTED_OUT, now)
        close_tasks(text, now)
    for client in clients_with_number(number):
        worklist.raise_task(
            "opt_out", now=now, client_id=client.id, owner_id=client.keyworker_id, centre_id=client.centre_id
        )
    session.flush()
    return len(texts)


def number_bounced(number: str, now: datetime) -> None:
    """The network says that a number is wrong or gone: whoever holds it must be asked again how to reach her (R18)."""
    for client in clients_with_number(number):
        check_again_by(client.id, clock.london_today(now), why="bounced", now=now)
        worklist.raise_task(
            "recheck_safe_contact",
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
        )


def freeze(number: str, now: datetime) -> int:
    """Somebody at a number asks who we are: hold all that is queued for it; gives how many."""
    waiting = [text for text in _queued_for(number) if text.state == TextState.WAITING]
    for text in waiting:
        text.state, text.reason = TextState.HELD, Reason.FROZEN
    session.flush()
    return len(waiting)


def free_held(now: datetime) -> int:
    """Let held texts go whose time is still to come and whose reason is gone; gives how many.

    A text whose own time has passed stays held: a person has the task of telling her.
    """
    freed = 0
    held = select(Text).where(Text.id.in_(held_texts.ready(now)[:MOST_FREED])).execution_options(populate_existing=True)
    for text in session.scalars(lock_rows(held.order_by(Text.id))):
        client, record = session.get_one(Client, text.client_id), safe_contact(text.client_id)
        verdict = gate.wanted_at(text, client, record, text.send_at)
        if text.state == TextState.HELD and verdict.state in (TextState.SENDING, TextState.WAITING):
            address(text, record)
            apply(text, client, verdict, now)
            close_tasks(text, now)
            freed += 1
    return freed


def address(text: Text, record: SafeContact | None) -> None:
    """Put the number of her record on a text."""
    text.number = record.number if record else None
    text.number_index = record.number_index if record else None


def apply(text: Text, client: Client, verdict: Verdict, now: datetime) -> None:
    """Give a text the state of a verdict; what a machine may not tell her becomes a person's task (R18)."""
    _put(text, verdict, now)
    session.flush()
    _mind(text, client, verdict, now)


def tell_a_person(text: Text, client: Client, now: datetime, kind: str = "hold_text") -> None:
    """Raise her keyworker's task to tell her in another way, due while it is still of use; never of a fleeting text."""
    if registry.is_fleeting(text.kind):
        return
    due_at = next_working_morning(now)
    if text.not_after_at is not None:
        due_at = max(now + LEAST_NOTICE, min(due_at, text.not_after_at))
    worklist.raise_task(
        kind,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=f"text:{text.id}",
        due_at=due_at,
    )


def close_tasks(text: Text, now: datetime) -> None:
    """Close the tasks to tell her in another way: the text goes after all, or there is nothing to tell."""
    worklist.close_for_subject(f"text:{text.id}", done="not_needed", actor=SYSTEM, now=now)


def _put(text: Text, verdict: Verdict, now: datetime) -> None:
    text.reason = verdict.reason
    if verdict.state is TextState.HELD and registry.is_fleeting(text.kind):
        text.state, text.settled_at = TextState.SKIPPED, now
    elif verdict.state is TextState.HELD:
        text.state = TextState.HELD
    elif verdict.state is TextState.SKIPPED:
        text.state, text.settled_at = TextState.SKIPPED, now
    else:
        text.state, text.send_at = TextState.WAITING, verdict.at or text.send_at


def _mind(text: Text, client: Client, verdict: Verdict, now: datetime) -> None:
    if verdict.needs_person:
        tell_a_person(text, client, now)
    elif verdict.state is TextState.SKIPPED:
        close_tasks(text, now)


def _end(text: Text, state: TextState, reason: str, now: datetime) -> None:
    text.state, text.reason, text.settled_at = state, reason, now
    session.flush()


def _as_json(facts: dict[str, Any] | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}


def _queued_for(number: str) -> list[Text]:
    holders = [client.id for client in clients_with_number(number)]
    theirs = or_(Text.number_index == number_index(number), Text.client_id.in_(holders))
    # In one order, so that two workers that stop the same texts do not wait for each other.
    queued = select(Text).where(theirs, Text.state.in_(QUEUED)).order_by(Text.id)
    return list(session.scalars(lock_rows(queued)))
