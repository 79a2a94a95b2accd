"""Her groups on her pages: what there is, joining after a check, the full page, leaving, missing one time."""

import gzip

import pytest
from sqlalchemy import select

from portal.booking.models import Appointment
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.groups import queries, service
from tests.groups import courses as at
from tests.support import make, sign_in


@pytest.fixture
def house(app, travel):
    return at.open_house()


@pytest.fixture
def rose(page_client, house):
    sign_in.as_client(page_client, house.rose)
    return page_client


def standing(client) -> list[Appointment]:
    session.expire_all()
    return session.scalars(
        select(Appointment).where(Appointment.client_id == client.id, Appointment.state == "booked")
    ).all()


def test_she_finds_a_group_checks_it_and_joins(rose, house):
    course = at.course(house)
    page = rose.get("/appointments")
    page = rose.get(page.links()["Groups"])
    assert "Cooking" in page.text and "There is room." in page.text and "3 times" in page.text
    page = rose.get(f"/groups/{course.id}")
    page = rose.get(page.links()["Join this group"])
    assert standing(house.rose) == [], "a check holds nothing"
    page = rose.submit(f"/groups/{course.id}/join")
    assert page.h1 == "Your group"
    assert len(standing(house.rose)) == 3
    assert "You are in it." in rose.get("/groups").text
    assert rose.get("/appointments").text.count("Cooking") == 3


def test_no_page_of_hers_names_another_woman_or_how_many_there_are(rose, house):
    course = at.course(house, places=2)
    at.join(course, make.client(house.jo, house.centre, called_name="Xanthippe"))
    seen = [rose.get("/groups"), rose.get(f"/groups/{course.id}"), rose.get(f"/groups/{course.id}/join")]
    at.join(course, make.client(house.jo, house.centre, called_name="Xanthippe"))
    seen += [rose.get("/groups"), rose.get(f"/groups/{course.id}")]
    assert not any("Xanthippe" in page.html for page in seen)
    assert "It is full." in seen[3].text


def test_a_full_group_has_its_own_page_with_one_press_to_wait_and_the_next_one(rose, house):
    course, later = at.course(house, places=1), at.course(house, at="14:00")
    rose.get(f"/groups/{course.id}/join")
    at.join(course, make.client(house.jo, house.centre))
    page = rose.submit(f"/groups/{course.id}/join")
    assert (page.status, page.h1) == (409, "This group is full")
    assert standing(house.rose) == []
    page = rose.get(f"/groups/{course.id}")
    assert page.h1 == "This group is full"
    form = next(form for form in page.forms() if form.get("action") == f"/waiting/courses/{course.id}")
    assert form.find(".//{*}input[@name='request_key']") is not None
    assert f"/groups/{later.id}" in page.links().values()


def test_a_group_that_begun_or_is_over_says_so(rose, house, travel):
    course = at.course(house)
    at.later(travel, "2026-12-04 10:00")
    assert rose.get(f"/groups/{course.id}").h1 == "This group has started"
    assert "It has started." in rose.get("/groups").text
    at.later(travel, "2026-12-24 10:00")
    assert rose.get(f"/groups/{course.id}").h1 == "This group is over"


def test_days_that_do_not_fit_are_shown_before_she_joins(rose, house):
    course = at.course(house, times=2)
    ana = make.staff("keyworker", house.centre, first_name="Ana")
    at.talk(house, at.THURSDAY, "10:00", worker=ana)
    page = rose.get(f"/groups/{course.id}/join")
    assert "You cannot come on these days. You can still join." in page.text
    rose.submit(f"/groups/{course.id}/join")
    assert len(standing(house.rose)) == 2
    assert "you do not come" in rose.get(f"/groups/{course.id}").text


def test_a_time_that_is_too_soon_is_not_promised(rose, house, travel):
    course = at.course(house, join_late=True)
    at.later(travel, "2026-12-03 09:30")
    page = rose.get(f"/groups/{course.id}/join")
    assert "3 December" not in page.text and "10 December" in page.text
    rose.submit(f"/groups/{course.id}/join")
    assert len(standing(house.rose)) == 2


