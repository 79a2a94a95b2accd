"""The link to the first hour on a manager's first page: it says what the steps say, and asks the database once."""

import pytest
from sqlalchemy import delete, event, update

from portal.backoffice.start_steps import begun_but_not_done, steps
from portal.centres.models import CentreKind, Kind, OpeningHours, Room
from portal.clients.models import Client
from portal.core import database
from portal.core.database import session, unit_of_work
from portal.messaging import stops
from portal.messaging.desk_models import StaffTest
from portal.staff.models import CentreCover, Staff, WorkingHours
from tests.support import make


@pytest.fixture
def manager(either_database, app, travel):
    """The manager of a house in which every step is done."""
    centre = make.centre()
    make.kind("Time with your worker", centre)
    make.staff("keyworker", centre)
    manager = make.staff("manager", centre).actor
    with unit_of_work():
        session.add(Client(code_name="Blue Heron 1", code_name_index="1", called_name="Rose", centre_id=centre.id,
                           opened_at=travel.now))  # fmt: skip
        session.add(StaffTest(number_index="", wanted_by=manager.id, wanted_at=travel.now, state="arrived"))
    return manager


UNDONE = {
    "no centre": lambda _: update(make.Centre).values(archived=True),
    "no hours": lambda _: delete(OpeningHours),
    "no room": lambda _: update(Room).values(archived=True),
    "no kind": lambda _: update(Kind).values(archived=True),
    "a kind that no centre offers": lambda _: delete(CentreKind),
    "no keyworker": lambda _: update(Staff).where(Staff.role == "keyworker").values(active=False),
    "a manager of no centre": lambda manager: delete(CentreCover).where(CentreCover.staff_id == manager.id),
    "a keyworker without hours": lambda _: delete(WorkingHours),
    "a test that did not leave": lambda _: update(StaffTest).values(state="failed"),
    "no client": lambda _: delete(Client),
}


def test_when_all_is_done_there_is_no_link(manager):
    assert all(step.done for step in steps(manager)) and not begun_but_not_done(manager)


@pytest.mark.parametrize("undone", UNDONE)
def test_when_something_is_to_do_there_is_one(manager, undone):
    with unit_of_work():
        session.execute(UNDONE[undone](manager))
    assert not all(step.done for step in steps(manager)) and begun_but_not_done(manager)


def test_texts_that_are_off_are_to_do(manager, travel):
    with unit_of_work():
        stops.turn_texts_off(manager, why="not yet", now=travel.now)
    assert not all(step.done for step in steps(manager)) and begun_but_not_done(manager)


def test_it_asks_once_and_for_others_never(manager):
    keyworker, asked = session.query(Staff).filter_by(role="keyworker").one().actor, []
    session.remove()
    event.listen(database.engine(), "before_cursor_execute", lambda *about: asked.append(about[2]))
    begun_but_not_done(keyworker)
    assert asked == []
    begun_but_not_done(manager)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1
