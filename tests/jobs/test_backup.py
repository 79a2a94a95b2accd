"""`flask backup` and `flask restore`: every row comes back, on either database, and nothing is texted twice."""

import itertools
import os
import pty
import stat
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from portal.accounts.models import KeptForm, SetupCode, SignedIn, StaffLink, TextCode
from portal.app import create_app
from portal.audit import append_only
from portal.audit import service as audit
from portal.booking import reminders
from portal.booking.models import CalendarFeed
from portal.clients.models import OptOut
from portal.core import clock, database
from portal.core.access import Actor, Role
from portal.core.database import make_engine, session, unit_of_work
from portal.core.settings import Settings
from portal.jobs import migrations
from portal.jobs.backup import restoring, writing
from portal.jobs.backup.sealed import CannotUse
from portal.jobs.models import Heartbeat
from portal.messaging import outbox, receipts, sender, stops
from portal.messaging.models import SendingStop, Text, TextState
from portal.web.models import RequestKey
from portal.worklist.models import Task
from tests.booking import desk as desks
from tests.core.test_settings import KEY
from tests.support import databases, demo_house, make, sign_in
from tests.support.pages import PageClient
from tests.support.whole import all_rows

OPERATOR = Actor("system", 0, Role.ADMIN)
ENDED = (
    "sessions", "setup_codes", "staff_links", "calendar_feeds", "kept_forms", "passkeys", "recovery_codes",
    "text_codes",
)  # fmt: skip
ADDED_TO = ("sending_stops", "audit_entries", "tasks")


