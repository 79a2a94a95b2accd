"""One text to many: seen before it is sent, sent once, one text each, ever; who gets none is somebody's task."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, select

from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core.database import session, unit_of_work
from portal.messaging import batches, outbox
from portal.messaging.models import Text, TextBatch, TextState
from portal.web import once
from portal.worklist.models import Task
from tests.messaging.talk import address, come_in, texts
from tests.support import make, sign_in

NEW, SEND = "/staff/messages/new-batch", "/staff/messages/send-batch"


@pytest.fixture
def centre(app, travel):
    return make.centre("Willow House")


@pytest.fixture
def worker(centre):
    return make.staff("keyworker", centre)


@pytest.fixture
def browser(page_client, worker):
    sign_in.as_staff(page_client, worker)
    return page_client


@pytest.fixture
def women(worker):
    """Three who may be texted."""
    found = [make.client(worker, called_name=name) for name in ("Alder", "Birch", "Cedar")]
    for number, client in enumerate(found, start=1):
        make.safe_contact(client, number=f"+44770090000{number}")
    return found


def look(browser, clients, body="The group starts at ten", **typed):
    browser.get(NEW)
    return browser.submit(NEW, body=body, who=[client.id for client in clients], **typed)


def send_to(browser, clients, **typed):
    look(browser, clients, **typed)
    return browser.submit(SEND, who=[client.id for client in clients])


def tasks() -> list[Task]:
    return list(session.scalars(select(Task).where(Task.kind == "batch_left_out").order_by(Task.id)))


def test_looking_first_says_who_gets_it_and_sends_nothing(browser, women):
    page = look(browser, women)
    assert page.h1 == "Before it is sent"
    assert "3 get it" in page.text
    assert "The group starts at ten" in page.text
    assert [node.get("value") for node in page.find_all("input", name="who")] == [str(one.id) for one in women]
    assert texts() == []


def test_each_gets_one_text_in_her_hours(browser, women, send, gateway, travel):
    make.safe_contact(women[0], number="+447700900001", safe_hours=[{"day": 1, "from": "14:00", "to": "15:00"}])
    assert "Alder14:00" in look(browser, women).text
    page = browser.submit(SEND, who=[one.id for one in women])
    assert page.h1 == "A text to many"
    send()
    assert sorted(number for number, _ in gateway.sent) == ["+447700900002", "+447700900003"]
    travel.to("2026-12-01 14:00")
    send()
    assert sorted(number for number, _ in gateway.sent) == [f"+44770090000{number}" for number in (1, 2, 3)]
    assert [text.once for text in texts()] == [f"batch:1:{one.id}" for one in women]


def test_pressed_twice_and_looked_at_twice_it_is_one_batch(browser, women):
    browser.get(NEW)
    fields = {"body": "Hello", "language": "en", "who": [one.id for one in women]}
    key = browser.page.field("request_key")
    for _ in range(2):
        assert browser.post(NEW, {**fields, "request_key": key}).field("request_key") == key
    addresses = {browser.post(SEND, {**fields, "request_key": key}).location for _ in range(3)}
    assert addresses == {"/staff/messages/batches/1"}
    assert len(texts()) == 3
    assert len(session.scalars(select(TextBatch)).all()) == 1


def test_two_browsers_at_once_send_it_once(either_database, app, travel):
    worker = make.staff("keyworker", make.centre())
    women = [make.client(worker) for _ in range(5)]
    for number, client in enumerate(women):
        make.safe_contact(client, number=f"+44770090010{number}")
    ids, actor, now = [one.id for one in women], worker.actor, travel.now
    start = threading.Barrier(4)

    def press() -> None:
        start.wait()
        try:
            with unit_of_work():
                if once.claim(actor, "the-key", now=now) is None:
                    batches.send_batch(actor, ids, body="Hello", language="en", words=(), now=now)
                    once.made(actor, "the-key", "sent")
        finally:
            session.remove()

    with ThreadPoolExecutor(4) as pool:
        for pressed in [pool.submit(press) for _ in range(4)]:
            pressed.result()
    assert sorted(text.client_id for text in texts()) == ids


REASONS = {
    "never asked": "nobody has asked her yet how to reach her safely",
    "no texts": "she does not want texts",
    "opted out": "her number asked for no more texts",
    "overdue": "her safe contact must be checked again",
    "not proved": "her number is not proved yet",
    "at risk": "a text from her number may tell of a risk: check first that it is her",
    "cover": "her texts pretend to be about something else",
    "named": "it names her worker, which she did not choose",
}


RECORDS = {
    "no texts": {"may_text": False},
    "overdue": {"check_again_on": make.date(2026, 11, 30)},
    "not proved": {"proved_at": None},
    "cover": {"wording": "cover", "cover_phrase": "Nails"},
}


def put_in_the_way(why: str, client, centre, now) -> None:
    if why in RECORDS:
        make.safe_contact(client, number="+447700900001", **RECORDS[why])
    elif why == "at risk":
        come_in("hes here", now)
    elif why == "opted out":
        with unit_of_work():
            outbox.opt_out("+447700900001", now)
    elif why == "never asked":
        with unit_of_work():
            session.execute(delete(make.SafeContact).where(make.SafeContact.client_id == client.id))
    else:
        sam = make.staff("keyworker", centre, first_name="Sam")
        with unit_of_work():
            client.keyworker_id = sam.id


@pytest.mark.parametrize("why", REASONS)
def test_who_cannot_get_it_is_named_with_the_reason_and_becomes_a_task(
    browser, women, centre, travel, send, gateway, why
):  # R18
    put_in_the_way(why, women[0], centre, travel.now)
    page = look(browser, women, body="Sam is in at ten")
    assert "2 get it" in page.text
    assert "1 do not" in page.text
    assert f"Alder{REASONS[why]}" in page.text
    page = browser.submit(SEND, who=[one.id for one in women])
    assert "1 left out" in page.text
    assert REASONS[why] in page.text
    send()
    assert sorted(number for number, _ in gateway.sent) == ["+447700900002", "+447700900003"]
    [task] = tasks()
    assert (task.client_id, task.note) == (women[0].id, "Sam is in at ten")
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "batch_sent")).all()
    assert entry.reason == "2 texts"


def test_everything_is_looked_at_anew_when_it_is_sent(browser, women, travel, send, gateway):
    look(browser, women)
    with unit_of_work():
        outbox.opt_out("+447700900001", travel.now)
    page = browser.submit(SEND, who=[one.id for one in women])
    assert "1 left out" in page.text
    send()
    assert len(gateway.sent) == 2


def test_whoever_is_unticked_gets_neither_text_nor_task(browser, women):
    make.safe_contact(women[1], number="+447700900002", may_text=False)
    look(browser, women)
    browser.submit(SEND, who=[women[2].id])
    assert [text.client_id for text in texts()] == [women[2].id]
    assert tasks() == []


def test_who_reads_another_language_is_marked(browser, women, worker):
    reader = make.client(worker, called_name="Dahlia", language="ar")
    make.safe_contact(reader, number="+447700900009")
    assert "Reads Arabic" in look(browser, [*women, reader]).text
    assert "Reads Arabic" not in look(browser, women).text
    page = look(browser, [*women, reader], body="مرحبا", language="ar")
    assert page.text.count("Reads English") == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"body": "The police rang"}, "“police”"),
        ({"body": "Come to Willow House"}, "“Willow House”"),
        ({"body": "Jo here"}, "“Jo”"),
        ({"body": "Ask for Example"}, "“Example”"),
        ({"body": ""}, "Write something first"),
        ({"body": "🙂" * 200}, "Three parts is the most"),
    ],
)
def test_words_that_no_text_may_carry_go_to_nobody(browser, women, typed, said):  # R20
    page = look(browser, women, **typed)
    assert page.status == 422
    assert said in page.text
    ticked = [node for node in page.find_all("input", name="who") if node.get("checked") is not None]
    assert len(ticked) == 3, "whom she ticked stays ticked"
    fields = {"who": [one.id for one in women], "language": "en", "request_key": "another", **typed}
    assert browser.post(SEND, fields).status == 422
    assert texts() == []


def test_nobody_ticked_and_too_many_are_faults(browser, women, monkeypatch):
    assert "Tick somebody" in look(browser, []).text
    monkeypatch.setattr(batches, "MOST_WOMEN", 2)
    page = look(browser, women)
    assert page.status == 422
    assert "too many at once" in page.text


def test_going_back_keeps_everything(browser, women):
    look(browser, women[:2])
    [form] = [form for form in browser.page.forms() if form.get("action") == SEND]
    [back] = [node for node in form.iter() if node.get("name") == "back"]
    fields = {node.get("name"): node.get("value") for node in form.iter() if node.get("type") == "hidden"}
    page = browser.post(back.get("formaction"), {**fields, "back": "1", "who": [one.id for one in women[:2]]})
    assert page.status == 200
    assert [box.text.strip() for box in page.find_all("textarea")] == ["The group starts at ten"]
    ticked = [node.get("value") for node in page.find_all("input", name="who") if node.get("checked") is not None]
    assert sorted(ticked) == sorted(str(one.id) for one in women[:2])
    assert page.field("request_key") == fields["request_key"]


def test_filters_tick_by_centre_worker_and_language_and_stay_in_the_address(page_client, centre, travel):
    other = make.centre("Elm House")
    manager = make.staff("manager", centre, other)
    jo, sam = make.staff("keyworker", centre), make.staff("keyworker", other, first_name="Sam")
    women = {
        "Alder": make.client(jo, centre),
        "Birch": make.client(sam, other),
        "Cedar": make.client(sam, other, language="ar"),
    }
    sign_in.as_staff(page_client, manager)

    def ticked(query: str) -> list[str]:
        page = page_client.get(f"{NEW}{query}")
        ids = [node.get("value") for node in page.find_all("input", name="who") if node.get("checked") is not None]
        return sorted(name for name, client in women.items() if str(client.id) in ids)

    assert ticked("") == []
    assert ticked(f"?centre={other.id}") == ["Birch", "Cedar"]
    assert ticked(f"?worker={jo.id}") == ["Alder"]
    assert ticked("?language=ar") == ["Cedar"]
    assert ticked(f"?centre={other.id}&language=en") == ["Birch"]
    assert ticked(f"?who={women['Alder'].id}&who={women['Cedar'].id}") == ["Alder", "Cedar"]
    assert ticked("?centre=x&worker=99999999999&language=zz") == []


def test_who_must_not_be_known_is_nowhere(browser, women, worker, travel):  # R29
    stranger = make.client(called_name="Elsewhere")
    make.safe_contact(stranger, number="+447700900008")
    with unit_of_work():
        session.add(Restriction(client_id=women[0].id, staff_id=worker.id, since_at=travel.now))
    # The pages write to the log, which lets go of rows that were read here.
    women, stranger = [SimpleNamespace(id=one.id) for one in women], SimpleNamespace(id=stranger.id)
    page = browser.get(NEW)
    assert "Alder" not in page.text
    assert "Elsewhere" not in page.text
    page = look(browser, [*women, stranger])
    assert "2 get it" in page.text
    assert "Alder" not in page.text
    assert "Elsewhere" not in page.text
    page = browser.submit(SEND, who=[one.id for one in [*women, stranger]])
    assert sorted(text.client_id for text in texts()) == [women[1].id, women[2].id]
    assert tasks() == []


def test_who_becomes_unknown_later_is_gone_from_the_batch_too(browser, women, worker, travel):  # R29
    page = send_to(browser, women)
    assert "Alder" in page.text
    with unit_of_work():
        session.add(Restriction(client_id=women[0].id, staff_id=worker.id, since_at=travel.now))
    page = browser.get(page.address)
    assert "Alder" not in page.text
    assert "2 waiting" in page.text


def test_the_batch_shows_progress_and_stops_what_has_not_left(browser, women, send, gateway, travel):
    make.safe_contact(women[0], number="+447700900001", safe_hours=[{"day": 1, "from": "14:00", "to": "15:00"}])
    send_to(browser, women)
    send()
    page = browser.get("/staff/messages/batches/1")
    assert "2 handed to the network" in page.text
    assert "1 waiting" in page.text
    page = browser.submit("/staff/messages/batches/1/stop")
    assert "Stopped. 1 text was taken back." in page.html
    assert "Not sent: it was taken back." in page.text
    page = browser.post("/staff/messages/batches/1/stop", follow=True)
    assert "0 texts were taken back" in page.html
    travel.to("2026-12-01 14:00")
    send()
    assert len(gateway.sent) == 2


def test_in_her_thread_it_is_marked_and_leads_to_the_batch(browser, women, centre, new_page_client):
    send_to(browser, women)
    page = browser.get(address(women[0]))
    assert page.links()["to many"] == "/staff/messages/batches/1"
    browser.submit(f"{address(women[0])}/{texts()[0].id}/take-back")
    assert texts()[0].state == TextState.SKIPPED
    colleague = new_page_client()
    sign_in.as_staff(colleague, make.staff("keyworker", centre, first_name="Sam"))
    page = colleague.get(address(women[0]))
    assert "to many" in page.text
    assert "to many" not in page.links()
    assert colleague.get("/staff/messages/batches/1").status == 404
    assert colleague.post("/staff/messages/batches/1/stop").status == 404
    manager = new_page_client()
    sign_in.as_staff(manager, make.staff("manager", centre))
    assert manager.get("/staff/messages/batches/1").status == 200
    assert manager.get(address(women[0])).links()["to many"] == "/staff/messages/batches/1"


def test_one_of_many_is_not_changed_alone(browser, women):
    send_to(browser, women)
    path = f"{address(women[0])}/{texts()[0].id}"
    assert "Change" not in browser.get(address(women[0])).links()
    browser.get(path)
    browser.submit(path, body="Other words")
    assert [text.body for text in texts()] == ["The group starts at ten"] * 3


def test_she_can_see_who_wrote_and_the_log_holds_no_words(browser, women):  # R30
    send_to(browser, women)
    written = session.scalars(select(AuditEntry).where(AuditEntry.action == "text_written")).all()
    assert [(entry.client_id, entry.reason) for entry in written] == [(one.id, "batch") for one in women]
    assert "group starts" not in repr([vars(entry) for entry in session.scalars(select(AuditEntry))])


@pytest.mark.parametrize("batch_id", ["0", "99", "99999999999999999999", "x"])
def test_odd_ids_are_not_there(browser, batch_id):
    assert browser.get(f"/staff/messages/batches/{batch_id}").status == 404
    assert browser.post(f"/staff/messages/batches/{batch_id}/stop").status == 404


@pytest.mark.parametrize("who", ["x", "-1", "0", "99999999999999999999", "٣"])
def test_odd_women_are_nobody(browser, women, who):
    page = browser.post(NEW, {"body": "Hello", "language": "en", "request_key": "k", "who": who})
    assert page.status == 422
    assert "Tick somebody" in page.text


@pytest.mark.parametrize("role", ["receptionist", "admin", "referrer"])
def test_only_who_writes_texts_writes_to_many(page_client, centre, role):  # R28
    sign_in.as_staff(page_client, make.staff(role, centre))
    assert page_client.get(NEW).status == 403
    assert page_client.post(NEW, {"body": "x"}).status == 403
    assert page_client.post(SEND, {"body": "x"}).status == 403
    assert page_client.get("/staff/messages/batches/1").status == 403


def test_the_sender_words_texts_of_a_batch_as_staffs_own(browser, women, send, gateway):
    send_to(browser, women, body="See you “soon”")
    send()
    assert {body for _, body in gateway.sent} == {'See you "soon"'}
    session.expire_all()
    assert {text.state for text in session.scalars(select(Text))} == {TextState.HANDED_OVER}
