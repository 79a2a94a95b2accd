"""One thread per woman, over texts and her own pages, whoever writes; the inbox that leads to it."""

import pytest
from sqlalchemy import select

from portal.core.database import session, unit_of_work
from portal.messaging import outbox
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import PortalMessage, TextState
from tests.messaging.talk import address, come_in, texts
from tests.support import make, sign_in
from tests.support.measures import statements


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


def checked(page) -> list[str]:
    return [radio.get("value") for radio in page.find_all("input", name="by") if radio.get("checked") is not None]


def test_her_workers_first_name_stands_at_the_head(browser, client):
    assert "Her worker: Jo" in browser.get(address(client)).text


def test_texts_and_messages_stand_in_one_thread_in_order(browser, client, travel):
    come_in("first", travel.now)
    travel.forward(minutes=1)
    browser.get(address(client))
    browser.submit(address(client), body="second", by="portal")
    travel.forward(minutes=1)
    come_in("third", travel.now)
    said = [node.text for node in browser.get(address(client)).find_all("p", dir="auto") if node.text]
    assert said[:3] == ["first", "second", "third"]


def test_what_happened_to_a_thread_stands_in_it(browser, client, worker, centre, travel):
    sam, kim = make.staff("keyworker", centre, first_name="Sam"), make.staff("manager", centre, first_name="Kim")
    with unit_of_work():
        for kind in ("transfer", "merge", "split"):
            mark = ThreadMark(client_id=client.id, kind=kind, made_by=kim.id, made_at=travel.now)
            if kind == "transfer":
                mark.from_id, mark.to_id = worker.id, sam.id
            session.add(mark)
    page = browser.get(address(client))
    assert "She went from Jo to Sam; Kim did it" in page.text
    assert "Another record of hers was joined to this one by Kim" in page.text
    assert "parted again by Kim" in page.text


@pytest.mark.parametrize(
    ("may_text", "messages_online", "by", "said"),
    [
        (True, True, "text", "A text would leave at once."),
        (False, True, "portal", "No text would go: she does not want texts. Write on her own pages instead."),
        (False, False, "text", "What you send is held, and her worker gets the task to tell her in another way."),
    ],
)
def test_where_no_text_can_go_her_own_pages_are_offered_with_the_reason(
    page_client, worker, may_text, messages_online, by, said
):
    client = make.client(worker, messages_online=messages_online)
    make.safe_contact(client, may_text=may_text)
    sign_in.as_staff(page_client, worker)
    page = page_client.get(address(client))
    assert checked(page) == [by]
    assert said in page.text
    assert ("Her page of messages is switched off" in page.text) is not messages_online


def test_out_of_her_hours_the_composer_says_when_it_would_leave(page_client, worker, client, travel):
    travel.to("2026-12-01 21:00")
    sign_in.as_staff(page_client, worker)
    assert "A text would wait until 2 December 08:00: her safe hours." in page_client.get(address(client)).text


def test_two_who_write_at_once_both_stand_there_and_the_slower_one_looks_first(
    browser, client, centre, new_page_client
):
    sam = new_page_client()
    sign_in.as_staff(sam, make.staff("keyworker", centre, first_name="Sam"))
    forms = {}
    for who in (browser, sam):
        page = who.get(address(client))
        forms[who] = {name: page.field(name) for name in ("request_key", "seen")}
    assert (
        browser.post(address(client), {"body": "From Jo's", **forms[browser]} | {"body": "Ten is fine"}).status == 303
    )
    page = sam.post(address(client), {"body": "Eleven is fine", **forms[sam]})
    assert page.status == 422
    assert "Somebody wrote meanwhile" in page.text
    assert "Ten is fine" in page.text, "she sees what was said"
    assert [box.text.strip() for box in page.find_all("textarea")] == ["Eleven is fine"], "and keeps what she wrote"
    assert (
        sam.post(address(client), {"body": "Eleven is fine", "request_key": "b", "seen": page.field("seen")}).status
        == 303
    )
    assert [text.body for text in texts()] == ["Ten is fine", "Eleven is fine"]


def test_what_she_wrote_meanwhile_is_seen_before_the_answer_goes(browser, client, travel):
    page = browser.get(address(client))
    fields = {"body": "See you", "request_key": page.field("request_key"), "seen": page.field("seen")}
    come_in("I moved", travel.now)
    page = browser.post(address(client), fields)
    assert page.status == 422
    assert "I moved" in page.text


def test_pressing_twice_is_not_somebody_else_writing(browser, client):
    page = browser.get(address(client))
    fields = {"body": "See you", "request_key": page.field("request_key"), "seen": page.field("seen")}
    assert [browser.post(address(client), fields).status for _ in range(2)] == [303, 303]
    assert len(texts()) == 1


def test_her_words_run_in_their_own_direction(browser, client, travel):
    come_in("مرحبا، لا أستطيع غدا", travel.now)
    page = browser.get(address(client))
    assert "مرحبا، لا أستطيع غدا" in [node.text for node in page.find_all("p", dir="auto")]


def test_the_inbox_counts_what_is_unread_and_what_did_not_reach_her(browser, client, travel):
    come_in("one", travel.now)
    travel.forward(minutes=5)
    come_in("two", travel.now)
    with unit_of_work():
        outbox.queue(client.id, "test", once="t", now=travel.now).state = TextState.NOT_DELIVERED
    travel.forward(minutes=9)
    page = browser.get("/staff/inbox")
    assert "2 unread, 1 did not reach her" in page.text
    assert "14 min" in page.text, "waiting since the first"


def test_a_text_that_did_not_reach_her_waits_since_then(browser, client, travel):
    with unit_of_work():
        text = outbox.queue(client.id, "test", once="t", now=travel.now)
        text.state, text.settled_at = TextState.NOT_DELIVERED, travel.now
    travel.forward(minutes=9)
    assert "9 min" in browser.get("/staff/inbox").text


def test_mine_and_covered_are_in_the_address(browser, client, centre, travel):
    other = make.client(make.staff("keyworker", centre, first_name="Sam"), called_name="Poppy")
    make.safe_contact(other, number="+447700900002")
    come_in("one", travel.now)
    come_in("two", travel.now, number="+447700900002")
    shown = {show: browser.get(f"/staff/inbox?show={show}").text for show in ("", "mine", "covered", "odd")}
    assert [("Marigold" in text, "Poppy" in text) for text in shown.values()] == [
        (True, True), (True, False), (False, True), (True, True),
    ]  # fmt: skip


def test_the_inbox_asks_as_often_for_fifty_women_as_for_five(browser, worker, travel):
    def ask(how_many: int) -> int:
        with unit_of_work():
            for number in range(how_many):
                client = clients[number]
                message = PortalMessage(client_id=client, staff_id=None, body="hello", written_at=travel.now)
                session.add(message)
        come_in("from a stranger", travel.forward(seconds=1), number=f"+4477009005{how_many:02}")
        session.remove()
        with statements() as asked:
            assert browser.get("/staff/inbox").status == 200
        return len(asked)

    clients = [make.client(worker).id for _ in range(50)]
    for client_id in clients[:10]:
        make.safe_contact(session.get(make.Client, client_id), number="+447700900777")
    ask(1)
    assert ask(5) == ask(50)
    assert len(session.scalars(select(PortalMessage)).all()) == 56
