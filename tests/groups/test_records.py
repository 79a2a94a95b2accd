"""What becomes of places when two records of one woman are joined, and that her copy holds hers."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.backoffice import merging
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from portal.groups import courses, queries, service
from portal.groups.models import Place
from portal.privacy import service as privacy
from tests.groups import courses as at
from tests.support import make


@pytest.fixture
def house(app, travel):
    house = at.open_house()
    house.frances = make.staff("manager", house.centre, first_name="Frances")
    house.other = make.client(house.jo, house.centre, called_name="Rosie")
    return house


def merge(house):
    with unit_of_work():
        return merging.merge(house.frances.actor, house.rose.id, house.other.id, now=clock.now())


def places(client) -> list[bool]:
    """Whether each place of hers is open."""
    session.expire_all()
    found = session.scalars(select(Place).where(Place.client_id == client.id).order_by(Place.id))
    return [place.left_at is None for place in found]


def test_the_place_goes_to_the_kept_record_and_back(house):
    at.join(at.course(house), house.other)
    row = merge(house)
    assert (places(house.rose), places(house.other)) == ([True], [])
    with unit_of_work():
        merging.undo(house.frances.actor, house.rose.id, row.id, now=clock.now())
    assert (places(house.rose), places(house.other)) == ([], [True])


def test_two_records_in_one_course_have_one_place_in_the_end(house, travel):
    course = at.course(house)
    at.join(course, house.rose)
    at.join(course, house.other)
    with pytest.raises(Invalid):
        merge(house)
    travel.to("2026-12-20 10:00")
    row = merge(house)
    assert places(house.rose) == [True, False]
    with unit_of_work():
        merging.undo(house.frances.actor, house.rose.id, row.id, now=clock.now())
    assert (places(house.rose), places(house.other)) == ([True], [True])


def test_a_place_that_was_only_offered_never_costs_her_the_one_she_has(house):
    course = at.course(house)
    at.join(course, house.other)
    with unit_of_work():
        service.hold_place(course.id, house.rose.id, until=clock.now() + timedelta(hours=1), now=clock.now())
    merge(house)
    session.expire_all()
    standing = queries.place_of(course.id, house.rose.id)
    assert standing is not None and standing.held_until_at is None


def test_parting_takes_no_place_from_whoever_was_given_it_meanwhile(house, travel):
    course = at.course(house, times=1, join_late=True)
    at.join(course, house.rose)
    at.join(course, house.other)
    travel.to("2026-12-03 14:00")
    row, iris = merge(house), make.client(house.jo, house.centre)
    with unit_of_work():
        courses.add_date(house.sam.actor, course.id, make.london(at.THURSDAY + timedelta(days=7), "10:00"),
                         now=clock.now())  # fmt: skip
    at.join(course, iris)
    with unit_of_work():
        merging.undo(house.frances.actor, house.rose.id, row.id, now=clock.now())
    assert (places(house.rose), places(house.other), places(iris)) == ([True], [False], [True])


def test_her_copy_says_when_she_joined(house, tmp_path):  # R34
    at.join(at.course(house), house.rose)
    with unit_of_work():
        target = privacy.write_copy(house.frances.actor, house.rose, str(tmp_path), now=clock.now())
    copy = json.loads(target.read_text())
    assert copy["course_places"][0]["joined_at"] == clock.now().isoformat()
