"""Backup and restore, stopped at any moment, on a full disk, and with more rows than memory would hold."""

import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.app import create_app
from portal.audit import append_only
from portal.core import database
from portal.core.database import make_engine
from portal.core.settings import Settings
from portal.jobs.backup import reading
from tests.support import demo_house
from tests.support.whole import all_rows

ROOT = Path(__file__).parents[2]
KILLS = 6
SEED = int(os.environ.get("PORTAL_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
"""Printed with a failure, to have the same moments again."""


def command(environ, *words: str, **popen) -> subprocess.Popen:
    """A real `flask` command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "portal.app:app_for_commands", *words],
        cwd=ROOT, env=clean(environ), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen,
    )  # fmt: skip


def clean(environ) -> dict[str, str]:
    """The environment with these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "TWILIO_", "FLASK_"))}
    return {**kept, "FLASK_SKIP_DOTENV": "1", **environ}


def done(process: subprocess.Popen) -> tuple[int, str]:
    out, err = process.communicate(timeout=300)
    assert "Traceback" not in err
    return process.returncode, out + err


def seconds_at_work(process: subprocess.Popen, begun) -> float:
    """Let it do its work; gives how long that took once it had begun."""
    wait_until(begun, process)
    started = time.monotonic()
    assert done(process)[0] == 0
    return time.monotonic() - started


def killed_at_some_moment(process: subprocess.Popen, luck: random.Random, begun, seconds: float) -> None:
    """Let it begin its work, then kill it without warning somewhere in the time that its work takes."""
    wait_until(begun, process)
    time.sleep(luck.uniform(0, seconds))
    process.send_signal(signal.SIGKILL)
    process.communicate()


def wait_until(begun, process: subprocess.Popen) -> None:
    until = time.monotonic() + 120
    while process.poll() is None and not begun() and time.monotonic() < until:
        time.sleep(0.002)


def changed_since(url: str) -> dict[str, list]:
    """One row more than the backup holds; gives all rows as they are now."""
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO opt_outs (number_index, opted_out_at) VALUES ('new', '2026-11-01 10:00')"))
    engine.dispose()
    return all_rows(url)


def add_entries(url: str, count: int) -> None:
    """Rows in bulk, each of some hundred letters that differ."""
    series = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)",
        "postgresql": "WITH n(i) AS (SELECT generate_series(1, :count))",
    }[url.partition(":")[0].partition("+")[0]]
    hashed = "hex(randomblob(32))" if url.startswith("sqlite") else "md5(i::text) || md5((-i)::text)"
    columns = "at, actor_kind, actor_id, actor_role, action, client_id, subject, reason, position, chain_hash"
    engine = make_engine(url)
    with engine.begin() as connection, append_only.opened(connection):
        connection.execute(
            text(
                f"INSERT INTO audit_entries ({columns}) {series} SELECT '2026-11-01 10:00:00.000000'"
                + ("" if url.startswith("sqlite") else "::timestamptz")
                + f", 'staff', 1, 'keyworker', 'record_read', 1, 'appointment:' || i, '', i, {hashed} FROM n"
            ),
            {"count": count},
        )
    engine.dispose()


@pytest.fixture
def house(either_database, environ):
    """The demo and 30,000 rows more, in a database that nobody has open."""
    create_app(Settings.from_env(environ))
    demo_house.load()
    database.disconnect()
    add_entries(either_database, 30_000)
    return either_database


def at_work(url: str, folder: Path):
    """Whether a restore has begun to change something."""
    if url.startswith("sqlite"):
        return lambda: bool(list(folder.glob("portal.db.restoring*")))
    engine = make_engine(url)

    def writes() -> bool:
        with engine.connect() as connection:
            asked = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation > 16383"
            return bool(connection.scalar(text(asked)))

    return writes


def test_a_backup_killed_at_any_moment_leaves_the_earlier_one_whole(house, environ, tmp_path):
    file, settings, luck = tmp_path / "a.backup", Settings.from_env(environ), random.Random(SEED)
    begun = (tmp_path / "a.backup.part").exists
    seconds = seconds_at_work(command(environ, "backup", str(file)), begun)
    was = all_rows(house, "audit_entries")
    replaced = 0
    for _ in range(KILLS):
        before = file.read_bytes()
        process = command(environ, "backup", str(file))
        killed_at_some_moment(process, luck, begun, seconds)
        replaced += file.read_bytes() != before
        with file.open("rb") as content:
            assert reading.check(content, settings).rows["clients"] == len(was["clients"]), SEED
    assert all_rows(house, "audit_entries") == was
    assert done(command(environ, "backup", str(file)))[0] == 0, "what was left over is in nobody's way"
    assert not (tmp_path / "a.backup.part").exists()
    assert replaced < KILLS, "at least one was killed at work"


