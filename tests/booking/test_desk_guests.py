"""A woman of another centre at the desk: found by her whole code name alone, given a time there, and no more."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.booking.models import Appointment
from portal.clients.models import KeptApart, Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound
from portal.worklist.models import Task
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book
from tests.support import make, sign_in


@pytest.fixture
def desk(app, travel):
    desk = at_desk.open_desk()
    desk.home = make.centre("Second House")
    desk.priya = make.staff("keyworker", desk.home, first_name="Priya")
    desk.guest = make.client(desk.priya, desk.home, code_name="Silver Maple 31", called_name="Deecombe")
    return desk


@pytest.fixture
def reception(page_client, desk):
    sign_in.as_staff(page_client, desk.reception)
    return page_client


def find(browser, name: str):
    browser.get("/staff/walk-in")
    return browser.submit("/staff/walk-in", name=name)


def entries(desk) -> list[tuple[str, str]]:
    session.rollback()
    rows = session.execute(
        select(AuditEntry.action, AuditEntry.reason)
        .where(AuditEntry.client_id == desk.guest.id)
        .order_by(AuditEntry.id)
    )
    return [(row.action, row.reason) for row in rows]


def appointments() -> list[Appointment]:
    session.rollback()
    return list(session.scalars(select(Appointment)))


def give_time(browser, desk):
    address = f"/staff/clients/{desk.guest.id}/appointments"
    browser.get(f"{address}/new?kind={desk.kind.id}&centre={desk.centre.id}&day={THURSDAY}")
    return browser.submit(address, starts_at="2026-12-03T10:00:00Z")


def test_who_says_her_code_name_is_found_and_booked_here_and_her_keyworker_has_a_task(reception, desk):  # R28, R30
    page = find(reception, " silver  MAPLE 31 ")
    assert "Deecombe" in page.text and "Second House" in page.text
    assert "Silver Maple 31" not in page.title and "Deecombe" not in page.title
    assert "Booked." in give_time(reception, desk).html
    (appointment,) = appointments()
    assert (appointment.client_id, appointment.centre_id) == (desk.guest.id, desk.centre.id)
    assert ("client_read", "another_centre") in entries(desk)
    assert ("appointment_booked", "another_centre") in entries(desk)
    (task,) = session.scalars(select(Task).where(Task.kind == "booked_elsewhere"))
    assert (task.owner_id, task.subject) == (desk.priya.id, f"appointment:{appointment.id}")
    assert reception.get(f"/staff/clients/{desk.guest.id}").status == 403


@pytest.mark.parametrize("words", ["Deecombe", "Silver Maple", "Silver Maple 3", "maple", "%", "Silver Maple 31" * 900])
def test_nothing_but_her_whole_code_name_finds_her(reception, desk, words):  # R28
    page = find(reception, words)
    assert "Second House" not in page.text and "Deecombe</b>" not in page.html
    assert reception.get(f"/staff/clients/{desk.guest.id}/appointments/new").status == 404


def test_without_having_found_her_nobody_books_her_by_number(reception, desk):
    fields = {"kind": desk.kind.id, "centre": desk.centre.id, "starts_at": "2026-12-03T10:00:00Z", "request_key": "k"}
    assert reception.post(f"/staff/clients/{desk.guest.id}/appointments", fields).status == 404
    with pytest.raises(NotFound):
        book(desk, "10:00", client=desk.guest, actor=desk.reception.actor)
    assert appointments() == []


def test_she_is_booked_at_this_desk_and_nowhere_else(reception, desk):
    find(reception, "Silver Maple 31")
    kind = make.kind("Help with money", desk.home)
    fields = {"kind": kind.id, "centre": desk.home.id, "starts_at": "2026-12-03T10:00:00Z", "request_key": "k"}
    assert reception.post(f"/staff/clients/{desk.guest.id}/appointments", fields).status == 404
    address = f"/staff/clients/{desk.guest.id}/appointments/overbook"
    assert address not in reception.get(f"/staff/clients/{desk.guest.id}/appointments/new").links().values()


def test_whoever_must_not_know_of_her_finds_nobody_the_same_as_for_a_wrong_name(reception, desk):  # R29
    with unit_of_work():
        session.add(Restriction(client_id=desk.guest.id, staff_id=desk.reception.id, since_at=clock.now()))
    hidden, nobody = find(reception, "Silver Maple 31"), find(reception, "Silver Maple 32")
    assert hidden.text.replace("Maple 31", "Maple 32") == nobody.text
    with pytest.raises(NotFound):
        book(desk, "10:00", client=desk.guest, actor=desk.reception.actor, stands_here=True)


def test_a_closed_record_is_not_found(reception, desk):
    with unit_of_work():
        session.merge(desk.guest).state = "closed"
    assert "Nobody was found" in find(reception, "Silver Maple 31").text


def test_two_who_must_be_kept_apart_are_so_at_this_desk_too(reception, desk):  # R43
    other = make.client(desk.jo, desk.centre)
    with unit_of_work():
        one, two = sorted((other.id, desk.guest.id))
        session.add(KeptApart(one_id=one, other_id=two))
    book(desk, "10:00", client=other)
    find(reception, "Silver Maple 31")
    page = reception.get(
        f"/staff/clients/{desk.guest.id}/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}&day={THURSDAY}"
    )
    offered = {node.get("value") for node in page.find_all("input", name="starts_at")}
    assert "2026-12-03T12:00:00Z" in offered
    assert not offered & {f"2026-12-03T{at}:00Z" for at in ("09:30", "10:00", "10:30", "11:30")}


def test_booked_here_already_she_can_be_given_another_time(reception, desk):
    book(desk, "14:00", client=desk.guest, centre_id=desk.centre.id)
    page = give_time(reception, desk)
    assert "Booked." in page.html
    assert len(appointments()) == 2


def test_in_the_queue_a_colleague_at_the_desk_can_give_her_a_time(reception, new_page_client, desk):
    find(reception, "Silver Maple 31")
    assert reception.submit("/staff/walk-ins").address == "/staff/today"
    colleague = new_page_client()
    sign_in.as_staff(colleague, make.staff("receptionist", desk.centre, first_name="Kim"))
    assert "Deecombe" in colleague.get("/staff/today").text
    assert "Booked." in give_time(colleague, desk).html
