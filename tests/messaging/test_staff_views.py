"""Staff's inbox and threads as they meet them."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core.database import session, unit_of_work
from portal.messaging import inbox, outbox
from portal.messaging.models import IncomingText, PortalMessage, SendingStop, Text, TextState
from portal.worklist.models import Task
from tests.support import make, sign_in


@pytest.fixture
def worker(app, travel):
    return make.staff("keyworker", make.centre())


@pytest.fixture
def client(worker):
    client = make.client(worker, called_name="Marigold")
    make.safe_contact(client, number="+447700900001")
    return client


@pytest.fixture
def browser(page_client, worker):
    sign_in.as_staff(page_client, worker)
    return page_client


def address(client) -> str:
    return f"/staff/clients/{client.id}/messages"


def come_in(body: str, now, number="+447700900001") -> None:
    with unit_of_work():
        inbox.receive(f"SM{body}", number, body, now)
    with unit_of_work():
        inbox.interpret_waiting(now)


def texts() -> list[Text]:
    session.expire_all()
    return list(session.scalars(select(Text).order_by(Text.id)))


def test_she_writes_a_text_and_sees_where_it_is(browser, client, send, gateway):
    page = browser.get(address(client))
    assert page.title == "Messages"
    assert "Marigold" in page.text
    assert "May be texted Mon to Sun 08:00 to 20:00" in page.text
    page = browser.submit(address(client), body="See you “Thursday” then")
    assert "Waiting to be sent" in page.text
    send()
    assert gateway.sent == [("+447700900001", 'See you "Thursday" then')]
    assert "Handed to the network 10:00" in browser.get(address(client)).text


def test_pressed_twice_it_is_one_text(browser, client):
    browser.get(address(client))
    key = browser.page.field("request_key")
    for _ in range(2):
        page = browser.post(address(client), {"body": "Hello", "request_key": key})
        assert page.status == 303
    assert len(texts()) == 1


def test_show_me_first_shows_the_screen_and_sends_nothing(browser, client):
    browser.get(address(client))
    page = browser.submit(
        address(client), body="Thursday 2:30pm is yours – see you there, all being well!", press=("preview", "1")
    )
    assert page.status == 200
    assert "Thursday 2:30pm is yours - see you there, all being well!" in page.text
    assert "On the locked screenThursday 2:30pm is yours - see you there 57 letters" in page.text
    assert "57 letters, 1 part. Nothing was sent." in page.text
    assert texts() == []
    assert browser.submit(address(client)).status == 200, "what was typed is still in the form"
    assert len(texts()) == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("The police rang", "police"),
        ("Your solicitor rang", "solicitor"),
        ("Jo here", "Jo"),
        ("look at a.org", "a.org"),
    ],
)
def test_refused_words_are_named_and_kept_in_the_form(browser, client, body, named):  # R20
    browser.get(address(client))
    page = browser.submit(address(client), body=body)
    assert page.status == 422
    assert f"“{named}”" in page.text
    assert body in page.text
    assert texts() == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"body": ""}, "Write something first"),
        ({"body": "  "}, "Write something first"),
        ({"body": "long " * 2000}, "too long"),
        ({"body": "🙂" * 200}, "Three parts"),
        ({"body": "hi", "send_at": "tomorrow"}, "Write a day and a time"),
        ({"body": "hi", "send_at": "0001-01-01T00:00"}, "That time is past"),
        ({"body": "hi", "send_at": "9999-12-31T23:59"}, "too far away"),
        ({"body": "hi", "send_at": "2026-11-30T10:00"}, "That time is past"),
    ],
)
def test_faults_are_said_at_the_field(browser, client, typed, words):
    browser.get(address(client))
    page = browser.submit(address(client), **typed)
    assert page.status == 422
    assert words in page.text
    assert texts() == []


def test_a_text_for_later_waits_for_its_london_time_inside_her_hours(browser, client):
    browser.get(address(client))
    page = browser.submit(address(client), body="See you", send_at="2026-12-02T21:30")
    assert "Waiting until 3 December 08:00: her safe hours" in page.text
    assert texts()[0].send_at == make.london(make.date(2026, 12, 3), "08:00")


def test_without_a_safe_contact_the_text_is_held_with_its_reason_and_a_task(browser, worker):  # R18
    client = make.client(worker)
    page = browser.get(address(client))
    assert "Nobody has asked her about safe contact" in page.text
    page = browser.submit(address(client), body="Hello")
    assert "Held: nobody has asked her yet how to reach her safely. Tell her in another way." in page.text
    assert [task.kind for task in session.scalars(select(Task))] == ["hold_text"]


def test_she_can_be_written_to_on_her_own_pages_instead(browser, worker):
    client = make.client(worker)
    browser.get(address(client))
    page = browser.submit(address(client), body="The centre is open late on Thursday", by="portal")
    assert "Jo on her pages" in page.text
    assert texts() == []
    assert session.scalars(select(PortalMessage)).one().staff_id == worker.id


def test_reading_marks_it_read_and_is_logged(browser, client, worker, travel):  # R30
    come_in("can we talk", travel.now)
    assert "Marigold" in browser.get("/staff/inbox").text
    page = browser.get(address(client))
    assert "can we talk" in page.text
    assert session.scalars(select(IncomingText)).one().read_by == worker.id
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "thread_read")).all()
    assert (entry.actor_id, entry.client_id) == (worker.id, client.id)


def test_the_inbox_keeps_a_thread_until_it_is_answered(browser, client, travel):
    come_in("can we talk", travel.now)
    travel.forward(minutes=14)
    page = browser.get("/staff/inbox")
    assert "14 min" in page.text
    assert "Waiting for an answer" in page.text
    browser.get(address(client))
    assert "Waiting for an answer" in browser.get("/staff/inbox").text
    browser.get(address(client))
    browser.submit(address(client), body="Yes, Thursday")
    assert "Nothing waits for you" in browser.get("/staff/inbox").text


def test_a_text_that_did_not_reach_her_stands_in_the_inbox(browser, client, travel):
    with unit_of_work():
        text = outbox.queue(client.id, "test", once="t", now=travel.now)
        text.state = TextState.NOT_DELIVERED
    assert "1 did not reach her" in browser.get("/staff/inbox").text
    assert "Not delivered. Ring her if she may be rung, or tell her at the centre." in browser.get(address(client)).text


def test_a_risk_stands_first_and_is_not_answered_before_the_check(browser, client, worker, travel):  # R25
    other = make.client(worker, called_name="Early")
    make.safe_contact(other, number="+447700900002")
    come_in("hello", travel.now, number="+447700900002")
    travel.forward(minutes=1)
    come_in("hes here", travel.now)
    page = browser.get("/staff/inbox")
    assert page.text.index("Marigold") < page.text.index("Early")
    assert "May be at risk" in page.text
    browser.get(address(client))
    page = browser.submit(address(client), body="Are you there?")
    assert page.status == 422
    assert "Check that it is her" in page.text
    with unit_of_work():
        risk = session.scalars(select(Task).where(Task.kind == "risk_text")).one()
        risk.closed_at, risk.closed_by, risk.done = travel.now, worker.id, "rang_her"
    assert browser.submit(address(client), body="Are you there?").status == 200


def test_hers_and_her_centres_threads_and_nobody_elses(browser, client, travel):
    other = make.client(called_name="Elsewhere")
    make.safe_contact(other, number="+447700900002")
    come_in("hello", travel.now, number="+447700900002")
    assert "Elsewhere" not in browser.get("/staff/inbox").text
    for method in (browser.get, browser.post):
        assert method(address(other)).status == 404
    assert browser.post(f"/staff/clients/{other.id}/test-text").status == 404


def test_who_must_not_know_of_her_finds_nothing(browser, client, worker, travel):  # R29
    come_in("hello", travel.now)
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=worker.id, since_at=travel.now))
    assert "Marigold" not in browser.get("/staff/inbox").text
    assert browser.get(address(client)).status == 404


@pytest.mark.parametrize("client_id", ["0", "999", "99999999999999999999", "x"])
def test_odd_ids_are_not_there(browser, client_id):
    assert browser.get(f"/staff/clients/{client_id}/messages").status == 404
    assert browser.get(f"/staff/inbox/{client_id}").status == 404


def test_reception_reads_and_writes_nothing(page_client, client, worker):  # R28
    thread, test_text = address(client), f"/staff/clients/{client.id}/test-text"
    sign_in.as_staff(page_client, make.staff("receptionist", session.get(make.Centre, client.centre_id)))
    for path in ("/staff/inbox", "/staff/inbox/1", thread):
        assert page_client.get(path).status == 403
    for path in (thread, test_text):
        assert page_client.post(path, {"body": "hello"}).status == 403
    assert texts() == []


def test_a_shared_number_is_triaged_by_who_may_see_both_and_shows_no_history(
    browser, client, worker, travel, new_page_client
):  # R23
    other = make.client(worker, called_name="Poppy")
    make.safe_contact(other, number="+447700900001")
    come_in("it is me", travel.now)
    assert "it is me" not in browser.get(address(client)).text
    assert "From numbers that we cannot place" in browser.get("/staff/inbox").text
    incoming = session.scalars(select(IncomingText)).one()
    page = browser.get(f"/staff/inbox/{incoming.id}")
    assert "it is me" in page.text
    assert "Marigold" in page.text
    assert "Poppy" in page.text
    stranger = new_page_client()
    sign_in.as_staff(stranger, make.staff("keyworker", make.centre()))
    assert stranger.get(f"/staff/inbox/{incoming.id}").status == 404


def test_an_unknown_number_is_a_managers(browser, worker, travel, new_page_client):
    come_in("who is this", travel.now, number="+447700900999")
    page = f"/staff/inbox/{session.scalars(select(IncomingText)).one().id}"
    assert browser.get(page).status == 404
    manager = new_page_client()
    sign_in.as_staff(manager, make.staff("manager", session.get(make.Centre, worker.centre_ids[0])))
    assert "No record holds this number" in manager.get(page).text


def test_the_test_text_goes_to_a_number_not_yet_proved(browser, client, send, gateway):  # R18
    make.safe_contact(client, number="+447700900001", proved_at=None)
    page = browser.get(address(client))
    assert "Number not proved" in page.text
    page = browser.submit(f"/staff/clients/{client.id}/test-text")
    assert "on its way" in browser.page.html
    send()
    assert gateway.sent == [("+447700900001", "Hello. This is only to see if texts work.")]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"may_text": False}, "she does not want texts"),
        ({"safe_hours": [{"day": 1, "from": "12:00", "to": "13:00"}]}, "her safe hours"),
    ],
)
def test_the_test_text_obeys_every_other_rule_and_says_why_at_once(browser, client, values, why, send, gateway):
    make.safe_contact(client, number="+447700900001", proved_at=None, **values)
    page = browser.post(f"/staff/clients/{client.id}/test-text", follow=True)
    assert f"The test text was not sent: {why}." in page.html
    send()
    assert gateway.sent == []
    assert session.scalars(select(Task).where(Task.closed_at.is_(None))).all() == []


def test_the_head_says_what_matters_before_writing(browser, client, only_english, travel):
    make.safe_contact(
        client, number="+447700900001", wording="cover", cover_phrase="Nails", text_language="so", may_reply=False
    )
    with unit_of_work():
        outbox.opt_out("+447700900001", travel.now)
        session.add(SendingStop(stopped_at=travel.now, stopped_by=client.keyworker_id, why="made-up trouble"))
    page = browser.get(address(client))
    for words in (
        "Her language is Somali; texts go in English for now.",
        "Her texts pretend to be about “Nails”. Keep to that.",
        "Cover wording",
        "Her number asked for no more texts: ring her",
        "She must not be asked to reply",
        "Check again by Mon 1 Mar",
    ):
        assert words in page.text
    assert "made-up trouble" not in page.text, "it stands above every page, once"


def test_every_state_is_said_in_words(browser, client, travel):
    with unit_of_work():
        for state in TextState:
            text = outbox.queue(client.id, "test", once=state, now=travel.now)
            text.state, text.sent_at, text.settled_at = state, travel.now, travel.now
    page = browser.get(address(client))
    for words in (
        "Held", "Waiting to be sent", "Sending", "Handed to the network 10:00", "Reached the phone 10:00",
        "Not delivered. Ring her if she may be rung", "Not known if it went. We are looking it up", "Not sent",
        "Stopped",
    ):  # fmt: skip
        assert words in page.text
    assert " read" not in page.text.replace("already", "")
