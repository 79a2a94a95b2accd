"""Search: her own caseload only, words in no address and no log, older words left out and said so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import ClientState, Restriction
from portal.core.database import session, unit_of_work
from portal.messaging import searching
from portal.messaging.models import PortalMessage
from tests.messaging.talk import address, come_in
from tests.support import make, sign_in


@pytest.fixture
def centre(app, travel):
    return make.centre()


@pytest.fixture
def worker(centre):
    return make.staff("keyworker", centre)


@pytest.fixture
def client(worker):
    client = make.client(worker, called_name="Marigold")
    make.safe_contact(client, number="+447700900001")
    return client


@pytest.fixture
def browser(page_client, worker, client):
    sign_in.as_staff(page_client, worker)
    return page_client


def say(client, body: str, now, staff_id=None) -> None:
    with unit_of_work():
        session.add(PortalMessage(client_id=client.id, staff_id=staff_id, body=body, written_at=now))


def look_for(browser, words: str):
    browser.get("/staff/inbox/search")
    return browser.submit("/staff/inbox/search", words=words)


def test_words_are_found_in_texts_of_hers_of_ours_and_in_messages(browser, client, worker, travel):
    come_in("The blue BICYCLE is broken", travel.now)
    say(client, "I came by bicycle", travel.forward(minutes=1))
    browser.get(address(client))
    browser.submit(address(client), body="Park your bicycle inside")
    page = look_for(browser, "Bicycle")
    assert "3 found, the newest first" in page.text
    assert [mark.text for mark in page.find_all("mark")] == ["bicycle", "bicycle", "BICYCLE"]
    assert page.text.count("From her") == 2
    assert page.address == "/staff/inbox/search", "the words stand in no address"


def test_the_log_holds_that_she_searched_and_whose_words_she_saw_but_no_words(browser, client, worker, travel):  # R30
    say(client, "bicycle", travel.now)
    say(make.client(worker), "nothing of the kind", travel.now)
    look_for(browser, "bicycle")
    entries = session.scalars(select(AuditEntry).where(AuditEntry.reason.in_(["search", "1 found"]))).all()
    assert [(entry.action, entry.client_id) for entry in entries] == [
        ("messages_searched", None),
        ("thread_read", client.id),
    ]
    assert "bicycle" not in repr([vars(entry) for entry in session.scalars(select(AuditEntry))])


def test_only_her_own_caseload_though_she_covers_the_centre(browser, client, centre, travel):
    say(make.client(make.staff("keyworker", centre), called_name="Poppy"), "bicycle", travel.now)
    assert "Nothing found" in look_for(browser, "bicycle").text


def test_a_manager_finds_in_her_centres_and_nowhere_else(page_client, client, centre, travel):
    say(client, "bicycle here", travel.now)
    say(make.client(), "bicycle there", travel.now)
    sign_in.as_staff(page_client, make.staff("manager", centre))
    page = look_for(page_client, "bicycle")
    assert "1 found" in page.text
    assert "Marigold" in page.text


@pytest.mark.parametrize("why", ["restricted", "closed"])
def test_a_record_that_is_not_there_for_her_is_not_found(browser, client, worker, travel, why):  # R29
    say(client, "bicycle", travel.now)
    with unit_of_work():
        if why == "restricted":
            session.add(Restriction(client_id=client.id, staff_id=worker.id, since_at=travel.now))
        else:
            session.get(make.Client, client.id).state = ClientState.CLOSED
    page = look_for(browser, "bicycle")
    assert "Nothing found" in page.text
    assert "Marigold" not in page.text


@pytest.mark.parametrize("words", ["", " ", "a", "  a "])
def test_two_letters_are_the_least(browser, words):
    page = look_for(browser, words)
    assert page.status == 422
    assert "Write two letters or more" in page.text


def test_older_words_are_left_out_and_that_is_said(browser, client, travel, monkeypatch):
    for number in range(4):
        say(client, f"bicycle {number}", travel.forward(seconds=1))
    monkeypatch.setattr(searching, "MOST_LOOKED_THROUGH", 3)
    page = look_for(browser, "bicycle")
    assert "3 found" in page.text
    assert "Not everything was looked through: only the newest 3" in page.text
    assert "bicycle 0" not in page.text
    monkeypatch.setattr(searching, "MOST_LOOKED_THROUGH", 4)
    assert "Not everything" not in look_for(browser, "bicycle").text


def test_markup_in_words_stays_words(browser, client, travel):
    say(client, "<b>bicycle</b>", travel.now)
    page = look_for(browser, "<b>")
    assert "1 found" in page.text
    assert page.find_all("mark")[0].text == "<b>"


@pytest.mark.parametrize(
    ("body", "words", "shown"),
    [
        ("Gdańsk jutro", "gdansk", "Gdańsk"),
        ("STRASSE", "straße", "STRASSE"),
        ("غَداً صباحا", "غدا", "غَداً"),
        ("ﬁne by me", "fine", "ﬁne"),
    ],
)
def test_marks_and_forms_of_letters_make_no_difference(browser, client, travel, body, words, shown):
    say(client, body, travel.now)
    page = look_for(browser, words)
    assert shown.startswith(page.find_all("mark")[0].text)


@given(before=st.text(max_size=20), words=st.text("abcABCéß", min_size=2, max_size=5), after=st.text(max_size=20))
def test_what_is_found_is_a_piece_of_what_was_said(before, words, after):
    body = before + words + after
    begin, end = searching._cut(body, searching._folded(words))
    assert searching._folded(words) in searching._folded(body[begin:end])


def test_reception_searches_nothing(page_client, centre):  # R28
    sign_in.as_staff(page_client, make.staff("receptionist", centre))
    assert page_client.get("/staff/inbox/search").status == 403
    assert page_client.post("/staff/inbox/search", {"words": "hello"}).status == 403
