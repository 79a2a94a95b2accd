"""Texts that have not left yet: planned, changed, taken back; once claimed, it is too late."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.core.database import session, unit_of_work
from portal.core.errors import Stale
from portal.jobs import sending
from portal.messaging import outbox, planned, service
from portal.messaging.models import Text, TextState
from portal.worklist.models import Task
from tests.messaging.talk import address, texts
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
def browser(page_client, worker, client):
    sign_in.as_staff(page_client, worker)
    page_client.get(address(client))
    return page_client


def plan(browser, client, **values):
    page = browser.submit(address(client), body="See you", **({"send_at": "2026-12-03T12:00"} | values))
    return page, texts()[-1]


def test_a_planned_text_says_when_and_leaves_then(browser, client, send, gateway, travel):
    page, _ = plan(browser, client)
    assert "Planned for 3 December 12:00" in page.text
    send()
    assert gateway.sent == []
    travel.to("2026-12-03 12:00")
    send()
    assert gateway.sent == [("+447700900001", "See you")]


def test_taken_back_it_never_leaves(browser, client, send, gateway, travel):
    _, text = plan(browser, client)
    page = browser.submit(f"{address(client)}/{text.id}/take-back")
    assert "Not sent: it was taken back." in page.text
    assert (texts()[0].state, texts()[0].reason) == (TextState.SKIPPED, "taken_back")
    travel.to("2026-12-03 12:00")
    send()
    assert gateway.sent == []
    assert "taken_back" not in browser.get("/staff/inbox").text
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "text_taken_back")).all()
    assert entry.client_id == client.id


def test_a_held_text_taken_back_leaves_no_task(browser, client):
    make.safe_contact(client, number="+447700900001", may_text=False)
    _, text = plan(browser, client, send_at=None)
    assert text.state == TextState.HELD
    browser.submit(f"{address(client)}/{text.id}/take-back")
    assert session.scalars(select(Task).where(Task.closed_at.is_(None))).all() == []


def test_words_and_time_can_be_changed_before_it_leaves(browser, client, send, gateway, travel):
    _, text = plan(browser, client)
    page = browser.get(f"{address(client)}/{text.id}")
    assert [box.text.strip() for box in page.find_all("textarea")] == ["See you"]
    assert page.field("send_at") == "2026-12-03T12:00"
    page = browser.submit(f"{address(client)}/{text.id}", body="See you then", send_at="2026-12-04T09:30")
    assert "Planned for 4 December 09:30" in page.text
    travel.to("2026-12-03 12:00")
    send()
    assert gateway.sent == []
    travel.to("2026-12-04 09:30")
    send()
    assert [body for _, body in gateway.sent] == ["See you then"]


def test_a_change_waits_for_her_hours_again(browser, client):
    _, text = plan(browser, client)
    browser.get(f"{address(client)}/{text.id}")
    page = browser.submit(f"{address(client)}/{text.id}", send_at="2026-12-03T22:00")
    assert "Waiting until 4 December 08:00: her safe hours" in page.text


@pytest.mark.parametrize(
    ("now", "send_at", "utc"),
    [
        ("2027-03-26 10:00", "2027-03-29T09:30", "08:30"),
        ("2026-10-23 10:00", "2026-10-26T09:30", "09:30"),
    ],
)
def test_over_a_clock_change_it_keeps_its_london_time(page_client, worker, client, travel, now, send_at, utc):
    travel.to(now)
    make.safe_contact(client, number="+447700900001")
    sign_in.as_staff(page_client, worker)
    page_client.get(address(client))
    _, text = plan(page_client, client, send_at=send_at)
    assert f"{text.send_at:%H:%M}" == utc
    assert page_client.get(f"{address(client)}/{text.id}").field("send_at") == send_at


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"body": "The police rang"}, "“police”"),
        ({"body": ""}, "Write something first"),
        ({"send_at": "2026-11-01T10:00"}, "That time is past"),
        ({"send_at": "soon"}, "Write a day and a time"),
    ],
)
def test_a_change_is_checked_as_a_new_text_is(browser, client, typed, said):
    _, text = plan(browser, client)
    browser.get(f"{address(client)}/{text.id}")
    page = browser.submit(f"{address(client)}/{text.id}", **typed)
    assert page.status == 422
    assert said in page.text
    assert texts()[0].body == "See you"


@pytest.mark.parametrize("state", [TextState.SENDING, TextState.UNKNOWN, TextState.HANDED_OVER, TextState.REACHED])
def test_once_claimed_it_is_too_late(browser, client, state):
    _, text = plan(browser, client)
    page = browser.get(f"{address(client)}/{text.id}")
    with unit_of_work():
        session.get(Text, text.id).state = state
    page = browser.submit(f"{address(client)}/{text.id}", body="Another", follow=True)
    assert "Too late: it has left already." in page.html
    assert browser.get(f"{address(client)}/{text.id}", follow=True).address.endswith("/messages")
    page = browser.post(f"{address(client)}/{text.id}/take-back", follow=True)
    assert "Too late: it has left already." in page.html
    assert (texts()[0].state, texts()[0].body) == (state, "See you")


def test_a_worker_that_claims_first_wins_and_one_that_comes_later_finds_nothing(
    either_database, app, travel, settings, gateway, send
):
    worker = make.staff("keyworker", make.centre())
    client = make.client(worker)
    make.safe_contact(client, number="+447700900001")
    actor = worker.actor

    def write(key: str) -> int:
        with unit_of_work():
            return service.write_text(actor, client.id, body=key, request_key=key, words=(), now=travel.now).id

    first, second = write("first"), write("second")
    with unit_of_work():
        planned.take_back(actor, client.id, second, now=travel.now)
    send()
    with unit_of_work(), pytest.raises(Stale):
        planned.take_back(actor, client.id, first, now=travel.now)
    assert [body for _, body in gateway.sent] == ["first"]
    assert sending.send_due(settings, gateway, "another-worker", sleep=lambda seconds: None) == 0


def test_only_staffs_own_texts_of_this_woman_by_who_may_see_her(browser, client, worker, travel, new_page_client):
    own = f"{address(client)}/{plan(browser, client)[1].id}"
    with unit_of_work():
        automatic = outbox.queue(client.id, "test", once="t", now=travel.now)
    other = make.client(worker)
    for path in (
        f"{address(client)}/{automatic.id}",
        own.replace(address(client), address(other)),
        f"{address(client)}/0",
        f"{address(client)}/99999999999",
        f"{address(client)}/x",
    ):
        assert browser.get(path).status == 404, path
        assert browser.post(f"{path}/take-back").status == 404, path
    stranger = new_page_client()
    sign_in.as_staff(stranger, make.staff("keyworker", make.centre()))
    assert stranger.post(f"{own}/take-back").status == 404
    assert texts()[0].state == TextState.WAITING
