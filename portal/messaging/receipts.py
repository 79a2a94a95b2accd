"""What became of texts that left: statuses told by the gateway, and look-ups of those whose fate is unknown."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import or_, select, update

from portal.clients.models import Client
from portal.core.database import lock_rows, on_sqlite, session
from portal.core.errors import NotFound
from portal.messaging import outbox
from portal.messaging.models import Text, TextState, TextStatus
from portal.messaging.rules import LOOK_UP_PAUSE, LOOK_UPS, LOST_AFTER, Reason, later_state, state_told
from portal.sms import rules as sms_rules
from portal.sms.gateway import Candidate

ENDS = (TextState.REACHED, TextState.NOT_DELIVERED)


class LookUp(NamedTuple):
    """A text to be looked up at the gateway: to whom, since when (real time), its words, the ids of others."""

    text_id: int
    number: str
    sent_after: datetime
    body: str
    known_sids: frozenset[str]


def fresh(text_id: int) -> Text | None:
    """A text as it stands in the database now, locked until the unit of work ends; None for an unknown id."""
    if not 0 < text_id < 2**31:
        return None
    statement = select(Text).where(Text.id == text_id).execution_options(populate_existing=True)
    return session.scalars(lock_rows(statement)).first()


def take_status(text_id: int, sid: str, status: str, code: str, now: datetime) -> None:
    """Keep a status that the gateway told; repeated, late or swapped ones change nothing. Raises NotFound."""
    text = fresh(text_id)
    if text is None:
        raise NotFound("text")
    session.add(TextStatus(text_id=text.id, status=status[:20], code=code[:20], reported_at=now))
    hand_over(text, sid, status, code, now)


def hand_over(text: Text, sid: str, status: str, code: str, now: datetime) -> None:
    """The gateway has the text, under this id and with this status; states never go back."""
    was = TextState(text.state)
    text.state = later_state(was, state_told(status))
    text.gateway_sid = text.gateway_sid or sid
    text.sent_at = text.sent_at or now
    if text.state == was:
        session.flush()
        return
    text.reason = ""
    if text.state in ENDS:
        text.settled_at = now
    if text.state == TextState.NOT_DELIVERED:
        _not_delivered(text, code, now)
    session.flush()


def mark_lost(real_now: datetime) -> int:
    """Texts that a worker claimed and did not settle within a minute have an unknown fate; gives how many."""
    lost = (
        update(Text)
        .where(Text.state == TextState.SENDING, Text.claimed_at < real_now - LOST_AFTER)
        .values(state=TextState.UNKNOWN)
        .returning(Text.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.scalars(lost).all())


def claim_look_up(real_now: datetime) -> LookUp | None:
    """The next text to look up; nobody else looks it up within the next two minutes. The caller commits first."""
    statement = (
        select(Text)
        .where(
            Text.state == TextState.UNKNOWN,
            or_(Text.looked_up_at.is_(None), Text.looked_up_at <= real_now - LOOK_UP_PAUSE),
        )
        .order_by(Text.claimed_at, Text.id)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    text = session.scalars(statement if on_sqlite() else statement.with_for_update(skip_locked=True)).first()
    if text is None or text.claimed_at is None:
        return None
    text.looked_up_at = real_now
    known = select(Text.gateway_sid).where(
        Text.number_index == text.number_index,
        Text.gateway_sid.is_not(None),
        Text.claimed_at > text.claimed_at - timedelta(days=1),
    )
    session.flush()
    return LookUp(text.id, text.number, text.claimed_at, text.body, frozenset(session.scalars(known)))


def settle_look_up(look_up: LookUp, candidates: Sequence[Candidate], *, now: datetime) -> None:
    """Store what a look-up found: the text was taken, or, not found twice, it waits to be sent again."""
    text = fresh(look_up.text_id)
    if text is None or text.state != TextState.UNKNOWN:
        return
    found = sms_rules.taken(candidates, body=look_up.body, known_sids=look_up.known_sids)
    if found is not None:
        hand_over(text, found.sid, found.status, "", now)
        return
    text.looked_up += 1
    if text.looked_up >= LOOK_UPS:
        text.state, text.reason, text.sent_at = TextState.WAITING, "", None
    session.flush()


def _not_delivered(text: Text, code: str, now: datetime) -> None:
    text.gateway_code, text.reason = code[:20], Reason.REFUSED
    if code == str(sms_rules.OPTED_OUT):
        outbox.opt_out(text.number, now)
    outbox.tell_a_person(text, session.get_one(Client, text.client_id), now, "text_not_delivered")
