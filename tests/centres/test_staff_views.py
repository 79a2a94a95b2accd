"""Centres, their hours, closures and rooms, and kinds of appointment, as admins and managers change them."""

from datetime import date, time

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.centres import queries
from portal.centres.models import Centre, Closure, Kind, Room
from portal.core import locales
from portal.core.database import session, unit_of_work
from tests.support import make, sign_in


@pytest.fixture
def admin(page_client, travel):
    sign_in.staff_at(page_client, make.staff("admin", first_name="Alex"), "/staff/centres")
    return page_client


def all_of(model) -> list:
    with make.session() as reading:
        return list(reading.scalars(select(model).order_by(model.id)))


def test_a_centre_is_added_once_and_changed(admin):
    admin.get("/staff/centres/new")
    fields = {"name": "Lantern  Rooms", "borough": "Lambeth", "door": "Above the bakery.", "phone": "020 7946 0123"}
    key = admin.page.field("request_key")
    locations = [admin.post("/staff/centres/new", {**fields, "request_key": key}).location for _ in range(2)]
    assert locations[0] == locations[1]
    (centre,) = all_of(Centre)
    assert (centre.name, centre.phone) == ("Lantern Rooms", "+442079460123")
    assert "020 7946 0123".replace(" ", "") in admin.get(locations[0]).text.replace(" ", "")
    address = f"/staff/centres/{centre.id}/change"
    admin.get(address)
    admin.submit(address, archived="y")
    assert queries.centres() == []
    with make.session() as reading:
        assert {entry.action for entry in reading.scalars(select(AuditEntry))} >= {"centre_saved"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "Camden Women's Centre"}, "This name would say too much on her phone."),  # R7
        ({"name": "The Refuge"}, "This name would say too much on her phone."),
        ({"name": "Hall", "door": "Next to the police station."}, "These words would say too much"),
        ({"name": ""}, "Fill this in."),
        ({"name": "example house"}, "Another centre has this name."),
        ({"name": "x" * 10000}, "Write at most 80 letters."),
        ({"name": "Hall", "borough": "Atlantis"}, "Not a valid choice"),
    ],
)
def test_a_centre_that_cannot_be_is_refused(admin, typed, words):
    make.centre("Example House")
    admin.get("/staff/centres/new")
    page = admin.submit("/staff/centres/new", **typed)
    assert page.status == 422
    assert words in page.text
    assert [centre.name for centre in all_of(Centre)] == ["Example House"]


def test_opening_hours_hold_several_windows_a_day(admin):
    centre_id = make.centre().id
    address = f"/staff/centres/{centre_id}/hours"
    assert admin.get(address).field("monday") == "09:00-17:00"
    admin.submit(address, monday="09:00-12:30, 13:30-17:00", tuesday="")
    assert admin.page.address == f"/staff/centres/{centre_id}"
    hours = queries.centre(centre_id).hours
    assert [(window.local_from, window.local_until) for window in hours if window.weekday == 0] == [
        (time(9), time(12, 30)),
        (time(13, 30), time(17)),
    ]
    assert not [window for window in hours if window.weekday == 1]
    admin.get(address)
    page = admin.submit(address, friday="9-12, 11-13")
    assert (page.status, "Two of these times overlap." in page.text) == (422, True)
    assert page.find_all("a", href="#friday")


def test_the_creche_has_sessions_with_places(admin):
    centre_id = make.centre().id
    assert "No crèche." in admin.get(f"/staff/centres/{centre_id}").text
    address = f"/staff/centres/{centre_id}/creche"
    admin.get(address)
    admin.submit(address, monday="9-12:30 for 4, 13:00-15:00 for 6", thursday="10:00 - 12:00 for 2 children")
    assert admin.page.address == f"/staff/centres/{centre_id}"
    assert "09:00-12:30 for 4, 13:00-15:00 for 6" in admin.page.text
    assert queries.centre(centre_id).creche == [
        {"day": 0, "from": "09:00", "until": "12:30", "places": 4},
        {"day": 0, "from": "13:00", "until": "15:00", "places": 6},
        {"day": 3, "from": "10:00", "until": "12:00", "places": 2},
    ]
    admin.get(address)
    page = admin.submit(address, friday="9-12", tuesday="x" * 10_000)
    assert page.status == 422
    assert "Write times and places like 09:30-12:30 for 4" in page.text
    assert (page.field("friday"), page.field("monday")) == ("9-12", "09:00-12:30 for 4, 13:00-15:00 for 6")
    assert len(queries.centre(centre_id).creche) == 3
    assert admin.get("/staff/centres/999/creche").status == 404


