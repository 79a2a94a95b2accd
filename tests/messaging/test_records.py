"""How long words are kept: while her record is open, and half a year after."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.core.database import engine, session, unit_of_work
from portal.messaging import inbox, outbox, records
from portal.messaging.models import IncomingText, PortalMessage, Text, TextBatch
from tests.support import make


def a_talk(client, now):
    """A text, an answer, a message and a text to many of one woman."""
    record = make.safe_contact(client)
    with unit_of_work():
        batch = TextBatch(body="to many", left_out={}, made_by=client.keyworker_id, made_at=now)
        session.add(batch)
        session.flush()
        sent = outbox.queue(client.id, "written", once=f"w{client.id}", now=now, body="Come in", written_by=1)
        sent.batch_id = batch.id
        session.add(PortalMessage(client_id=client.id, body="Hello", written_at=now))
        inbox.receive(f"SM{client.id}", record.number, "Yes", now)
    with unit_of_work():
        inbox.interpret_waiting(now)


@pytest.fixture
def women(either_database, app, travel):
    closed, still_open = make.client(), make.client()
    for woman in (closed, still_open):
        a_talk(woman, travel.now)
    with unit_of_work():
        woman = session.get_one(make.Client, closed.id)
        woman.state, woman.closed_at = "closed", travel.now
    return closed, still_open


def purge(now, *, dry_run=False):
    with unit_of_work():
        return records.purge(now, dry_run=dry_run)


def left(client_id: int) -> tuple:
    session.remove()
    texts = session.query(Text).filter_by(client_id=client_id).all()
    return (
        [(row.state, row.body, row.number, row.number_index) for row in texts],
        session.query(IncomingText).filter_by(client_id=client_id).count(),
        session.query(PortalMessage).filter_by(client_id=client_id).count(),
    )


def test_half_a_year_after_closing_the_words_are_gone_and_the_state_stays(women, travel):  # R33
    closed, still_open = women
    before = left(still_open.id)
    travel.forward(days=181)
    wanted = {"texts": 1, "incoming_texts": 1, "portal_messages": 1, "text_batches": 2}
    assert purge(travel.now, dry_run=True) == wanted
    assert left(closed.id)[0][0][1] == "Come in", "a dry run changes nothing"
    assert purge(travel.now) == wanted
    texts, incoming, messages = left(closed.id)
    assert ([row[1:] for row in texts], incoming, messages) == ([(None, None, None)], 0, 0)
    assert texts[0][0] == "waiting"
    assert left(still_open.id) == before
    assert session.query(TextBatch).count() == 0
    assert set(purge(travel.now).values()) == {0}


def test_until_then_nothing_goes(women, travel):
    travel.forward(days=179)
    assert set(purge(travel.now).values()) == {0}


def test_a_text_that_nobody_could_place_goes_after_three_months(app, travel):
    with unit_of_work():
        inbox.receive("SMx", "+447700900999", "Who are you looking for", travel.now)
    assert purge(travel.now + timedelta(days=89))["incoming_texts"] == 0
    assert purge(travel.now + timedelta(days=91))["incoming_texts"] == 1


def test_the_file_holds_no_word_of_it_any_more(app, travel):  # R32
    client = make.client()
    a_talk(client, travel.now)
    with engine().connect() as connection:
        sealed = connection.execute(text("SELECT body FROM texts WHERE body IS NOT NULL")).scalar_one()
    with unit_of_work():
        session.get_one(make.Client, client.id).closed_at = travel.now - timedelta(days=181)
    purge(travel.now)
    with engine().connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        path = Path(connection.engine.url.database)
    assert re.search(re.escape(bytes(sealed)), path.read_bytes(), re.DOTALL) is None
