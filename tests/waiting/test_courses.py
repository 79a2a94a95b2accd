"""A place in a full course: one woman at a time, held while it is offered, hers when she takes it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.booking.models import Appointment
from portal.clients.models import KeptApart
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Stale
from portal.groups import queries as groups
from portal.groups import service as courses
from portal.groups.models import Course, GroupSession, Place
from portal.waiting import answering, service
from portal.waiting.courses import PlaceFree
from portal.waiting.models import Offer
from tests.booking.desk import own
from tests.support import make, sign_in
from tests.waiting import house as h


@pytest.fixture
def house(either_database, app, travel):
    """A course with one place, which Vera has; it begins on Thursday."""
    house = h.open_house()
    house.travel = travel
    kind = make.kind("Women's circle", house.centre, group=True, minutes=60)
    starts = [make.london(h.WEDNESDAY + timedelta(days=1 + 7 * week), "10:00") for week in range(2)]
    with unit_of_work():
        course = Course(
            kind_id=kind.id,
            centre_id=house.centre.id,
            worker_id=house.jo.id,
            places=1,
            made_by=house.jo.id,
            made_at=clock.now(),
        )
        session.add(course)
        session.flush()
        session.add_all(
            GroupSession(course_id=course.id, worker_id=house.jo.id, starts_at=at, ends_at=at + timedelta(hours=1))
            for at in starts
        )
    house.course_id = course.id
    house.vera = h.kept(make.client(house.jo, house.centre))
    joins(house.vera, house)
    return house


def joins(client, house):
    with unit_of_work():
        return courses.join(own(client), house.course_id, client.id, request_key=f"j{client.id}", now=clock.now())


def waits_for(client, house):
    with unit_of_work():
        return service.wait_for_course(own(client), client.id, course_id=house.course_id, now=clock.now())


def place_freed(house) -> None:
    """Vera has left, and it can be undone no more."""
    with unit_of_work():
        place = session.scalars(select(Place).where(Place.client_id == house.vera.id)).one()
        place.left_at, place.left_by_kind = clock.now(), "client"


def has(client, house) -> tuple[bool, int]:
    """Whether she has a place of her own, and how many appointments."""
    session.rollback()
    place = groups.place_of(house.course_id, client.id)
    number = len(session.scalars(select(Appointment.id).where(Appointment.client_id == client.id)).all())
    return place is not None and place.held_until_at is None, number


def test_a_course_with_a_free_place_needs_no_waiting(house):
    place_freed(house)
    with pytest.raises(PlaceFree):
        waits_for(h.woman(house), house)


def test_a_freed_place_is_held_for_one_woman_at_a_time_and_hers_when_she_takes_it(house):
    rose, lily = h.woman(house), h.woman(house)
    waits_for(rose, house)
    house.travel.forward(minutes=5)
    waits_for(lily, house)
    h.beat()
    assert h.offers() == []
    place_freed(house)
    h.beat()
    h.beat()
    assert h.offers() == [("Thu 10:00", "open")]
    assert h.texts(rose) == [("offer", "waiting")]
    assert groups.free_places(house.course_id, clock.now()) == 0, "nobody else can have it"
    assert has(rose, house) == (False, 0)
    offer = h.held(rose)
    assert h.take(own(rose), offer).id == h.take(own(rose), offer).id
    assert has(rose, house) == (True, 2)
    assert h.waits_of(rose)[0].ended_why == "booked"


def test_she_is_told_of_the_first_session_to_which_she_can_come_and_of_no_other(house):  # R43
    rose, other = h.woman(house), h.kept(make.client(house.jo, house.centre))
    waits_for(rose, house)
    with unit_of_work():
        session.add(KeptApart(one_id=min(rose.id, other.id), other_id=max(rose.id, other.id)))
    near(house, other, h.WEDNESDAY + timedelta(days=1))
    place_freed(house)
    h.beat()
    offer = session.scalars(select(Offer)).one()
    assert clock.london_today(offer.starts_at) == h.WEDNESDAY + timedelta(days=8), "the other comes on the first"
    near(house, other, h.WEDNESDAY + timedelta(days=8))
    h.beat()
    assert h.held(rose) is None


def near(house, woman, on) -> None:
    """She is at the centre within an hour of that day's session."""
    kind = make.kind("Advice", house.centre)
    with unit_of_work():
        session.add(Appointment(
            client_id=woman.id, kind_id=kind.id, centre_id=house.centre.id, worker_id=house.jo.id,
            starts_at=make.london(on, "11:30"), ends_at=make.london(on, "12:00"), booked_by_kind="staff",
            booked_by_id=house.jo.id, booked_at=clock.now(),
        ))  # fmt: skip


def test_declined_or_lapsed_it_goes_to_the_next(house):
    rose, lily, iris = (h.woman(house) for _ in range(3))
    for woman in (rose, lily, iris):
        waits_for(woman, house)
        house.travel.forward(minutes=5)
    place_freed(house)
    h.beat()
    h.decline(own(rose), h.held(rose))
    h.beat()
    offer = h.held(lily)
    house.travel.now = offer.lapses_at
    h.beat()
    assert h.held(iris)
    with pytest.raises(Stale):
        h.take(own(lily), offer)
    assert has(lily, house) == has(rose, house) == (False, 0)


def test_by_text_the_place_is_only_kept(house):  # R23
    rose = h.woman(house)
    waits_for(rose, house)
    place_freed(house)
    h.beat()
    with unit_of_work():
        answering.say_yes_by_text(answering.held_for(rose.id), clock.now())
    house.travel.forward(hours=26)
    h.beat()
    assert has(rose, house) == (False, 0)
    assert groups.free_places(house.course_id, clock.now()) == 0
    h.take(house.jo.actor, h.held(rose))
    assert has(rose, house) == (True, 2)


def test_a_course_that_has_begun_ends_the_wait(house):
    rose = h.woman(house)
    waits_for(rose, house)
    house.travel.forward(days=3)
    h.beat()
    assert h.waits_of(rose)[0].ended_why == "no_more"


def test_her_page_leads_to_the_list_or_to_the_free_place(house, page_client):
    rose = h.woman(house)
    sign_in.as_client(page_client, rose)
    page_client.get("/today")
    page = page_client.post(f"/waiting/courses/{house.course_id}", {}, follow=True)
    assert "You wait for a place in this group." in page.text
    place_freed(house)
    assert page_client.post(f"/waiting/courses/{house.course_id}", {}).address == f"/waiting/courses/{house.course_id}"
    assert page_client.post("/waiting/courses/9999", {}).status == 404


def test_staff_put_her_on_the_list_of_a_full_group(house, page_client):
    rose = h.woman(house)
    sign_in.as_staff(page_client, house.jo)
    page_client.get(f"/staff/clients/{rose.id}/waiting")
    what = {"kind": f"group-{house.course_id}", "centre": "any"}
    page = page_client.submit(f"/staff/clients/{rose.id}/waiting", **what)
    assert "Women's circle, since Tue 1 Dec" in page.text
    assert [wait.course_id for wait in h.waits_of(rose)] == [house.course_id]
    assert "Women's circle, group at" in page_client.get("/staff/waiting").text
    place_freed(house)
    lily = h.woman(house)
    page_client.get(f"/staff/clients/{lily.id}/waiting")
    page = page_client.submit(f"/staff/clients/{lily.id}/waiting", **what)
    assert (page.status, h.waits_of(lily)) == (422, [])
