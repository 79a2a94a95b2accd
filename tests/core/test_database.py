"""Sealed columns open only where they were sealed; a unit of work is whole or nothing; one writer after another."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from portal.clients.models import Client
from portal.core import crypto
from portal.core.database import one_of, session, unit_of_work
from portal.core.errors import Invalid
from portal.core.phone import national, normalise, parse_mobile
from tests.support import make


def test_a_sealed_name_is_not_in_the_database_file(app, environ):  # R32
    make.client(called_name="Unlikelina")
    with unit_of_work():
        session.execute(text("SELECT 1"))
    raw = b"".join(path.read_bytes() for path in _files(environ))
    assert b"Unlikelina" not in raw


def test_a_sealed_value_moved_to_another_row_does_not_open(app):  # R32
    one, other = make.client(called_name="One"), make.client(called_name="Other")
    with unit_of_work():
        other._called_name = session.get(Client, one.id)._called_name
        with pytest.raises(crypto.CannotOpen):
            _ = other.called_name
        session.rollback()


def test_a_sealed_value_moved_to_another_column_does_not_open(app):  # R32
    client = make.client(called_name="One")
    client._code_name = client._called_name
    with pytest.raises(crypto.CannotOpen):
        _ = client.code_name
    session.rollback()


def test_a_new_row_may_be_named_before_it_is_there_and_a_wrong_name_of_a_column_is_refused(app):
    named = Client(seal_id="a" * 32, called_name="One", language="en")
    assert (named.seal_id, named.called_name, named.language) == ("a" * 32, "One", "en")
    assert Client.called_name.sealed(None, named.seal_id) is None
    named._called_name = Client.called_name.sealed("Other", named.seal_id)
    assert named.called_name == "Other"
    assert Client(called_name="Two").seal_id != Client(called_name="Two").seal_id
    with pytest.raises(TypeError):
        Client(languages="en")


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Europe/London"), timezone(timedelta(hours=-7))])
def test_an_instant_comes_back_as_the_same_instant_in_utc(either_database, app, zone):
    at = datetime(2026, 7, 1, 12, 30, 5, 7, tzinfo=zone)
    client_id = make.client().id
    with unit_of_work():
        session.get(Client, client_id).closed_at = at
    session.remove()
    stored = session.get(Client, client_id)
    assert stored.closed_at == at and stored.closed_at.tzinfo is UTC and stored.opened_at.tzinfo is UTC
    earlier = select(Client.id).where(Client.closed_at <= at, Client.closed_at > at - timedelta(microseconds=1))
    assert session.scalars(earlier).all() == [client_id]


def test_an_instant_without_its_zone_is_refused(either_database, app):
    client_id = make.client().id
    with pytest.raises(StatementError, match="time zone"), unit_of_work():
        session.get(Client, client_id).closed_at = datetime(2026, 7, 1, 12, 30)  # noqa: DTZ001  # what is refused
        session.flush()


def test_one_of_nothing_holds_for_nobody(app):
    client_id = make.client().id
    ids = select(Client.id)
    assert session.scalars(ids.where(one_of(Client.id, ()))).all() == []
    assert session.scalars(ids.where(one_of(Client.id, (client_id, 99)))).all() == [client_id]


def test_a_failing_unit_of_work_leaves_nothing(app):
    client_id = make.client(called_name="Before").id
    with pytest.raises(RuntimeError, match="broken"), unit_of_work():
        session.get(Client, client_id).called_name = "After"
        session.flush()
        raise RuntimeError("broken")
    session.remove()
    assert session.get(Client, client_id).called_name == "Before"


def test_units_of_work_do_not_nest(app):
    with unit_of_work(), pytest.raises(RuntimeError, match="does not nest"), unit_of_work():
        pass


def test_many_threads_write_one_after_another(app):
    client_id = make.client(called_name="0").id

    def add_one() -> None:
        with unit_of_work():
            row = session.scalars(select(Client).where(Client.id == client_id)).one()
            row.called_name = str(int(row.called_name) + 1)
        session.remove()

    threads = [threading.Thread(target=add_one) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.remove()
    assert session.get(Client, client_id).called_name == "16"


@pytest.mark.parametrize(
    "typed", ["07700 900123", "+44 7700 900123", "0044 (0)7700-900123", "٠٧٧٠٠٩٠٠١٢٣", "\u202a07700900123\u202c"]
)
def test_a_number_is_read_however_it_is_typed(typed):
    assert parse_mobile(typed, drama_only=True) == "+447700900123"
    assert national("+447700900123") == "07700 900123"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("07911 123456", "real_number_in_demo"),
        ("020 7946 0000", "not_a_mobile"),
        ("", "not_a_mobile"),
        ("9" * 10000, "not_a_mobile"),
    ],
)
def test_other_numbers_are_refused_in_the_demo(typed, reason):  # R40
    with pytest.raises(Invalid) as refused:
        parse_mobile(typed, drama_only=True)
    assert refused.value.reason == reason


def test_normalise_never_fails():
    assert normalise("Library") == "Library"


def _files(environ):
    path = Path(environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///"))
    return [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
