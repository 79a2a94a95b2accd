"""The worklist as staff meet it."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core.database import unit_of_work
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.support import make, sign_in


@pytest.fixture
def jo(travel):
    return make.staff("keyworker", make.centre("Example House"))


def raised(kind: str, travel, **values) -> int:
    with unit_of_work():
        return raise_task(kind, now=travel.now, **values).id


def read(task_id: int) -> Task:
    with make.session() as reading:
        return reading.get(Task, task_id)


def test_tasks_stand_by_their_due_time_in_words_and_overdue_ones_say_so(page_client, jo, travel):
    rose = make.client(jo, called_name="Rose")
    raised("ring_her", travel, client_id=rose.id, owner_id=jo.id)
    raised("risk_text", travel, client_id=rose.id, owner_id=jo.id, due_at=travel.now)
    raised("something_new", travel, centre_id=jo.centre_ids[0])
    travel.forward(minutes=5)
    page = sign_in.staff_at(page_client, jo, "/staff/worklist")
    assert page.text.index("Read this text now") < page.text.index("Ring her") < page.text.index("Something new")
    assert page.text.count("overdue") == 1
    assert "everybody at Example House" in page.text
    assert "Something new" not in page_client.get("/staff/worklist?mine=1").text


def test_a_task_closes_once_with_what_was_done_and_a_note(page_client, jo, travel):  # R25
    rose = make.client(jo, called_name="Rose")
    task_id = raised("ring_her", travel, client_id=rose.id, owner_id=jo.id)
    sign_in.staff_at(page_client, jo, f"/staff/worklist/{task_id}")
    assert "Rose" not in page_client.page.title  # R28
    page = page_client.submit(f"/staff/worklist/{task_id}", note="She will come.")
    assert (page.status, "Say what was done." in page.text, "She will come." in page.html) == (422, True, True)
    assert page_client.submit(f"/staff/worklist/{task_id}", note="x" * 10000, done="rang_her").status == 422
    fields = {"done": "rang_her", "note": "She will come.", "request_key": page_client.page.field("request_key")}
    assert page_client.post(f"/staff/worklist/{task_id}", fields).location == "/staff/worklist"
    assert page_client.post(f"/staff/worklist/{task_id}", fields).location == "/staff/worklist"  # R38
    task = read(task_id)
    assert (task.done, task.closed_by, task.note) == ("rang_her", jo.id, "She will come.")
    with make.session() as reading:
        actions = [(entry.action, entry.client_id) for entry in reading.scalars(select(AuditEntry))]
    assert ("client_read", rose.id) in actions  # R30
    assert ("task_closed", rose.id) in actions


def test_who_comes_second_sees_who_closed_it(page_client, jo, travel, new_page_client):
    ana = make.staff("keyworker", make.session.get(make.Centre, jo.centre_ids[0]), first_name="Ana")
    task_id = raised("ring_her", travel, centre_id=jo.centre_ids[0])
    other = new_page_client()
    sign_in.staff_at(page_client, jo, f"/staff/worklist/{task_id}")
    sign_in.staff_at(other, ana, f"/staff/worklist/{task_id}")
    page_client.submit(f"/staff/worklist/{task_id}", done="rang_her")
    page = other.submit(f"/staff/worklist/{task_id}", done="not_needed")
    assert "by Jo: Rang her" in page.text
    assert read(task_id).done == "rang_her"


def test_nobody_sees_another_centre_s_tasks_nor_one_about_a_woman_she_must_not_know(page_client, jo, travel):  # R29
    elsewhere, hidden = make.client(), make.client(jo)
    ids = [raised("ring_her", travel, client_id=elsewhere.id, owner_id=elsewhere.keyworker_id)]
    ids.append(raised("ring_her", travel, client_id=hidden.id, centre_id=jo.centre_ids[0]))
    with unit_of_work():
        make.session.add(Restriction(client_id=hidden.id, staff_id=jo.id, since_at=travel.now))
    assert "Nothing to do." in sign_in.staff_at(page_client, jo, "/staff/worklist").text
    for task_id in (*ids, 0, 999, 2**40):
        assert page_client.get(f"/staff/worklist/{task_id}").status == 404
        assert page_client.post(f"/staff/worklist/{task_id}", {"done": "rang_her"}).status == 404


def test_reception_sees_only_its_kinds_and_no_note(page_client, jo, travel):  # R28
    sam = make.staff("receptionist", make.session.get(make.Centre, jo.centre_ids[0]), first_name="Sam")
    rose, hidden = make.client(jo, called_name="Rose"), make.client(jo, called_name="Ida")
    here = {"centre_id": rose.centre_id, "note": "because of the letter"}
    desk_id = raised("ring_at_desk", travel, client_id=rose.id, **here)
    risk_id = raised("risk_text", travel, client_id=rose.id, **here)
    hidden_id = raised("ring_at_desk", travel, client_id=hidden.id, **here)
    with unit_of_work():
        make.session.add(Restriction(client_id=hidden.id, staff_id=sam.id, since_at=travel.now))
    page = sign_in.staff_at(page_client, sam, "/staff/worklist")
    assert ("Rose" in page.text, "Ida" in page.text, "danger" in page.text) == (True, False, False)
    assert page_client.get(f"/staff/worklist/{risk_id}").status == 404
    assert page_client.get(f"/staff/worklist/{hidden_id}").status == 404
    page = page_client.get(f"/staff/worklist/{desk_id}")
    assert "letter" not in page.html
    assert f"/staff/clients/{rose.id}" not in page.html
    page_client.submit(f"/staff/worklist/{desk_id}", done="rang_her")
    assert (read(desk_id).done, read(desk_id).note) == ("rang_her", "because of the letter")


def test_an_admin_has_no_worklist(page_client, travel):
    sign_in.staff_at(page_client, make.staff("admin", first_name="Alex"), "/staff/worklist")
    assert page_client.page.status == 403
