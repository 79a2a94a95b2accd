"""At the desk: finding, a caller's code word, messages for workers, who came in, the board that keeps itself fresh."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.accounts import secrets
from portal.accounts.models import AttemptCount
from portal.audit.models import AuditEntry
from portal.booking.desk_models import DropIns, WalkIn
from portal.clients.models import Client, Restriction
from portal.core import clock, database
from portal.core.database import session, unit_of_work
from portal.worklist.models import Task
from tests.backoffice import booked
from tests.support import make, sign_in
from tests.support.pages import XHTML


@pytest.fixture
def centre(app, travel):
    return make.centre("Example House")


@pytest.fixture
def jo(centre):
    return make.staff("keyworker", centre, first_name="Jo")


@pytest.fixture
def sam(centre):
    return make.staff("receptionist", centre, first_name="Sam")


@pytest.fixture
def rose(jo, travel):
    client = make.client(jo, called_name="Rosamunde")
    booked.appointment(client, travel.now + timedelta(hours=1))
    return client


def at_desk(browser, person):
    sign_in.staff_at(browser, person, "/staff/today")
    return browser


def all_of(model):
    session.remove()
    return list(session.scalars(select(model).order_by(model.id)))


def restrict(client_id: int, staff_id: int) -> None:
    with unit_of_work():
        session.add(Restriction(client_id=client_id, staff_id=staff_id, since_at=clock.now()))


def places(page) -> list[str]:
    """Who waits in which place of the queue."""
    rows = [row for row in page.find_all("tr", class_="wait") if not row.findall(".//" + XHTML + "a[@href]")]
    cells = [["".join(cell.itertext()).strip() for cell in row.findall(XHTML + "td")] for row in rows]
    return [f"{cell[0]} {cell[1].removesuffix(' Urgent').removesuffix(' New').strip()}" for cell in cells]


def news(browser, address: str):
    """What an open page gets when it asks for news: a fragment, no whole page."""
    return browser.client.get(address)


class TestFinding:
    def test_the_words_stand_in_no_address(self, page_client, sam, rose):
        at_desk(page_client, sam)
        page = page_client.submit("/staff/find", q="rosamunde")
        assert (page.status, page.address) == (200, "/staff/find")
        assert "Rosamunde" in page.text and "Rosamunde" not in page.title  # R28
        assert "Rosamunde" not in page_client.get("/staff/find?q=rosamunde").html

    def test_a_worker_finds_whom_she_may_see_booked_or_not(self, page_client, jo, rose):
        elsewhere = make.client(called_name="Elsewhera")
        make.client(jo, called_name="Unbooked One", code_name="Red Robin 77")
        at_desk(page_client, jo)
        assert "Unbooked One" in page_client.post("/staff/find", {"q": "unbooked one"}).text
        assert "Unbooked One" in page_client.post("/staff/find", {"q": "red-robin 77"}).text
        assert "Nobody with this name" in page_client.post("/staff/find", {"q": elsewhere.called_name}).text

    def test_an_old_number_of_hers_finds_nobody(self, page_client, sam, rose):
        make.safe_contact(rose, number="+447700900111")
        make.safe_contact(rose, number="+447700900222")
        at_desk(page_client, sam)
        assert "Rosamunde" not in page_client.post("/staff/find", {"q": "0111"}).text
        assert "Rosamunde" in page_client.post("/staff/find", {"q": "0222"}).text

    def test_too_long_words_are_refused(self, page_client, sam, rose):
        at_desk(page_client, sam)
        assert page_client.post("/staff/find", {"q": "x" * 10_000}).status == 422


class TestCaller:
    @pytest.fixture
    def contact(self, rose):
        return make.safe_contact(rose, code_word_hash=secrets.hash_secret("code_word", "teapot"), may_ring=False)

    def test_before_the_check_nothing_is_confirmed_and_a_wrong_word_is_counted(self, page_client, sam, rose, contact):
        at_desk(page_client, sam)
        page = page_client.get(f"/staff/clients/{rose.id}/caller")
        assert "Do not say her name" in page.text and "Ring: no" in page.text
        page = page_client.submit(code_word="kettle")
        assert page.status == 422 and "not even that you know her" in page.text
        assert "code_word_wrong" in [entry.action for entry in all_of(AuditEntry)]
        assert max(row.failures for row in all_of(AttemptCount)) >= 1

    def test_the_right_word_says_what_may_be_said(self, page_client, sam, rose, contact):
        at_desk(page_client, sam)
        page_client.get(f"/staff/clients/{rose.id}/caller")
        page = page_client.submit(code_word=" Teapot ")
        assert page.status == 200 and "That is her code word" in page.text
        assert "caller_was_her" in [entry.action for entry in all_of(AuditEntry)]

    def test_after_too_many_tries_even_the_right_word_is_refused(self, page_client, sam, rose, contact):
        at_desk(page_client, sam)
        page_client.get(f"/staff/clients/{rose.id}/caller")
        for _ in range(12):
            page_client.submit(code_word="kettle")
        assert page_client.submit(code_word="teapot").status == 422

    def test_without_a_code_word_nobody_is_recognised(self, page_client, sam, rose):
        at_desk(page_client, sam)
        page = page_client.get(f"/staff/clients/{rose.id}/caller")
        assert "She has no code word" in page.text and "Nobody has asked her yet" in page.text
        assert page_client.post(f"/staff/clients/{rose.id}/caller", {"code_word": "teapot"}).status == 422

    def test_whom_the_desk_does_not_know_is_not_there(self, page_client, jo, sam, rose):  # R28, R29
        other = make.client(jo).id
        rose_id = rose.id
        restrict(rose_id, sam.id)
        at_desk(page_client, sam)
        for number in (other, rose_id, 0, 2**31, "x"):
            assert page_client.get(f"/staff/clients/{number}/caller").status == 404


class TestMessages:
    def test_one_press_passes_it_on_to_her_alone_and_sealed(self, page_client, new_page_client, centre, jo, sam):
        ana = make.staff("keyworker", centre, first_name="Ana")
        jo_id = jo.id
        at_desk(page_client, sam)
        page = page_client.submit("/staff/messages-taken", worker_id=str(jo.id), words="lanternwick rang")
        assert "Passed on." in page.html
        (task,) = [task for task in all_of(Task) if task.kind == "message_taken"]
        assert (task.owner_id, task.client_id, task.note) == (jo_id, None, "lanternwick rang")
        assert b"lanternwick" not in task._note
        number = task.id
        browser = at_desk(new_page_client(), make.session.get(make.Staff, jo_id))
        assert "lanternwick" in browser.get(f"/staff/worklist/{number}").text
        browser = at_desk(new_page_client(), make.session.merge(ana))
        assert browser.get(f"/staff/worklist/{number}").status == 404

    def test_pressed_twice_it_is_one_and_nothing_or_nobody_is_none(self, page_client, jo, sam):
        stranger = make.staff("keyworker", make.centre())
        at_desk(page_client, sam)
        fields = {"worker_id": jo.id, "words": "ring back", "request_key": "one"}
        for _ in range(2):
            page_client.post("/staff/messages-taken", fields)
        for odd in ({"words": " "}, {"worker_id": stranger.id}, {"worker_id": "x"}, {"words": "x" * 5000}):
            page = page_client.post("/staff/messages-taken", fields | {"request_key": "two"} | odd, follow=True)
            assert "Not passed on" in page.html
        assert len([task for task in all_of(Task) if task.kind == "message_taken"]) == 1


class TestQueue:
    def test_somebody_new_leaves_a_name_and_needs_and_an_intake_task(self, page_client, sam, jo):
        at_desk(page_client, sam)
        page_client.get("/staff/walk-in")
        page = page_client.submit("/staff/walk-ins", called_name="Blue", needs="Arabic, 2 children")
        assert "1 in the queue" in page.text and "Blue" in page.text and "Arabic, 2 children" in page.text
        (walk_in,) = all_of(WalkIn)
        assert (walk_in.client_id, walk_in.called_name) == (None, "Blue")
        assert b"Blue" not in walk_in._called_name
        (task,) = [task for task in all_of(Task) if task.kind == "walk_in_intake"]
        assert (task.client_id, task.owner_id) == (None, None)
        assert all_of(Client) == []

    def test_first_come_first_served_unless_urgent(self, page_client, sam, travel):
        at_desk(page_client, sam)
        for name, urgent in (("Ada", ""), ("Bea", ""), ("Cleo", "y")):
            page_client.get("/staff/walk-in")
            page_client.submit("/staff/walk-ins", called_name=name, urgent=urgent or None)
            travel.forward(minutes=1)
        page = page_client.get("/staff/today")
        assert places(page) == ["1. Cleo", "2. Ada", "3. Bea"]
        assert "Waiting 3 min" in page.text
        number = next(row.id for row in all_of(WalkIn) if row.called_name == "Ada")
        page = page_client.submit(f"/staff/walk-ins/{number}", press=("state", "seen"))
        assert places(page) == ["1. Cleo", "2. Bea"]

    def test_a_woman_with_a_record_waits_once_and_a_time_takes_her_out(self, page_client, sam, jo, rose, centre):
        kind = make.kind("Time with your worker", centre)
        code_name, rose_id = rose.code_name, rose.id
        at_desk(page_client, sam)
        for _ in range(2):
            page_client.post("/staff/walk-in", {"name": code_name})
            page_client.submit("/staff/walk-ins")
        assert [row.client_id for row in all_of(WalkIn)] == [rose_id]
        page = page_client.get(page_client.get("/staff/today").links()["Give a time"])
        page_client.get(f"{page.address}&kind={kind.id}")
        page_client.submit(f"/staff/clients/{rose_id}/appointments", starts_at="2026-12-01T10:20:00Z")
        assert [row.state for row in all_of(WalkIn)] == ["seen"]

    def test_of_whom_the_desk_must_not_know_nobody_stands_in_the_queue(self, page_client, jo, sam, rose):  # R29
        with unit_of_work():
            session.add(WalkIn(centre_id=rose.centre_id, client_id=rose.id, came_at=clock.now(), noted_by=jo.id))
        restrict(rose.id, sam.id)
        at_desk(page_client, sam)
        page = page_client.get("/staff/today")
        assert "in the queue" not in page.text
        (walk_in,) = all_of(WalkIn)
        assert page_client.post(f"/staff/walk-ins/{walk_in.id}", {"state": "left"}).status == 404

    @pytest.mark.parametrize("number", ["0", "99", str(2**31), "x"])
    def test_nobody_of_that_number_waits(self, page_client, sam, number):
        at_desk(page_client, sam)
        assert page_client.post(f"/staff/walk-ins/{number}", {"state": "seen"}).status == 404

    def test_a_name_is_needed_a_centre_of_hers_too(self, page_client, sam):
        other = make.centre().id
        at_desk(page_client, sam)
        page_client.get("/staff/walk-in")
        page = page_client.submit("/staff/walk-ins", called_name=" ")
        assert page.status == 422 and "Ask what you may call her" in page.text
        fields = {"called_name": "Ada", "centre": other, "request_key": "k"}
        assert page_client.post("/staff/walk-ins", fields).status == 404
        assert page_client.post("/staff/walk-ins", fields | {"centre": "x" * 500}).status in (404, 422)
        assert page_client.post("/staff/walk-ins", fields | {"client": "99"}).status == 404

    def test_the_tally_counts_and_names_nobody(self, page_client, centre, sam):
        at_desk(page_client, sam)
        for step in ("1", "1", "1", "-1"):
            page_client.get("/staff/today")
            page_client.submit("/staff/drop-ins", press=("step", step))
        assert [(row.centre_id, row.number) for row in all_of(DropIns)] == [(make.session.merge(centre).id, 2)]
        other = make.centre().id
        for fields in ({"centre": other, "step": "1"}, {"centre": 1, "step": "5"}, {"centre": "x", "step": "1"}):
            assert page_client.post("/staff/drop-ins", fields).status == 404


class TestNews:
    def test_nothing_when_nothing_changed_and_the_board_when_something_did(self, page_client, sam, jo, rose, travel):
        at_desk(page_client, sam)
        (live,) = [node for node in page_client.page.find_all("div") if node.get("data-live")]
        seen = next(node.get("data-version") for node in page_client.page.find_all("div") if node.get("data-version"))
        assert news(page_client, live.get("data-live") + seen).status_code == 204
        travel.forward(minutes=3)
        assert news(page_client, live.get("data-live") + seen).status_code == 204
        booked.appointment(make.client(jo, called_name="Maybelline"), travel.now + timedelta(hours=2))
        answer = news(page_client, live.get("data-live") + seen)
        assert answer.status_code == 200 and "Maybelline" in answer.text and "<html" not in answer.text

    def test_hidden_names_stay_hidden_in_the_news(self, page_client, sam, rose):  # R28
        at_desk(page_client, sam)
        page = page_client.get("/staff/today?hide=1")
        (live,) = [node for node in page.find_all("div") if node.get("data-live")]
        assert "Rosamunde" not in page_client.client.get(live.get("data-live")).text

    def test_asking_for_news_is_no_sign_of_life(self, page_client, sam, rose, travel):  # R17
        at_desk(page_client, sam)
        for _ in range(4):
            travel.forward(minutes=5)
            answer = news(page_client, "/staff/today/news?seen=x")
        assert answer.status_code == 303

    def test_what_the_next_day_needs_is_seen_the_day_before(self, page_client, sam, jo, travel):
        client = make.client(jo, called_name="Rosamunde", preparation={"interpreter": "Arabic", "childcare": "1 child"})
        row = booked.appointment(client, travel.now + timedelta(days=1))
        at_desk(page_client, sam)
        page = page_client.get("/staff/today")
        assert "Interpreters not booked: 1" in page.text and "Arabic interpreter not booked" in page.text
        page = page_client.get(f"/staff/appointments/{row.id}")
        page_client.submit(
            f"/staff/appointments/{row.id}/help", childcare_places="2", fare="needed", interpreter="booked"
        )
        page = page_client.get("/staff/today")
        for words in ("Childcare places: 2", "Fares: 1", "Interpreters not booked: 0", "Arabic interpreter booked"):
            assert words in page.text
        page_client.get(f"/staff/appointments/{row.id}")
        page = page_client.submit(f"/staff/appointments/{row.id}/help", childcare_places="99")
        assert page.status == 422 and "from 0 to 9" in page.text


def test_two_desks_counting_at_once_lose_nobody(either_database, app, travel):
    from concurrent.futures import ThreadPoolExecutor

    from portal.booking import walk_ins

    centre = make.centre()
    sam, centre_id = make.staff("receptionist", centre).actor, centre.id

    def count(_) -> None:
        with unit_of_work():
            walk_ins.count_drop_in(sam, centre_id=centre_id, step=1, now=clock.now())
        database.session.remove()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(12)))
    assert [row.number for row in all_of(DropIns)] == [12]
