"""`make run`: brings the database up to date, then runs web server and worker as one thing that ends as one."""

import errno
import http.client
import json
import os
import socket
import sys
from collections.abc import Mapping

import click
from dotenv import dotenv_values

from portal.core.settings import Settings, SettingsInvalid
from portal.jobs.processes import Command, CommandFailed, Stopped, StopRequest, run_to_end, run_together

_FLASK = (sys.executable, "-m", "flask", "--app", "portal.app:app_for_commands")
MIGRATE = Command("database upgrade", (*_FLASK, "db", "upgrade"))
LOAD_DEMO = Command("demo data", (*_FLASK, "demo", "load", "--json"))
WORKER = Command("worker", (sys.executable, "-m", "portal.worker"))
WEB = Command(
    "web server", (sys.executable, "-m", "gunicorn", "--config", "python:portal.jobs.gunicorn_conf", "wsgi:app")
)


FOR_SERVERS = {"PYTHONOPTIMIZE": "2", "TZ": "UTC"}
"""Servers never show a docstring: leaving them out spares each 5 MB. A zone that is named is not searched for."""


def main(environ: Mapping[str, str]) -> int:
    """Run the portal until asked to stop; gives the exit status: 0 when it was asked, 1 when something is wrong."""
    stop = StopRequest()
    stop.listen()
    env = child_environment(environ)
    try:
        settings = Settings.from_env(env)
        check_free(settings.bind)
        run_to_end(MIGRATE, env, stop)
        people = json.loads(run_to_end(LOAD_DEMO, env, stop)) if settings.demo else {}
    except SettingsInvalid as error:
        return _refuse(*(f"Setting: {fault}" for fault in error.faults))
    except CannotListen as error:
        return _refuse(str(error))
    except CommandFailed as error:
        return _refuse(f"The {error.name} did not succeed (status {error.status}).")
    except Stopped:
        return 0
    return run_together(
        (WEB, WORKER),
        {**env, **FOR_SERVERS},
        stop,
        ready=lambda: answers(settings.bind),
        on_ready=lambda: click.echo(welcome(settings.public_url, people)),
    )


def child_environment(environ: Mapping[str, str], dotenv_path: str = ".env") -> dict[str, str]:
    """The environment with what `.env` adds to it; what is set already wins."""
    kept = {name: value for name, value in dotenv_values(dotenv_path).items() if value is not None}
    # Flask would read an .env of a folder further up as well, and then web and worker might disagree.
    return {**kept, **environ, "FLASK_SKIP_DOTENV": "1", "PYTHONUNBUFFERED": "1"}


class CannotListen(Exception):
    """The address to listen on cannot be had; the message says why in one line."""


def check_free(bind: str) -> None:
    """Raise CannotListen when `bind` (host:port, or unix:path, which is not checked) cannot be listened on."""
    if bind.startswith("unix:"):
        return
    host, port = _host_and_port(bind)
    if not 0 < port < 65536:
        raise CannotListen(f"There is no port {port}. Choose one: PORT=8001 make run")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(f"Port {port} is already in use. Choose another: PORT=8001 make run") from None
        raise CannotListen(f"Cannot listen on {bind}: {error.strerror}") from None


def answers(bind: str) -> bool:
    """Whether a web server answers at `bind` by now, with whatever status."""
    if bind.startswith("unix:"):
        return True
    host, port = _host_and_port(bind)
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/health")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def welcome(address: str, people: Mapping) -> str:
    """The words on the screen once the portal answers: its address and, in demo, who can sign in."""
    lines = ["", f"The portal is running at {address} - Ctrl-C ends it.", ""]
    if people:
        lines += ["Made-up people who can sign in:", "", f"  {address}/sign-in"]
        lines += [_row(woman["code_name"], woman["passcode"], woman["language"]) for woman in _few(people)]
        lines += ["", f"  {address}/staff/sign-in - the last word goes into an authenticator app"]
        lines += [
            _row(person["email"], person["password"], person["role"], person["totp_secret"])
            for person in _one_per_role(people)
        ]
        lines += ["", "Everybody: .venv/bin/flask demo load --json", f"Their phones: {address}/demo/phone", ""]
    return "\n".join(lines)


def _few(people: Mapping) -> list[Mapping]:
    by_language: dict[str, Mapping] = {}
    for woman in people["clients"]:
        by_language.setdefault(woman["language"], woman)
    return list(by_language.values())


def _one_per_role(people: Mapping) -> list[Mapping]:
    by_role: dict[str, Mapping] = {}
    for person in people["staff"]:
        by_role.setdefault(person["role"], person)
    return list(by_role.values())


def _row(*words: str) -> str:
    return "    " + "  ".join(f"{word:<24}" for word in words).rstrip()


def _host_and_port(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal():
        raise CannotListen(f"PORTAL_BIND must be host:port, such as 127.0.0.1:8000, not {bind}")
    return host.strip("[]"), int(port)


def _refuse(*lines: str) -> int:
    for line in lines:
        click.echo(line, err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(os.environ))
