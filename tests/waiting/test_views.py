"""Her pages: going on the list where nothing is free, the free time on her first page, yes, no, gone, off the list."""

import pytest

from portal.core import clock
from portal.core.database import session
from portal.waiting.models import Wait
from tests.booking.desk import book, later, own
from tests.support import sign_in
from tests.waiting import house as h


@pytest.fixture
def house(app, travel):
    return h.full_house(travel)


@pytest.fixture
def rose(house):
    return h.woman(house)


@pytest.fixture
def hers(page_client, house, rose):
    sign_in.as_client(page_client, rose)
    return page_client


@pytest.fixture
def offered(house, rose):
    """Wednesday 14:00 is kept for her."""
    h.waits(rose, house)
    h.freed(house.tomorrow[14])
    h.beat()
    return h.held(rose)


def test_where_nothing_is_free_one_press_puts_her_on_the_list(hers, house, rose):
    page = hers.get("/appointments/new")
    assert page.h1 == "No time is free"
    page = hers.submit("/waiting")
    assert (page.status, page.address) == (200, "/waiting")
    assert "You wait for a time." in page.text
    assert house.centre.name in page.text
    hers.post("/waiting", {"kind": house.kind.id, "centre": house.centre.id})
    assert [wait.added_by_kind for wait in h.waits_of(rose)] == ["client"], "pressed twice, it is one wait"
    hers.get("/waiting")
    page = hers.submit(f"/waiting/{h.waits_of(rose)[0].id}/leave")
    assert "You do not wait for anything now." in page.text
    assert h.waits_of(rose)[0].ended_why == "left"


def test_a_free_time_stands_on_her_first_page_and_one_press_books_it(hers, offered, rose):
    page = hers.get("/today")
    assert "A time is free for you" in page.text
    assert "Wednesday 2 December" in page.text
    assert (
        "We keep it for you until Tuesday 1 December, 5:15pm." in page.text or "We keep it for you until" in page.text
    )
    page = hers.submit(f"/waiting/offers/{offered.id}", press=("answer", "yes"))
    assert page.address.startswith("/appointments/")
    assert "This is booked." in page.text
    assert "A time is free for you" not in hers.get("/today").text


def test_no_thank_you_keeps_her_on_the_list(hers, offered, rose):
    hers.get("/waiting")
    page = hers.submit(f"/waiting/offers/{offered.id}", press=("answer", "no"))
    assert page.address == "/waiting"
    assert "You wait for a time." in page.text
    assert h.offers(rose) == [("Wed 14:00", "declined")]


def test_lapsed_meanwhile_the_page_says_so_and_that_she_stays_on_the_list(hers, house, offered, rose):
    hers.get("/today")
    later(house.travel, f"{clock.london(offered.lapses_at):%Y-%m-%d %H:%M}")
    page = hers.post(f"/waiting/offers/{offered.id}", {"answer": "yes"})
    assert (page.status, page.h1) == (409, "That time has gone")
    assert "You stay on the list" in page.text


def test_the_old_time_stays_until_she_says_yes(hers, house, rose):
    hers_now = book(house, "10:00", h.WEDNESDAY + h.timedelta(days=2), client=rose, actor=house.jo.actor)
    hers.get(f"/appointments/{hers_now.id}")
    page = hers.submit("/waiting/sooner")
    assert "You would like a time before Friday 4 December." in page.text
    h.freed(house.tomorrow[14])
    h.beat()
    page = hers.get("/waiting")
    assert "Your old time stays until you say yes." in page.text
    page = hers.submit(f"/waiting/offers/{h.held(rose).id}", press=("answer", "yes"))
    assert "Wednesday 2 December" in page.text


def test_what_is_near_cannot_be_had_sooner(hers, house, rose):
    near = book(house, "10:00", h.WEDNESDAY + h.timedelta(days=1), client=rose, actor=house.jo.actor)
    later(house.travel, "2026-12-02 12:00")
    assert "sooner" not in hers.get(f"/appointments/{near.id}").text
    assert hers.post("/waiting/sooner", {"appointment": near.id}).status == 409


@pytest.mark.parametrize("answer", ["maybe", ""])
def test_an_answer_that_is_none_changes_nothing(hers, offered, rose, answer):
    assert hers.post(f"/waiting/offers/{offered.id}", {"answer": answer}).status == 404
    assert h.offers(rose) == [("Wed 14:00", "open")]


def test_another_womans_offer_and_wait_are_not_there(hers, house, rose):
    iris = h.woman(house)
    h.waits(iris, house)
    h.freed(house.tomorrow[14])
    h.beat()
    wait, offer = h.waits_of(iris)[0].id, h.held(iris).id
    for answer in ("yes", "no"):
        assert hers.post(f"/waiting/offers/{offer}", {"answer": answer}).status == 404
    assert hers.post(f"/waiting/{wait}/leave").status == 404
    for number in (0, 2**31, 99999):
        assert hers.post(f"/waiting/offers/{number}", {"answer": "yes"}).status == 404
    assert h.offers(iris) == [("Wed 14:00", "open")]


@pytest.mark.parametrize("fields", [{}, {"kind": "9999"}, {"kind": "x"}, {"kind": "1", "centre": "9999"}])
def test_what_is_not_offered_cannot_be_waited_for(hers, rose, fields):
    assert hers.post("/waiting", fields).status == 404
    assert session.query(Wait).count() == 0


def test_suits_that_are_none_are_refused_without_harm(hers, house):
    page = hers.post("/waiting", {"kind": house.kind.id, "centre": house.centre.id, "suits": "never"})
    assert page.status in (404, 422)
    assert session.query(Wait).count() == 0


def test_an_expired_session_leads_to_signing_in_and_answers_nothing(offered, new_page_client, rose):
    page = new_page_client().post(f"/waiting/offers/{offered.id}", {"answer": "yes"}, follow=True)
    assert page.address.startswith("/sign-in")
    assert h.offers(rose) == [("Wed 14:00", "open")]


def test_said_yes_by_text_the_page_asks_her_to_confirm(hers, house, offered, rose):  # R23
    from portal.core.database import unit_of_work
    from portal.waiting import answering

    with unit_of_work():
        answering.say_yes_by_text(answering.held_for(rose.id), clock.now())
    assert "You said yes by text." in hers.get("/today").text
    page = hers.submit(f"/waiting/offers/{offered.id}", press=("answer", "yes"))
    assert "This is booked." in page.text
    assert own(rose).id == rose.id
