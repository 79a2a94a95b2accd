"""Faults of the machine: a locked database, a full disk, a database that is gone. A clear page, nothing half-done."""

import sqlite3
import time

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from portal.accounts.models import KeptForm
from portal.core import database
from portal.core.database import session, unit_of_work
from portal.messaging.models import PortalMessage
from portal.worklist.models import Task
from tests.support import make, sign_in


@pytest.fixture
def impatient(monkeypatch):
    """SQLite gives up after a moment instead of five seconds; ask for it before `app`."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)


def shows_help(page) -> None:  # R49
    assert "999" in page.text and "55" in page.text
    assert {"/leave", "/help"} <= set(page.links().values())


def test_while_another_process_holds_the_database_she_is_asked_to_try_again(impatient, page_client, travel, environ):
    client = make.client()
    sign_in.as_client(page_client, client)
    page_client.get("/messages")
    session.remove()
    other = sqlite3.connect(environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    page = page_client.submit("/messages", body="Can I come at 3?")
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    shows_help(page)
    assert page_client.get("/today").status == 200, "reading goes on"
    other.execute("ROLLBACK")
    page_client.get("/messages")
    assert page_client.submit("/messages", body="Can I come at 3?").status == 200
    assert session.query(PortalMessage).count() == 1


def test_a_full_disk_loses_nothing_and_leaves_nothing_half_done(page_client, travel):
    """SQLite's own page limit stands in for the disk: writes fail with the very error of a full one."""
    client = make.client()
    sign_in.as_client(page_client, client)
    fill_the_disk(client.id)
    saved = 0
    for number in range(20):
        page = page_client.post("/messages", {"body": "b" * 2000, "request_key": f"message-{number}"})
        if page.status != 303:
            break
        saved += 1
    assert page.status == 503
    shows_help(page)
    session.remove()
    assert session.query(PortalMessage).count() == saved
    assert session.query(Task).count() == min(saved, 1), "no task without its message"
    assert page_client.get("/today").status == 200, "reading goes on"
    empty_the_disk()
    page = page_client.post("/messages", {"body": "b" * 2000, "request_key": f"message-{saved}"})
    assert page.status == 303, "the same press works once there is room"
    assert session.query(PortalMessage).count() == saved + 1


def test_she_can_always_leave_and_always_reach_help_when_the_database_is_gone(page_client, travel):
    sign_in.as_client(page_client, make.client())
    database.connect("postgresql+psycopg://127.0.0.1:1/nowhere")
    page = page_client.get("/today")
    assert page.status == 503
    shows_help(page)
    assert page_client.get("/now").status == 200
    assert page_client.get("/leave").status == 303


_FULL: list = []


def fill_the_disk(client_id: int) -> None:
    """From here on no connection may make the file larger, and what is free in it is used up."""

    def full(connection, _record) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    session.remove()
    database.engine().dispose()
    event.listen(database.engine(), "connect", full)
    _FULL.append(full)
    size = 4000
    while size:
        try:
            with unit_of_work():
                values = {"kept_at": make.clock.now(), "expires_at": make.clock.now()}
                session.add(KeptForm(client_id=client_id, typed={"path": "x" * size, "fields": []}, **values))
        except OperationalError:
            size //= 2
    session.remove()


def empty_the_disk() -> None:
    """There is room again."""
    session.remove()
    event.remove(database.engine(), "connect", _FULL.pop())
    database.engine().dispose()


def test_leaving_does_not_wait_for_a_busy_database(page_client, travel, environ):  # R2
    sign_in.as_client(page_client, make.client())
    session.remove()
    other = sqlite3.connect(environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    assert page_client.get("/leave").status == 303
    assert time.monotonic() - began < database.BUSY_SECONDS / 2, "far less than the patience of other pages"
    other.execute("ROLLBACK")
