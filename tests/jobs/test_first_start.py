"""`flask setup`: asks, writes secrets and a database with one admin, or writes nothing at all."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from dotenv import dotenv_values
from sqlalchemy import select

from portal.app import create_app
from portal.core import clock, database
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.jobs import first_start, migrations
from portal.jobs.models import Heartbeat
from portal.messaging.models import SendingStop
from portal.staff.models import Staff
from tests.core.test_settings import PRODUCTION
from tests.support import demo_house, make, sign_in
from tests.support.pages import PageClient

ROOT = Path(__file__).parents[2]
ANSWERS = {
    "address": "https://week.example.org",
    "site": "My Week",
    "leave": "https://www.bbc.co.uk/weather",
    "partners": "Lotus Trust, Rose & Co's #1",
    "database": "sqlite:///instance/portal.db",
    "redis": "",
    "proxies": "",
    "sid": "AC00000000000000000000000000000000",
    "token": "made-up-token",
    "from": "+447700900001",
    "name": "Alex Example",
    "email": "alex@example.org",
}


def setup(folder: Path, **answers: str) -> subprocess.CompletedProcess:
    """Run `flask setup` in a folder and type the answers."""
    typed = "".join(f"{answer}\n" for answer in (ANSWERS | answers).values())
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "TWILIO_", "FLASK_"))}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "portal.app:app_for_commands", "setup"],
        cwd=folder, env={**kept, "PYTHONPATH": str(ROOT)}, input=typed, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_writes_secrets_that_only_the_owner_reads_and_prints_the_admins_link(tmp_path):
    done = setup(tmp_path)
    assert done.returncode == 0, done.stderr
    env = tmp_path / ".env"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    values = dotenv_values(env)
    settings = Settings.from_env({name: value or "" for name, value in values.items()})
    assert not settings.demo and settings.site_name == "My Week"
    assert settings.trusted_proxies == 1 and settings.warnings == [], "a proxy speaks https in front of it"
    assert settings.banned_words[-2:] == ("Lotus Trust", "Rose & Co's #1")
    assert len({values[name] for name in values if name.endswith(("KEY", "KEYS"))}) == 4
    link = next(line for line in done.stdout.splitlines() if "one-time link" in line).split()[-1]
    assert link.startswith("https://week.example.org/staff/set-up/")
    assert values["PORTAL_SECRET_KEY"] not in done.stdout + done.stderr
    with closing(sqlite3.connect(tmp_path / "instance" / "portal.db")) as file:
        assert file.execute("SELECT role FROM staff").fetchall() == [("admin",)]
        assert file.execute("SELECT count(*) FROM services").fetchone()[0] > 10
        assert file.execute("SELECT women_only, ended_at FROM sending_stops").fetchall() == [(1, None)], "texts are off"


def test_two_starts_have_different_secrets(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert setup(tmp_path / name).returncode == 0
    one, two = (dotenv_values(tmp_path / name / ".env") for name in ("one", "two"))
    assert not [name for name in one if name.endswith(("KEY", "KEYS")) and one[name] == two[name]]


@pytest.mark.parametrize(
    ("answers", "words"),
    [({"address": "http://week.example.org"}, "PORTAL_PUBLIC_URL must be an https address"),
     ({"site": "Police support"}, "holds the banned word"), ({"from": "Court"}, "TWILIO_FROM holds the banned word"),
     ({"database": "mysql://x"}, "PORTAL_DATABASE_URL must begin with"), ({"name": "   "}, "name: missing"),
     ({"email": "nobody"}, "email: not_an_address"),
     ({"database": "postgresql+psycopg://nobody@127.0.0.1:9/none"}, "the database cannot be used")],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)  # fmt: skip
def test_faulty_answers_are_refused_and_nothing_is_written(tmp_path, answers, words):
    done = setup(tmp_path, **answers)
    assert done.returncode == 1
    assert words in done.stderr and "nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".env").exists()
    assert setup(tmp_path).returncode == 0, "the second try is free"


def test_a_database_that_holds_people_already_is_refused(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "FLASK_"))}
    for command in (("db", "upgrade"), ("demo", "load")):
        subprocess.run([sys.executable, "-m", "flask", "--app", "portal.app:app_for_commands", *command], cwd=tmp_path,
                       env={**kept, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)  # fmt: skip
    done = setup(tmp_path)
    assert done.returncode == 1 and "holds people already" in done.stderr
    assert not (tmp_path / ".env").exists()


def test_a_second_run_asks_nothing_and_names_what_is_missing(tmp_path):
    setup(tmp_path)
    before = (tmp_path / ".env").read_bytes()
    done = setup(tmp_path)
    assert done.returncode == 1
    assert "The worker has not run" in done.stdout and "No admin has opened her set-up link yet." in done.stdout
    assert "still practice only" in done.stderr
    assert (tmp_path / ".env").read_bytes() == before


@pytest.fixture
def real(environ):
    """A production portal on the test's database."""
    app = create_app(Settings.from_env({**PRODUCTION, **environ}))
    yield app
    database.disconnect()


