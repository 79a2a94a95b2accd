"""Drives Debian's Firefox over Marionette, the socket that Firefox itself listens on: no driver program in between."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 90.0
"""Seconds that a start or one command may take: Firefox starts in 5 to 10, and slower beside other tests."""

_PREFS = {
    "marionette.port": 0,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "services.settings.server": "data:,none",
    "termsofuse.bypassNotification": True,
    "browser.tabs.closeWindowWithLastTab": False,
    # The portal under test lies on this machine: off the network means off it too.
    "network.disable-localhost-when-offline": True,
}


def firefox() -> str | None:
    """Where Debian's Firefox lies, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Refused(Exception):
    """Firefox could not do what it was told: `kind` is WebDriver's word for it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Firefox:
    """A running Firefox; every method waits until Firefox has done it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._receive()  # what it is and which protocol it speaks
        self.tell("WebDriver:NewSession", acceptInsecureCerts=True)
        waits = int(PATIENCE * 1000)
        self.tell("WebDriver:SetTimeouts", script=waits, pageLoad=waits, implicit=waits // 3)

    def tell(self, command: str, **parameters: Any) -> Any:
        """Give one command; raises Refused when Firefox reports an error."""
        self._number += 1
        message = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(f"{len(message)}:".encode() + message)
        _, number, error, result = self._receive()
        assert number == self._number
        if error:
            raise Refused(error["error"], error["message"])
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def run(self, script: str, *arguments: Any, chrome: bool = False) -> Any:
        """Run script in the page, or with `chrome` in the browser itself, where the page's own script may be off."""
        with self._context("chrome" if chrome else "content"):
            return self.tell("WebDriver:ExecuteScript", script=script, args=list(arguments))

    def wait_in_browser(self, script: str, *arguments: Any) -> Any:
        """Run script in the browser itself; its last argument is a function that takes the result."""
        with self._context("chrome"):
            return self.tell("WebDriver:ExecuteAsyncScript", script=script, args=list(arguments))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._socket.close()

    @contextmanager
    def _context(self, name: str) -> Iterator[None]:
        if name == "content":
            yield
            return
        self.tell("Marionette:SetContext", value=name)
        try:
            yield
        finally:
            self.tell("Marionette:SetContext", value="content")

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            byte = self._stream.read(1)
            if not byte:
                raise ConnectionError("Firefox hung up")
            length += byte
        return json.loads(self._stream.read(int(length[:-1])))


@contextmanager
def running(profile: Path, prefs: dict[str, Any] | None = None) -> Iterator[Firefox]:
    """Start Firefox without a screen on a fresh profile in this folder; it is ended afterwards."""
    profile.mkdir(parents=True, exist_ok=True)
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in {**_PREFS, **(prefs or {})}.items()
    ]
    (profile / "user.js").write_text("\n".join(lines))
    binary = firefox()
    assert binary is not None, "Firefox is not installed"
    process = subprocess.Popen(
        [binary, "--headless", "--marionette", "-remote-allow-system-access", "--no-remote", "--profile", str(profile)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        browser = Firefox(_port(profile, process))
        try:
            yield browser
        finally:
            browser.close()
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(profile: Path, process: subprocess.Popen) -> int:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, f"Firefox ended with {process.returncode}"
        try:
            return int((profile / "MarionetteActivePort").read_text())
        except (FileNotFoundError, ValueError):
            time.sleep(0.1)
    raise AssertionError("Firefox did not open its port")
