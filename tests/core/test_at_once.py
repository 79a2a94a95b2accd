"""Rows that are read past the session's own loading are the session's as ever; no statement is taken for another."""

from sqlalchemy import Integer, bindparam, select

from portal.clients.models import Client
from portal.core import database
from portal.core.at_once import read_at_once, read_plain
from portal.core.database import connect, session, unit_of_work
from tests.support import make

_HERS = Client.id == bindparam("client_id", type_=Integer)


def test_statements_with_the_same_parameters_find_each_what_it_asks_for(either_database, app):
    client = make.client()
    number, language = select(Client.id).where(_HERS), select(Client.language).where(_HERS)
    for _ in range(2):
        assert read_plain(number, {"client_id": client.id}).scalar() == client.id
        assert read_plain(language, {"client_id": client.id}).scalar() == client.language


def test_a_statement_is_put_into_words_anew_for_another_database(app, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "make_engine", database.make_engine.__wrapped__)
    statement, spoken = select(Client.id).where(_HERS), []
    for name in ("one", "other"):
        engine = connect(f"sqlite:///{tmp_path / name}.db")
        Client.metadata.create_all(engine)
        spoken += [read_plain(statement, {"client_id": 1}).context.compiled for _ in range(2)]
        assert spoken[-1].dialect is engine.dialect
    first, again, anew, anew_again = spoken
    assert first is again and anew is anew_again and first is not anew


def test_a_row_read_at_once_keeps_its_changes_and_is_read_anew_after_a_rollback(either_database, app):
    client_id = make.client(called_name="One").id
    session.remove()
    statement, asked = select(Client).where(_HERS), {"client_id": client_id}
    with unit_of_work():
        (client,) = read_at_once(statement, asked, Client)
        assert client is session.get(Client, client_id) and client in session and not session.dirty
        client.called_name = "Two"
        assert read_at_once(statement, asked, Client) == (client,) and client.called_name == "Two"
    session.remove()
    (client,) = read_at_once(statement, asked, Client)
    assert client.called_name == "Two"
    client.called_name = "Three"
    session.rollback()
    assert client.called_name == "Two"
    session.delete(client)
    assert client in session.deleted
    session.rollback()
    session.remove()
    assert client not in session