def over_https(app) -> PageClient:
    browser = PageClient(app)
    browser.client.environ_base["wsgi.url_scheme"] = "https"
    browser.client.environ_base["HTTP_REFERER"] = "https://localhost/"
    return browser


def test_staff_pages_say_practice_only_until_the_checks_are_done(real, travel, monkeypatch, tmp_path):
    admin = make.staff("admin")
    browser = over_https(real)
    monkeypatch.setattr(first_start, "ENV_FILE", tmp_path / ".env")
    (tmp_path / ".env").touch()
    sign_in.staff_at(browser, admin, "/staff/people")
    assert "Practice only: set-up is not finished." in browser.page.html
    runner = real.test_cli_runner()
    assert runner.invoke(args=["setup"]).exit_code == 1
    with unit_of_work():
        session.merge(Heartbeat(duty="sending", beat_at=clock.real_now()))
        first_start.help_service.seed(clock.now())
    monkeypatch.setattr(first_start.help_service, "faults_in_directory", lambda now: [])
    done = runner.invoke(args=["setup"])
    assert done.exit_code == 0, done.output
    assert "Practice only" not in browser.get("/staff/people").html
    session.remove()
    assert session.query(Staff).count() == 1


def test_whoever_is_the_first_of_a_real_installation_brings_texts_to_women_off_and_nobody_after(real, app_off):
    add = real.test_cli_runner().invoke
    assert add(args=["staff", "add", "alex@example.org", "--name", "Alex", "--role", "admin"]).exit_code == 0
    session.remove()
    assert app_off() == ["nobody has turned them on yet"]
    assert add(args=["staff", "add", "dana@example.org", "--name", "Dana", "--role", "admin"]).exit_code == 0
    session.remove()
    assert app_off() == ["nobody has turned them on yet"]


@pytest.fixture
def app_off():
    """Why texts to women are off, once for each stop in force."""
    in_force = select(SendingStop.why).where(SendingStop.women_only, SendingStop.ended_at.is_(None))
    return lambda: list(session.scalars(in_force))


def test_in_the_demo_and_where_people_were_before_texts_stay_on(app, travel, app_off):
    demo_house.load()
    assert app_off() == []
    runner = app.test_cli_runner()
    assert runner.invoke(args=["staff", "add", "new@example.org", "--name", "New", "--role", "admin"]).exit_code == 0
    assert app_off() == []


def test_in_demo_the_checks_are_refused(app, monkeypatch, tmp_path):
    monkeypatch.setattr(first_start, "ENV_FILE", tmp_path / ".env")
    (tmp_path / ".env").touch()
    done = app.test_cli_runner().invoke(args=["setup"])
    assert done.exit_code == 1 and "this is the demo" in done.output


def test_the_migrations_know_where_they_are(tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert migrations.current(url) is None
    migrations.upgrade(url)
    assert migrations.current(url) is not None
