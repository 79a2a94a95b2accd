"""Texts to staff phones, calls of the rota and tests: opens the units of work around portal.messaging's steps."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.logs import get_logger
from portal.core.settings import Settings
from portal.messaging import duty, staff_tests
from portal.messaging.desk_models import DutyCall
from portal.sms.gateway import Gateway
from portal.worklist.models import Task
from portal.worklist.rules import CALLED_OUT_FOR

log = get_logger(__name__)

MOST_CALLS = 20
"""Calls in one round, so that the other duties get their turn."""
FRESH = timedelta(minutes=1)
"""How long a task that nobody was called for wakes the worker; later the minute's round looks at it anyway."""


def call_out(settings: Settings, gateway: Gateway, stopping: Callable[[], bool] = lambda: False) -> int:
    """Make the calls that are due; gives how many. Each is claimed, sent and settled by itself."""
    made = 0
    while made < MOST_CALLS and not stopping():
        with unit_of_work():
            call = duty.claim_next(clock.now(), clock.real_now())
        if call is None:
            break
        outcome = duty.deliver(gateway, call, public_url=settings.public_url)
        with unit_of_work():
            duty.settle(call, outcome, now=clock.now())
        log.info("duty_called", call=call.call_id, outcome=type(outcome).__name__)
        made += 1
    return made


def send_tests(settings: Settings, gateway: Gateway, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send the tests to staff phones that somebody waits for; gives how many."""
    made = 0
    while made < staff_tests.MOST_AN_HOUR and not stopping():
        with unit_of_work():
            trial = staff_tests.claim_next(clock.now(), clock.real_now())
        if trial is None:
            break
        outcome = staff_tests.deliver(gateway, trial, public_url=settings.public_url)
        with unit_of_work():
            staff_tests.settle(trial, outcome, now=clock.now())
        log.info("staff_test_sent", test=trial.test_id, outcome=type(outcome).__name__)
        made += 1
    return made


def somebody_to_call(now: datetime) -> bool:
    """Whether a task was just raised for which nobody was called yet: one small query."""
    called = select(DutyCall.id).where(DutyCall.task_id == Task.id)
    fresh = select(Task.id).where(
        Task.kind.in_(CALLED_OUT_FOR),
        Task.closed_at.is_(None),
        Task.taken_by.is_(None),
        Task.raised_at > now - FRESH,
        ~called.exists(),
    )
    return session.scalar(fresh.limit(1)) is not None