@pytest.fixture
def other(tmp_path, request):
    """An empty place to restore into: a file of its own, or a PostgreSQL database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'portal.db'}"
    else:
        with databases.postgresql(migrated=False) as url:
            yield url
            database.disconnect()


def settings_for(environ, **changes: str) -> Settings:
    return Settings.from_env({**environ, **changes})


def backup(environ, file: Path):
    session.remove()
    return writing.write(settings_for(environ), file, now=clock.now())


def restore(environ, file: Path, url: str | None = None, **changes: str):
    session.remove()
    to = {"PORTAL_DATABASE_URL": url} if url else {}
    return restoring.restore(settings_for(environ, **to, **changes), file, OPERATOR, now=clock.now())


def make_it_hard(url: str) -> None:
    """Rows that point to later rows of their own table, and values at the edges."""
    engine = make_engine(url)
    with engine.begin() as connection:
        newest = connection.scalar(text("SELECT max(id) FROM clients"))
        connection.execute(text("UPDATE clients SET merged_into_id = :to WHERE id = 1"), {"to": newest})
        newest = connection.scalar(text("SELECT max(id) FROM appointments"))
        oldest = connection.scalar(text("SELECT min(id) FROM appointments"))
        moved = {"to": newest, "id": oldest}
        connection.execute(text("UPDATE appointments SET supersedes_id = :to WHERE id = :id"), moved)
        connection.execute(
            text("UPDATE centres SET door = :door WHERE id = 1"), {"door": ("باب 🚪 “…”\n\t\\" * 30)[:300]}
        )
    engine.dispose()


@pytest.fixture
def before_reminders(travel) -> None:
    """An hour of the night: later in a day a restore writes down the reminders that were due at the backup."""
    travel.to("2026-12-01 05:00")


BOTH = pytest.mark.parametrize(
    "other", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@BOTH
def test_every_row_comes_back_on_either_database(either_database, app, environ, other, tmp_path, before_reminders):
    demo_house.load()
    make_it_hard(either_database)
    with unit_of_work():
        audit.seal()
    was = all_rows(either_database)
    made = backup(environ, tmp_path / "a.backup")
    assert made.rows == sum(map(len, was.values())) and made.size < 10_000_000
    restore(environ, tmp_path / "a.backup", other)
    now = all_rows(other)
    assert set(now) == set(was)
    for table in set(was) - set(ENDED) - set(ADDED_TO):
        assert now[table] == was[table], table
    assert sum(map(len, was.values())) > 1000 and was["clients"][0]["merged_into_id"] > 1
    for table in ADDED_TO:
        assert now[table][: len(was[table])] == was[table], table
    assert len(now["audit_entries"]) == len(was["audit_entries"]) + 2
    # The new portal goes on: numbers follow, sealed values open, the chain holds.
    session.remove()
    with unit_of_work():
        audit.seal()
        session.add(RequestKey(actor_kind="staff", actor_id=1, request_key="x", claimed_at=clock.now()))
    assert audit.first_fault() is None and audit.sealed_count() == len(now["audit_entries"])
    assert session.get_one(make.Client, 1).code_name


def test_a_backup_that_is_put_back_twice_is_the_same(either_database, app, environ, tmp_path, before_reminders):
    demo_house.load()
    backup(environ, tmp_path / "a.backup")
    restore(environ, tmp_path / "a.backup")
    once = all_rows(either_database, *ADDED_TO)
    restore(environ, tmp_path / "a.backup")
    assert all_rows(either_database, *ADDED_TO) == once


def test_what_was_made_since_is_gone(either_database, app, environ, travel, tmp_path):
    before = make.client()
    backup(environ, tmp_path / "a.backup")
    after = make.client()
    restore(environ, tmp_path / "a.backup")
    assert session.get(make.Client, before.id) is not None and session.get(make.Client, after.id) is None


def test_it_is_one_moment_while_others_write(either_database, app, environ, tmp_path):
    """Each change writes two rows: a backup never holds one without the other."""
    stop, numbers, written = threading.Event(), itertools.count(), []

    def write() -> None:
        while not stop.is_set():
            number = next(numbers)
            with unit_of_work():
                session.add(OptOut(number_index=f"{number:032}", opted_out_at=clock.now()))
                session.flush()
                key = f"key {number}"
                session.add(RequestKey(actor_kind="x", actor_id=1, request_key=key, claimed_at=clock.now()))
            written.append(number)
            session.remove()

    with unit_of_work():
        rows = [{"number_index": f"x{n:031}", "opted_out_at": clock.now()} for n in range(5000)]
        session.execute(OptOut.__table__.insert(), rows)
    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for number in range(3):
            began = len(written)
            while len(written) < began + 3:
                time.sleep(0.01)
            began = len(written)
            writing.write(settings_for(environ), tmp_path / f"{number}.backup", now=clock.now())
            assert len(written) > began, "nobody waited for the backup"
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    for number in range(3):
        restore(environ, tmp_path / f"{number}.backup")
        keys, outs = session.query(RequestKey).count(), session.query(OptOut).count() - 5000
        assert keys == outs > 0


def test_the_file_is_its_owners_alone_and_stands_there_only_when_whole(app, environ, tmp_path):
    file = tmp_path / "new.backup"
    old_mask = os.umask(0)
    try:
        backup(environ, file)
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["new.backup"]


def test_an_earlier_backup_is_replaced_and_any_other_file_is_not(app, environ, travel, tmp_path):
    file = tmp_path / "week.backup"
    backup(environ, file)
    first = file.read_bytes()
    make.client()
    backup(environ, file)
    assert file.read_bytes() != first
    file.write_text("a letter")
    with pytest.raises(CannotUse, match="not a backup of the portal"):
        backup(environ, file)
    assert file.read_text() == "a letter"
    with pytest.raises(CannotUse, match="No such file"):
        backup(environ, tmp_path / "nowhere" / "a.backup")


def test_two_backups_into_one_file_do_not_mix(app, environ, tmp_path):
    with writing._alone(tmp_path / "a.backup.part"), pytest.raises(CannotUse, match="another backup"):
        backup(environ, tmp_path / "a.backup")
    backup(environ, tmp_path / "a.backup")


def test_without_a_database_there_is_no_backup(environ, tmp_path):
    (tmp_path / "portal.db").unlink()
    with pytest.raises(CannotUse, match="no database"):
        backup(environ, tmp_path / "a.backup")
    assert list(tmp_path.iterdir()) == []


# Faulty backups


def spoilt(kind: str, content: bytes) -> bytes:
    middle = len(content) // 2
    return {
        "cut off": content[:middle],
        "altered": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "longer": content + b"x",
        "another file": b"SQLite format 3\0" + content,
        "empty": b"",
    }[kind]


@pytest.mark.parametrize("kind", ["cut off", "altered", "longer", "another file", "empty"])
def test_a_spoilt_backup_is_refused_before_anything_is_touched(either_database, app, environ, travel, tmp_path, kind):
    make.client()
    backup(environ, tmp_path / "a.backup")
    (tmp_path / "a.backup").write_bytes(spoilt(kind, (tmp_path / "a.backup").read_bytes()))
    was = all_rows(either_database)
    with pytest.raises(CannotUse, match=r"not whole|altered|not a backup"):
        restore(environ, tmp_path / "a.backup")
    assert all_rows(either_database) == was


@pytest.mark.parametrize(
    ("name", "words"),
    [("PORTAL_BACKUP_KEY", "another PORTAL_BACKUP_KEY"), ("PORTAL_INDEX_KEY", "PORTAL_INDEX_KEY is not the one"),
     ("PORTAL_FIELD_KEYS", "1 of the field keys that sealed this backup are not in PORTAL_FIELD_KEYS")],
)  # fmt: skip
def test_other_keys_are_named_and_nothing_is_touched(app, environ, travel, tmp_path, name, words):
    from portal.core import crypto

    make.client()
    backup(environ, tmp_path / "a.backup")
    was = all_rows(environ["PORTAL_DATABASE_URL"])
    other = {name: KEY["backup"]}
    crypto.use(settings_for(environ, **other).keyring)
    try:
        with pytest.raises(CannotUse, match=words):
            restore(environ, tmp_path / "a.backup", **other)
    finally:
        crypto.use(settings_for(environ).keyring)
    assert all_rows(environ["PORTAL_DATABASE_URL"]) == was


def at_revision(url: str, revision: str | None) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": revision})
    engine.dispose()


def test_a_backup_of_a_newer_version_is_refused(app, environ, travel, tmp_path):
    url = environ["PORTAL_DATABASE_URL"]
    at_revision(url, "9999")
    backup(environ, tmp_path / "a.backup")
    at_revision(url, migrations.known()[0])
    was = all_rows(url)
    with pytest.raises(CannotUse, match=r"newer version of the portal \(database 9999\): update first"):
        restore(environ, tmp_path / "a.backup")
    assert all_rows(url) == was


@pytest.mark.postgres
def test_a_database_of_a_newer_version_is_not_written_over(environ, app, travel, tmp_path):
    backup(environ, tmp_path / "a.backup")
    with databases.postgresql() as url:
        at_revision(url, "9999")
        with pytest.raises(CannotUse, match="the database is of a newer version"):
            restore(environ, tmp_path / "a.backup", url)


@BOTH
def test_a_backup_of_an_older_version_is_brought_up_to_this_one(environ, app, tmp_path, other):
    old = f"sqlite:///{tmp_path / 'old.db'}"
    migrations.upgrade(old, "0001")
    engine = make_engine(old)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO opt_outs (number_index, opted_out_at) VALUES ('x', '2026-11-01 10:00')"))
    engine.dispose()
    backup({**environ, "PORTAL_DATABASE_URL": old}, tmp_path / "a.backup")
    for _ in range(2):
        # Into an empty place, and over one that is of this version already.
        restore(environ, tmp_path / "a.backup", other)
        assert migrations.current(other) == migrations.known()[0]
        assert [row["number_index"] for row in all_rows(other)["opt_outs"]] == ["x"]
        database.disconnect()


@pytest.mark.postgres
def test_tables_of_others_in_the_same_database_are_left_alone(environ, tmp_path, travel):
    with databases.postgresql() as url:
        environ["PORTAL_DATABASE_URL"] = url
        create_app(Settings.from_env(environ))
        engine = make_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE somebody_elses (place point)"))
            connection.execute(text("INSERT INTO somebody_elses VALUES ('(1, 2)')"))
        backup(environ, tmp_path / "a.backup")
        restore(environ, tmp_path / "a.backup")
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM somebody_elses")) == 1
        engine.dispose()
        database.disconnect()


def test_a_backup_names_the_end_of_the_audit_log_so_that_a_later_cut_is_found(either_database, app, travel, tmp_path):
    with unit_of_work():
        for number in range(3):
            audit.record(OPERATOR, f"entry_{number}", now=clock.now())
        session.flush()
        audit.seal()
    file, run = tmp_path / "a.backup", app.test_cli_runner()
    session.remove()
    assert f"The audit log ends in it at {audit.head()}" in run.invoke(args=["backup", str(file)]).output
    session.remove()
    assert run.invoke(args=["audit", "verify", "--backup", str(file)]).exit_code == 0
    with unit_of_work(), append_only.opened(session.connection()):
        session.execute(text("DELETE FROM audit_entries WHERE position > 2"))
    session.remove()
    assert run.invoke(args=["audit", "verify"]).exit_code == 0
    said = run.invoke(args=["audit", "verify", "--backup", str(file)])
    assert said.exit_code == 1 and "entry 3 is not the one that was written down" in said.output


def test_after_a_restore_the_log_is_append_only_and_its_chain_goes_on(either_database, app, environ, travel, tmp_path):
    with unit_of_work():
        audit.record(OPERATOR, "entry", now=clock.now())
        session.flush()
        audit.seal()
    backup(environ, tmp_path / "a.backup")
    restore(environ, tmp_path / "a.backup")
    session.remove()
    with unit_of_work():
        audit.seal()
    assert audit.guarded() and audit.first_fault() is None and audit.sealed_count() == 3
    with pytest.raises(DatabaseError, match="append-only"), unit_of_work():
        session.execute(text("DELETE FROM audit_entries"))


# A portal that runs


def test_on_sqlite_a_portal_that_has_its_database_open_is_seen(app, environ, travel, tmp_path):
    make.client()
    url = environ["PORTAL_DATABASE_URL"]
    backup(environ, tmp_path / "a.backup")
    was = all_rows(url)
    elsewhere = make_engine(url)
    with elsewhere.connect() as connection:
        connection.execute(text("SELECT count(*) FROM staff"))
        with pytest.raises(CannotUse, match="the portal runs: stop its web server and worker"):
            restore(environ, tmp_path / "a.backup")
    elsewhere.dispose()
    assert all_rows(url) == was
    assert not list(tmp_path.glob("*.restoring*"))
    restore(environ, tmp_path / "a.backup")


@pytest.mark.postgres
def test_on_postgresql_a_worker_just_seen_and_somebody_connected_is_a_portal_that_runs(environ, tmp_path, travel):
    with databases.postgresql() as url:
        environ["PORTAL_DATABASE_URL"] = url
        create_app(Settings.from_env(environ))
        with unit_of_work():
            session.merge(Heartbeat(duty="sending", beat_at=clock.real_now()))
        backup(environ, tmp_path / "a.backup")
        elsewhere = make_engine(url)
        with elsewhere.connect() as connection:
            connection.execute(text("SELECT 1"))
            with pytest.raises(CannotUse, match="the portal runs"):
                restore(environ, tmp_path / "a.backup")
        elsewhere.dispose()
        restore(environ, tmp_path / "a.backup")
        database.disconnect()


@pytest.mark.parametrize("what", ["not there", "not a database", "a journal of another one"])
def test_a_spoilt_or_missing_database_is_no_hindrance(app, environ, travel, tmp_path, what):
    client = make.client()
    file = tmp_path / "portal.db"
    backup(environ, tmp_path / "a.backup")
    database.disconnect()
    if what == "not there":
        file.unlink()
    elif what == "not a database":
        file.write_bytes(b"\0spoilt" * 5000)
    else:
        file.unlink()
        (tmp_path / "portal.db-wal").write_bytes(b"left over" * 100)
    restore(environ, tmp_path / "a.backup")
    assert session.get(make.Client, client.id) is not None
    session.remove()
    database.disconnect()
    assert {path.name for path in tmp_path.iterdir()} - {"portal.db-wal", "portal.db-shm"} == {"portal.db", "a.backup"}


def test_the_restored_file_keeps_the_mode_of_the_old_one(app, environ, tmp_path):
    backup(environ, tmp_path / "a.backup")
    (tmp_path / "portal.db").chmod(0o640)
    restore(environ, tmp_path / "a.backup")
    assert stat.S_IMODE((tmp_path / "portal.db").stat().st_mode) == 0o640


# Afterwards


def a_text(client, once: str, **values) -> int:
    with unit_of_work():
        return outbox.queue(client.id, "written", once=once, now=clock.now(), body="Come in", written_by=1, **values).id


def claimed(now):
    with unit_of_work():
        return sender.claim_next("w", per_second=100, words=(), now=now, real_now=clock.real_now())


def test_no_text_goes_a_second_time_and_staff_are_told(either_database, app, environ, travel, tmp_path):  # R18, R27
    client = make.client()
    make.safe_contact(client)
    due, planned = a_text(client, "due"), a_text(client, "planned", send_at=travel.now + timedelta(days=1))
    backup(environ, tmp_path / "a.backup")
    assert claimed(travel.now).text_id == due, "it leaves after the backup was made"
    travel.forward(hours=3)
    done = restore(environ, tmp_path / "a.backup")
    assert done.held == 1 and claimed(travel.now) is None
    text = session.get_one(Text, due)
    assert (text.state, text.reason) == (TextState.HELD, "restored")
    task = session.query(Task).filter_by(subject=f"text:{due}").one()
    assert (task.kind, task.client_id, task.closed_at) == ("hold_text", client.id, None)
    manager = make.staff("manager", session.get_one(make.Centre, client.centre_id))
    browser = PageClient(app)
    page = sign_in.staff_at(browser, manager, "/staff/switches")
    words = "The backup of 01 December 2026, 10:00 was put back. Stops, numbers and bookings made since are lost"
    assert f"All sending is stopped since 13:00: {words}" in " ".join(page.html.split())
    assert "by None" not in page.html and "None:" not in page.html
    browser.submit("/staff/switches/sending", press=("to", "send"))
    assert "Running" in browser.get("/staff/switches").html
    assert claimed(travel.now) is None, "what was due is a person's task now"
    travel.forward(days=1)
    assert claimed(travel.now).text_id == planned, "what was still to come goes once a manager has looked"


def test_a_text_on_its_way_when_the_backup_was_made_is_not_sent_again(either_database, app, environ, travel, tmp_path):
    """R18: the lost portal has had its words erased at the gateway, so a look-up would not know it again."""
    client = make.client()
    make.safe_contact(client)
    on_its_way = a_text(client, "on its way")
    assert claimed(travel.now).text_id == on_its_way
    backup(environ, tmp_path / "a.backup")
    travel.forward(hours=1)
    assert restore(environ, tmp_path / "a.backup").held == 1
    with unit_of_work():
        assert receipts.mark_lost(clock.real_now() + timedelta(minutes=5)) == 0
        assert receipts.claim_look_up(clock.real_now() + timedelta(minutes=5)) is None
    text = session.get_one(Text, on_its_way)
    assert (text.state, text.reason) == (TextState.HELD, "restored")
    session.remove()
    with unit_of_work():
        receipts.take_status(on_its_way, "SM1", "delivered", "", travel.now)
    assert session.get_one(Text, on_its_way).state == TextState.REACHED
    assert session.query(Task).filter_by(subject=f"text:{on_its_way}").one().closed_at is not None


def test_a_reminder_whose_time_fell_into_the_gap_does_not_come_again(either_database, app, environ, travel, tmp_path):
    """R18: it may be with her already, so a person tells her; one whose time is still to come goes by itself."""
    desk = desks.open_desk()
    manager = Actor("staff", make.staff("manager", desk.centre).id, Role.MANAGER)
    make.safe_contact(desk.client, safe_hours=[{"day": day, "from": "09:00", "to": "12:00"} for day in range(7)])
    desks.book(desk, "10:00", desks.THURSDAY)
    desks.book(desk, "10:00", desks.THURSDAY + timedelta(days=1))
    with unit_of_work():
        session.execute(update(Text).values(state=TextState.REACHED))  # that they are booked, she has read
    backup(environ, tmp_path / "a.backup")
    travel.to("2026-12-02 11:00")
    with unit_of_work():
        reminders.plan_due(travel.now)
    sent = claimed(travel.now)
    assert sent is not None, "the lost portal sent it at ten or soon after"
    travel.to("2026-12-02 15:00")
    assert restore(environ, tmp_path / "a.backup").held == 1
    with unit_of_work():
        stops.resume_sending(manager, now=travel.now)
        reminders.plan_due(travel.now)
    for wall_time, leaves in (("2026-12-02 15:01", 0), ("2026-12-03 09:30", 0), ("2026-12-03 10:30", 1)):
        travel.to(wall_time)
        with unit_of_work():
            reminders.plan_due(travel.now)
        assert (claimed(travel.now) is not None) == bool(leaves), wall_time
    [task] = session.query(Task).filter_by(kind="hold_text")
    assert task.client_id == desk.client.id


def test_a_stop_that_stood_stands_and_one_press_ends_both(app, environ, travel, tmp_path):
    manager = make.staff("manager", make.centre())
    actor = Actor("staff", manager.id, Role.MANAGER)
    with unit_of_work():
        stops.stop_sending(actor, why="trouble", now=travel.now)
    backup(environ, tmp_path / "a.backup")
    restore(environ, tmp_path / "a.backup")
    assert session.query(SendingStop).filter(SendingStop.ended_at.is_(None)).count() == 2
    session.remove()
    with unit_of_work():
        stops.resume_sending(actor, now=travel.now)
    assert stops.current_stop() is None


def test_whoever_was_in_is_out_and_links_have_ended(either_database, app, environ, travel, tmp_path):
    from portal.accounts import recovery
    from portal.accounts import service as accounts
    from portal.accounts.staff_models import Passkey, RecoveryCode

    client = make.client()
    her, page_client = client.code_name, PageClient(app)
    assert "/today" in sign_in.as_client(page_client, client).address
    with unit_of_work():
        client = session.get_one(make.Client, client.id)
        person = session.get_one(make.Staff, client.keyworker_id)
        accounts.make_setup_code(Actor("staff", person.id, Role.KEYWORKER), client, how="in_person", now=travel.now)
        accounts.make_staff_link(OPERATOR, person, now=travel.now)
        session.add(CalendarFeed(staff_id=person.id, token_index="t", made_at=travel.now))
        session.add(KeptForm(client_id=client.id, typed={"path": "/"}, kept_at=travel.now, expires_at=travel.now))
        recovery.make_codes(person.actor, now=travel.now)
        facts = {"credential_index": "i", "credential_id": "c", "public_key": "k", "name": "n", "sign_count": 1}
        session.add(Passkey(staff_id=person.id, **facts, made_at=travel.now))
        in_ten = travel.now + timedelta(minutes=10)
        session.add(TextCode(browser_index="b", code_name_index="n", asked_at=travel.now, expires_at=in_ten))
    backup(environ, tmp_path / "a.backup")
    travel.forward(minutes=1)
    restore(environ, tmp_path / "a.backup")
    assert page_client.get("/today").location.startswith("/sign-in")
    assert session.scalars(select(SignedIn.ended_at)).all() == [travel.now]
    assert session.scalars(select(SetupCode.expires_at)).all() == [travel.now]
    assert session.scalars(select(StaffLink.expires_at)).all() == [travel.now]
    assert session.scalars(select(CalendarFeed.revoked_at)).all() == [travel.now]
    assert session.query(KeptForm).count() == 0
    assert set(session.scalars(select(RecoveryCode.used_at))) == {travel.now}
    assert session.execute(select(Passkey.stopped_at, Passkey.stopped_why)).all() == [(travel.now, "restored")]
    assert session.scalars(select(TextCode.ended_at)).all() == [travel.now]
    session.remove()
    assert her and "/today" in sign_in.as_client(PageClient(app), session.get_one(make.Client, client.id)).address


# The commands


def test_the_commands_say_what_they_did_and_nothing_about_anybody(app, environ, travel, tmp_path):  # R10
    client = make.client(called_name="Rosamunde")
    secret = ("Rosamunde", client.code_name)
    runner, file = app.test_cli_runner(), tmp_path / "a.backup"
    session.remove()
    done = runner.invoke(args=["backup", str(file)])
    assert done.exit_code == 0 and "read back and whole" in done.output, done.output
    actions = session.execute(text("SELECT action FROM audit_entries ORDER BY id DESC LIMIT 1")).scalar()
    assert actions == "backup_made"
    session.remove()
    again = runner.invoke(args=["restore", str(file)])
    assert again.exit_code == 0 and "All sending is stopped" in again.output, again.output
    file.write_bytes(file.read_bytes()[:-1])
    refused = runner.invoke(args=["restore", str(file)])
    assert refused.exit_code == 1 and "altered or is not whole" in refused.output
    for output in (done.output, again.output, refused.output):
        assert not [word for word in secret if word in output]


def test_before_people_are_replaced_an_operator_at_a_terminal_is_asked(environ, app, travel, tmp_path):
    make.client()
    backup(environ, tmp_path / "a.backup")
    database.disconnect()
    was = all_rows(environ["PORTAL_DATABASE_URL"])
    answered = at_a_terminal(environ, "n\n", "restore", str(tmp_path / "a.backup"))
    assert answered[0] == 1 and "will be replaced. Go on?" in answered[1] and "Aborted" in answered[1]
    assert all_rows(environ["PORTAL_DATABASE_URL"]) == was
    assert at_a_terminal(environ, "y\n", "restore", str(tmp_path / "a.backup"))[0] == 0
    assert at_a_terminal(environ, "", "restore", "--yes", str(tmp_path / "a.backup"))[0] == 0


def at_a_terminal(environ, typed: str, *command: str) -> tuple[int, str]:
    """Run a `flask` command with a terminal as its input; gives its status and what it said."""
    ours, its = pty.openpty()
    try:
        os.write(ours, typed.encode())
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "FLASK_"))}
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "portal.app:app_for_commands", *command],
            env={**kept, "FLASK_SKIP_DOTENV": "1", **environ}, stdin=its, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr
    finally:
        os.close(ours)
        os.close(its)
