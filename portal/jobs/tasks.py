"""The worker's duties; thin: each opens its units of work and lets a room do the work."""

import os
import socket
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import update

from portal.accounts import text_codes
from portal.audit import service as audit
from portal.audit.rules import EMPTY, Head
from portal.backoffice import closing, merging, moving_in
from portal.booking import cancelling, reminders, replies
from portal.booking.rules import NotOffered
from portal.centres import bank_holidays
from portal.core import clock, database
from portal.core.access import SYSTEM
from portal.core.database import insert_unless_there, session, unit_of_work
from portal.core.logs import get_logger
from portal.core.settings import Settings
from portal.diversion import allocation, conditions
from portal.groups import locking as group_places
from portal.help import service as help_service
from portal.jobs import calling, sending
from portal.jobs.models import Heartbeat
from portal.languages import service as languages
from portal.messaging import chase, inbox
from portal.plan import reminding, reviews
from portal.reports import service as reports
from portal.sms.gateway import Gateway
from portal.waiting import ending, offering, turns
from portal.waiting import replies as waiting_replies
from portal.waiting import service as waiting

log = get_logger(__name__)

WORKER_NAME = f"{socket.gethostname()[:20]}-{os.getpid()}"


_sealed_up_to: dict[str, Head] = {}
"""Where the audit log of a database ended when this process last sealed it."""


_looked_on: dict[str, date] = {}
"""The London day on which this process last looked, for each database; looking twice raises nothing twice."""


def schedule(queue: Any, settings: Settings, gateway: Gateway, stopping: Event) -> Callable[[], object]:
    """Put the duties on the queue's schedule; gives what puts them on the queue at once."""

    from huey import crontab

    def work() -> None:
        every_minute(settings, gateway, stopping)

    queue.periodic_task(crontab(minute="*"), name="every_minute")(work)
    return queue.task(name="wake")(work)


def every_minute(settings: Settings, gateway: Gateway, stopping: Event | None = None) -> None:
    """Do all that is due: read answers, plan, send, look up, redact, seal the log. One failing duty stops no other.

    Once `stopping` is set the text at hand is the last one.
    """
    stopping = stopping or Event()
    duty("answers", read_answers)
    duty("duty_calls", lambda: calling.call_out(settings, gateway, stopping.is_set))
    duty("staff_tests", lambda: calling.send_tests(settings, gateway, stopping.is_set))
    duty("overdue", send_up_overdue)
    duty("cancellations", settle_cancellations)
    duty("waiting", lambda: offer_free_times(stopping.is_set))
    duty("planning", plan_reminders)
    duty("reviews", look_at_plans)
    duty("first_contacts", note_who_came)
    duty("text_codes", make_text_codes)
    send = partial(sending.send_due, sleep=stopping.wait, stopping=stopping.is_set)
    duty("sending", lambda: send(settings, gateway, WORKER_NAME))
    duty("look_ups", lambda: sending.settle_unknown(settings, gateway, stopping=stopping.is_set))
    duty("redaction", lambda: sending.redact_ended(gateway, stopping=stopping.is_set))
    duty("bank_holidays", fill_bank_holidays)
    duty("help_checks", check_help)
    duty("lists", forget_lists)
    duty("numbers", take_numbers)
    duty("looks", look_once_a_day)
    duty("audit", seal_audit)


def read_answers() -> None:
    """Give every incoming text its meaning: first the digits that answer an appointment or an offer, then the rest."""
    now = clock.now()
    with unit_of_work():
        merging.gather(now)
    with unit_of_work():
        replies.answer_waiting(now)
    with unit_of_work():
        waiting_replies.answer_waiting(now)
    with unit_of_work():
        inbox.interpret_waiting(now)


def send_up_overdue() -> None:
    """Give what nobody saw to or opened in time to a second person."""
    with unit_of_work():
        chase.send_up(clock.now())


def settle_cancellations() -> None:
    """Free the time of what was cancelled and can be undone no more, and have her told; so with places in groups."""
    with unit_of_work():
        cancelling.settle_due(clock.now())
    with unit_of_work():
        group_places.release_due(clock.now())


