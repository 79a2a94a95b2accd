"""Child processes that start, run and end together: nothing of them is left, whichever way the end comes."""

import ctypes
import os
import signal
import subprocess  # our own commands alone are started  # nosec B404
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import IO

import click

GRACE_SECONDS = 8.0
_POLL_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
_prctl = getattr(ctypes.CDLL(None), "prctl", None)


@dataclass(frozen=True)
class Command:
    """One program to run; `name` is what messages call it."""

    name: str
    argv: tuple[str, ...]


class CommandFailed(Exception):
    """A command that was to do one thing ended with another status than 0."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"{name} ended with status {status}")
        self.name = name
        self.status = status


class Stopped(Exception):
    """Somebody asked us to stop before the command had ended."""


class StopRequest:
    """Whether somebody asked us to stop: Ctrl-C, SIGTERM or a closed terminal."""

    def __init__(self) -> None:
        self.made = False

    def listen(self) -> None:
        """Note these signals from now on; a hang-up that `nohup` made us ignore stays ignored."""
        signal.signal(signal.SIGINT, self._note)
        signal.signal(signal.SIGTERM, self._note)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.made = True


def run_to_end(command: Command, env: Mapping[str, str], stop: StopRequest) -> str:
    """Run one command and give what it printed; raises CommandFailed, or Stopped when asked to stop meanwhile."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        child = _start(command, env, stdout=printed)
        while child.poll() is None:
            if stop.made:
                end([child])
                raise Stopped
            time.sleep(_POLL_SECONDS)
        if child.returncode != 0:
            raise CommandFailed(command.name, child.returncode)
        printed.seek(0)
        return printed.read()


def run_together(
    commands: Iterable[Command],
    env: Mapping[str, str],
    stop: StopRequest,
    *,
    ready: Callable[[], bool],
    on_ready: Callable[[], None],
) -> int:
    """Run commands side by side until asked to stop (gives 0) or until one of them ends by itself (gives 1).

    `on_ready` is called once, when `ready` first says so. All children have ended when this returns.
    """
    children: dict[str, subprocess.Popen] = {}
    announced = False
    try:
        for command in commands:
            children[command.name] = _start(command, env)
        while not stop.made:
            for name, child in children.items():
                if child.poll() is not None:
                    click.echo(f"The {name} ended unexpectedly (status {child.returncode}).", err=True)
                    return 1
            if not announced and ready():
                announced = True
                on_ready()
            time.sleep(_POLL_SECONDS)
        return 0
    finally:
        end(children.values())


def end(children: Iterable[subprocess.Popen], grace: float = GRACE_SECONDS) -> None:
    """Ask the children to finish; after `grace` seconds kill what is left, with all that it started."""
    children = list(children)
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + grace
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill_group(child)


def _start(command: Command, env: Mapping[str, str], stdout: IO[str] | None = None) -> subprocess.Popen:
    # A session of its own, so that Ctrl-C reaches us alone and we say how and when each child ends.
    return subprocess.Popen(  # noqa: S603 - the commands are this package's own, never anybody's words  # nosec B603
        command.argv,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        start_new_session=True,
        preexec_fn=_end_with_parent if _prctl else None,
    )


def _end_with_parent() -> None:
    # Linux only: if we are killed outright, the kernel asks the child to finish in our place.
    if _prctl:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(child: subprocess.Popen) -> None:
    # The child is not reaped yet, so the group still bears its number and nobody else's.
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
