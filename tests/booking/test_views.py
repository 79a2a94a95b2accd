"""Her appointments as she meets them: choosing, booking, seeing, moving, cancelling; and all that can go wrong."""

from datetime import timedelta
from urllib.parse import urlencode

import brotli
import pytest
from sqlalchemy import select

from portal.booking.models import Appointment
from portal.centres.models import Kind
from portal.core.database import session, unit_of_work
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book, cancel, fresh, later, mark, own
from tests.booking.test_offers import counted_queries
from tests.support import make, sign_in
from tests.support.pages import words


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk()


@pytest.fixture
def hers(page_client, desk):
    """Her browser, signed in."""
    sign_in.as_client(page_client, desk.client)
    return page_client


def times(page) -> list[str]:
    return [radio.get("value") for radio in page.find_all("input", name="starts_at", type="radio")]


def all_appointments() -> list[Appointment]:
    session.rollback()
    return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def post_booking(browser, desk, starts_at: str, **more):
    return browser.post(
        "/appointments",
        {"kind": desk.kind.id, "centre": desk.centre.id, "starts_at": starts_at, "request_key": "abc", **more},
    )


def test_she_books_by_day_and_time_and_sees_it(hers, desk):
    page = hers.get("/appointments/new")
    assert page.h1 == "Which day suits you?"
    page = hers.get(next(link for link in page.links().values() if "day=2026-12-03" in link))
    assert page.h1 == "Which time suits you?"
    assert "2026-12-03T10:00:00Z" in times(page)
    page = hers.get(f"{page.address}&starts_at=2026-12-03T10:00:00Z")
    assert page.h1 == "Is this right?"
    assert "Thursday 3 December" in page.text
    assert "The green door." in page.text
    page = hers.submit("/appointments")
    assert page.address == f"/appointments/{all_appointments()[0].id}"
    assert "This is booked." in page.text
    assert "10 o'clock in the morning" in page.text


def test_steps_with_a_choice_are_asked_in_turn(hers, desk):
    second = make.centre("Second House", rooms=1)
    make.kind("Help with money", desk.centre, second)
    page = hers.get("/appointments/new")
    assert page.h1 == "What would you like?"
    page = hers.get(page.links()["Help with money"])
    assert page.h1 == "Where suits you?"
    assert next(link for link in page.links() if "House" in link).startswith(desk.centre.name)
    page = hers.get(next(address for link, address in page.links().items() if desk.centre.name in link))
    assert page.h1 == "Which day suits you?"


def test_see_her_worker_again_is_three_presses(hers, desk):
    place = {"kind": desk.kind.id, "centre": desk.centre.id, "worker": desk.jo.id}
    page = hers.get(f"/appointments/new?{urlencode(place)}")
    (form,) = [form for form in page.forms() if form.get("action") == "/appointments/new"]
    carried = {field.get("name"): field.get("value") for field in page.find_all("input", type="hidden")}
    page = hers.get(f"{form.get('action')}?{urlencode(carried | {'starts_at': times(page)[0]})}")
    page = hers.submit("/appointments")
    assert "This is booked." in page.text
    assert all_appointments()[0].worker_id == desk.jo.id


def test_her_workers_name_stands_there_only_if_she_wants_it(hers, desk):  # R16
    appointment = book(desk, "10:00")
    assert "Jo" not in hers.get(f"/appointments/{appointment.id}").text
    assert "your worker" in hers.get(f"/appointments/{appointment.id}").text
    with unit_of_work():
        session.merge(desk.client).shows_worker_name = True
    assert "You will see Jo" in hers.get(f"/appointments/{appointment.id}").text


def test_a_time_taken_meanwhile_gives_the_nearest_ones_and_one_press_takes_one(hers, desk):
    book(desk, "10:00", client=make.client(desk.jo))
    page = post_booking(hers, desk, "2026-12-03T10:00:00Z")
    assert page.status == 409
    assert page.h1 == "That time has gone"
    nearest = [button.get("value") for button in page.find_all("button", name="starts_at")]
    assert nearest == ["2026-12-03T09:00:00Z", "2026-12-03T11:00:00Z", "2026-12-03T11:30:00Z"]
    page = hers.submit("/appointments", press=("starts_at", nearest[1]))
    assert "This is booked." in page.text
    assert all_appointments()[-1].starts_at == make.london(THURSDAY, "11:00")


def test_a_time_lost_between_choosing_and_checking_is_told_at_the_check(hers, desk):
    book(desk, "10:00", client=make.client(desk.jo))
    page = hers.get(f"/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}&starts_at=2026-12-03T10:00:00Z")
    assert page.status == 409


