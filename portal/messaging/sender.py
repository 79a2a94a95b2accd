"""Sending: a text is claimed, looked at anew and worded in one unit of work, sent outside any, settled in another.

The gateway cannot be asked to do a thing only once. So the claim is committed before the call, and what is not settled
within a minute has an unknown fate: `receipts` looks it up before anything is sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from portal.clients.models import Client, SafeContact
from portal.clients.queries import safe_contact
from portal.core import clock
from portal.core.database import on_sqlite, session
from portal.core.locales import shown_in
from portal.messaging import gate, outbox, queries, registry, wording
from portal.messaging.models import Text, TextState
from portal.messaging.receipts import fresh, hand_over
from portal.messaging.rules import (
    LEAST_VALID,
    MOST_PARTS,
    TELL_AFTER_TRIES,
    TOO_OLD_TO_SEND,
    Reason,
    Verdict,
    refused_in,
    retry_pause,
    valid_seconds,
)
from portal.messaging.stops import current_stop
from portal.sms import rules as sms_rules
from portal.sms.gateway import Gateway, Receipt, SendRefused, SendUnknown

CLAIM_LOCK = 7_201_901
"""The advisory lock under which claims stand in line, so that rate and one-at-a-time hold over all workers."""
MOST_LOOKED_AT = 5
"""Texts looked at in one unit of work before others get their turn; nearly always the first one leaves."""


@dataclass(frozen=True)
class Claim:
    """A text that this worker alone may send now; `valid_for` in seconds, `claimed_at` in real time."""

    text_id: int
    number: str
    body: str
    valid_for: int
    claimed_at: datetime


@dataclass(frozen=True)
class Pause:
    """Nothing may be claimed for so many seconds, but something waits."""

    seconds: float


def claim_next(
    worker: str, *, per_second: float, words: Sequence[str], now: datetime, real_now: datetime
) -> Claim | Pause | None:
    """Claim the next text that is due and may leave; texts that may not are put where they belong on the way.

    None when nothing is due or all sending is stopped; Pause when the rate over all workers is reached. `words` are
    those that no text may carry. The caller commits before it sends.
    """
    if not on_sqlite():
        session.execute(select(func.pg_advisory_xact_lock(CLAIM_LOCK)))
    if current_stop() is not None:
        return None
    due = _due(now)
    if not due:
        return None
    seconds = _seconds_to_wait(per_second, real_now)
    if seconds > 0:
        return Pause(seconds)
    for text in due:
        client, record = session.get_one(Client, text.client_id), safe_contact(text.client_id)
        known_number = text.number_index
        outbox.address(text, record)
        if text.number_index not in (None, known_number) and _is_busy(text.number_index):
            # With its new number on it, it is not due before that number is free.
            continue
        verdict = gate.leaving_at(text, client, record, now)
        if verdict.state is TextState.SENDING and record is not None:
            verdict = _word(text, client, record, words, now)
        if verdict.state is TextState.SENDING and record is not None:
            return _claimed(text, record, worker, now, real_now)
        outbox.apply(text, client, verdict, now)
    return Pause(0) if len(due) == MOST_LOOKED_AT else None


def deliver(gateway: Gateway, claim: Claim, *, public_url: str) -> Receipt | SendRefused | SendUnknown:
    """Send a claimed text, outside any unit of work; what came of it is for `settle`."""
    waited = clock.real_now() - claim.claimed_at
    if waited > TOO_OLD_TO_SEND:
        # This process was held up so long that another may be looking the text up by now.
        return SendUnknown(None)
    valid_for = claim.valid_for - int(waited.total_seconds())
    if valid_for < LEAST_VALID:
        return SendRefused(None, final=False)
    try:
        return gateway.send(
            to=claim.number,
            body=claim.body,
            status_callback=f"{public_url}/sms/status/{claim.text_id}",
            valid_for=valid_for,
        )
    except (SendRefused, SendUnknown) as failure:
        return failure


def settle(claim: Claim, outcome: Receipt | SendRefused | SendUnknown, *, now: datetime) -> None:
    """Store what came of a claimed text; what was learnt in the meantime from elsewhere stands."""
    text = fresh(claim.text_id)
    if text is None:
        return
    if isinstance(outcome, Receipt):
        hand_over(text, outcome.sid, outcome.status, "", now)
    elif text.state == TextState.SENDING and text.claimed_at == claim.claimed_at:
        if isinstance(outcome, SendUnknown):
            text.state = TextState.UNKNOWN
        else:
            _refused(text, outcome, now)
    session.flush()


def _due(now: datetime) -> Sequence[Text]:
    busy = select(Text.number_index).where(
        Text.state.in_((TextState.SENDING, TextState.UNKNOWN)), Text.number_index.is_not(None)
    )
    statement = (
        select(Text)
        .where(
            Text.state == TextState.WAITING,
            Text.send_at <= now,
            or_(Text.number_index.is_(None), Text.number_index.not_in(busy)),
        )
        .order_by(Text.send_at, Text.id)
        .limit(MOST_LOOKED_AT)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement if on_sqlite() else statement.with_for_update(skip_locked=True)).all()


def _is_busy(number_index: str) -> bool:
    """Whether a text to this number is on its way; the record may have changed its number since the text was wanted."""
    under_way = Text.state.in_((TextState.SENDING, TextState.UNKNOWN))
    return session.scalar(select(Text.id).where(Text.number_index == number_index, under_way).limit(1)) is not None


def _seconds_to_wait(per_second: float, real_now: datetime) -> float:
    """How long until the rate lets the next text through; slow rates are looked at over more than a second."""
    span = max(1.0, 1 / per_second)
    most = max(1, int(per_second * span))
    claimed = session.scalars(
        select(Text.claimed_at)
        .where(Text.claimed_at > real_now - timedelta(seconds=span))
        .order_by(Text.claimed_at.desc())
        .limit(most)
    ).all()
    if len(claimed) < most or claimed[-1] is None:
        return 0
    return max(0.0, span - (real_now - claimed[-1]).total_seconds())


def _word(text: Text, client: Client, record: SafeContact, words: Sequence[str], now: datetime) -> Verdict:
    """Put a text into words as of now; whatever must not be on her screen holds it back (R20, R21)."""
    kind = registry.kind_of(text.kind)
    if kind is None:
        return Verdict(TextState.HELD, Reason.UNKNOWN_KIND)
    language = shown_in(record.text_language)
    names: Sequence[str] = ()
    if text.written_by is not None:
        worded = wording.written(text.body or "", language)
        names = queries.names_never_in_texts(client, record, text.written_by)
    else:
        facts: dict[str, Any] = {**kind.facts(registry.subject_id(text.subject)), **(text.facts or {})}
        try:
            worded = wording.render(text.kind, facts, record, language)
        except wording.NoWording:
            return Verdict(TextState.HELD, Reason.NO_WORDING)
        if worded.segments.parts > MOST_PARTS[worded.segments.encoding]:
            return Verdict(TextState.HELD, Reason.TOO_LONG)
    if not worded.body:
        return Verdict(TextState.HELD, Reason.NO_WORDING)
    if refused_in(worded.body, words=words, names=names):
        return Verdict(TextState.HELD, Reason.BANNED_WORD)
    text.body, text.language, text.parts = worded.body, language, worded.segments.parts
    text.offers_replies = kind.offers_replies and record.may_reply
    return Verdict(TextState.SENDING)


def _claimed(text: Text, record: SafeContact, worker: str, now: datetime, real_now: datetime) -> Claim:
    facts = queries.contact_facts(record)
    text.state, text.reason, text.tries = TextState.SENDING, "", text.tries + 1
    text.claimed_at, text.claimed_by, text.sent_at = real_now, worker[:40], now
    text.looked_up, text.looked_up_at = 0, None
    session.flush()
    valid_for = valid_seconds(facts, now, text.not_after_at) if facts else 0
    return Claim(text.id, text.number, text.body, valid_for, real_now)


def _refused(text: Text, refusal: SendRefused, now: datetime) -> None:
    """The gateway did not take it: it never left."""
    client = session.get_one(Client, text.client_id)
    text.sent_at, text.gateway_code = None, str(refusal.code or "")
    if sms_rules.is_wrong_number(text.gateway_code):
        outbox.number_bounced(text.number, now)
    if refusal.opted_out:
        text.state, text.reason, text.settled_at = TextState.STOPPED, Reason.REFUSED, now
        outbox.opt_out(text.number, now)
    elif refusal.final:
        text.state, text.reason, text.settled_at = TextState.NOT_DELIVERED, Reason.REFUSED, now
        outbox.tell_a_person(text, client, now, "text_not_delivered")
    else:
        _again_later(text, client, now + retry_pause(text.tries, refusal.retry_after), now)


def _again_later(text: Text, client: Client, at: datetime, now: datetime) -> None:
    if text.not_after_at is not None and at >= text.not_after_at:
        outbox.apply(text, client, Verdict(TextState.SKIPPED, Reason.TOO_LATE), now)
        return
    outbox.apply(text, client, Verdict(TextState.WAITING, Reason.GATEWAY_BUSY, at), now)
    if text.tries == TELL_AFTER_TRIES:
        outbox.tell_a_person(text, client, now)
