"""Being away: one's own absences with cover, what the cover sees, and what nobody may miss."""

import pytest
from sqlalchemy import event, select

from portal.booking.offers import free_times, place
from portal.clients.models import Restriction
from portal.clients.queries import visible_client_ids
from portal.core import database
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.messaging import hers
from portal.staff.models import Absence
from portal.worklist import queries as worklist
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.support import make, sign_in

WEEK = {"local_from": "2026-12-01T09:00", "local_until": "2026-12-04T17:00"}


@pytest.fixture
def house(app, travel):
    """Jo and Ana share a centre, Jo has a client at another one too; Frances manages the shared centre."""

    class House:
        shared, other = make.centre("Example House"), make.centre("Sample Yard")
        jo = make.staff("keyworker", shared, other)
        ana = make.staff("keyworker", shared, first_name="Ana")
        frances = make.staff("manager", shared, other, first_name="Frances")
        rose = make.client(jo, other, called_name="Rose")
        may = make.client(jo, shared, called_name="May")

    return House


def must_not_know(client, person, travel):
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=person.id, since_at=travel.now))


def visible(person) -> set[int]:
    session.rollback()
    return set(session.scalars(visible_client_ids(person.actor)))


def set_away(browser, person, **typed):
    sign_in.staff_at(browser, person, "/staff/away")
    return browser.submit("/staff/away", **WEEK, **typed)


def test_her_cover_sees_records_threads_and_tasks_as_if_they_were_hers(house, page_client, new_page_client, travel):
    with unit_of_work():
        raise_task("ring_her", now=travel.now, client_id=house.rose.id, owner_id=house.jo.id)
    other = new_page_client()
    sign_in.staff_at(other, house.ana, "/staff/clients")
    assert other.get(f"/staff/clients/{house.rose.id}").status == 404
    page = set_away(page_client, house.jo, covered_by=house.ana.id)
    assert "Ana covers" in page.text
    with unit_of_work():
        hers.write_to_us(Actor("client", house.rose.id), body="Can we talk?", request_key="one", now=travel.now)
    assert "Ring her" in other.get("/staff/worklist").text
    assert "Jo" in other.page.text, "the task still belongs to her"
    clients = other.get("/staff/clients?mine=1")
    assert "Rose" in clients.text and "you cover" in clients.text
    inbox = other.get("/staff/inbox")
    assert "Rose" in inbox.text and "covered for Jo until Fri 4 Dec" in inbox.text
    assert "Jo is away until Fri 4 Dec: Ana covers" in other.get(f"/staff/clients/{house.rose.id}/messages").text
    assert "Ana covers" in other.get(f"/staff/clients/{house.rose.id}").text
    assert "Jo Example until Fri 4 Dec" in other.get("/staff/away").text
    travel.to("2026-12-04 17:00")
    assert house.rose.id not in visible(house.ana)
    with make.session() as reading:
        assert {task.owner_id for task in reading.scalars(select(Task))} == {house.jo.id}


def test_coming_back_early_ends_it_and_leaves_what_was(house, page_client, travel):
    set_away(page_client, house.jo, covered_by=house.ana.id)
    travel.forward(minutes=10)
    page = page_client.get("/staff/away")
    (address,) = [form.get("action") for form in page.forms() if "/remove" in (form.get("action") or "")]
    assert "I am back" in page.text
    assert "Nothing planned." in page_client.submit(address).text
    assert house.rose.id not in visible(house.ana)
    with make.session() as reading:
        absence = reading.scalars(select(Absence)).one()
        assert (absence.covered_by, absence.ends_at) == (house.ana.id, travel.now)


def test_somebody_with_clients_is_not_away_without_cover(house, page_client):
    page = set_away(page_client, house.jo)
    assert (page.status, "choose who looks after them" in page.text) == (422, True)
    page = page_client.submit("/staff/away", **WEEK, covered_by=house.frances.id)
    assert page.status == 200
    with make.session() as reading:
        assert [absence.covered_by for absence in reading.scalars(select(Absence))] == [house.frances.id]


