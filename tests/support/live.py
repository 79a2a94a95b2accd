"""The real portal on a real port: gunicorn and, if asked, the worker, as `make run` starts them."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyotp

from portal.core import clock
from portal.jobs.supervisor import FOR_SERVERS

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 20.0
CODE_LASTS = 30
"""Seconds, of a code that an authenticator app makes (RFC 6238)."""


@dataclass
class LivePortal:
    """A running portal; `demo` holds its demo data when they were loaded."""

    address: str
    environ: dict[str, str]
    demo: dict[str, Any]
    running: list[subprocess.Popen]
    used: dict[str, int] = field(default_factory=dict)

    def next_code(self, person: dict[str, Any]) -> str:
        """The second step of a member of staff; the portal takes each code once, so one that was used is waited out."""
        while (step := int(clock.real_now().timestamp()) // CODE_LASTS) <= self.used.get(person["email"], 0):
            time.sleep(0.1)
        self.used[person["email"]] = step
        return pyotp.TOTP(person["totp_secret"]).at(clock.real_now())

    def sign_in_staff(self, page: Any, email: str) -> None:
        """Sign a member of staff in, in a real browser's page."""
        person = next(one for one in self.demo["staff"] if one["email"] == email)
        page.goto(f"{self.address}/staff/sign-in")
        page.fill("[name=email]", person["email"])
        page.fill("[name=password]", person["password"])
        page.click("main button")
        page.fill("[name=code]", self.next_code(person))
        page.click("main button")

    def woman(self, language: str) -> dict[str, Any]:
        """A woman of the demo who reads this language and may be texted."""
        women: list[dict[str, Any]] = self.demo["clients"]
        return next(one for one in women if (one["language"], one["safe_contact"]) == (language, "live"))

    def flask(self, *command: str) -> str:
        """Run a `flask` command with this portal's settings; gives what it printed."""
        return _flask(self.environ, *command)


@contextmanager
def portal(
    folder: Path,
    *,
    demo: bool = True,
    worker: bool | int = True,
    settings: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    app: str = "wsgi:app",
) -> Iterator[LivePortal]:
    """Start a portal with a database of its own in `folder`; all processes are ended afterwards.

    `worker` says whether there is one, or how many; `output` takes what they print; `app` is what the web server
    serves. `running` holds the web server first, then the workers.
    """
    port = free_port()
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "TWILIO_", "FLASK_"))},
        "FLASK_SKIP_DOTENV": "1",
        "PORT": str(port),
        "PORTAL_DATABASE_URL": f"sqlite:///{folder / 'portal.db'}",
        **(settings or {}),
    }
    _flask(environ, "db", "upgrade")
    loaded = json.loads(_flask(environ, "demo", "load", "--json")) if demo else {}
    commands = [(sys.executable, "-m", "gunicorn", "--config", "python:portal.jobs.gunicorn_conf", app)]
    for _ in range(worker):
        commands.append((sys.executable, "-m", "portal.worker"))
    running = [
        subprocess.Popen(command, cwd=ROOT, env={**environ, **FOR_SERVERS}, stdout=output, stderr=output)
        for command in commands
    ]
    try:
        until_it_answers(port)
        yield LivePortal(f"http://127.0.0.1:{port}", environ, loaded, running)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def chromium() -> str | None:
    """Where Debian's Chromium lies, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _flask(environ: Mapping[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "portal.app:app_for_commands", *command],
        cwd=ROOT, env=dict(environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"flask {' '.join(command)}: {done.stderr[-2000:]}"
    return done.stdout


def until_it_answers(port: int) -> None:
    """Wait until a web process answers on a port of this machine."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError("the portal did not start")
