"""What an operator sees of `make run`: it starts, says who can sign in, and ends as one, with nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.jobs import processes, supervisor
from portal.jobs.processes import Command, CommandFailed, StopRequest

ROOT = Path(__file__).parents[2]

# A parent with two stand-in children that write what happens to them into files.
PARENT = """
import os, sys
from portal.jobs.processes import Command, StopRequest, run_together
stop = StopRequest()
stop.listen()
children = [Command(name, (sys.executable, "-c", code)) for name, code in zip(("web server", "worker"), sys.argv[1:])]
sys.exit(run_together(children, os.environ, stop, ready=lambda: True, on_ready=lambda: print("ready", flush=True)))
"""
POLITE = """
import os, pathlib, signal, sys, time
def finish(number, frame):
    time.sleep(0.3)
    pathlib.Path("{name}.done").write_text("finished its work")
    sys.exit(0)
signal.signal(signal.SIGTERM, finish)
pathlib.Path("{name}.pid").write_text(str(os.getpid()))
while True:
    time.sleep(0.05)
"""
DEAF = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path("grandchild.pid").write_text(str(grandchild.pid))
pathlib.Path("{name}.pid").write_text(str(os.getpid()))
time.sleep(60)
"""
DYING = """
import os, pathlib, sys, time
while not pathlib.Path("worker.pid").exists():
    time.sleep(0.05)
sys.exit(3)
"""