def test_a_group_of_which_no_day_fits_cannot_be_joined(rose, house):
    course = at.course(house, times=1)
    at.talk(house, at.THURSDAY, "10:00", worker=make.staff("keyworker", house.centre, first_name="Ana"))
    assert rose.get(f"/groups/{course.id}/join").h1 == "These days do not fit"


def test_she_leaves_and_undoes_it(rose, house):
    course = at.course(house)
    at.join(course, house.rose)
    rose.get(f"/groups/{course.id}/leave")
    page = rose.submit(f"/groups/{course.id}/leave")
    assert "You have left this group." in page.text
    assert standing(house.rose) == []
    page = rose.submit(f"/groups/{course.id}/undo")
    assert "You are in this group." in page.text
    assert len(standing(house.rose)) == 3
    rose.get(f"/groups/{course.id}/leave")
    rose.submit(f"/groups/{course.id}/leave")
    at.settle()
    assert rose.get(f"/groups/{course.id}").h1 == "A group"


def test_she_misses_one_time_keeps_her_place_and_changes_her_mind(rose, house):
    course = at.course(house)
    first = at.join(course, house.rose).appointments[0].id
    page = rose.get(f"/appointments/{first}")
    assert "Change the time" not in page.text
    page = rose.get(f"/appointments/{first}/cancel")
    assert "You keep your place in the group." in page.text and "Move it instead" not in page.text
    page = rose.submit(f"/appointments/{first}/cancel")
    assert len(standing(house.rose)) == 2
    page = rose.submit(f"/groups/times/{first}/undo")
    assert len(standing(house.rose)) == 3
    assert "You are in this group." in rose.get(f"/groups/{course.id}").text


def test_the_time_of_a_group_is_nobodys_to_change(rose, house):
    first = at.join(at.course(house), house.rose).appointments[0].id
    page = rose.get(f"/appointments/{first}/change")
    assert (page.status, page.h1) == (409, "A group has one time for all")
    assert page.links()["I cannot come this time"] == f"/appointments/{first}/cancel"
    page = rose.post(f"/appointments/{first}/change", {"starts_at": "2026-12-03T15:00:00Z", "request_key": "k1"})
    assert (page.status, page.h1) == (409, "A group has one time for all")


def test_a_group_that_she_must_not_know_of_is_not_there(rose, house):  # R29
    course = at.course(house)
    with unit_of_work():
        session.add(Restriction(client_id=house.rose.id, staff_id=house.jo.id, since_at=clock.now()))
    assert "Cooking" not in rose.get("/groups").text
    for address in (f"/groups/{course.id}", f"/groups/{course.id}/join", "/groups/0", f"/groups/{2**31}"):
        assert rose.get(address).status == 404
    rose.get("/groups")
    assert rose.post(f"/groups/{course.id}/join", {"request_key": "x"}).status == 404
    assert standing(house.rose) == []


def test_a_place_that_is_kept_for_her_leads_to_where_she_answers(rose, house):
    course = at.course(house, places=1)
    with unit_of_work():
        service.hold_place(course.id, house.rose.id, until=clock.now() + at.HOUR, now=clock.now())
    page = rose.get(f"/groups/{course.id}")
    assert page.h1 == "A place is kept for you"
    assert "/waiting" in page.links().values()


def test_other_womens_times_cannot_be_undone(rose, house):
    first = at.join(at.course(house), make.client(house.jo, house.centre)).appointments[0].id
    assert rose.post(f"/groups/times/{first}/undo").status == 404


def test_pages_of_groups_are_small(rose, house):
    course = at.course(house, times=12)
    for address in ("/groups", f"/groups/{course.id}", f"/groups/{course.id}/join"):
        page = rose.get(address)
        assert len(gzip.compress(page.html.encode())) < 3000
    assert len(queries.offered(house.rose, clock.now())) == 1
