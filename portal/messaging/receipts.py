"""What became of texts that left: statuses told by the gateway, and look-ups of those whose fate is unknown."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import or_, select, update

from portal.clients.models import Client
from portal.clients.queries import safe_contact
from portal.core.database import lock_rows, on_sqlite, session
from portal.core.errors import NotFound
from portal.messaging import gate, outbox
from portal.messaging.models import Text, TextState, TextStatus
from portal.messaging.rules import (
    LOOK_UP_PAUSE,
    LOOK_UPS,
    LOST_AFTER,
    TELL_BEFORE_WAIT,
    UNENDED_FOR,
    Reason,
    Verdict,
    later_state,
    not_taken_pause,
    state_told,
)
from portal.sms import rules as sms_rules
from portal.sms.gateway import Candidate

ENDS = (TextState.REACHED, TextState.NOT_DELIVERED)
GOES_AGAIN_FROM = (TextState.WAITING, TextState.SENDING, TextState.UNKNOWN, TextState.HANDED_OVER)
"""States of a text that is still wanted and has not reached her, as far as we know."""


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
    hand_over(text, sid, status, code, now)


def hand_over(text: Text, sid: str, status: str, code: str, now: datetime) -> None:
    """The gateway has a try of the text, under this id and with this status; states never go back.

    Of a try that is not the one at hand only its arrival counts: then she has the text, and no further try leaves.
    """
    told = state_told(status)
    first_told = text.state == TextState.SENDING and text.tries == 1
    known = {} if first_told else _known_tries(text)
    at_hand = sid == text.gateway_sid or (text.gateway_sid is None and sid not in known)
    session.add(TextStatus(text_id=text.id, gateway_sid=sid, status=status[:20], code=code[:20], reported_at=now))
    if told not in known.get(sid, ()):
        _redact_in_time(text, told, now)
    if at_hand:
        text.gateway_sid, text.sent_at = sid, text.sent_at or now
        _move(text, told, code, now)
    elif told is TextState.REACHED and text.state != TextState.REACHED:
        text.gateway_sid = sid
        _settle(text, told, "", now)
    session.flush()


def _known_tries(text: Text) -> dict[str, set[TextState]]:
    """What each try of a text was told to have become, by its id."""
    known: dict[str, set[TextState]] = {}
    for sid, status in session.execute(
        select(TextStatus.gateway_sid, TextStatus.status).where(TextStatus.text_id == text.id)
    ):
        known.setdefault(sid, set()).add(state_told(status))
    return known


def _redact_in_time(text: Text, told: TextState, now: datetime) -> None:
    """A try's words are erased at the gateway once it has ended, or once no end can be expected any more."""
    text.redacted_at, text.redact_tries = None, 0
    text.redact_at = now if told in ENDS else text.redact_at or now + UNENDED_FOR


def _move(text: Text, told: TextState, code: str, now: datetime) -> None:
    was = TextState(text.state)
    state = later_state(was, told)
    if state == was:
        return
    if state is not TextState.NOT_DELIVERED:
        _settle(text, state, "", now)
        return
    text.gateway_code = code[:20]
    if code == str(sms_rules.OPTED_OUT):
        outbox.opt_out(text.number, now)
    if sms_rules.is_wrong_number(code):
        outbox.number_bounced(text.number, now)
    if was not in GOES_AGAIN_FROM or not _goes_again(text, code, now):
        _settle(text, state, Reason.REFUSED, now)
        outbox.tell_a_person(text, session.get_one(Client, text.client_id), now, "text_not_delivered")


def _settle(text: Text, state: TextState, reason: str, now: datetime) -> None:
    text.state, text.reason = state, reason
    if state in ENDS:
        text.settled_at = now
    if state is TextState.REACHED:
        outbox.close_tasks(text, now)


def _goes_again(text: Text, code: str, now: datetime) -> bool:
    """Let a text that did not reach her phone wait for a further try, if one may bring it in time and in her hours."""
    session.flush()
    failed = [sid for sid, told in _known_tries(text).items() if TextState.NOT_DELIVERED in told]
    pause = not_taken_pause(len(failed)) if sms_rules.passes(code) else None
    if pause is None:
        return False
    client, record = session.get_one(Client, text.client_id), safe_contact(text.client_id)
    verdict = gate.wanted_at(text, client, record, now + pause)
    if verdict.state not in (TextState.SENDING, TextState.WAITING):
        return False
    at = verdict.at or now + pause
    reason = Reason.OUT_OF_REACH if sms_rules.is_out_of_reach(code) else Reason.NOT_TAKEN
    text.gateway_sid = None
    outbox.apply(text, client, Verdict(TextState.WAITING, reason, at), now)
    if at - now > TELL_BEFORE_WAIT:
        outbox.tell_a_person(text, client, now, "text_not_delivered")
    return True


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
    session.flush()
    return LookUp(text.id, text.number, text.claimed_at, text.body, _known_sids(text, text.claimed_at))


def _known_sids(text: Text, claimed_at: datetime) -> frozenset[str]:
    """The ids of all tries of this text and of others to its number, so that none of them is taken for the lost one."""
    same_number = select(Text.id).where(
        Text.number_index == text.number_index, Text.claimed_at > claimed_at - timedelta(days=1)
    )
    at_hand = select(Text.gateway_sid).where(Text.id.in_(same_number), Text.gateway_sid.is_not(None))
    earlier = select(TextStatus.gateway_sid).where(TextStatus.text_id.in_(same_number))
    return frozenset(session.scalars(at_hand.union(earlier)))


def settle_look_up(look_up: LookUp, candidates: Sequence[Candidate], *, now: datetime) -> None:
    """Store what a look-up found: the text was taken, or, not found twice, it waits to be sent again."""
    text = fresh(look_up.text_id)
    if text is None or text.state != TextState.UNKNOWN:
        return
    found = sms_rules.taken(candidates, body=look_up.body, known_sids=look_up.known_sids)
    if found is not None:
        hand_over(text, found.sid, found.status, found.code, now)
        return
    text.looked_up += 1
    if text.looked_up >= LOOK_UPS:
        text.state, text.reason, text.sent_at = TextState.WAITING, "", None
    session.flush()