def offer_free_times(stopping: Callable[[], bool] = lambda: False) -> None:
    """End the offers whose time is over, then offer what is free to whoever waits, one change for each offer."""
    if not turns.anything_to_do():
        return
    now = clock.now()
    for work in (ending.lapse_due, ending.withdraw_lost, waiting.tidy):
        with unit_of_work():
            work(now)
    for wait_id in turns.in_turn(now):
        if stopping():
            return
        try:
            with unit_of_work():
                offering.offer_next(wait_id, now)
        except NotOffered:
            # Somebody booked it this moment; she is looked at again with the next beat.
            continue


def plan_reminders() -> None:
    """Want a reminder for each appointment of the next days that has none yet, and for what she wants to do by then."""
    with unit_of_work():
        reminders.plan_due(clock.now())
    with unit_of_work():
        reminding.plan_due(clock.now())


def look_at_plans() -> None:
    """Give every agreed plan its next review, and keyworkers the task of one that is near."""
    now = clock.now()
    with unit_of_work():
        reviews.begin_missing(now)
        reviews.raise_due(now)


def note_who_came() -> None:
    """Note first contact with women of referrals who came to a time of theirs."""
    with unit_of_work():
        allocation.note_who_came(clock.now())


def make_text_codes() -> None:
    """Make the codes by text that were asked for, and erase the digits of those that are over."""
    now = clock.now()
    with unit_of_work():
        text_codes.make_asked_for(now)
    with unit_of_work():
        text_codes.forget_words(now)


def fill_bank_holidays() -> None:
    """Fill the list of bank holidays three years ahead, as soon as it ends within 13 months."""
    now = clock.now()
    years = bank_holidays.missing_years(clock.london_today(now), only_when_short=True)
    if years:
        session.rollback()
        found = bank_holidays.of_england(years)
        with unit_of_work():
            bank_holidays.fill(SYSTEM, found, now=now)


def check_help() -> None:
    """Ask for the checks of the directory that are due; what nobody checked for long leaves women's pages."""
    now = clock.now()
    if help_service.anything_to_look_after(now):
        with unit_of_work():
            help_service.look_after_checks(now)


def forget_lists() -> None:
    """Erase lists of clients that were kept for a day."""
    with unit_of_work():
        moving_in.forget_old(clock.now())


def take_numbers() -> None:
    """Take the numbers of the last quarter on the first minute of the day on which it is settled."""
    now = clock.now()
    taken = reports.due(now)
    session.rollback()
    if taken is not None:
        with unit_of_work():
            reports.keep(*taken, now=now)


def look_once_a_day() -> None:
    """Ask people to look at conditions short of time, at women whose records were closed, at words that changed."""
    place, now = str(database.engine().url), clock.now()
    today = clock.london_today(now)
    if _looked_on.get(place) == today:
        return
    with unit_of_work():
        conditions.raise_tasks(now)
    with unit_of_work():
        closing.raise_follow_ups(now)
    with unit_of_work():
        languages.ask_to_read_again(now)
    _looked_on[place] = today


def seal_audit() -> None:
    """Chain the audit entries that came since, and write the chain's end where the database does not reach: the log."""
    place = str(database.engine().url)
    known, count, sealed = _sealed_up_to.get(place, EMPTY), 0, 1
    if not audit.holds(known):
        log.error("audit_cut", head=str(known), found=str(audit.head()))
    while sealed:
        with unit_of_work():
            sealed = audit.seal()
        count += sealed
    head = audit.head()
    if count:
        log.info("audit_sealed", head=str(head))
    _sealed_up_to[place] = head


def duty(name: str, work: Callable[[], object]) -> None:
    """Do one duty and note that it ended well; a fault is logged by its kind alone (R10)."""
    try:
        work()
        beat(name)
    except Exception as fault:  # noqa: BLE001  # the next duty must still be done
        log.error("duty_failed", duty=name, error=type(fault).__name__, at=_line(fault))
    finally:
        database.session.remove()


def beat(name: str) -> None:
    """Note that a duty ended well just now; two workers may do so at the same moment, also for the first time."""
    at = clock.real_now()
    with unit_of_work():
        session.execute(insert_unless_there(Heartbeat, duty=name, beat_at=at))
        session.execute(update(Heartbeat).where(Heartbeat.duty == name, Heartbeat.beat_at < at).values(beat_at=at))


def _line(fault: BaseException) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
