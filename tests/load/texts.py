"""Texts a second by one worker through the fake Twilio, the wait for the answer to a text that came in, the storm."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.core.database import session
from portal.jobs.models import Heartbeat
from tests.load import fleet, storm
from tests.support import databases, live
from tests.support.fake_twilio import FakeTwilio, over_http

TEXTS = 600
CLIENTS = 5_000
INCOMING = 300


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """Both, on SQLite and on PostgreSQL."""
    rows = []
    for name in ("SQLite", "PostgreSQL"):
        with database_called(name, folder) as url, FakeTwilio() as twilio:
            environ = fleet.environ_for(url, twilio, live.free_port())
            with fleet.connected(environ):
                fleet.women(CLIENTS, lambda place: {})
                rows.append((f"texts by one worker, {name} (at least 50)", texts_a_second(environ, twilio), "a second"))
                p95 = answers_to_incoming(environ, twilio)
                rows.append((f"POST /sms/in with {CLIENTS:,} women, {name}, p95 (limit 200)", p95 * 1000, "ms"))
        rows += _storm(name, folder / "storm")
    return rows


def _storm(name: str, folder: Path) -> list[tuple[str, float, str]]:
    folder.mkdir(exist_ok=True)
    with database_called(name, folder) as url:
        outcome = storm.run(url, workers=1 if name == "SQLite" else 4)
    what = f"storm of {storm.TEXTS:,} texts, {outcome.kills} workers killed, {name}"
    return [
        (f"{what}: taken by the gateway", outcome.taken, "texts"),
        (f"{what}: lost, doubled, unsafe or not understood (must be 0)", len(outcome.faults), "texts"),
        (f"{what}: took", outcome.seconds, "s"),
    ]


@contextmanager
def database_called(name: str, folder: Path) -> Iterator[str]:
    """A migrated database of its own; gives its URL."""
    if name == "SQLite":
        path = databases.make_sqlite(folder / "texts.db")
        yield f"sqlite:///{path}"
        return
    with databases.postgresql() as url:
        try:
            yield url
        finally:
            fleet.remove_queue(live.ROOT / "instance", url)


def texts_a_second(environ: dict[str, str], twilio: FakeTwilio) -> float:
    """From the first text that the gateway takes to the last, by one worker that is up."""
    with fleet.process(environ, *fleet.WORKER):
        fleet.wait(_worker_is_up, 30)
        fleet.want_texts(list(range(1, TEXTS + 1)))
        fleet.wait(lambda: len(twilio.messages) > 0, 30, every=0.01)
        began, first = time.perf_counter(), len(twilio.messages)
        fleet.wait(lambda: len(twilio.messages) == TEXTS, 120, every=0.01)
        return (TEXTS - first) / (time.perf_counter() - began)


def _worker_is_up() -> bool:
    session.remove()
    return session.get(Heartbeat, "audit") is not None


def answers_to_incoming(environ: dict[str, str], twilio: FakeTwilio) -> float:
    """The 95th percentile of the seconds until a web process has answered a text that came in."""
    took: list[float] = []

    def timed(url, form, headers):
        began = time.perf_counter()
        answer = over_http(url, form, headers)
        took.append(time.perf_counter() - began)
        assert answer.status == 200, answer.text
        return answer

    twilio._post = timed
    with fleet.web(environ) as address:
        for place in range(INCOMING):
            twilio.text_in(f"{address}/sms/in", sender=fleet.number(place), to="+447700900999", body="can we talk")
    return statistics.quantiles(took[5:], n=20)[-1]
