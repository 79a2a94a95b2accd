"""Who covers at a moment, both ways round, in either database."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.clients.queries import away_uncovered
from portal.core.database import session, unit_of_work
from portal.staff.models import Absence
from portal.staff.queries import away_among, cover_for, covering, looked_after_by
from tests.support import make


def away(person, cover, now, *, hours: tuple[float, float] = (-1, 1)) -> Absence:
    with unit_of_work():
        starts_at, ends_at = (now + timedelta(hours=hour) for hour in hours)
        absence = Absence(staff_id=person.id, starts_at=starts_at, ends_at=ends_at, covered_by=cover and cover.id)
        session.add(absence)
    return absence


@pytest.fixture
def people(app, travel):
    centre = make.centre()
    return [make.staff("keyworker", centre, first_name=name) for name in ("Jo", "Ana", "Mia", "Tess", "Eve")]


def test_a_cover_covers_from_the_first_moment_to_the_last(people, travel):
    jo, ana, *_ = people
    away(jo, ana, travel.now, hours=(1, 2))
    assert cover_for(jo.id, travel.now) is None
    assert cover_for(jo.id, travel.forward(hours=1)).id == ana.id
    assert covering(ana.id, travel.now)[jo.id].until == travel.now + timedelta(hours=1)
    assert cover_for(jo.id, travel.forward(hours=1)) is None
    assert covering(ana.id, travel.now) == {}


@pytest.mark.parametrize("wall_time", ["2027-03-28 00:30", "2026-10-25 00:30"])
def test_a_night_in_which_the_clocks_change_is_covered_to_its_end(people, travel, wall_time):
    jo, ana, *_ = people
    travel.to(wall_time)
    away(jo, ana, travel.now, hours=(0, 3))
    assert cover_for(jo.id, travel.forward(hours=2, minutes=59)).id == ana.id
    assert cover_for(jo.id, travel.forward(minutes=1)) is None


def test_of_two_absences_the_newest_that_names_somebody_counts(people, travel):
    jo, ana, mia, *_ = people
    away(jo, ana, travel.now)
    away(jo, mia, travel.now, hours=(-1, 3))
    away(jo, None, travel.now)
    assert cover_for(jo.id, travel.now).id == mia.id
    assert away_among([jo.id, None], travel.now)[jo.id].until == travel.now + timedelta(hours=3)


def test_who_left_or_changed_her_role_covers_no_more(people, travel):
    jo, ana, *_ = people
    away(jo, ana, travel.now)
    with unit_of_work():
        ana.role = "receptionist"
    assert cover_for(jo.id, travel.now) is None
    with unit_of_work():
        ana.role, ana.active = "manager", False
    assert cover_for(jo.id, travel.now) is None
    assert set(session.scalars(looked_after_by(ana.id, travel.now))) == set()


def test_managers_hear_of_whom_nobody_covers_if_she_has_clients(people, travel):
    jo, ana, mia, *_ = people
    client = make.client(jo)
    for person, cover in ((jo, ana), (ana, None), (mia, None)):
        away(person, cover, travel.now)
    assert [absence.person.id for absence in away_uncovered([client.centre_id], travel.now)] == [jo.id]
    assert away_uncovered([make.centre().id], travel.now) == []


def test_both_ways_round_say_the_same(either_database, people, travel):
    chance = random.Random(7)
    for _ in range(40):
        with unit_of_work():
            for absence in session.scalars(select(Absence)):
                session.delete(absence)
            for person in people:
                person.active, person.role = (
                    chance.random() < 0.8,
                    chance.choice(["keyworker", "manager", "receptionist"]),
                )
        for person in people:
            for _ in range(chance.choice([0, 1, 1, 2])):
                cover = chance.choice([None, *people])
                away(person, cover, travel.now, hours=chance.choice([(-1, 1), (-1, 1), (1, 2), (-2, 0)]))
        by_cover = {(person.id, absent) for person in people
                    for absent in session.scalars(looked_after_by(person.id, travel.now))}  # fmt: skip
        covers = {person.id: cover_for(person.id, travel.now) for person in people}
        assert by_cover == {(cover.id, absent) for absent, cover in covers.items() if cover is not None}