@pytest.mark.parametrize(
    ("starts_at", "heading"),
    [
        ("2026-11-30T10:00:00Z", "That time has passed"),
        ("2026-12-01T11:00:00Z", "That time is too soon"),
        ("2026-12-05T10:00:00Z", "We are closed that day"),
        ("2026-12-03T03:00:00Z", "That time has gone"),
        ("2099-12-03T10:00:00Z", "That time has gone"),
    ],
)
def test_each_bad_time_has_its_own_clear_page(hers, desk, starts_at, heading):
    page = post_booking(hers, desk, starts_at)
    assert (page.status, page.h1) == (409, heading)
    assert not all_appointments()


@pytest.mark.parametrize(
    "starts_at", ["", "soon", "2026-12-03", "2026-12-03T10:00:00", "0001-01-01T00:00:00+14:00", "9" * 10_000, "😀"]
)
def test_a_start_that_is_no_instant_is_an_error_of_the_form(hers, desk, starts_at):
    page = post_booking(hers, desk, starts_at)
    assert page.status == 422
    assert "Choose a time." in page.text
    assert page.find_all("a", href="#starts_at")
    assert page.find_all("input", id="starts_at")
    assert not all_appointments()


@pytest.mark.parametrize(
    "query",
    [
        "kind=abc", "kind=0", "kind=-1", "kind=99999", "kind=99999999999999999999", "kind=1&centre=999", "centre=x",
        "day=2026-13-45", "day=tomorrow", "day=0001-01-01", "day=9999-12-31", "worker=%F0%9F%98%80",
        "kind=" + "1" * 7000,
    ],
)  # fmt: skip
def test_ids_and_days_that_are_none_are_not_found(hers, desk, query):
    assert hers.get(f"/appointments/new?{query}").status == 404


@pytest.mark.parametrize("path", ["/appointments/999", "/appointments/0", "/appointments/99999999999999999999"])
def test_other_peoples_and_unknown_appointments_are_not_found(hers, desk, path):
    assert hers.get(path).status == 404
    strangers = book(desk, "10:00", client=make.client(desk.jo))
    for step in ("", "/change", "/cancel"):
        assert hers.get(f"/appointments/{strangers.id}{step}").status == 404
    data = {"starts_at": "2026-12-03T12:00:00Z", "request_key": "k"}
    assert hers.post(f"/appointments/{strangers.id}/change", data).status == 404
    assert hers.post(f"/appointments/{strangers.id}/cancel", {}).status == 404
    assert fresh(strangers).stands


def test_a_day_without_free_times_says_so_and_shows_the_way(hers, desk):
    page = hers.get(f"/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}&day=2026-12-05")
    assert page.h1 == "No time is free"
    assert hers.get(page.links()["See other days"]).h1 == "Which day suits you?"


def test_pressed_twice_it_is_booked_once(hers, desk):  # R38
    first = post_booking(hers, desk, "2026-12-03T10:00:00Z")
    second = post_booking(hers, desk, "2026-12-03T10:00:00Z")
    assert (first.status, first.location) == (303, second.location)
    assert len(all_appointments()) == 1


def test_one_of_a_kind_is_offered_to_be_moved_instead(hers, desk):
    with unit_of_work():
        session.get(Kind, desk.kind.id).one_at_a_time = True
    first = book(desk, "10:00")
    page = post_booking(hers, desk, "2026-12-03T15:00:00Z", request_key="other")
    assert (page.status, page.h1) == (409, "You have one booked")
    page = hers.submit(f"/appointments/{first.id}/change", press=("starts_at", "2026-12-03T15:00:00Z"))
    assert "This is booked." in page.text
    assert [each.state for each in all_appointments()] == ["superseded", "booked"]


def test_she_moves_it(hers, desk):
    first = book(desk, "10:00")
    page = hers.get(f"/appointments/{first.id}/change")
    assert page.h1 == "Which time suits you?"
    page = hers.get(page.links()["Other days"])
    page = hers.get(next(link for link in page.links().values() if "day=2026-12-03" in link))
    assert "2026-12-03T10:30:00Z" in times(page)
    page = hers.submit(f"/appointments/{first.id}/change", starts_at="2026-12-03T10:30:00Z")
    assert page.address == f"/appointments/{first.id + 1}"
    assert "half past 10 in the morning" in page.text
    page = hers.get(f"/appointments/{first.id}")
    assert page.links()["See the new time"] == f"/appointments/{first.id + 1}"
    assert hers.get(f"/appointments/{first.id}/change").status == 409


