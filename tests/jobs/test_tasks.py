"""The worker: every duty each minute, one that fails stops no other; a real one sends fast and ends whole."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import text

from portal.audit import append_only
from portal.audit import service as audit
from portal.booking import reminders
from portal.core import clock, database
from portal.core.access import SYSTEM
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.jobs import queue, sending, tasks
from portal.jobs.models import Heartbeat
from portal.messaging import inbox, outbox
from portal.messaging.models import Text
from portal.sms.gateway import gateway_for
from tests.support import make
from tests.support.fake_twilio import FakeTwilio
from tests.support.live import ROOT

DUTIES = {
    "answers", "duty_calls", "help_checks", "overdue", "cancellations", "waiting", "planning", "sending", "look_ups",
    "redaction", "bank_holidays", "audit", "lists", "staff_tests", "text_codes", "reviews", "numbers",
    "looks", "first_contacts",
}  # fmt: skip


@pytest.fixture
def minute(app, environ):
    """What the worker does each minute."""
    settings = Settings.from_env(environ)
    return lambda: tasks.every_minute(settings, gateway_for(settings))


def beats() -> dict[str, object]:
    session.remove()
    return {beat.duty: beat.beat_at for beat in session.query(Heartbeat)}


def test_every_duty_leaves_its_heartbeat_in_real_time(minute, travel):
    travel.to("2031-01-01 10:00")
    minute()
    assert set(beats()) == DUTIES
    for beat_at in beats().values():
        assert abs((clock.real_now() - beat_at).total_seconds()) < 60


def test_two_workers_that_begin_at_the_same_moment_both_note_their_first_beat(either_database, app):
    faults = []

    def begin() -> None:
        try:
            tasks.beat("worker")
        except Exception as fault:  # noqa: BLE001  # whatever it is, the worker would have died of it
            faults.append(fault)
        finally:
            session.remove()

    workers = [threading.Thread(target=begin) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert faults == []
    assert set(beats()) == {"worker"}


BREAKABLE = [
    ("answers", tasks.replies, "answer_waiting"), ("answers", inbox, "interpret_waiting"),
    ("duty_calls", tasks.calling, "call_out"), ("overdue", tasks.chase, "send_up"),
    ("planning", reminders, "plan_due"), ("sending", sending, "send_due"), ("look_ups", sending, "settle_unknown"),
    ("redaction", sending, "redact_ended"),
    ("audit", audit, "seal"),
]  # fmt: skip


@pytest.mark.parametrize(("duty", "room", "work"), BREAKABLE, ids=lambda value: value if isinstance(value, str) else "")
def test_one_failing_duty_stops_no_other(minute, travel, monkeypatch, caplog, duty, room, work):  # R10
    def broken(*args, **kwargs):
        raise RuntimeError("her-words-in-a-fault")

    monkeypatch.setattr(room, work, broken)
    with caplog.at_level("INFO"):
        minute()
    assert set(beats()) == DUTIES - {duty}
    assert "her-words-in-a-fault" not in caplog.text + str([vars(record) for record in caplog.records])
    [failed] = [record for record in caplog.records if record.getMessage() == "duty_failed"]
    assert failed.facts["duty"] == duty and failed.facts["error"] == "RuntimeError"
    assert failed.facts["at"].startswith("test_tasks.py:"), "where it broke, for whoever mends it"


def test_a_duty_that_breaks_half_way_leaves_nothing_half_done(minute, travel, monkeypatch):
    client = make.client()

    def half(now):
        outbox.queue(client.id, "test", once="half", now=now)
        raise RuntimeError

    monkeypatch.setattr(reminders, "plan_due", half)
    minute()
    assert session.query(Text).count() == 0
    with unit_of_work():
        session.add(Heartbeat(duty="the lock is free", beat_at=clock.real_now()))


def test_audit_entries_are_sealed_each_minute(minute, travel):
    with unit_of_work():
        for number in range(3):
            audit.record(SYSTEM, f"entry_{number}", now=clock.now())
    minute()
    assert (audit.sealed_count(), audit.first_fault()) == (3, None)


def test_the_end_of_the_audit_log_goes_into_the_servers_log_whenever_it_grows(minute, travel, caplog):
    with unit_of_work():
        audit.record(SYSTEM, "entry", now=clock.now())
    with caplog.at_level("INFO"):
        minute()
        minute()
    sealed = [record.facts for record in caplog.records if record.getMessage() == "audit_sealed"]
    assert sealed == [{"head": str(audit.head())}] and audit.head().position == 1


def test_the_worker_notices_that_the_end_of_the_audit_log_was_cut_off(minute, travel, caplog):
    for number in range(2):
        with unit_of_work():
            audit.record(SYSTEM, f"entry_{number}", now=clock.now())
        minute()
    written = str(audit.head())
    with unit_of_work(), append_only.opened(session.connection()):
        session.execute(text("DELETE FROM audit_entries WHERE position = 2"))
    assert audit.first_fault() is None, "what is left fits"
    minute()
    [cut] = [record.facts for record in caplog.records if record.getMessage() == "audit_cut"]
    assert cut["head"] == written and cut["found"].startswith("1:")


def test_a_job_on_the_queue_holds_nothing_of_hers(environ, tmp_path):  # R10
    settings = Settings.from_env(environ)
    made = queue.queue_for(settings)
    wake = tasks.schedule(made, settings, gateway_for(settings), threading.Event())
    wake()
    with closing(sqlite3.connect(queue.queue_file(settings))) as file:
        [row] = file.execute("SELECT data FROM task").fetchall()
    assert b"wake" in row[0] and len(row[0]) < 200


def test_the_queue_lies_beside_the_embedded_database(environ, tmp_path):
    assert queue.queue_file(Settings.from_env(environ)) == tmp_path / "portal-queue.db"


@contextmanager
def a_worker(environ, **where):
    """A real `flask worker` process on the test's own database."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "portal.app:app_for_commands", "worker"],
        env={**os.environ, "FLASK_SKIP_DOTENV": "1", **environ}, stderr=subprocess.PIPE, text=True, **where,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def waits_for(condition, seconds: float) -> float:
    """Seconds until the condition held; fails after too many."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        database.session.remove()
        if condition():
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def state(once: str) -> str:
    return session.query(Text).filter_by(once=once).one().state


def ready_to_text() -> object:
    client = make.client()
    make.safe_contact(client, safe_hours=[{"day": day, "from": "00:00", "to": "23:59"} for day in range(7)])
    return client


@pytest.fixture
def noon(environ):
    """A working day at noon, for this process and the worker's."""
    environ["PORTAL_NOW"] = "2026-12-01T12:00:00+00:00"


