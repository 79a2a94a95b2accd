"""How long notes of sessions are kept: half a year after her record was closed, and then no trace of their words."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.booking.desk_models import SessionNote
from portal.booking.models import Appointment
from portal.booking.session_notes import write_note
from portal.core.database import engine, session, unit_of_work
from portal.privacy import service as privacy
from tests.booking import desk as desks
from tests.support import make


@pytest.fixture
def noted(either_database, app, travel):
    """A woman with a note of a session; her id."""
    desk = desks.open_desk()
    appointment = desks.book(desk, "10:00", actor=desk.jo.actor)
    with unit_of_work():
        write_note(
            desk.jo.actor,
            session.get_one(Appointment, appointment.id),
            note="She came",
            is_opinion=False,
            now=travel.now,
        )
    return desk.client.id


def close(client_id: int, at) -> None:
    with unit_of_work():
        client = session.get_one(make.Client, client_id)
        client.state, client.closed_at = "closed", at


def purge(now, *, dry_run: bool = False) -> int:
    with unit_of_work():
        return privacy.purge(now, dry_run=dry_run)["session_notes"]


def test_half_a_year_after_closing_they_are_gone(noted, travel):  # R33
    close(noted, travel.now)
    assert purge(travel.now + timedelta(days=179)) == 0 and session.query(SessionNote).count() == 1
    later = travel.now + timedelta(days=181)
    assert purge(later, dry_run=True) == 1 and session.query(SessionNote).count() == 1, "a dry run changes nothing"
    session.remove()
    assert purge(later) == 1 and session.query(SessionNote).count() == 0
    assert session.query(Appointment).count() == 1, "that she came stays, to be counted"


def test_while_her_record_is_open_they_stay(noted, travel):
    assert purge(travel.now + timedelta(days=1000)) == 0 and session.query(SessionNote).count() == 1


def test_the_file_holds_nothing_of_them_any_more(environ, app, travel):  # R32
    desk = desks.open_desk()
    appointment = desks.book(desk, "10:00", actor=desk.jo.actor)
    with unit_of_work():
        write_note(
            desk.jo.actor,
            session.get_one(Appointment, appointment.id),
            note="She came",
            is_opinion=False,
            now=travel.now,
        )
    with engine().connect() as connection:
        sealed = bytes(connection.execute(text("SELECT note FROM session_notes")).scalar_one())
    close(desk.client.id, travel.now - timedelta(days=181))
    purge(travel.now)
    with engine().connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        assert sealed not in Path(connection.engine.url.database).read_bytes()