def test_somebody_without_clients_may_be(house, page_client):
    assert set_away(page_client, house.ana).status == 200


def test_a_cover_works_at_one_of_her_centres(house, page_client):
    stranger = make.staff("keyworker", make.centre(), first_name="Tess")
    sign_in.staff_at(page_client, house.jo, "/staff/away")
    assert "Tess" not in page_client.page.text
    for cover in (stranger.id, house.jo.id, 999, 2**40, "x"):
        assert page_client.submit("/staff/away", **WEEK, covered_by=cover).status == 422
    with make.session() as reading:
        assert reading.scalars(select(Absence)).all() == []


def test_pressed_twice_it_is_one_absence(house, page_client):  # R38
    sign_in.staff_at(page_client, house.jo, "/staff/away")
    fields = {**WEEK, "covered_by": house.ana.id, "request_key": page_client.page.field("request_key")}
    assert [page_client.post("/staff/away", fields).status for _ in range(2)] == [303, 303]
    with make.session() as reading:
        assert len(reading.scalars(select(Absence)).all()) == 1


def test_whom_the_cover_must_not_know_a_manager_looks_after(house, page_client, travel):  # R29
    must_not_know(house.may, house.ana, travel)
    with unit_of_work():
        hers = raise_task("ring_her", now=travel.now, client_id=house.may.id, owner_id=house.jo.id).id
    page = set_away(page_client, house.jo, covered_by=house.ana.id)
    assert "For 1 of these clients this person cannot cover." in page.html
    assert "May" not in page.text
    assert house.may.id not in visible(house.ana) and house.rose.id in visible(house.ana)
    session.rollback()
    assert worklist.open_tasks(house.ana.actor) == []
    tasks = {task.kind: task for task in worklist.open_tasks(house.frances.actor)}
    assert tasks["ring_her"].id == hers
    assert (tasks["look_after_her"].owner_id, tasks["look_after_her"].client_id) == (house.frances.id, house.may.id)
    (address,) = [form.get("action") for form in page.forms() if "/remove" in (form.get("action") or "")]
    page_client.submit(address)
    session.rollback()
    assert [task.kind for task in worklist.open_tasks(house.frances.actor)] == ["ring_her"]


def test_a_manager_who_must_not_know_either_is_not_asked(house, page_client, travel):  # R29
    for person in (house.ana, house.frances):
        must_not_know(house.may, person, travel)
    set_away(page_client, house.jo, covered_by=house.ana.id)
    session.rollback()
    assert worklist.open_tasks(house.frances.actor) == []
    assert session.scalars(select(Task.owner_id)).one() is None


def test_managers_are_told_on_their_worklist_and_their_team_page(house, page_client, travel, new_page_client):
    set_away(page_client, house.jo, covered_by=house.ana.id)
    boss = new_page_client()
    page = sign_in.staff_at(boss, house.frances, "/staff/worklist")
    assert "nobody covers" not in page.text
    with unit_of_work():
        session.get(type(house.ana), house.ana.id).active = False
    page = boss.get("/staff/worklist")
    assert "Jo Example is away until Fri 4 Dec, and nobody covers" in page.text
    assert "Jo Example" in boss.get("/staff/away").text
    admin = new_page_client()
    page = sign_in.staff_at(admin, make.staff("admin", first_name="Alex"), "/staff/people")
    assert "nobody covers" in page.text


def test_an_admin_notes_who_fell_ill_and_sees_that_nobody_covers(house, page_client):
    sign_in.staff_at(page_client, make.staff("admin", first_name="Alex"), f"/staff/people/{house.jo.id}")
    page = page_client.submit(f"/staff/people/{house.jo.id}/absences", **WEEK)
    assert "nobody covers" in page.text
    page = page_client.submit(f"/staff/people/{house.jo.id}/absences", **WEEK, covered_by=house.ana.id)
    assert "Ana covers." in page.text