def test_a_restore_killed_at_any_moment_leaves_the_old_state_or_the_new_one(house, environ, tmp_path):
    file, luck = tmp_path / "a.backup", random.Random(SEED)
    assert done(command(environ, "backup", str(file)))[0] == 0
    seconds = seconds_at_work(command(environ, "restore", str(file)), at_work(house, tmp_path))
    old, outcomes = changed_since(house), []
    for _ in range(KILLS):
        killed_at_some_moment(command(environ, "restore", str(file)), luck, at_work(house, tmp_path), seconds)
        now = all_rows(house)
        if now == old:
            outcomes.append("old")
            continue
        outcomes.append("new")
        assert len(now["sending_stops"]) == 1 and len(now["opt_outs"]) == len(old["opt_outs"]) - 1, SEED
        assert len(now["audit_entries"]) >= 30_000 and now["clients"] == old["clients"], SEED
        # It was done sooner than the measured one: the next is killed earlier.
        old, seconds = changed_since(house), seconds / 2
    assert "old" in outcomes, "at least one was killed at work"
    status, said = done(command(environ, "restore", str(file)))
    assert status == 0, said
    assert len(all_rows(house)["sending_stops"]) == 1
    assert not list(tmp_path.glob("*.restoring*")), "nothing is left over"


def test_whoever_looks_meanwhile_sees_the_earlier_backup_or_the_new_one(environ, app, tmp_path):
    demo_house.load()
    file = tmp_path / "a.backup"
    assert done(command(environ, "backup", str(file)))[0] == 0
    seen = {file.read_bytes()}
    process = command(environ, "backup", str(file))
    while process.poll() is None:
        seen.add(file.read_bytes())
    assert done(process)[0] == 0
    assert len(seen | {file.read_bytes()}) == 2


def a_small_disk(size: int):
    """What stands in for a full disk: no file of the process may grow beyond `size` bytes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_on_a_full_disk_a_backup_says_so_and_leaves_the_earlier_one(environ, app, tmp_path):
    demo_house.load()
    file = tmp_path / "a.backup"
    assert done(command(environ, "backup", str(file)))[0] == 0
    before = file.read_bytes()
    status, said = done(command(environ, "backup", str(file), preexec_fn=a_small_disk(20_000)))
    assert status == 1 and "the backup was not written: File too large" in said
    assert file.read_bytes() == before and not (tmp_path / "a.backup.part").exists()


def test_on_a_full_disk_a_restore_says_so_and_leaves_the_old_state(environ, app, tmp_path):
    demo_house.load()
    database.disconnect()
    url, file = environ["PORTAL_DATABASE_URL"], tmp_path / "a.backup"
    assert done(command(environ, "backup", str(file)))[0] == 0
    before = all_rows(url)
    status, said = done(command(environ, "restore", str(file), preexec_fn=a_small_disk(600_000)))
    assert status == 1 and "nothing was restored" in said, said
    assert all_rows(url) == before and not list(tmp_path.glob("*.restoring*"))


_TELLING = (
    "import atexit, sys; from pathlib import Path; from flask.cli import main;"
    " atexit.register(lambda: print(Path('/proc/self/status').read_text(), file=sys.stderr));"
    " sys.argv[0] = 'flask'; main()"
)


def most_memory(environ, *words: str) -> int:
    """Run a command to its end; gives the most megabytes it ever had (the kernel's VmHWM, its own alone)."""
    process = subprocess.run(
        [sys.executable, "-c", _TELLING, "--app", "portal.app:app_for_commands", *words],
        cwd=ROOT, env=clean(environ), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(re.findall(r"VmHWM:\s+(\d+) kB", process.stderr)[0]) // 1024


def test_memory_does_not_grow_with_the_rows(either_database, environ, tmp_path):
    create_app(Settings.from_env(environ))
    database.disconnect()
    used = {}
    for rows in (1_000, 100_000):
        file = str(tmp_path / f"{rows}.backup")
        add_entries(either_database, rows)
        used[rows] = (most_memory(environ, "backup", file), most_memory(environ, "restore", file))
        engine = make_engine(either_database)
        with engine.begin() as connection, append_only.opened(connection):
            connection.execute(text("DELETE FROM audit_entries"))
        engine.dispose()
    assert (tmp_path / "100000.backup").stat().st_size > 4_000_000
    grown = [many - few for few, many in zip(*used.values(), strict=True)]
    assert max(grown) < 15 and max(used[100_000]) < 150, used
