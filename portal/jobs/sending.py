"""Sending what is due and looking up what was lost: opens the units of work around portal.messaging's steps."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from portal.core import clock, offering
from portal.core.database import on_sqlite, session, unit_of_work
from portal.core.logs import get_logger
from portal.core.settings import Settings
from portal.messaging import outbox, receipts, redaction, sender
from portal.messaging.models import IncomingText, Text, TextState
from portal.messaging.rules import words_for_texts
from portal.sms.gateway import Gateway, GatewayUnavailable

log = get_logger(__name__)

LONGEST_ROUND = timedelta(seconds=20)
"""Real time after which a round of sending ends, so that the other duties get their turn."""
MOST_SENDERS = 8
"""Threads that send side by side: the gateway takes a tenth of a second for each text. On SQLite, which has one writer,
two are enough to use the time in which the other waits."""
LONGEST_REDACTION = timedelta(seconds=15)
REDACTED_AT_ONCE = 20


def something_due(now: datetime) -> bool:
    """Whether a text may be sent now or one that came in waits to be read: one small query."""
    due = select(Text.id).where(Text.state == TextState.WAITING, Text.send_at <= now).limit(1)
    unread = select(IncomingText.id).where(IncomingText.interpreted_at.is_(None)).limit(1)
    return bool(session.scalar(select(or_(due.exists(), unread.exists()))))


def send_due(
    settings: Settings,
    gateway: Gateway,
    worker: str,
    sleep: Callable[[float], object] = time.sleep,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due; gives how many texts were handed to the gateway.

    Where much is due, several threads send side by side. Each text is claimed, sent and settled by itself: whoever
    kills this process leaves one text of unknown fate for each thread. Once `stopping` says so none is begun any more.
    """
    words = words_for_texts(settings.banned_words, settings.site_name)
    with unit_of_work():
        receipts.mark_lost(clock.real_now())
        outbox.free_held(clock.now())
        due = _due_up_to(2 if on_sqlite() else MOST_SENDERS)
    ends_at = clock.real_now() + LONGEST_ROUND

    def send_on() -> int:
        sent = 0
        while clock.real_now() < ends_at and not stopping():
            offering.renew()
            with unit_of_work():
                step = sender.claim_next(
                    worker, per_second=settings.sms_per_second, words=words, now=clock.now(), real_now=clock.real_now()
                )
            if step is None:
                break
            if isinstance(step, sender.Pause):
                sleep(step.seconds)
                continue
            outcome = sender.deliver(gateway, step, public_url=settings.public_url)
            with unit_of_work():
                sender.settle(step, outcome, now=clock.now())
            log.info("text_sent", text=step.text_id, outcome=type(outcome).__name__)
            sent += 1
        return sent

    return _side_by_side(send_on, due)


def _due_up_to(most: int) -> int:
    due = select(Text.id).where(Text.state == TextState.WAITING, Text.send_at <= clock.now())
    return len(session.scalars(due.limit(most)).all())


def _side_by_side(work: Callable[[], int], number: int) -> int:
    """Do the same in so many threads, this one among them; gives the sum, raises what one of them raised."""

    def in_a_thread() -> int:
        try:
            return work()
        finally:
            session.remove()

    if number < 2:
        return work()
    session.remove()
    with ThreadPoolExecutor(number - 1, thread_name_prefix="sender") as pool:
        others = [pool.submit(in_a_thread) for _ in range(number - 1)]
        done = work()
    return done + sum(other.result() for other in others)


def settle_unknown(
    settings: Settings, gateway: Gateway, limit: int = 50, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Look up texts whose fate is unknown, each twice and two minutes apart; gives how many look-ups were answered."""
    answered = 0
    for _ in range(limit):
        if stopping():
            break
        with unit_of_work():
            receipts.mark_lost(clock.real_now())
            look_up = receipts.claim_look_up(clock.real_now())
        if look_up is None:
            break
        try:
            candidates = gateway.find(to=look_up.number, sent_after=look_up.sent_after)
        except GatewayUnavailable as failure:
            log.warning("look_up_unanswered", text=look_up.text_id, code=failure.code)
            continue
        with unit_of_work():
            receipts.settle_look_up(look_up, candidates, now=clock.now())
        answered += 1
    return answered


def redact_ended(gateway: Gateway, stopping: Callable[[], bool] = lambda: False) -> int:
    """Erase the words of texts that have ended at the gateway; gives of how many. What is due to be sent goes first."""
    erased, ends_at = 0, clock.real_now() + LONGEST_REDACTION
    while not stopping():
        with unit_of_work():
            claimed = redaction.claim(clock.now(), REDACTED_AT_ONCE)
        done = [erasure for erasure in claimed if not stopping() and _erase(gateway, erasure)]
        with unit_of_work():
            redaction.settle(done, clock.now())
        erased += len(done)
        if not done or clock.real_now() > ends_at or something_due(clock.now()):
            break
    return erased


def _erase(gateway: Gateway, erasure: redaction.Erasure) -> bool:
    try:
        for sid in erasure.sids:
            gateway.redact(sid)
    except GatewayUnavailable as failure:
        log.warning("redaction_refused", text=erasure.row_id, code=failure.code)
        return False
    return True
