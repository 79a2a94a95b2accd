"""Staff and the diary: booking for her, marks, moving, cancelling, walk-ins, and what reception may not see."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.booking.models import Appointment
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from tests.booking import desk as at_desk
from tests.booking.desk import book, fresh, later
from tests.support import make, sign_in


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk()


@pytest.fixture
def reception(page_client, desk):
    sign_in.as_staff(page_client, desk.reception)
    return page_client


@pytest.fixture
def keyworker(new_page_client, desk):
    browser = new_page_client()
    sign_in.as_staff(browser, desk.jo)
    return browser


def actions() -> list[str]:
    session.rollback()
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def all_appointments() -> list[Appointment]:
    session.rollback()
    return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def test_the_diary_shows_a_day_by_worker_and_keeps_day_and_centre_in_the_address(keyworker, desk):
    book(desk, "10:00")
    page = keyworker.get(f"/staff/diary?on=2026-12-03&centre={desk.centre.id}")
    assert desk.client.called_name in page.text
    assert desk.client.called_name not in page.title  # R28
    assert f"centre={desk.centre.id}" in page.links()["Day after"]
    assert desk.client.called_name not in keyworker.get(page.links()["Day after"]).text
    assert "diary_read" in actions()  # R30


def test_reception_sees_when_and_with_whom_but_never_what_for(reception, desk):  # R28
    book(desk, "10:00")
    page = reception.get("/staff/diary?on=2026-12-03")
    assert desk.client.called_name in page.text
    assert desk.kind.names["en"] not in page.text


def test_a_woman_whom_someone_must_not_know_is_not_in_that_persons_diary(reception, desk):  # R29
    number, client_id = book(desk, "10:00").id, desk.client.id
    with unit_of_work():
        session.add(Restriction(client_id=desk.client.id, staff_id=desk.reception.id, since_at=clock.now()))
    assert desk.client.called_name not in reception.get("/staff/diary?on=2026-12-03").text
    for step in ("card", "cancel", "change"):
        assert reception.get(f"/staff/appointments/{number}/{step}").status == 404
    assert reception.post(f"/staff/appointments/{number}/attendance", {"attendance": "no"}).status == 404
    assert reception.get(f"/staff/clients/{client_id}/appointments/new").status == 404


@pytest.mark.parametrize("query", ["on=2026-13-01", "on=x", "centre=x", "on=9999-12-31", "centre=99999999999"])
def test_a_diary_of_no_day_is_not_found(reception, query):
    assert reception.get(f"/staff/diary?{query}").status == 404


def test_a_keyworker_books_for_her(keyworker, desk):
    page = keyworker.get(f"/staff/clients/{desk.client.id}/appointments/new")
    assert desk.client.called_name in page.text
    assert desk.client.called_name not in page.title  # R28
    address = f"{page.address}?kind={desk.kind.id}&centre={desk.centre.id}&worker={desk.jo.id}&day=2026-12-03"
    page = keyworker.get(address)
    page = keyworker.submit(
        f"/staff/clients/{desk.client.id}/appointments", starts_at="2026-12-03T10:00:00Z", follow=False
    )
    assert (page.status, page.location) == (303, "/staff/today")
    (appointment,) = all_appointments()
    assert (appointment.booked_by_kind, appointment.booked_by_id) == ("staff", desk.jo.id)
    assert "client_read" in actions()  # R30
    assert "appointment_booked" in actions()


def test_a_time_taken_meanwhile_or_no_time_at_all_keeps_what_was_chosen(keyworker, desk):
    address = f"/staff/clients/{desk.client.id}/appointments"
    chosen = {"kind": desk.kind.id, "centre": desk.centre.id, "worker": "", "day": "2026-12-03", "request_key": "k"}
    book(desk, "10:00", client=make.client(desk.jo))
    page = keyworker.post(address, chosen | {"starts_at": "2026-12-03T10:00:00Z"})
    assert page.status == 409
    assert "That time has just gone" in page.text
    page = keyworker.post(address, chosen | {"starts_at": "when she can" * 1000})
    assert page.status == 422
    assert page.field("day") == "2026-12-03"
    page = keyworker.post(address, chosen | {"starts_at": "2026-12-01T09:00:00Z"})
    assert "That time has passed" in page.text
    assert keyworker.post(address, chosen | {"kind": "999", "starts_at": "2026-12-03T11:00:00Z"}).status == 404


def test_another_centres_woman_is_not_there(keyworker, desk):
    assert keyworker.get(f"/staff/clients/{make.client().id}/appointments/new").status == 404
    assert keyworker.get("/staff/clients/99999999999/appointments/new").status == 404


def test_the_desk_marks_and_undoes_and_a_second_mark_meanwhile_is_clear(reception, desk, travel):
    appointment = book(desk, "10:00")
    number = appointment.id
    address = f"/staff/appointments/{number}/attendance"
    assert reception.post(address, {"attendance": "arrived"}).status == 409
    later(travel, "2026-12-03 10:05")
    reception.get(f"/staff/appointments/{number}")
    page = reception.submit(address, press=("attendance", "arrived"))
    assert "Saved." in page.html
    assert reception.post(address, {"attendance": "arrived"}).status == 303
    assert reception.post(address, {"attendance": "late"}).status == 303
    page = reception.post(address, {"attendance": "no"})
    assert (page.status, page.h1) == (409, "Someone marked this already")
    assert "came late" in page.text
    assert reception.post(address, {"attendance": "undo"}).status == 303
    assert fresh(appointment).attendance == ""
    assert reception.post(address, {"attendance": "😀" * 5000}).status == 422
    assert reception.post("/staff/appointments/999/attendance", {"attendance": "yes"}).status == 404


def test_after_a_form_one_is_back_where_one_was_and_never_elsewhere(reception, desk, travel):
    appointment = book(desk, "10:00")
    later(travel, "2026-12-03 10:05")
    address = f"/staff/appointments/{appointment.id}/attendance"
    for back, leads in (
        ("/staff/diary?on=2026-12-03", "/staff/diary?on=2026-12-03"),
        ("//evil.example/", "/staff/today"),
    ):
        assert reception.post(address, {"attendance": "arrived", "back": back}).location == leads


def test_the_desk_cancels_with_a_reason(reception, desk):
    appointment = book(desk, "10:00")
    address = f"/staff/appointments/{appointment.id}/cancel"
    reception.get(address)
    page = reception.submit(address)
    assert page.status == 422
    assert page.find_all("a", href="#reason")
    page = reception.submit(address, reason="Jo is ill", follow=False)
    assert page.status == 303
    assert fresh(appointment).end_reason == "Jo is ill"
    assert reception.post(address, {"reason": "x" * 10_000}).status == 422


def test_the_desk_moves_an_appointment(reception, desk):
    appointment = book(desk, "10:00")
    address = f"/staff/appointments/{appointment.id}/change"
    reception.get(f"{address}?day=2026-12-04")
    page = reception.submit(address, starts_at="2026-12-04T10:00:00Z", follow=False)
    assert page.status == 303
    assert [each.state for each in all_appointments()] == ["superseded", "booked"]
    page = reception.post(address, {"starts_at": "2026-12-04T11:00:00Z", "request_key": "k2"})
    assert (page.status, page.h1) == (409, "This cannot be moved")
    assert reception.post(address, {"starts_at": "", "request_key": "k3"}).status in (409, 422)


def test_one_appointment_has_everything_that_can_be_done_with_it(reception, desk, travel):
    appointment = book(desk, "10:00")
    address = f"/staff/appointments/{appointment.id}"
    page = reception.get(address)
    assert desk.client.called_name in page.text
    assert desk.client.called_name not in page.title  # R28
    assert desk.kind.names["en"] not in page.text  # R28
    assert not page.find_all("button", name="attendance")
    later(travel, "2026-12-03 10:05")
    reception.get(address)
    page = reception.submit(f"{address}/attendance", press=("attendance", "no"))
    assert page.address == address
    assert "Did not come" in page.text
    assert reception.get("/staff/appointments/999").status == 404


def test_a_mark_leads_back_to_the_board_as_it_was_filtered(reception, desk, travel):
    number = book(desk, "10:00").id
    later(travel, "2026-12-03 10:05")
    page = reception.post(
        f"/staff/appointments/{number}/attendance",
        {"attendance": "arrived"},
        headers={"Referer": "http://localhost/staff/today?centre=1"},
    )
    assert page.location == "/staff/today?centre=1"


def test_the_card_holds_a_time_and_nothing_that_tells(reception, desk):
    appointment = book(desk, "10:00")
    page = reception.get(f"/staff/appointments/{appointment.id}/card")
    assert "Thursday 3 December" in page.text
    for word in (desk.client.called_name, desk.client.code_name, desk.centre.name, desk.kind.names["en"], "Jo"):
        assert word not in page.text


def test_the_desk_opens_no_booking_page_by_guessing_numbers(reception, desk):  # R28
    client_id, code_name, called_name = desk.client.id, desk.client.code_name, desk.client.called_name
    address = f"/staff/clients/{client_id}/appointments/new"
    page = reception.get(address)
    assert page.status == 404
    assert called_name not in page.html
    assert reception.post(f"/staff/clients/{client_id}/appointments", {"kind": "1"}).status == 404
    reception.post("/staff/walk-in", {"name": code_name})
    assert called_name in reception.get(address).text


def test_the_desk_opens_the_booking_page_of_a_woman_who_is_booked_there(reception, desk):  # R28
    book(desk, "10:00")
    assert reception.get(f"/staff/clients/{desk.client.id}/appointments/new").status == 200


def test_whom_the_desk_found_stands_in_the_log(reception, desk):  # R30
    client_id = desk.client.id
    reception.post("/staff/walk-in", {"name": desk.client.code_name})
    session.rollback()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "desk_search"))
    assert [(entry.action, entry.client_id) for entry in entries] == [("client_read", client_id)]


def test_a_walk_in_is_found_by_code_name_and_gets_a_time_today(reception, desk, travel):
    later(travel, "2026-12-03 10:07")
    reception.get("/staff/walk-in")
    page = reception.submit("/staff/walk-in", name=desk.client.code_name.upper())
    assert desk.client.called_name in page.text
    page = reception.get(page.links()["Give her a time"])
    page = reception.get(f"{page.address}&kind={desk.kind.id}")
    assert page.find_all("input", name="starts_at")[0].get("value") == "2026-12-03T10:10:00Z"
    reception.submit(f"/staff/clients/{desk.client.id}/appointments", starts_at="2026-12-03T10:10:00Z", follow=False)
    (appointment,) = all_appointments()
    assert appointment.walk_in
    assert "desk_search" in actions()


def test_by_called_name_the_desk_finds_only_women_booked_there_within_seven_days(reception, desk, travel):  # R28
    page = reception.post("/staff/walk-in", {"name": desk.client.called_name})
    assert "Nobody was found." in page.text
    book(desk, "10:00")
    page = reception.post("/staff/walk-in", {"name": desk.client.called_name.lower()})
    assert "Give her a time" in page.links()
    later(travel, "2026-12-11 10:00")
    assert "Nobody was found." in reception.post("/staff/walk-in", {"name": desk.client.called_name}).text
    assert reception.post("/staff/walk-in", {"name": "x" * 10_000}).status == 422


def test_who_may_not_book_or_mark_is_turned_away(page_client, desk):
    appointment = book(desk, "10:00")
    sign_in.as_staff(page_client, make.staff("admin", desk.centre))
    assert page_client.get("/staff/diary").status == 403
    assert page_client.get("/staff/walk-in").status == 403
    assert page_client.post(f"/staff/appointments/{appointment.id}/attendance", {"attendance": "yes"}).status == 403