def test_moving_to_a_taken_time_offers_the_nearest_and_keeps_the_old_one(hers, desk):
    first = book(desk, "10:00")
    book(desk, "14:00", client=make.client(desk.jo))
    data = {"starts_at": "2026-12-03T14:00:00Z", "request_key": "k1"}
    page = hers.post(f"/appointments/{first.id}/change", data)
    assert page.status == 409
    assert fresh(first).stands
    nearest = [button.get("value") for button in page.find_all("button", name="starts_at")]
    assert nearest
    hers.submit(f"/appointments/{first.id}/change", press=("starts_at", nearest[0]))
    assert fresh(first).state == "superseded"


def test_a_slip_is_undone_with_one_press_while_nobody_was_told(hers, desk, travel):
    first = book(desk, "10:00")
    hers.get(f"/appointments/{first.id}/cancel")
    hers.submit(f"/appointments/{first.id}/cancel")
    page = hers.submit(f"/appointments/{first.id}/undo")
    assert "This is booked." in page.text
    assert fresh(first).stands
    hers.get(f"/appointments/{first.id}/cancel")
    hers.submit(f"/appointments/{first.id}/cancel")
    later(travel, "2026-12-01 10:02")
    assert hers.post(f"/appointments/{first.id}/undo", {}).status == 409
    strangers = book(desk, "15:00", client=make.client(desk.jo))
    assert hers.post(f"/appointments/{strangers.id}/undo", {}).status == 404


def test_she_cancels_kindly_with_or_without_a_reason(hers, desk, travel):
    first = book(desk, "10:00")
    page = hers.get(f"/appointments/{first.id}/cancel")
    assert "It is OK to cancel." in page.text
    page = hers.submit(f"/appointments/{first.id}/cancel")
    assert "Cancelled." in page.text
    assert fresh(first).state == "cancelled"
    later(travel, "2026-12-01 10:02")
    assert "This is cancelled. That is OK." in hers.get(f"/appointments/{first.id}").text
    assert hers.get(f"/appointments/{first.id}/cancel").status == 409


def test_a_reason_of_ten_thousand_letters_is_kept_on_the_page_and_nothing_is_cancelled(hers, desk):
    first = book(desk, "10:00")
    page = hers.post(f"/appointments/{first.id}/cancel", {"reason": "é" * 10_000})
    assert page.status == 422
    assert "é" * 10_000 in page.html
    assert page.find_all("a", href="#reason")
    assert fresh(first).stands


def test_once_it_has_started_she_is_told_kindly_whom_to_ask(hers, desk, travel):
    first = book(desk, "10:00")
    later(travel, "2026-12-03 10:01")
    page = hers.get(f"/appointments/{first.id}/change")
    assert (page.status, page.h1) == (409, "This cannot be changed here")
    assert hers.post(f"/appointments/{first.id}/cancel", {}).status == 409
    assert fresh(first).stands


def test_missed_and_cancelled_ones_are_met_kindly(hers, desk, travel):  # R36
    missed = book(desk, "10:00")
    travel.to("2026-12-03 11:00")
    mark(missed, "no", actor=desk.jo.actor)
    cancelled = book(desk, "15:00")
    cancel(cancelled, actor=own(desk.client))
    later(travel, "2026-12-04 11:00")
    page = hers.get("/appointments")
    assert "you could not come. That is OK." in page.text
    assert "cancelled" in page.text
    assert "You have no appointment booked." in page.text
    assert "Would you like another time?" in hers.get(f"/appointments/{missed.id}").text


def test_her_pages_are_for_her_alone(page_client, desk):
    for path in ("/appointments", "/appointments/new", "/appointments/1"):
        assert page_client.get(path).location == "/sign-in"


def test_the_page_of_times_is_small_and_takes_the_same_queries_whatever_is_booked(hers, desk):
    address = f"/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}&worker={desk.jo.id}"
    sizes, counts = [], []
    for bookings in range(3):
        if bookings:
            book(desk, f"{9 + bookings}:00", client=make.client(desk.jo))
        with counted_queries() as statements:
            page = hers.get(address)
        counts.append(len(statements))
        sizes.append(len(brotli.compress(page.body, quality=5)))
    assert len(set(counts)) == 1
    assert counts[0] <= 8
    assert max(sizes) < 3000
    assert len(brotli.compress(hers.get("/appointments/new").body, quality=5)) < 3000


def test_the_page_holds_on_both_clock_change_sundays(page_client, app, travel):
    travel.to("2027-03-26 10:00")
    desk = at_desk.open_desk()
    with unit_of_work():
        session.merge(desk.centre).hours[0].weekday = session.merge(desk.jo).hours[0].weekday = 6
    sign_in.as_client(page_client, desk.client)
    page = page_client.get(f"/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}&day=2027-03-28")
    assert times(page)[0] == "2027-03-28T08:00:00Z"
    assert "9:00am" in page.text