def test_a_centre_is_closed_on_dates_and_opened_again(admin):
    centre_id = make.centre().id
    admin.get(f"/staff/centres/{centre_id}")
    admin.submit(
        f"/staff/centres/{centre_id}/closures", starts_on="2026-12-24", ends_on="2026-12-28", reason="Holidays"
    )
    assert "Thu 24 Dec to Mon 28 Dec: Holidays" in admin.page.text
    assert queries.is_closed(centre_id, date(2026, 12, 24))
    assert queries.is_closed(centre_id, date(2026, 12, 28))
    assert not queries.is_closed(centre_id, date(2026, 12, 29))
    (closure,) = all_of(Closure)
    other_id = make.centre().id
    assert admin.post(f"/staff/centres/{other_id}/closures/{closure.id}/remove").status == 404
    admin.get(f"/staff/centres/{centre_id}")
    admin.submit(f"/staff/centres/{centre_id}/closures/{closure.id}/remove")
    assert not queries.is_closed(centre_id, date(2026, 12, 24))


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "words"),
    [
        ("2026-12-24", "2026-12-23", "The last day must not come before the first."),
        ("2026-12-24", "2028-12-23", "A closure is at most a year long."),
        ("2026-02-30", "2026-12-23", "Not a valid date"),
        ("", "", "Give a date."),
    ],
)
def test_a_closure_that_cannot_be_is_refused(admin, starts_on, ends_on, words):
    centre_id = make.centre().id
    admin.get(f"/staff/centres/{centre_id}")
    page = admin.submit(f"/staff/centres/{centre_id}/closures", starts_on=starts_on, ends_on=ends_on)
    assert page.status == 422
    assert words in page.text
    assert all_of(Closure) == []


def test_rooms_are_added_and_changed(admin):
    centre_id = make.centre(rooms=1).id
    address = f"/staff/centres/{centre_id}/rooms/new"
    admin.get(address)
    assert "Another room here has this name." in admin.submit(address, name="Room 1").text
    admin.submit(address, name="Garden", step_free="y", child_corner="y")
    garden = all_of(Room)[-1]
    assert (garden.name, garden.step_free, garden.child_corner, garden.quiet) == ("Garden", True, True, False)
    address = f"/staff/centres/{centre_id}/rooms/{garden.id}"
    page = admin.get(address)
    assert page.find_all("input", id="step_free")[0].get("checked") is not None
    admin.submit(address, quiet="y", archived="y")
    assert all_of(Room)[-1].archived
    assert admin.get(f"/staff/centres/{make.centre().id}/rooms/{garden.id}").status == 404


def test_a_kind_of_appointment_has_names_numbers_and_places(admin):
    centre, other = make.centre(), make.centre()
    admin.get("/staff/kinds/new")
    fields = {"name_en": "Time with your worker", "name_ar": "وقت مع العاملة", "minutes": "50"}
    admin.submit("/staff/kinds/new", **fields, centre_ids=centre.id)
    assert admin.page.address == "/staff/kinds"
    (kind,) = all_of(Kind)
    assert kind.names == {"en": "Time with your worker", "ar": "وقت مع العاملة"}
    assert (kind.minutes, kind.buffer_after, kind.needs_room, kind.bookable_by_clients) == (50, 10, True, True)
    assert [offered.id for offered in queries.kinds_for(centre.id)] == [kind.id]
    assert queries.kinds_for(other.id) == []
    page = admin.get(f"/staff/kinds/{kind.id}")
    ticked = [
        field.get("value") for field in page.find_all("input", name="centre_ids") if field.get("checked") is not None
    ]
    assert ticked == [str(centre.id)]
    admin.submit(f"/staff/kinds/{kind.id}", name_ar="", minutes="30", centre_ids=other.id)
    kind = all_of(Kind)[0]
    assert (kind.names, kind.minutes) == ({"en": "Time with your worker"}, 30)
    assert queries.centre_ids_offering(kind.id) == {other.id}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name_en": ""}, "Fill this in."),
        ({"name_en": "Court visit"}, "This name would say too much"),  # R7
        ({"name_ar": "زيارة محكمة"}, "This name would say too much"),
        ({"minutes": "4"}, "Give a whole number from 5 to 480."),
        ({"minutes": "99999999999999999999"}, "Give a whole number from 5 to 480."),
        ({"minutes": "an hour"}, "Not a valid integer"),
        ({"buffer_before": "-1"}, "Give a whole number from 0 to 120."),
        ({"centre_ids": "999"}, "valid choice"),
    ],
)
def test_a_kind_that_cannot_be_is_refused(admin, typed, words):
    make.centre()
    admin.get("/staff/kinds/new")
    page = admin.submit("/staff/kinds/new", **{"name_en": "Time with your worker", "minutes": "50"} | typed)
    assert page.status == 422
    assert words in page.text
    assert all_of(Kind) == []


