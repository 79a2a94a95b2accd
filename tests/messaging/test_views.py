"""Her messages: there only if she wants them there, behind her passcode, and never lost."""

import re

import pytest
from sqlalchemy import select

from portal.core.database import session, unit_of_work
from portal.messaging import queries, service
from portal.messaging.models import PortalMessage
from portal.worklist.models import Task
from tests.support import make, sign_in


@pytest.fixture
def client(app, travel):
    return make.client(messages_online=True)


def staff_writes(client, body: str, now) -> None:
    worker = session.get_one(make.Staff, client.keyworker_id)
    with unit_of_work():
        service.write_message(worker.actor, client.id, body=body, request_key=f"k{len(body)}", now=now)


def test_she_reads_her_messages_behind_her_passcode(page_client, client, travel):  # R16
    staff_writes(client, "Open late on Thursday", travel.now)
    assert queries.unread_for_client(client.id) == 1
    sign_in.as_client(page_client, client)
    page = page_client.get("/messages", follow=True)
    assert page.address == "/step-up"
    page = sign_in.step_up(page_client)
    assert page.address == "/messages"
    assert "Open late on Thursday" in page.text
    assert "Your worker" in page.text
    assert "Monday to Friday, 9 to 5" in page.text
    assert queries.unread_for_client(client.id) == 0


def test_the_days_of_the_next_fortnight_on_which_nobody_reads_messages_are_named(page_client, client, travel):  # R25
    words = "Nobody reads messages on Friday 25 December and Monday 28 December."
    assert "Nobody reads" not in page_client.get("/set-up").text
    travel.to("2026-12-15 10:00")
    assert words in page_client.get("/set-up").text
    page = sign_in.as_client(page_client, client)
    assert page.address == "/today" and words in page.text
    page_client.get("/messages", follow=True)
    assert words in sign_in.step_up(page_client).text
    travel.to("2026-12-28 12:00")
    sign_in.as_client(page_client, client)
    page = page_client.get("/today")
    assert "Nobody reads messages on Monday 28 December and Friday 1 January." in page.text


def test_a_workers_name_stands_there_only_if_she_chose_so(page_client, app, travel):  # R16
    client = make.client(messages_online=True, shows_worker_name=True)
    staff_writes(client, "Hello", travel.now)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    assert "Jo, Tuesday 1 December" in sign_in.step_up(page_client).text


def test_switched_off_the_page_is_that_of_a_woman_without_messages(page_client, new_page_client, app, travel):  # R41
    with_some, without = make.client(), make.client()
    staff_writes(with_some, "Secret marker", travel.now)
    pages = []
    for browser, code_name in ((page_client, with_some.code_name), (new_page_client(), without.code_name)):
        browser.get("/sign-in")
        browser.submit("/sign-in", code_name=code_name, passcode=make.PASSCODE)
        page = browser.get("/messages")
        assert page.status == 200
        pages.append(re.sub(r'(name="(?:csrf_token|request_key)" value=)"[^"]*"', r"\1", page.html))
    assert pages[0] == pages[1]
    assert "No messages." in pages[0]
    assert session.scalars(select(PortalMessage)).one().read_at is None


@pytest.mark.parametrize("online", [True, False])
def test_what_she_writes_is_her_workers_task(page_client, app, travel, online):
    client = make.client(messages_online=online)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    if online:
        sign_in.step_up(page_client)
    page = page_client.submit("/messages", body="Can we meet earlier?")
    assert "Sent. We got your message." in page.text
    assert session.scalars(select(PortalMessage)).one().body == "Can we meet earlier?"
    [task] = session.scalars(select(Task)).all()
    assert (task.kind, task.owner_id, task.subject) == ("incoming_text", client.keyworker_id, f"thread:{client.id}")
    assert ("Can we meet" in page_client.get("/messages").text) is online


def test_a_risk_in_her_message_is_due_in_minutes(page_client, client, travel):  # R25
    sign_in.as_client(page_client, client)
    page_client.post("/messages", {"body": "he hit me"})
    due = {task.kind: task.due_at for task in session.scalars(select(Task))}
    assert (due["risk_text"] - travel.now).total_seconds() == 300


def test_pressed_twice_it_is_one_message(page_client, client, travel):  # R38
    sign_in.as_client(page_client, client)
    for _ in range(2):
        assert page_client.post("/messages", {"body": "Hello", "request_key": "one-key"}).status == 303
    assert len(session.scalars(select(PortalMessage)).all()) == 1


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [("", 422, "Write your message first"), ("   ", 422, "Write your message first"), ("a" * 10_000, 422, "too long"),
     ("🙂 شكرا", 303, "")],
)  # fmt: skip
def test_odd_messages_get_a_clear_answer(page_client, client, travel, body, status, words):
    sign_in.as_client(page_client, client)
    page = page_client.post("/messages", {"body": body})
    assert page.status == status
    assert words in page.text


def test_a_slow_writer_loses_nothing_when_the_page_has_closed_again(page_client, client, travel):  # R38
    staff_writes(client, "Secret marker", travel.now)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    sign_in.step_up(page_client)
    travel.forward(minutes=6)
    page = page_client.post("/messages", {"body": ""})
    assert page.status == 422
    assert "Secret marker" not in page.text, "the page is closed again, so a fault shows no messages"
    assert page_client.post("/messages", {"body": "Long thought over"}).status == 303
    assert len(session.scalars(select(PortalMessage)).all()) == 2


def test_staff_read_what_she_wrote(page_client, new_page_client, client, travel):
    sign_in.as_client(page_client, client)
    page_client.post("/messages", {"body": "Can we meet earlier?"})
    browser = new_page_client()
    sign_in.as_staff(browser, session.get_one(make.Staff, client.keyworker_id))
    assert client.called_name in browser.get("/staff/inbox").text
    assert "Can we meet earlier?" in browser.get(f"/staff/clients/{client.id}/messages").text


def test_last_contacts_are_the_newest_of_every_channel(client, travel):
    other = make.client()
    staff_writes(client, "Hello", travel.now)
    travel.forward(hours=1)
    staff_writes(client, "Hello again", travel.now)
    assert queries.last_contacts([client.id, other.id]) == {client.id: travel.now}