def test_in_arabic_the_pages_run_from_right_to_left_with_the_times_readable(page_client, desk):
    client = make.client(desk.jo, language="ar")
    sign_in.as_client(page_client, client)
    appointment = book(desk, "10:00", client=client)
    for path in ("/appointments", "/appointments/new", f"/appointments/{appointment.id}"):
        page = page_client.get(path)
        assert page.find_all("html")[0].get("dir") == "rtl"
    assert any("10:00" in words(node) for node in page.find_all("bdi"))


def test_a_kind_that_only_staff_book_is_not_hers_to_book(hers, desk):
    kind = make.kind("First talk", desk.centre, bookable_by_clients=False)
    assert "First talk" not in hers.get("/appointments/new").text
    assert post_booking(hers, desk, "2026-12-03T10:00:00Z", kind=kind.id).status == 404
    staffs = book(desk, "10:00", actor=desk.jo.actor, kind_id=kind.id)
    assert "2026-12-03T10:30:00Z" in times(hers.get(f"/appointments/{staffs.id}/change?day=2026-12-03"))


def test_a_far_day_and_a_day_of_the_past_are_pages_not_faults(hers, desk):
    for on in (THURSDAY - timedelta(days=900), THURSDAY + timedelta(days=900)):
        page = hers.get(f"/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}&day={on}")
        assert page.status == 200


def test_near_its_start_a_kind_can_be_changed_no_more_by_her_and_she_is_told_whom_to_ring(hers, desk, travel):
    with unit_of_work():
        kind = session.get_one(Kind, desk.kind.id)
        kind.change_until_minutes, kind.cancel_until_minutes = 24 * 60, 120
        session.merge(desk.centre).phone = "+442079460123"
    first = book(desk, "10:00")
    page = hers.get(f"/appointments/{first.id}")
    assert "Change the time" in page.links()
    later(travel, "2026-12-02 10:00")
    page = hers.get(f"/appointments/{first.id}")
    assert "Change the time" not in page.links()
    assert "Cancel it" in page.links()
    assert "02079460123" in page.text.replace(" ", "")
    page = hers.get(f"/appointments/{first.id}/change")
    assert (page.status, page.h1) == (409, "It is too late to change this here")
    assert "02079460123" in page.text.replace(" ", "")
    data = {"starts_at": "2026-12-03T15:00:00Z", "request_key": "k1"}
    assert hers.post(f"/appointments/{first.id}/change", data).status == 409
    later(travel, "2026-12-03 08:00")
    assert hers.post(f"/appointments/{first.id}/cancel", {}).status == 409
    assert fresh(first).stands
    assert cancel(first, actor=desk.jo.actor, reason="She rang").state == "cancelled"


def test_what_to_bring_stands_on_her_page_and_on_her_card_in_her_language(hers, desk, page_client):
    with unit_of_work():
        session.get_one(Kind, desk.kind.id).bring = {"en": "Letters about money", "ar": "رسائل"}
    first = book(desk, "10:00")
    assert "You can bring: Letters about money" in hers.get(f"/appointments/{first.id}").text
    other = make.client(desk.jo, language="ar")
    hers_too = book(desk, "15:00", client=other)
    sign_in.as_staff(page_client, desk.jo)
    assert "رسائل" in page_client.get(f"/staff/appointments/{hers_too.id}/card").text


def test_a_session_by_phone_names_no_place_and_takes_no_room(hers, desk):
    kind = make.kind("A call", desk.centre, mode="phone", needs_room=False)
    appointment = book(desk, "10:00", kind_id=kind.id)
    assert appointment.room_id is None
    page = hers.get(f"/appointments/{appointment.id}")
    assert "By phone, with your worker. You do not need to come." in page.text
    assert "The green door." not in page.text


def test_she_can_see_only_times_that_suit_her(hers, desk):
    page = hers.get("/appointments/new")
    page = hers.get(next(link for link in page.links().values() if "day=2026-12-03" in link))
    page = hers.get(page.links()["School hours"])
    assert [words(node) for node in page.find_all("b", **{"aria-current": "true"})] == ["School hours"]
    assert times(page)[0] == "2026-12-03T09:30:00Z"
    assert times(page)[-1] == "2026-12-03T13:30:00Z"
    page = hers.get(page.links()["Mornings"])
    assert (times(page)[0], times(page)[-1]) == ("2026-12-03T09:00:00Z", "2026-12-03T11:00:00Z")
    assert len(times(hers.get(page.links()["Any time"]))) == 15
    mine = book(desk, "10:00")
    assert times(hers.get(f"/appointments/{mine.id}/change?suits=morning"))[-1].endswith("T11:00:00Z")
    assert hers.get("/appointments/new?suits=never").status == 404
