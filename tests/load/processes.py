"""Start and memory of a web process and a worker; requests a second beside a bare Flask app, in the same run."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.jobs.supervisor import FOR_SERVERS
from tests.load.wire import Wire, per_second
from tests.support import live

REQUESTS = 1000
STARTS = 9


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """All figures of processes."""
    rows = []
    with live.portal(folder) as portal, _serving(folder, "tests.load.bare:app", {}) as bare:
        wire, beside = Wire(portal.address), Wire(bare.address)
        template = per_second(beside, "/template")
        now = per_second(wire, "/now")
        woman = portal.demo["clients"][0]
        wire.sign_in(woman["code_name"], woman["passcode"])
        today = per_second(wire, "/today")
        rows += [
            ("bare Flask template page", template, "requests/s"),
            ("/now", now, "requests/s"),
            ("/now as a share of the bare page", now / template, ""),
            ("/today", today, "requests/s"),
            ("/today as a share of the bare page", today / template, ""),
        ]
        for _ in range(REQUESTS // 4):
            for path in ("/now", "/today", "/help", "/appointments/new"):
                wire.get(path)
        web, worker = (_resident(marker, str(portal.environ["PORT"])) for marker in ("gunicorn", "portal.worker"))
        rows.append((f"web process after {REQUESTS} requests (limit 75)", web, "MB"))
        rows.append(("worker (limit 75)", worker, "MB"))
    # In turns, so that a noisy minute of the machine meets both.
    starts = [
        (
            _first_answer(folder, "wsgi:app", "/now", portal.environ),
            _first_answer(folder, "tests.load.bare:app", "/row", {}),
        )
        for _ in range(STARTS)
    ]
    ours, theirs = (min(seconds) for seconds in zip(*starts, strict=True))
    return [
        *rows,
        ("first answer", ours, "s"),
        ("first answer of a bare Flask and SQLAlchemy app", theirs, "s"),
        ("first answer, times the bare app's (limit 1.5)", ours / theirs, ""),
    ]


class _Server:
    def __init__(self, address: str) -> None:
        self.address = address


@contextmanager
def _serving(folder: Path, app: str, environ: dict[str, str]) -> Iterator[_Server]:
    port = live.free_port()
    process = _start(folder, app, port, environ)
    try:
        _until_it_answers(port, "/health")
        yield _Server(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)


def _start(folder: Path, app: str, port: int, environ: dict[str, str]) -> subprocess.Popen:
    values = {**os.environ, **environ, **FOR_SERVERS, "PORT": str(port), "PORTAL_BIND": f"127.0.0.1:{port}"}
    values.setdefault("BARE_DATABASE_URL", f"sqlite:///{folder / 'bare.db'}")
    command = (sys.executable, "-m", "gunicorn", "--config", "python:portal.jobs.gunicorn_conf", app)
    return subprocess.Popen(command, cwd=live.ROOT, env=values)


def _first_answer(folder: Path, app: str, path: str, environ: dict[str, str]) -> float:
    port = live.free_port()
    started = time.perf_counter()
    process = _start(folder, app, port, environ)
    try:
        _until_it_answers(port, path)
        return time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(10)


def _until_it_answers(port: int, path: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        wire = Wire(f"http://127.0.0.1:{port}")
        try:
            if wire.get(path).status == 200:
                return
        except OSError:
            time.sleep(0.005)
        finally:
            wire.close()
    raise AssertionError(f"{path} did not answer")


def _resident(marker: str, port: str) -> float:
    """The largest resident size of the processes of this portal whose command holds the marker, in MB."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if not folder.name.isdigit():
                continue
            command = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if marker in command and f"PORT={port}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                status = (folder / "status").read_text()
                found.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
        except OSError:
            continue
    return max(found)
