"""A portal for load: a database with many women, real workers, a real web process, the fake Twilio before it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal.app import create_app
from portal.clients.models import Client, SafeContact
from portal.clients.rules import fold_code_name
from portal.core import clock, crypto, database
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.jobs.supervisor import FOR_SERVERS
from portal.messaging import outbox
from tests.support import live, make
from tests.support.fake_twilio import FakeTwilio

NOW = "2026-12-01T12:00:00+00:00"
"""A Tuesday noon: between the windows of women who may be texted and of those who may not now."""
ALL_DAY = [{"day": day, "from": "00:00", "to": "23:59"} for day in range(7)]
WORKER = ("-m", "portal.worker")


def environ_for(url: str, twilio: FakeTwilio, port: int, **more: str) -> dict[str, str]:
    """The settings of every process of the fleet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "TWILIO_", "FLASK_"))}
    return {
        **kept, "FLASK_SKIP_DOTENV": "1", "PORT": str(port), "PORTAL_DATABASE_URL": url, "PORTAL_NOW": NOW,
        "PORTAL_SMS_PER_SECOND": "1000", "PORTAL_LOG_LEVEL": "warning", **twilio_settings(twilio), **more,
    }  # fmt: skip


def twilio_settings(twilio: FakeTwilio) -> dict[str, str]:
    """The settings that point the real client at the fake."""
    return {
        "PORTAL_SMS_GATEWAY": "twilio", "TWILIO_ACCOUNT_SID": twilio.account_sid, "TWILIO_FROM": "+447700900999",
        "TWILIO_AUTH_TOKEN": twilio.auth_token, "TWILIO_API_BASE_URL": twilio.base_url,
    }  # fmt: skip


@contextmanager
def connected(environ: Mapping[str, str]) -> Iterator[Settings]:
    """This process joins the portal: to fill its tables and to read them afterwards."""
    settings = Settings.from_env(environ)
    create_app(settings)
    try:
        yield settings
    finally:
        database.disconnect()
        clock.shift(clock.NO_SHIFT)


@contextmanager
def process(environ: Mapping[str, str], *arguments: str) -> Iterator[subprocess.Popen]:
    """A Python process of the fleet, ended afterwards."""
    child = start(environ, *arguments)
    try:
        yield child
    finally:
        end(child)


def start(environ: Mapping[str, str], *arguments: str) -> subprocess.Popen:
    """Start a Python process of the fleet."""
    return subprocess.Popen([sys.executable, *arguments], cwd=live.ROOT, env={**environ, **FOR_SERVERS})


def end(child: subprocess.Popen) -> None:
    """Ask a process to end, and wait for it."""
    child.terminate()
    try:
        child.wait(15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(5)


@contextmanager
def web(environ: Mapping[str, str], app: str = "wsgi:app") -> Iterator[str]:
    """A real web process; gives its address."""
    with process(environ, "-m", "gunicorn", "--config", "python:portal.jobs.gunicorn_conf", app):
        live.until_it_answers(int(environ["PORT"]))
        yield f"http://127.0.0.1:{environ['PORT']}"


def women(count: int, records: Callable[[int], dict[str, Any] | None]) -> list[int]:
    """Make women in one go; `records` gives the values of the safe contact of each by her place, None for none."""
    keyworker = make.staff("keyworker", make.centre(), works=False)
    centre_id, keyring, now = keyworker.centre_ids[0], crypto.keyring(), clock.now()
    with unit_of_work():
        rows = []
        for place in range(count):
            name = f"Load Heron {place}"
            rows.append(
                Client(
                    code_name=name, code_name_index=keyring.index("code_name", fold_code_name(name)),
                    called_name=f"Rose{place}", keyworker_id=keyworker.id, centre_id=centre_id, opened_at=now,
                )
            )  # fmt: skip
        session.add_all(rows)
        session.flush()
        for place, row in enumerate(rows):
            values = records(place)
            if values is not None:
                session.add(record_of(row, {"number": number(place), **values}, keyworker.id))
        ids = [row.id for row in rows]
    session.remove()
    return ids


def number(place: int) -> str:
    """A made-up number of her own, in no network's range."""
    return f"+4477009{place:05}"


def record_of(client: Client, values: dict[str, Any], asked_by: int) -> SafeContact:
    """A live record that allows texts at any hour, unless told otherwise; not in the session yet."""
    keyring, now = crypto.keyring(), clock.now()
    facts: dict[str, Any] = {
        "may_text": True, "proved_at": now - timedelta(days=1), "sign_at": now - timedelta(days=1),
        "whose_phone": "own", "safe_hours": ALL_DAY,
        "wording": "plain", "text_language": "en", "voice_language": "en", "may_reply": True, "may_ring": True,
        "may_leave_message": False, "may_say_who": False, "asked_by": asked_by,
        "asked_on": clock.london_today(now), "check_again_on": clock.london_today(now) + timedelta(days=90),
        "recorded_at": now - timedelta(days=2), "version": 1,
    }  # fmt: skip
    facts |= values
    indexes = {
        "number_index": keyring.index("phone", facts["number"]),
        "number_end_index": keyring.index("phone_end", facts["number"][-4:]),
    }
    return SafeContact(client_id=client.id, **facts, **indexes)


def want_texts(client_ids: Sequence[int], *, name: str = "load", **values: Any) -> list[int]:
    """One text to each, wanted in one go; gives their ids."""
    with unit_of_work():
        ids = [
            outbox.queue(client_id, "auto_reply", once=f"{name}:{place}", now=clock.now(), **values).id
            for place, client_id in enumerate(client_ids)
        ]
    session.remove()
    return ids


def wait(condition: Callable[[], bool], seconds: float, every: float = 0.1) -> float:
    """Seconds until a condition held; fails after too many."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(every)
    return time.monotonic() - began


def remove_queue(folder: Path, url: str) -> None:
    """The queue's file of a PostgreSQL database lies in `instance`, and nobody else removes it."""
    for left in folder.glob(f"{url.rsplit('/', 1)[1]}-queue.db*"):
        left.unlink()
