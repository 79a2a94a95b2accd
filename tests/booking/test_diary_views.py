"""The diary: day and week, by worker and room, free and taken, moved in two presses, a sheet to print."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.booking import practical
from portal.booking.models import Appointment
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.staff.models import Absence
from tests.booking import desk as at_desk
from tests.booking.desk import book, fresh, later
from tests.support import make, sign_in
from tests.support.measures import statements


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk(called_name="Rosamunde")


@pytest.fixture
def reception(page_client, desk):
    sign_in.as_staff(page_client, desk.reception)
    return page_client


def day(desk, **further) -> str:
    asked = {"on": "2026-12-03", "centre": desk.centre.id} | further
    return "/staff/diary?" + "&".join(f"{name}={value}" for name, value in asked.items())


def all_appointments() -> list[Appointment]:
    session.rollback()
    return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def columns(page) -> list[str]:
    return ["".join(node.itertext()).strip() for node in page.find_all("th", scope="col")]


def test_a_day_shows_what_is_taken_and_what_is_free(reception, desk):
    book(desk, "10:00")
    page = reception.get(day(desk))
    assert "10:00 Rosamunde" in page.text
    assert "Free 09:00 to 10:00" in page.text and "Free 11:00 to 17:00" in page.text
    page = reception.get(day(desk, by="room"))
    assert columns(page)[1:] == ["Room 1 1 booked", "Room 2 0 booked"]
    assert "Free 09:00 to 17:00" in page.text


def test_a_week_shows_seven_days_and_leads_to_each(reception, desk):
    book(desk, "10:00")
    page = reception.get(day(desk, view="week"))
    assert "Mon 30 Nov to Sun 6 Dec" in page.text and "10:00 Rosamunde" in page.text
    assert page.text.count("closed") == 2
    assert "Thu 3 Dec" in page.links()
    assert "Rosamunde" not in reception.get(page.address.replace("12-03", "12-10")).text
    assert "Rosamunde" in reception.get(day(desk, view="week", by="room")).text


def test_who_is_away_is_not_free(reception, desk):
    with unit_of_work():
        session.add(
            Absence(
                staff_id=desk.jo.id, starts_at=make.london(at_desk.THURSDAY, "09:00"),
                ends_at=make.london(at_desk.THURSDAY, "13:00"),
            )
        )  # fmt: skip
    page = reception.get(day(desk))
    assert "Free 13:00 to 17:00" in page.text and "Free 09:00" not in page.text


def test_whom_the_reader_must_not_know_is_neither_booked_nor_free(reception, desk):  # R29
    number = book(desk, "10:00").id
    with unit_of_work():
        session.add(Restriction(client_id=desk.client.id, staff_id=desk.reception.id, since_at=clock.now()))
    for by in ("worker", "room"):
        page = reception.get(day(desk, by=by))
        assert "Rosamunde" not in page.html and "Jo 1 booked" not in page.text
        assert "Free 09:00 to 10:00" in page.text
    assert reception.get(day(desk, moving=number)).status == 404
    assert reception.post(f"/staff/appointments/{number}/move", {"to": "1@2026-12-03T14:00:00Z"}).status == 404


def test_it_moves_in_two_presses_also_to_another_worker(reception, desk, app):
    ana = make.staff("keyworker", desk.centre, first_name="Ana")
    number, ana_id = book(desk, "10:00").id, ana.id
    page = reception.get(day(desk))
    page = reception.get(f"{page.links()['Move 10:00']}")
    assert "Press the place where it should go" in page.text
    page = reception.submit(
        f"/staff/appointments/{number}/move", press=("to", f"{ana_id}@2026-12-03T14:00:00Z"), follow=True
    )
    assert "Moved." in page.html and "moving" not in page.address
    old, new = all_appointments()
    assert (old.state, new.state, new.worker_id) == ("superseded", "booked", ana_id)
    assert new.starts_at == make.london(at_desk.THURSDAY, "14:00")


def test_the_week_and_the_rooms_offer_places_too(reception, desk):
    number = book(desk, "10:00").id
    page = reception.get(day(desk, view="week", moving=number))
    assert f"{desk.jo.id}@2026-12-04T09:00:00Z" in {node.get("value") for node in page.find_all("button", name="to")}
    page = reception.get(day(desk, by="room", moving=number))
    assert page.find_all("button", name="to")


def test_practical_help_goes_along_but_the_interpreter_must_be_booked_anew(reception, desk):
    appointment = book(desk, "10:00")
    with unit_of_work():
        practical.set_help(
            desk.reception.actor, appointment.id, childcare_places=2, fare="given", interpreter="booked",
            companion=True, without_place=True, now=clock.now(),
        )  # fmt: skip
    reception.get(day(desk, moving=appointment.id))
    reception.submit(press=("to", f"{desk.jo.id}@2026-12-03T14:00:00Z"), follow=False)
    help_ = practical.help_of(all_appointments()[1].id)
    assert (help_.childcare_places, help_.fare, help_.interpreter, help_.companion) == (2, "given", "needed", True)


@pytest.mark.parametrize(
    ("to", "status"),
    [("", 422), ("x", 422), ("@", 422), ("1@when she can", 422), ("99999999999@2026-12-03T14:00:00Z", 404),
     ("{jo}@2026-12-03T10:05:00", 422), ("{jo}@2026-12-01T09:00:00Z", 409), ("{jo}@2026-12-05T10:00:00Z", 409),
     ("99@2026-12-03T14:00:00Z", 409), ("🙂" * 3000, 422)],
)  # fmt: skip
def test_a_place_that_is_none_moves_nothing(reception, desk, to, status):
    number = book(desk, "10:00").id
    page = reception.post(
        f"/staff/appointments/{number}/move", {"to": to.replace("{jo}", str(desk.jo.id)), "request_key": "k"}
    )
    assert page.status == status
    assert [row.state for row in all_appointments()] == ["booked"]


def test_taken_meanwhile_or_begun_it_says_so(reception, desk, travel):
    number, place = book(desk, "10:00").id, f"{desk.jo.id}@2026-12-03T14:00:00Z"
    reception.get(day(desk, moving=number))
    book(desk, "14:00", client=make.client(desk.jo))
    page = reception.post(f"/staff/appointments/{number}/move", {"to": place, "request_key": "k"})
    assert (page.status, page.h1) == (409, "That time has just gone")
    later(travel, "2026-12-03 10:30")
    assert "Press the place" not in reception.get(day(desk, moving=number)).text
    page = reception.post(f"/staff/appointments/{number}/move", {"to": place, "request_key": "k2"})
    assert page.status == 409


def test_the_sheet_prints_names_to_call_out_and_room_for_ticks_under_a_neutral_title(reception, desk):  # R7
    book(desk, "10:00")
    page = reception.get(day(desk).replace("diary", "diary/sheet"))
    assert page.title == "Day sheet" and "Rosamunde" in page.text
    assert desk.kind.names["en"] not in page.text  # R28
    far = reception.get(day(desk, on="2026-12-24").replace("diary", "diary/sheet"))
    assert far.status == 200


def test_far_from_today_reception_reads_no_names_in_diary_week_or_sheet(reception, desk):  # R28
    book(desk, "10:00", desk and at_desk.THURSDAY + timedelta(days=14))
    for address in (day(desk, on="2026-12-17"), day(desk, on="2026-12-17", view="week"),
                    day(desk, on="2026-12-17").replace("diary", "diary/sheet")):  # fmt: skip
        page = reception.get(address)
        assert "Rosamunde" not in page.html and "Booked" in page.text, address


def test_names_hide_here_too(reception, desk):  # R28
    book(desk, "10:00")
    page = reception.get(day(desk))
    page = reception.get(page.links()["Hide names F8"])
    assert "Rosamunde" not in page.html
    assert "Rosamunde" not in reception.get(page.links()["Week"]).html


def test_another_centre_is_not_there_and_nobodys_diary_is_said_so(page_client, desk):
    other, lonely = make.centre().id, make.staff("receptionist")
    sign_in.as_staff(page_client, lonely)
    assert "You cover no centre." in page_client.get("/staff/diary").text
    assert page_client.get(f"/staff/diary?centre={other}").status == 404
    assert page_client.get("/staff/diary/sheet").status == 200


def test_the_diary_asks_the_database_as_little_for_many_bookings_as_for_one(reception, desk):
    book(desk, "09:00")
    reception.get(day(desk))
    with statements() as few:
        reception.get(day(desk, view="week"))
    for hour in range(10, 16):
        book(desk, f"{hour}:00", client=make.client(desk.jo))
    with statements() as many:
        reception.get(day(desk, view="week"))
    assert len(many) == len(few) <= 16, many


def test_a_moved_appointment_keeps_its_past(reception, desk):
    appointment = book(desk, "10:00")
    reception.get(day(desk, moving=appointment.id))
    reception.submit(press=("to", f"{desk.jo.id}@2026-12-03T14:00:00Z"), follow=False)
    assert fresh(appointment).state == "superseded"
