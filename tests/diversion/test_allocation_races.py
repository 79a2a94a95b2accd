"""Two people decide about one referral at the same moment, on both databases."""

import itertools
from contextlib import suppress

import pytest

from portal.backoffice import allocating
from portal.booking.models import Appointment
from portal.booking.rules import NotOffered
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, Stale
from portal.diversion import allocation, first_time
from portal.diversion.models import Referral
from portal.worklist.models import Task
from tests.diversion import intake
from tests.support import make
from tests.support.together import at_once


@pytest.fixture
def house(either_database, app, travel):
    from types import SimpleNamespace

    centre = make.centre()
    jo, ana = make.staff("keyworker", centre), make.staff("keyworker", centre, first_name="Ana")
    frances, dana = make.staff("manager", centre, first_name="Frances"), make.staff("referrer", first_name="Dana")
    kind = make.kind("First talk", centre)
    made = intake.refer(dana, centre.id)
    session.rollback()
    return SimpleNamespace(
        jo=jo.id, ana=ana.id, frances=intake.actor_of(frances), dana=Actor("staff", dana.id, Role.REFERRER),
        made=made.id, kind=kind.id, centre=centre.id,
    )  # fmt: skip


def test_two_give_her_a_keyworker_and_one_of_them_is_told(house):
    session.remove()
    turns = itertools.cycle((house.jo, house.ana))

    def give() -> str:
        to_id = next(turns)
        try:
            with unit_of_work():
                allocating.give(house.frances, house.made, to_id=to_id, now=clock.now())
        except (Invalid, Stale):
            return "told"
        return "given"

    assert sorted(at_once(give, 4)) == ["given", "told", "told", "told"]
    row = session.get_one(Referral, house.made)
    client = session.get_one(Client, row.client_id)
    assert row.state == "accepted" and client.keyworker_id in (house.jo, house.ana)
    firsts = [task for task in session.query(Task) if task.kind == "first_contact" and task.closed_at is None]
    assert [task.owner_id for task in firsts] == [client.keyworker_id]


def test_one_declines_while_another_gives_her_a_keyworker_and_one_of_both_holds(house):
    session.remove()
    turns = itertools.cycle(("give", "decline"))

    def decide() -> str:
        what = next(turns)
        try:
            with unit_of_work():
                if what == "give":
                    allocating.give(house.frances, house.made, to_id=house.jo, now=clock.now())
                else:
                    allocation.decline(house.frances, house.made, reason="twice", now=clock.now())
        except (Invalid, Stale):
            return "told"
        return what

    done = at_once(decide, 2)
    assert sorted(done)[-1] == "told" and len(set(done)) == 2
    row = session.get_one(Referral, house.made)
    client = session.get_one(Client, row.client_id)
    given = "give" in done
    assert (row.state, client.state, client.keyworker_id) == (
        ("accepted", "open", house.jo) if given else ("declined", "closed", None)
    )


def test_her_first_time_is_booked_once_however_often_it_is_pressed(house):
    session.remove()
    starts = itertools.cycle((make.london(make.monday(), "11:00"), make.london(make.monday(), "14:00")))
    keys = itertools.count()

    def book() -> None:
        with suppress(Stale, NotOffered), unit_of_work():
            first_time.book(
                house.dana, house.made, kind_id=house.kind, centre_id=house.centre, starts_at=next(starts),
                request_key=f"k{next(keys)}", now=clock.now(),
            )  # fmt: skip

    at_once(book, 4)
    assert session.query(Appointment).filter_by(state="booked").count() == 1