@contextmanager
def parent(folder: Path, *codes: str):
    with (folder / "stdout").open("w") as stdout, (folder / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", PARENT, *codes],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        # What a broken supervisor leaves behind must not outlive the test.
        for path in folder.glob("*.pid"):
            if alive(int(path.read_text())):
                os.kill(int(path.read_text()), signal.SIGKILL)


def pid_in(path: Path) -> int:
    wait_until(lambda: path.exists() and path.read_text())
    return int(path.read_text())


def wait_until(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_stop_it_lets_both_children_finish_their_work(tmp_path, number):
    with parent(tmp_path, POLITE.format(name="web"), POLITE.format(name="worker")) as process:
        pids = [pid_in(tmp_path / f"{name}.pid") for name in ("web", "worker")]
        process.send_signal(number)
        assert process.wait(10) == 0
        assert not any(map(alive, pids))
    assert (tmp_path / "web.done").exists()
    assert (tmp_path / "worker.done").exists()


def test_ctrl_c_in_the_terminal_does_not_cut_the_children_short(tmp_path):
    with parent(tmp_path, POLITE.format(name="web"), POLITE.format(name="worker")) as process:
        pids = [pid_in(tmp_path / f"{name}.pid") for name in ("web", "worker")]
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(10) == 0
        assert not any(map(alive, pids))
    assert (tmp_path / "web.done").exists()
    assert (tmp_path / "worker.done").exists()


def test_one_child_dying_ends_the_other_and_is_reported(tmp_path):
    with parent(tmp_path, DYING, POLITE.format(name="worker")) as process:
        other = pid_in(tmp_path / "worker.pid")
        assert process.wait(10) == 1
        assert (tmp_path / "stderr").read_text() == "The web server ended unexpectedly (status 3).\n"
        assert not alive(other)
    assert (tmp_path / "worker.done").exists()


def test_a_child_that_does_not_listen_is_killed_within_ten_seconds_with_all_that_it_started(tmp_path):
    with parent(tmp_path, DEAF.format(name="web"), POLITE.format(name="worker")) as process:
        pids = [pid_in(tmp_path / f"{name}.pid") for name in ("grandchild", "web", "worker")]
        asked = time.monotonic()
        process.terminate()
        assert process.wait(15) == 0
        assert time.monotonic() - asked < 10
        wait_until(lambda: not any(map(alive, pids)), 2)
    assert (tmp_path / "worker.done").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_killed_outright_it_leaves_no_orphan(tmp_path):
    with parent(tmp_path, POLITE.format(name="web"), POLITE.format(name="worker")) as process:
        pids = [pid_in(tmp_path / f"{name}.pid") for name in ("web", "worker")]
        process.kill()
        wait_until(lambda: not any(map(alive, pids)), 5)


def test_ready_is_told_once(tmp_path):
    with parent(tmp_path, POLITE.format(name="web"), POLITE.format(name="worker")) as process:
        pid_in(tmp_path / "worker.pid")
        time.sleep(0.5)
        process.terminate()
        assert process.wait(10) == 0
    assert (tmp_path / "stdout").read_text() == "ready\n"


def test_a_program_that_cannot_start_ends_the_one_that_could(tmp_path):
    pid_file = tmp_path / "web.pid"
    code = f"import os, pathlib, time; pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid())); time.sleep(60)"
    commands = (Command("web server", (sys.executable, "-c", code)), Command("worker", (str(tmp_path / "none"),)))
    with pytest.raises(FileNotFoundError):
        processes.run_together(commands, os.environ, StopRequest(), ready=lambda: False, on_ready=lambda: None)
    assert not pid_file.exists() or not alive(int(pid_file.read_text()))


def test_a_step_that_fails_names_itself():
    with pytest.raises(CommandFailed) as failed:
        processes.run_to_end(
            Command("database upgrade", (sys.executable, "-c", "import sys; sys.exit(4)")), os.environ, StopRequest()
        )
    assert (failed.value.name, failed.value.status) == ("database upgrade", 4)


def test_stopping_during_a_step_ends_the_step():
    stop = StopRequest()
    stop.made = True
    begun = time.monotonic()
    with pytest.raises(processes.Stopped):
        processes.run_to_end(Command("slow", (sys.executable, "-c", "import time; time.sleep(60)")), os.environ, stop)
    assert time.monotonic() - begun < 8


# --- the command itself ---


def run(folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "TWILIO_", "PORT"))}
    return subprocess.run(
        [sys.executable, "-m", "portal.jobs.supervisor"],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_fault_in_the_settings_is_told_at_once(tmp_path):
    result = run(tmp_path, {"PORTAL_ENV": "production", "PORTAL_LOG_LEVEL": "loud"})
    assert result.returncode == 1
    told = result.stderr.splitlines()
    assert all(line.startswith("Setting: ") for line in told)
    for name in ("PORTAL_SECRET_KEY", "PORTAL_FIELD_KEYS", "PORTAL_PUBLIC_URL", "PORTAL_LOG_LEVEL"):
        assert any(name in line for line in told), name


def test_a_port_in_use_gives_one_clear_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(tmp_path, {"PORT": str(port)})
    assert result.returncode == 1
    assert result.stderr == f"Port {port} is already in use. Choose another: PORT=8001 make run\n"


@pytest.mark.parametrize("port", ["0", "65536", "99999999999"])
def test_a_port_that_cannot_be_gives_one_clear_line(tmp_path, port):
    result = run(tmp_path, {"PORT": port})
    assert result.returncode == 1
    assert result.stderr == f"There is no port {port}. Choose one: PORT=8001 make run\n"


def test_an_address_of_another_machine_gives_one_clear_line():
    with pytest.raises(supervisor.CannotListen, match=r"^Cannot listen on 192\.0\.2\.1:8000: "):
        supervisor.check_free("192.0.2.1:8000")


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.1:", "127.0.0.1:http", ":8000"])
def test_an_address_without_host_or_port_gives_one_clear_line(bind):
    with pytest.raises(supervisor.CannotListen, match=r"^PORTAL_BIND must be host:port"):
        supervisor.check_free(bind)


def test_a_port_that_was_just_left_can_be_had_again():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as caller:
            listener.accept()[0].close()
            caller.recv(1)
    supervisor.check_free(f"127.0.0.1:{port}")


def test_what_the_environment_says_wins_over_the_file(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("PORT=8100\nPORTAL_SITE_NAME='Our Week'\nPORTAL_EMPTY\n")
    env = supervisor.child_environment({"PORT": "8200"}, str(dotenv))
    assert env["PORT"] == "8200"
    assert env["PORTAL_SITE_NAME"] == "Our Week"
    assert "PORTAL_EMPTY" not in env


def test_a_checkout_without_the_file_needs_none(tmp_path):
    assert supervisor.child_environment({"PORT": "8200"}, str(tmp_path / ".env"))["PORT"] == "8200"


PEOPLE = json.loads("""
{"clients": [
  {"code_name": "river-stone-12", "passcode": "204060", "language": "en"},
  {"code_name": "field-lamp-31", "passcode": "305070", "language": "en"},
  {"code_name": "cloud-door-77", "passcode": "406080", "language": "ar"}],
 "staff": [
  {"email": "jo@example.org", "password": "words of jo", "role": "keyworker", "totp_secret": "AAAA"},
  {"email": "sam@example.org", "password": "words of sam", "role": "keyworker", "totp_secret": "BBBB"},
  {"email": "kit@example.org", "password": "words of kit", "role": "admin", "totp_secret": "CCCC"}]}
""")


def test_the_welcome_names_a_woman_of_each_language_and_one_of_each_role():
    words = supervisor.welcome("http://127.0.0.1:8000", PEOPLE)
    assert "http://127.0.0.1:8000 " in words
    for expected in ("river-stone-12", "204060", "cloud-door-77", "jo@example.org", "words of jo", "AAAA", "CCCC"):
        assert expected in words
    for spared in ("field-lamp-31", "sam@example.org"):
        assert spared not in words


def test_the_welcome_in_production_names_nobody():
    words = supervisor.welcome("https://week.example.org", {})
    assert words.strip() == "The portal is running at https://week.example.org - Ctrl-C ends it."