def test_a_manager_opens_them_and_a_keyworker_does_not(page_client, new_page_client, travel):
    centre = make.centre()
    sign_in.staff_at(page_client, make.staff("manager", centre), "/staff/centres")
    assert page_client.page.status == 200
    other = new_page_client()
    sign_in.staff_at(other, make.staff("keyworker", centre), "/staff/centres")
    for page in ("centres", "centres/new", "kinds", "kinds/new"):
        assert other.get(f"/staff/{page}").status == 403


@pytest.mark.parametrize(
    "page", ["centres/{id}", "centres/{id}/hours", "centres/{id}/change", "centres/{id}/rooms/1", "kinds/{id}"]
)
@pytest.mark.parametrize("number", [0, 999, 2**40])
def test_ids_that_are_not_there_are_not_found(admin, page, number):
    assert admin.get("/staff/" + page.format(id=number)).status == 404


def test_a_kind_says_how_it_is_held_what_to_bring_and_until_when_she_can_change_it(admin):
    make.centre()
    admin.get("/staff/kinds/new")
    fields = {"name_en": "A call", "minutes": "30", "mode": "phone", "bring_en": "A pen", "bring_ar": "قلم"}
    admin.submit("/staff/kinds/new", **fields, change_until_minutes="60", cancel_until_minutes="30")
    (kind,) = all_of(Kind)
    assert (kind.mode, kind.needs_room, kind.bring) == ("phone", False, {"en": "A pen", "ar": "قلم"})
    assert (kind.change_until_minutes, kind.cancel_until_minutes) == (60, 30)
    assert (kind.one_at_a_time, kind.counts) == (True, True)
    assert (kind.bring_in("ar"), kind.bring_in("so")) == ("قلم", "A pen")
    admin.get(f"/staff/kinds/{kind.id}")
    page = admin.submit(f"/staff/kinds/{kind.id}", bring_en="Your court letter")
    assert page.status == 422
    assert "would say too much" in page.text


def named(kind, **names):
    """The kind, with these names beside its English one."""
    with unit_of_work():
        session.get_one(Kind, kind.id).names = kind.names | names
    return kind


def test_a_kind_has_a_name_in_each_offered_language_and_staff_see_where_one_is_missing(admin):
    centre = make.centre()
    kind = named(make.kind("Time with your worker", centre), ar="وقت", ti="ግዜ")
    locales.offer(["ar", "so"])
    page = admin.get(f"/staff/kinds/{kind.id}")
    assert {field.get("name") for field in page.find_all("input") if field.get("name", "").startswith("name_")} == {
        "name_en", "name_ar", "name_so",
    }  # fmt: skip
    assert "In other languages: no name in Somali yet" in page.text
    assert "no name in Somali yet" in admin.get("/staff/kinds").text
    admin.get(f"/staff/kinds/{kind.id}")
    admin.submit(f"/staff/kinds/{kind.id}", name_so="Waqti", bring_so="Qalin", name_ar="")
    (saved,) = all_of(Kind)
    assert saved.names == {"en": "Time with your worker", "so": "Waqti", "ti": "ግዜ"}, "what is not offered is kept"
    assert (saved.name_in("ar"), saved.bring_in("so")) == ("Time with your worker", "Qalin")


def test_a_language_that_is_offered_while_the_page_is_open_loses_no_name(admin):
    kind = named(make.kind("Time with your worker", make.centre()), ti="ግዜ")
    locales.offer([])
    admin.get(f"/staff/kinds/{kind.id}")
    locales.offer(["ti"])
    admin.submit(f"/staff/kinds/{kind.id}", minutes="30")
    assert all_of(Kind)[0].names["ti"] == "ግዜ"
