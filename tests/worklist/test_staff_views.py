"""The worklist as staff meet it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core.database import unit_of_work
from portal.staff.models import Absence
from portal.worklist import escalation
from portal.worklist.models import Task
from portal.worklist.service import raise_task, take_task
from tests.support import make, sign_in
from tests.support.measures import statements


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


def test_a_referrer_has_no_worklist(page_client, travel):
    sign_in.staff_at(page_client, make.staff("referrer", first_name="Rae"), "/staff/worklist")
    assert page_client.page.status == 403


def test_i_have_it_is_one_press_that_all_who_see_the_task_see(page_client, jo, travel, new_page_client):
    ana = make.staff("keyworker", make.session.get(make.Centre, jo.centre_ids[0]), first_name="Ana")
    task_id = raised("ring_her", travel, centre_id=jo.centre_ids[0])
    other = new_page_client()
    sign_in.staff_at(page_client, jo, "/staff/worklist")
    sign_in.staff_at(other, ana, "/staff/worklist")
    assert "You have it since 10:00." in page_client.submit(f"/staff/worklist/{task_id}/take").text
    assert "Somebody was quicker." in other.submit(f"/staff/worklist/{task_id}/take").html
    assert "Jo has it since" in other.page.text
    assert (read(task_id).taken_by, read(task_id).taken_at) == (jo.id, travel.now)
    assert "Jo has it" in other.get("/staff/worklist").text
    assert other.post(f"/staff/worklist/{task_id}/give-back", follow=True).status == 200
    assert read(task_id).taken_by == jo.id, "only she gives it back"
    page_client.submit(f"/staff/worklist/{task_id}/give-back")
    assert (read(task_id).taken_by, read(task_id).taken_at) == (None, None)
    with make.session() as reading:
        actions = reading.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in actions if action.startswith("task_")] == ["task_taken", "task_given_back"]


def test_what_somebody_has_can_be_taken_over_by_who_sees_that_she_has_it(page_client, jo, travel):
    ana = make.staff("keyworker", make.session.get(make.Centre, jo.centre_ids[0]), first_name="Ana")
    task_id = raised("ring_her", travel, centre_id=jo.centre_ids[0])
    with unit_of_work():
        take_task(ana.actor, task_id, now=travel.now)
    sign_in.staff_at(page_client, jo, f"/staff/worklist/{task_id}")
    page_client.submit(f"/staff/worklist/{task_id}/take")
    assert read(task_id).taken_by == jo.id


@pytest.mark.parametrize("number", [0, 2**31, 999])
def test_odd_ids_are_taken_and_given_back_by_nobody(page_client, jo, number):
    sign_in.staff_at(page_client, jo, "/staff/worklist")
    assert page_client.post(f"/staff/worklist/{number}/take", {"instead_of": "x"}).status == 404
    assert page_client.post(f"/staff/worklist/{number}/give-back").status == 404


def test_the_list_says_who_covers_and_who_comes_second(page_client, jo, travel, new_page_client):
    ana = make.staff("keyworker", make.session.get(make.Centre, jo.centre_ids[0]), first_name="Ana")
    rose = make.client(jo, called_name="Rose")
    raised("ring_her", travel, client_id=rose.id, owner_id=jo.id, due_at=travel.now + timedelta(minutes=5))
    with unit_of_work():
        ends_at = travel.now + timedelta(days=2)
        make.session.add(Absence(staff_id=jo.id, starts_at=travel.now, ends_at=ends_at, covered_by=ana.id))
    page = sign_in.staff_at(page_client, ana, "/staff/worklist")
    assert "Jo away, Ana covers" in page.text
    assert "Rose" not in page_client.get("/staff/worklist?mine=1").text
    travel.forward(minutes=6)
    with unit_of_work():
        escalation.send_up(travel.now)
    page = page_client.get("/staff/worklist?mine=1")
    assert "overdue, was Jo’s" in page.text and "second: you" in page.text


def test_a_manager_sees_how_many_are_past_due(page_client, jo, travel):
    frances = make.staff("manager", make.session.get(make.Centre, jo.centre_ids[0]), first_name="Frances")
    for _ in range(3):
        rose = make.client(jo)
        raised("ring_her", travel, client_id=rose.id, owner_id=jo.id, centre_id=rose.centre_id, due_at=travel.now)
    raised("ring_her", travel, centre_id=jo.centre_ids[0])
    travel.forward(minutes=1)
    assert "4 open 3 past due" in sign_in.staff_at(page_client, frances, "/staff/worklist").text


def test_a_text_that_may_tell_of_a_risk_closes_with_how_it_was_checked(page_client, jo, travel):  # R25
    rose = make.client(jo, called_name="Rose")
    task_id = raised("risk_text", travel, client_id=rose.id, owner_id=jo.id, subject="incoming:5")
    page = sign_in.staff_at(page_client, jo, f"/staff/worklist/{task_id}")
    assert "Checked it is her: code word" in page.text and "Rang her" not in page.text
    assert page.links()["Read the text"] == "/staff/inbox/5"
    assert page_client.submit(f"/staff/worklist/{task_id}", done="rang_her").status == 422
    page_client.submit(f"/staff/worklist/{task_id}", done="checked_code_word")
    assert read(task_id).done == "checked_code_word"


def test_the_list_asks_the_database_the_same_however_long_it_is(page_client, jo, travel):
    def asked() -> int:
        with statements() as found:
            page_client.get("/staff/worklist")
        return len(found)

    raised("ring_her", travel, client_id=make.client(jo).id, owner_id=jo.id)
    sign_in.staff_at(page_client, jo, "/staff/worklist")
    before = asked()
    for _ in range(10):
        raised("ring_her", travel, client_id=make.client(jo).id, owner_id=jo.id)
    assert asked() == before


@pytest.mark.parametrize(
    ("kind", "subject", "leads_to"),
    [
        ("help_checks_due", "help_checks_due", {"The services": "/staff/help?show=due"}),
        ("help_hidden_unchecked", "help_hidden_unchecked", {"The services": "/staff/help?show=hidden"}),
        ("reach_service_together", "service:7", {"The service": "/staff/help/7"}),
    ],
)
def test_a_task_about_the_directory_leads_there(page_client, jo, travel, kind, subject, leads_to):
    about_her = {"client_id": make.client(jo).id, "owner_id": jo.id} if "service:" in subject else {}
    task_id = raised(kind, travel, subject=subject, **about_her)
    who = jo if about_her else make.staff("manager", make.centre("Other House"), first_name="Frances")
    page = sign_in.staff_at(page_client, who, f"/staff/worklist/{task_id}")
    assert leads_to.items() <= page.links().items()
    assert "Open the inbox" not in page.links()