def test_a_text_is_sent_within_three_seconds_of_its_commit(noon, app, environ):
    client = ready_to_text()
    with a_worker(environ):
        waits_for(lambda: session.query(Heartbeat).filter_by(duty="audit").count(), 15)
        with unit_of_work():
            outbox.queue(client.id, "test", once="fast", now=clock.now())
        waits_for(lambda: state("fast") == "reached", 3.5)


def test_a_worker_goes_by_the_settings_file_of_its_folder(app, environ, tmp_path):  # decision 42
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in environ.items()))
    with a_worker({"FLASK_SKIP_DOTENV": "", "PYTHONPATH": str(ROOT)}, cwd=tmp_path) as process:
        waits_for(lambda: session.query(Heartbeat).filter_by(duty="audit").count(), 15)
        process.send_signal(signal.SIGTERM)
        assert process.wait(12) == 0


def test_asked_to_stop_it_ends_in_time_and_loses_no_text(noon, app, environ):
    environ["PORTAL_SMS_PER_SECOND"] = "1"
    women = [ready_to_text() for _ in range(30)]
    with a_worker(environ) as process:
        waits_for(lambda: session.query(Heartbeat).filter_by(duty="audit").count(), 15)
        with unit_of_work():
            for client in women:
                outbox.queue(client.id, "test", once=f"to-{client.id}", now=clock.now())
        waits_for(lambda: session.query(Text).filter_by(state="reached").count() >= 2, 10)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert process.wait(12) == 0
        assert time.monotonic() - began < 10
    session.remove()
    states = {text.state for text in session.query(Text)}
    assert states == {"reached", "waiting"}, "none of unknown fate"
    environ["PORTAL_SMS_PER_SECOND"] = "50"
    with a_worker(environ):
        waits_for(lambda: session.query(Text).filter_by(state="reached").count() == 30, 30)
    session.remove()
    assert {text.tries for text in session.query(Text)} == {1}, "each left once"


def test_a_text_that_is_being_handed_over_when_it_is_asked_to_stop_is_not_cut_off(noon, environ, request):
    with FakeTwilio() as twilio:
        environ |= {
            "PORTAL_SMS_GATEWAY": "twilio", "TWILIO_ACCOUNT_SID": twilio.account_sid, "TWILIO_FROM": "+447700900999",
            "TWILIO_AUTH_TOKEN": twilio.auth_token, "TWILIO_API_BASE_URL": twilio.base_url,
        }  # fmt: skip
        request.getfixturevalue("app")
        client = ready_to_text()
        twilio.script("slow 3")
        with unit_of_work():
            outbox.queue(client.id, "test", once="slow", now=clock.now())
        with a_worker(environ) as process:
            waits_for(lambda: state("slow") == "sending" and twilio.messages, 15)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        session.remove()
        assert state("slow") == "handed_over"
        assert len(twilio.messages) == 1
