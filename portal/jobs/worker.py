"""`flask worker`: does its duties every minute and as soon as something is due, until it is asked to stop."""

import threading

from portal.accounts import text_codes
from portal.core import clock, database
from portal.core.database import session
from portal.core.logs import get_logger
from portal.core.settings import Settings
from portal.jobs import calling, sending, tasks
from portal.jobs.memory import after_loading
from portal.jobs.queue import queue_for
from portal.messaging import staff_tests
from portal.sms.gateway import gateway_for

log = get_logger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks for something that is due; one small query each."""


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; the job at hand is ended first (a text being sent is not cut off)."""
    queue = queue_for(settings)
    consumer = queue.create_consumer(workers=1, periodic=True, initial_delay=0.1, max_delay=0.5, graceful_signal="TERM")
    stopping = consumer.stop_flag
    wake = tasks.schedule(queue, settings, gateway_for(settings), stopping)
    tasks.beat("worker")
    session.remove()
    wake()
    watcher = threading.Thread(target=_watch, args=(queue, wake, stopping), name="watcher", daemon=True)
    watcher.start()
    after_loading()
    try:
        consumer.run()
    finally:
        stopping.set()
        watcher.join(LOOK_EVERY * 2)


def _watch(queue, wake, stopping: threading.Event) -> None:
    while not stopping.wait(LOOK_EVERY):
        try:
            now = clock.now()
            if queue.pending_count() == 0 and (
                sending.something_due(now)
                or text_codes.one_waits()
                or calling.somebody_to_call(now)
                or staff_tests.one_waits()
            ):
                wake()
        except Exception as fault:  # noqa: BLE001  # whatever it is, the schedule goes on
            log.warning("look_failed", error=type(fault).__name__)
        finally:
            database.session.remove()
