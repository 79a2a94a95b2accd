"""The page for one cheap server: its unit files, and every command on it, tried in a scratch folder without systemd."""

import configparser
import http.client
import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from portal.app import create_app
from portal.core.settings import Settings
from tests.core.test_settings import PRODUCTION
from tests.support import live

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "one-server.md").read_text()
UNITS = sorted((ROOT / "docs" / "one-server").glob("portal-*"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The page's folders somewhere else, with a database made and settings in `.env`; gives how to put paths there."""
    root = tmp_path_factory.mktemp("server")
    portal, backups = root / "srv" / "portal", root / "var" / "backups" / "portal"
    portal.mkdir(parents=True)
    backups.mkdir(parents=True)
    for name in ("portal", "templates", "static", "translations", "migrations", "wsgi.py", ".flaskenv", ".venv"):
        (portal / name).symlink_to(ROOT / name)
    (portal / "instance").mkdir()
    (portal / "build").mkdir()
    port = live.free_port()
    values = {**PRODUCTION, "PORTAL_TRUSTED_PROXIES": "1", "PORTAL_BIND": f"127.0.0.1:{port}"}
    (portal / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))

    def there(words: str) -> str:
        return words.replace("/srv/portal", str(portal)).replace("/var/backups/portal", str(backups))

    assert run(there("/srv/portal/.venv/bin/flask db upgrade"), portal).returncode == 0
    return portal, backups, there, port


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL", "TWILIO", "FLASK"))}


def run(command: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        shlex.split(command), cwd=folder, env=clean(), capture_output=True, text=True, check=False, timeout=120
    )


def command_of(path: Path) -> str:
    """What systemd runs: its own two escapes undone."""
    return unit(path)["Service"]["ExecStart"].replace("$$", "$").replace("%%", "%")


def test_there_is_a_unit_for_each_thing_that_the_page_names():
    names = {path.name for path in UNITS}
    assert {"portal-web.service", "portal-worker.service", "portal-backup.timer", "portal-retention.timer"} <= names
    for name in re.findall(r"portal-[a-z]+\.(?:service|timer)", PAGE):
        assert name in names
    assert all(path.with_suffix(".service") in SERVICES for path in UNITS)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_each_service_is_run_by_its_own_user_with_nothing_to_gain(path):
    service = unit(path)["Service"]
    assert (service["User"], service["WorkingDirectory"]) == ("portal", "/srv/portal")
    assert service["NoNewPrivileges"] == "yes" and service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict" and service["UMask"] == "0077"
    assert service["ReadWritePaths"].startswith("/srv/portal/instance")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd's own check")
def test_systemd_understands_the_units(server, tmp_path):
    *_, there, _ = server
    for path in UNITS:
        (tmp_path / path.name).write_text(there(path.read_text()))
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "portal-" not in done.stderr, done.stderr


def test_the_web_server_and_the_worker_run_as_the_units_say(server):
    portal, _, there, port = server
    running = [
        subprocess.Popen(
            shlex.split(there(command_of(ROOT / "docs" / "one-server" / name))), cwd=portal,
            env={**clean(), "PYTHONOPTIMIZE": "2", "TZ": "UTC"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for name in ("portal-web.service", "portal-worker.service")
    ]  # fmt: skip
    try:
        live.until_it_answers(port)
        assert ready(port) == 200
    finally:
        for process in running:
            process.terminate()
        assert [process.wait(20) for process in running] == [0, 0]


def ready(port: int) -> int:
    """The answer of /ready, once web server and worker are both there."""
    until, status = time.monotonic() + 60, 0
    while status != 200 and time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        # As Caddy passes it on.
        connection.request("GET", "/ready", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
        status = connection.getresponse().status
        connection.close()
        time.sleep(0.2)
    return status


def test_the_timers_services_do_their_work(server):
    portal, backups, there, _ = server
    for name in ("portal-retention.service", "portal-backup.service"):
        done = run(there(command_of(ROOT / "docs" / "one-server" / name)), portal)
        assert done.returncode == 0, done.stderr
    [file] = backups.iterdir()
    assert re.fullmatch(r"day-\d\d?\.backup", file.name) and int(file.stem.removeprefix("day-")) < 14


def flask_commands() -> list[str]:
    """Every `flask` command that the page tells an operator to type."""
    lines = [
        line.partition("#")[0] for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
    ]
    lines += re.findall(r"`([^`]+)`", re.sub(r"```\n.*?```", "", PAGE, flags=re.DOTALL))
    return sorted({found.strip() for line in lines for found in re.findall(r"\bflask ([a-z]+(?: [^\s;]+)*)", line)})


def test_every_command_on_the_page_is_one(environ):
    app = create_app(Settings.from_env(environ))
    runner, typed = app.test_cli_runner(), flask_commands()
    assert {"setup", "settings check", "db upgrade"} <= set(typed) and len(typed) >= 7, typed
    for command in typed:
        words = [word for word in command.split() if word.isalpha() and word.islower()]
        done = runner.invoke(args=[*words, "--help"])
        assert done.exit_code == 0, command


def test_backup_and_restore_as_the_page_types_them(server):
    portal, backups, there, _ = server
    typed = [command for command in flask_commands() if command.startswith(("backup /", "restore /"))]
    assert len(typed) >= 4
    for command in sorted(typed):
        if command.startswith("restore"):
            shutil.copy(next(backups.glob("*.backup")), there(command.split()[1]))
        done = run(there(f"/srv/portal/.venv/bin/flask {command}"), portal)
        assert done.returncode == 0, (command, done.stderr)


def test_the_proxy_passes_on_and_logs_no_request():  # R10
    caddy = (ROOT / "docs" / "one-server" / "Caddyfile").read_text()
    assert "reverse_proxy 127.0.0.1:8000" in caddy and "exclude http" in caddy and "-Server" in caddy