def test_a_manager_says_who_covers_somebody_who_fell_ill(house, page_client, travel):  # R29
    must_not_know(house.may, house.ana, travel)
    tess = make.staff("keyworker", make.centre(), first_name="Tess")
    with unit_of_work():
        absence, elsewhere = (
            Absence(staff_id=person.id, starts_at=travel.now, ends_at=travel.now.replace(day=3))
            for person in (house.jo, tess)
        )
        session.add_all([absence, elsewhere])
    address = f"/staff/away/{absence.id}/cover"
    sign_in.staff_at(page_client, house.frances, "/staff/away")
    page = page_client.submit(address, covered_by=house.ana.id)
    assert "For 1 of these clients this person cannot cover." in page.html and "Ana covers" in page.text
    assert house.rose.id in visible(house.ana) and house.may.id not in visible(house.ana)
    for cover_id in (house.jo.id, 0, 999, 2**40, "x"):
        page_client.post(address, {"covered_by": cover_id}, follow=True)
        assert "Choose somebody who works at one of the same centres." in page_client.page.html
    for absence_id in (elsewhere.id, 0, 999, 2**40):
        assert page_client.post(f"/staff/away/{absence_id}/cover", {"covered_by": house.ana.id}).status == 404
    with make.session() as reading:
        assert reading.get(Absence, absence.id).covered_by == house.ana.id


def test_a_cover_who_is_away_too_is_said(house, page_client, travel):
    with unit_of_work():
        session.add(Absence(staff_id=house.ana.id, starts_at=travel.now, ends_at=travel.now.replace(day=3)))
    assert "is away in this time too" in set_away(page_client, house.jo, covered_by=house.ana.id).html


def test_nobody_ends_the_absence_of_another(house, page_client, travel, new_page_client):
    set_away(page_client, house.jo, covered_by=house.ana.id)
    with make.session() as reading:
        absence = reading.scalars(select(Absence)).one()
    other = new_page_client()
    sign_in.staff_at(other, house.ana, "/staff/away")
    for absence_id in (absence.id, 0, 999, 2**40):
        assert other.post(f"/staff/away/{absence_id}/remove").status == 404
    assert other.post("/staff/away/x/remove").status == 404


def test_referrers_have_no_such_page(page_client, travel):
    sign_in.staff_at(page_client, make.staff("referrer", first_name="Dana"), "/staff/away")
    assert page_client.page.status == 403


def test_covering_for_more_asks_the_database_no_more_often(house, page_client, travel):
    sign_in.staff_at(page_client, house.ana, "/staff/inbox")

    def asked(address: str) -> int:
        statements = []
        event.listen(database.engine(), "before_cursor_execute", lambda *_: statements.append(1), named=False)
        page_client.get(address)
        return len(statements)

    def absent() -> None:
        person = make.staff("keyworker", house.shared, first_name="Eve")
        make.client(person)
        with unit_of_work():
            session.add(
                Absence(staff_id=person.id, starts_at=travel.now, ends_at=travel.now.replace(day=9),
                        covered_by=house.ana.id)
            )  # fmt: skip

    absent()
    few = {address: asked(address) for address in ("/staff/inbox", "/staff/worklist", "/staff/clients", "/staff/away")}
    for _ in range(4):
        absent()
    again = {address: asked(address) for address in few}
    assert again == few


def test_who_is_away_is_not_offered(house, travel, page_client):
    kind = make.kind("Time", house.shared)
    set_away(page_client, house.jo, covered_by=house.ana.id)
    session.rollback()

    def days(person) -> set[int]:
        at = place(house.may, kind.id, house.shared.id, worker_id=person.id)
        return {free.starts_at.day for free in free_times(at, now=travel.now, from_on=travel.now.date(), days=7)}

    assert days(house.jo) == {7}
    assert {2, 3, 4} < days(house.ana)
