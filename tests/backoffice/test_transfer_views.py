"""A caseload changes hands in one act, and nothing of somebody who leaves is silent."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Client, Restriction
from portal.clients.transfers import transfer as move
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from portal.messaging import hers, outbox, sender
from portal.messaging import service as messaging
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import PortalMessage, Text
from portal.messaging.waiting import waiting_threads
from portal.staff.models import Absence, Staff
from portal.worklist.models import Task
from portal.worklist.queries import open_tasks
from portal.worklist.service import raise_task
from tests.support import make, sign_in


@pytest.fixture
def house(app, travel):
    """Jo leaves Rose, May and Lea, each with a task, to Ana; Frances manages their centre."""

    class House:
        centre = make.centre("Example House")
        jo, ana = make.staff("keyworker", centre), make.staff("keyworker", centre, first_name="Ana")
        frances = make.staff("manager", centre, first_name="Frances")
        rose = make.client(jo, called_name="Rose")
        may = make.client(jo, called_name="May")
        lea = make.client(jo, called_name="Lea")
        address = f"/staff/people/{jo.id}/transfer"

        def task(self, client, kind="ring_her", owner=None):
            with unit_of_work():
                return raise_task(kind, now=travel.now, client_id=client.id, owner_id=(owner or self.jo).id,
                                  centre_id=client.centre_id).id  # fmt: skip

    return House()


def restrict(client, person, travel):
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=person.id, since_at=travel.now))


def keyworkers() -> dict[str, int | None]:
    session.rollback()
    session.expire_all()
    return {client.called_name: client.keyworker_id for client in session.scalars(select(Client))}


def rows(model) -> list:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(model).order_by(model.id)))


def test_some_of_a_caseload_moves_with_tasks_texts_and_what_is_unread(house, page_client, travel):
    make.safe_contact(house.rose)
    moving, staying = house.task(house.rose), house.task(house.may)
    with unit_of_work():
        messaging.write_text(
            house.jo.actor, house.rose.id, body="See you Monday", request_key="one", words=(), now=travel.now,
            send_at=travel.now + timedelta(hours=2),
        )  # fmt: skip
        hers.write_to_us(Actor("client", house.rose.id), body="Can we talk?", request_key="two", now=travel.now)
    page = sign_in.staff_at(page_client, house.frances, house.address)
    assert "Rose" in page.text and "Rose" not in page.title  # R28
    page = page_client.submit(house.address, to_id=house.ana.id, client_ids=[house.rose.id, house.lea.id])
    assert "2 moved to Ana" in page.html
    assert ("Rose" in page.text, "May" in page.text) == (False, True)
    assert keyworkers() == {"Rose": house.ana.id, "May": house.jo.id, "Lea": house.ana.id}
    owners = {task.id: task.owner_id for task in rows(Task) if task.kind == "ring_her"}
    assert owners == {moving: house.ana.id, staying: house.jo.id}
    (text,) = rows(Text)
    assert (text.state, text.written_by) == ("waiting", house.jo.id)
    (message,) = rows(PortalMessage)
    assert message.read_at is None
    threads = {waiting.client.id: waiting for waiting in waiting_threads(house.ana.actor, travel.now)}
    assert threads[house.rose.id].unread == 1
    marks = [(mark.client_id, mark.kind, mark.from_id, mark.to_id, mark.made_by) for mark in rows(ThreadMark)]
    assert marks == [
        (client.id, "transfer", house.jo.id, house.ana.id, house.frances.id) for client in (house.rose, house.lea)
    ]
    audited = [(entry.client_id, entry.subject) for entry in rows(AuditEntry) if entry.action == "keyworker_changed"]
    assert audited == [(client.id, f"staff:{house.ana.id}") for client in (house.rose, house.lea)]


@pytest.mark.parametrize(
    ("body", "names_worker", "state"),
    [
        ("See you Monday", False, "sending"),
        ("Jo and Ana will be there", True, "sending"),
        ("Ana will be there", False, "held"),
    ],
)
def test_a_planned_text_passes_the_name_rules_of_her_new_keyworker_too(  # R20
    house, page_client, travel, body, names_worker, state
):
    make.safe_contact(house.rose, names_worker=names_worker)
    with unit_of_work():
        outbox.queue(house.rose.id, "written", once="one", now=travel.now, body=body, written_by=house.jo.id)
    with unit_of_work():
        move(house.frances.actor, from_id=house.jo.id, to_id=house.ana.id, client_ids=None, now=travel.now)
    with unit_of_work():
        sender.claim_next("w", per_second=5, words=(), now=travel.now, real_now=travel.now)
    assert [text.state for text in rows(Text)] == [state]


def test_the_name_of_a_writer_who_has_left_is_still_looked_for(house, travel):  # R20
    make.safe_contact(house.rose)
    with unit_of_work():
        outbox.queue(house.rose.id, "written", once="one", now=travel.now, body="Jo waits", written_by=house.jo.id)
        move(house.frances.actor, from_id=house.jo.id, to_id=house.ana.id, client_ids=None, now=travel.now)
        session.get(Staff, house.jo.id).active = False
    with unit_of_work():
        sender.claim_next("w", per_second=5, words=(), now=travel.now, real_now=travel.now)
    assert [(text.state, text.reason) for text in rows(Text)] == [("held", "banned_word")]


def test_whom_the_new_one_must_not_know_stays_and_is_counted(house, page_client, travel):  # R29
    restrict(house.may, house.ana, travel)
    sign_in.staff_at(page_client, house.frances, house.address)
    everybody = [house.rose.id, house.may.id, house.lea.id]
    page = page_client.submit(house.address, to_id=house.ana.id, client_ids=everybody)
    assert "1 stay here: Ana must not know of them. Ask the manager." in page.html
    assert keyworkers()["May"] == house.jo.id
    page = page_client.submit(house.address, to_id=house.ana.id, client_ids=[house.may.id])
    assert (page.status, "must not know of any of them" in page.text) == (422, True)


def test_what_the_manager_must_not_know_she_neither_sees_nor_moves(house, page_client, travel):  # R29
    restrict(house.may, house.frances, travel)
    page = sign_in.staff_at(page_client, house.frances, house.address)
    assert "May" not in page.text
    fields = {"to_id": house.ana.id, "request_key": page.field("request_key"), "client_ids": [house.may.id]}
    assert page_client.post(house.address, fields).status == 404
    assert set(keyworkers().values()) == {house.jo.id}


@pytest.mark.parametrize("ticked", [0, 999, 2**31, 2**40, "x"])
def test_odd_ids_move_nobody(house, page_client, ticked):
    sign_in.staff_at(page_client, house.frances, house.address)
    fields = {"to_id": house.ana.id, "request_key": "k", "client_ids": [house.rose.id, ticked]}
    assert page_client.post(house.address, fields).status == 404
    assert page_client.get(f"/staff/people/{ticked}/transfer").status == 404
    assert set(keyworkers().values()) == {house.jo.id}


def test_who_is_away_takes_nobody_unless_somebody_covers(house, page_client, travel):
    with unit_of_work():
        absence = Absence(staff_id=house.ana.id, starts_at=travel.now, ends_at=travel.now + timedelta(days=2))
        session.add(absence)
    page = sign_in.staff_at(page_client, house.frances, house.address)
    assert "nobody covers, so she can take nobody" in page.text
    page = page_client.submit(house.address, to_id=house.ana.id, client_ids=[house.rose.id])
    assert (page.status, "is away, and nobody covers for her" in page.text) == (422, True)
    with unit_of_work():
        session.get(Absence, absence.id).covered_by = house.frances.id
    page_client.submit(house.address, to_id=house.ana.id, client_ids=[house.rose.id])
    assert keyworkers()["Rose"] == house.ana.id


def test_not_to_somebody_who_has_left_nor_out_of_the_managers_centres_nor_to_herself(house, page_client, travel):
    stranger = make.staff("keyworker", make.centre(), first_name="Tess")
    with unit_of_work():
        session.get(Staff, house.ana.id).active = False
    sign_in.staff_at(page_client, house.frances, house.address)
    for to_id in (house.ana.id, stranger.id, house.jo.id, 0, 2**40, "x", ""):
        assert page_client.submit(house.address, to_id=to_id, client_ids=[house.rose.id]).status == 422, to_id
    assert page_client.get(f"/staff/people/{stranger.id}/transfer").status == 404
    assert set(keyworkers().values()) == {house.jo.id}


def test_nobody_ticked_is_said(house, page_client):
    sign_in.staff_at(page_client, house.frances, house.address)
    fields = {"to_id": house.ana.id, "request_key": "k"}
    page = page_client.post(house.address, fields)
    assert (page.status, "Tick whom to move." in page.text) == (422, True)


def test_pressed_twice_it_moves_once(house, page_client):  # R38
    sign_in.staff_at(page_client, house.frances, house.address)
    fields = {"to_id": house.ana.id, "request_key": "k", "client_ids": [house.rose.id]}
    assert [page_client.post(house.address, fields).status for _ in range(2)] == [303, 303]
    assert len(rows(ThreadMark)) == 1


def test_of_two_managers_the_second_is_told_and_moves_nobody(house, page_client, travel):
    page = sign_in.staff_at(page_client, house.frances, house.address)
    mia_id = make.staff("keyworker", house.centre, first_name="Mia").id
    with unit_of_work():
        move(house.frances.actor, from_id=house.jo.id, to_id=mia_id, client_ids=[house.rose.id], now=travel.now)
    fields = {"to_id": house.ana.id, "request_key": page.field("request_key"),
              "client_ids": [house.rose.id, house.may.id]}  # fmt: skip
    page = page_client.post(house.address, fields)
    assert (page.status, "Somebody changed this meanwhile." in page.text) == (422, True)
    assert keyworkers() == {"Rose": mia_id, "May": house.jo.id, "Lea": house.jo.id}


def test_at_the_same_moment_one_wins_whole(either_database, house, travel):
    mia = make.staff("keyworker", house.centre, first_name="Mia")
    frances, jo_id, everybody = house.frances.actor, house.jo.id, [house.rose.id, house.may.id, house.lea.id]
    start, refused = threading.Barrier(2), []

    def press(to_id: int, ids: list[int]) -> None:
        start.wait()
        try:
            with unit_of_work():
                move(frances, from_id=jo_id, to_id=to_id, client_ids=ids, now=travel.now)
        except Invalid as refusal:
            refused.append(refusal.reason)
        finally:
            session.remove()

    threads = [
        threading.Thread(target=press, args=args) for args in ((house.ana.id, everybody), (mia.id, everybody[::-1]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert refused == ["moved"]
    assert len(set(keyworkers().values())) == 1


def test_an_admin_moves_all_and_sees_counts_only(house, page_client, travel):  # R28
    house.task(house.rose)
    alex = make.staff("admin", first_name="Alex")
    restrict(house.lea, alex, travel)
    page = sign_in.staff_at(page_client, alex, f"/staff/people/{house.jo.id}")
    page = page_client.get(page.links()["Move her clients to a colleague"])
    assert "Clients: 2" in page.text and "Open tasks: 1" in page.text
    for client in (house.rose, house.may, house.lea):
        assert client.called_name not in page.html
    page = page_client.submit(house.address, to_id=house.ana.id)
    assert "2 moved to Ana" in page.html
    assert keyworkers() == {"Rose": house.ana.id, "May": house.ana.id, "Lea": house.jo.id}


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "referrer"])
def test_nobody_else_moves_a_caseload(house, page_client, role):
    sign_in.staff_at(page_client, make.staff(role, house.centre, first_name="Sam"), house.address)
    assert page_client.page.status == 403
    assert page_client.post(house.address, {"to_id": house.ana.id}).status == 403


class TestOne:
    def test_her_keyworker_is_changed_and_her_tasks_go_with_her(self, house, page_client):
        hers, desk = house.task(house.rose), house.task(house.rose, "recheck_safe_contact_at_desk")
        address = f"/staff/clients/{house.rose.id}/keyworker"
        sign_in.staff_at(page_client, house.jo, address)
        page_client.submit(address, to_id=house.ana.id, follow=False)
        assert page_client.page.location == f"/staff/clients/{house.rose.id}"
        assert keyworkers()["Rose"] == house.ana.id
        assert {task.id: task.owner_id for task in rows(Task)} == {hers: house.ana.id, desk: house.ana.id}
        assert [mark.kind for mark in rows(ThreadMark)] == ["transfer"]

    def test_not_to_a_stranger_nor_twice_at_once(self, house, page_client, travel):
        stranger = make.staff("keyworker", make.centre(), first_name="Tess")
        mia = make.staff("keyworker", house.centre, first_name="Mia")
        address = f"/staff/clients/{house.rose.id}/keyworker"
        sign_in.staff_at(page_client, house.jo, address)
        assert page_client.submit(address, to_id=stranger.id).status == 422
        assert "She is her keyworker already." in page_client.submit(address, to_id=house.jo.id).text
        with unit_of_work():
            move(house.frances.actor, from_id=house.jo.id, to_id=mia.id, client_ids=[house.rose.id], now=travel.now)
        page = page_client.submit(address, to_id=house.ana.id)
        assert (page.status, "another keyworker meanwhile" in page.text) == (422, True)
        assert keyworkers()["Rose"] == mia.id


class TestLeaving:
    @pytest.fixture
    def leave(self, house, page_client):
        """Ends Jo's work here."""

        def leave():
            sign_in.staff_at(page_client, make.staff("admin", first_name="Alex"), f"/staff/people/{house.jo.id}")
            return page_client.submit(f"/staff/people/{house.jo.id}/active", press=("to", "no"))

        return leave

    def test_clients_texts_and_covers_become_tasks_that_people_see(self, house, leave, travel):
        make.safe_contact(house.rose)
        with unit_of_work():
            messaging.write_text(
                house.jo.actor, house.rose.id, body="See you Monday", request_key="one", words=(), now=travel.now,
                send_at=travel.now + timedelta(hours=2),
            )  # fmt: skip
            session.add(
                Absence(staff_id=house.ana.id, starts_at=travel.now, ends_at=travel.now + timedelta(days=2),
                        covered_by=house.jo.id)
            )  # fmt: skip
        page = leave()
        assert "Planned texts: 1" in page.text
        tasks = rows(Task)
        assert sorted(task.kind for task in tasks) == ["choose_cover", *["choose_keyworker"] * 3, "planned_text"]
        planned = next(task for task in tasks if task.kind == "planned_text")
        assert (planned.client_id, planned.due_at) == (house.rose.id, travel.now + timedelta(hours=2))
        assert {task.kind for task in open_tasks(house.frances.actor)} == {task.kind for task in tasks}
        (text,) = rows(Text)
        assert text.state == "waiting"

    def test_what_comes_in_later_is_everybodys_at_the_centre_and_never_hers(self, house, leave, travel):
        taken = house.task(house.may, owner=house.ana)
        with unit_of_work():
            task = session.get(Task, taken)
            task.taken_by = task.second_id = house.jo.id
        leave()
        with unit_of_work():
            hers.write_to_us(Actor("client", house.rose.id), body="Hello?", request_key="one", now=travel.now)
        incoming = next(task for task in rows(Task) if task.kind == "incoming_text")
        assert (incoming.owner_id, incoming.centre_id) == (None, house.centre.id)
        assert incoming.id in {task.id for task in open_tasks(house.ana.actor)}
        task = session.get(Task, taken)
        assert (task.taken_by, task.second_id) == (None, None)

    def test_afterwards_her_caseload_still_moves_and_what_waited_goes_along(self, house, leave, page_client, travel):
        house.task(house.rose)
        leave()
        page = page_client.get(house.address)
        assert "who has left" in page.text
        page_client.submit(house.address, to_id=house.ana.id)
        assert {task.owner_id for task in rows(Task) if task.closed_at is None} == {house.ana.id}
        assert {task.done for task in rows(Task) if task.kind == "choose_keyworker"} == {"chose_keyworker"}
