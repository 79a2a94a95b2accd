"""The `flask` commands as an operator uses them."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest

from portal.accounts.models import StaffLink
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.help import service as help_service
from portal.help.models import Service
from portal.jobs import migrations
from tests.diversion import referrals
from tests.support import make, sign_in

ROOT = Path(__file__).parents[1]


@pytest.fixture
def flask(app):
    """Runs a command in this process."""

    def run(*command: str):
        session.remove()
        return app.test_cli_runner().invoke(args=list(command))

    return run


def in_a_process(folder: Path, *command: str, **settings: str) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "TWILIO_", "FLASK_"))}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "portal.app:app_for_commands", *command],
        cwd=folder, env={**kept, "PYTHONPATH": str(ROOT), **settings}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_settings_check_names_every_fault_at_once_and_fails(tmp_path):
    done = in_a_process(
        tmp_path,
        "settings",
        "check",
        PORTAL_ENV="production",
        PORTAL_SITE_NAME="Court help",
        PORTAL_PUBLIC_URL="http://x",
    )
    assert done.returncode == 1
    faults = done.stdout.splitlines()
    for name in ("PORTAL_SECRET_KEY", "PORTAL_FIELD_KEYS", "PORTAL_INDEX_KEY", "PORTAL_BACKUP_KEY", "PORTAL_SITE_NAME",
                 "PORTAL_PUBLIC_URL", "PORTAL_SMS_GATEWAY"):  # fmt: skip
        assert any(fault.startswith(name) for fault in faults), name
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [], "a check makes nothing"


def test_settings_check_is_content_with_the_demo(tmp_path):
    done = in_a_process(tmp_path, "settings", "check")
    assert (done.returncode, done.stdout) == (0, "The settings are complete.\n")


def test_settings_check_warns_of_what_is_hardly_meant_and_is_content(tmp_path):
    from tests.core.test_settings import PRODUCTION

    done = in_a_process(tmp_path, "settings", "check", **PRODUCTION)
    first, last = done.stdout.splitlines()
    assert first.startswith("Warning: PORTAL_TRUSTED_PROXIES is 0") and last == "The settings are complete."
    assert done.returncode == 0
    told = in_a_process(tmp_path, "settings", "check", **PRODUCTION, PORTAL_TRUSTED_PROXIES="1")
    assert told.stdout == "The settings are complete.\n"


def test_with_faulty_settings_no_other_command_runs(tmp_path):
    for command in (("worker",), ("db", "upgrade"), ("demo", "load")):
        done = in_a_process(tmp_path, *command, PORTAL_ENV="production")
        assert done.returncode != 0
        assert list(tmp_path.iterdir()) == []


def test_settings_check_reads_the_env_file(tmp_path):
    (tmp_path / ".env").write_text("PORTAL_SITE_NAME='Police week'\n")
    done = in_a_process(tmp_path, "settings", "check")
    assert done.returncode == 1 and "PORTAL_SITE_NAME holds the banned word" in done.stdout


def test_the_database_names_its_version(flask, environ, tmp_path):
    at = migrations.current(environ["PORTAL_DATABASE_URL"])
    assert at
    assert flask("db", "current").output == f"{at}\n"
    empty = in_a_process(tmp_path, "db", "current", PORTAL_DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")
    assert empty.stdout == "empty\n"
    upgraded = in_a_process(tmp_path, "db", "upgrade", PORTAL_DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")
    assert upgraded.stdout == f"database at {at}\n"


def test_the_report_is_the_one_that_she_reads(flask, page_client, travel):  # R31
    client = make.client(report_online=True)
    referrals.referral(client)
    kind = make.kind()
    referrals.came(client, kind, travel.now - timedelta(days=14))
    referrals.came(client, kind, travel.now - timedelta(days=7), "no")
    code_name = client.code_name
    sign_in.as_client(page_client, client)
    page_client.get("/me/report", follow=True)
    page = sign_in.step_up(page_client)
    done = flask("client", "report", code_name, "--json")
    assert done.exit_code == 0
    [told] = json.loads(done.output)["reports"]
    assert set(told) == {"reference", "condition", "needed", "attended", "attended_dates", "status", "reason_class"}
    assert (told["needed"], told["attended"], told["attended_dates"]) == (2, 1, ["2026-11-17"])
    assert told["reference"] in page.text
    assert f"asked to come to {told['needed']} appointments." in page.text
    assert f"came to {told['attended']} of them." in page.text and "Tuesday 17 November" in page.text
    assert {"under_way": "This is still going on."}[told["status"]] in page.text
    for word in (code_name, "Rose", referrals.OFFENCE, "lanternwick"):
        assert word not in done.output


def test_a_code_name_is_found_however_it_is_typed(flask, travel):
    make.client(code_name="Blue Heron 4242")
    assert flask("client", "report", "blue  HERON 4242", "--json").exit_code == 0
    missing = flask("client", "report", "Nobody 1", "--json")
    assert missing.exit_code == 1 and "no client has this code name" in missing.output


def test_staff_add_prints_a_link_that_works_once(flask, page_client, environ, travel):
    done = flask("staff", "add", "new@example.org", "--name", "Wren Example", "--role", "admin")
    assert done.exit_code == 0, done.output
    link = urlsplit(done.output.strip())
    assert f"{link.scheme}://{link.netloc}" == "http://127.0.0.1:8000"
    secret = session.query(StaffLink).one().totp_secret
    code = pyotp.TOTP(secret).at(clock.real_now())
    page_client.get(link.path)
    assert page_client.page.status == 200
    page = page_client.submit(link.path, password="calm river under stones", code=code)
    assert page.status == 200 and page.address.startswith("/staff")
    assert page_client.get(link.path).status == 404


def test_staff_add_with_a_centre(flask, travel):
    centre = make.centre()
    who = ("new@example.org", "--name", "Wren Example", "--role", "keyworker")
    done = flask("staff", "add", *who, "--centre", str(centre.id))
    assert done.exit_code == 0, done.output
    session.remove()
    [person] = [person for person in session.query(make.Staff) if person.email == "new@example.org"]
    assert person.centre_ids == [centre.id]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["nobody", "--name", "W", "--role", "admin"], "email: not_an_address"),
     (["new@example.org", "--name", " ", "--role", "admin"], "name: missing"),
     (["new@example.org", "--name", "W", "--role", "queen"], "'queen' is not one of"),
     (["new@example.org", "--name", "W", "--role", "keyworker"], "centre_ids: missing"),
     (["new@example.org", "--name", "W", "--role", "keyworker", "--centre", "424242"], "centre_ids: unknown")],
)  # fmt: skip
def test_staff_add_refuses_faulty_people(flask, arguments, words):
    done = flask("staff", "add", *arguments)
    assert done.exit_code != 0 and words in done.output
    assert session.query(make.Staff).count() == 0


def test_the_directory_is_checked(flask, travel):
    with unit_of_work():
        help_service.seed(travel.now)
    fresh = flask("directory", "check")
    with unit_of_work():
        row = session.query(Service).filter_by(published=True).first() or session.query(Service).first()
        row.name, key = "", row.key
    done = flask("directory", "check")
    assert done.exit_code == 1
    assert key in done.output
    assert len(done.output.splitlines()) > (0 if fresh.exit_code == 0 else len(fresh.output.splitlines()))


def test_an_empty_directory_is_in_order(flask):
    done = flask("directory", "check")
    assert (done.exit_code, done.output) == (0, "The directory is in order.\n")


def test_the_demo_commands_are_not_there_in_production(tmp_path):
    from tests.core.test_settings import PRODUCTION

    url = f"sqlite:///{tmp_path / 'new.db'}"
    in_a_process(tmp_path, "db", "upgrade", PORTAL_DATABASE_URL=url)
    done = in_a_process(tmp_path, "demo", "load", **PRODUCTION, PORTAL_DATABASE_URL=url)
    assert done.returncode == 2 and "No such command" in done.stderr


def test_commands_print_no_name_or_number_of_hers(flask, travel):  # R10
    client = make.client(called_name="Rosamunde")
    make.safe_contact(client, number="+447700900321")
    code_name = client.code_name
    for command in (("audit", "verify"), ("retention", "run"), ("keys", "rotate"), ("db", "current")):
        output = flask(*command).output
        assert not [word for word in ("Rosamunde", "900321", code_name) if word in output]
    assert session.query(Client).count() == 1
