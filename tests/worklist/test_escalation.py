"""What nobody saw to in time goes to a second person, once, and never to one who must not know."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core.database import session, unit_of_work
from portal.staff.models import Absence
from portal.worklist import escalation
from portal.worklist.models import Task
from portal.worklist.queries import open_tasks
from portal.worklist.service import hand_over, raise_task, take_task
from tests.support import make


@pytest.fixture
def centre(app, travel):
    return make.centre("Example House")


@pytest.fixture
def jo(centre):
    return make.staff("keyworker", centre)


@pytest.fixture
def ana(centre):
    return make.staff("keyworker", centre, first_name="Ana")


@pytest.fixture
def rose(jo):
    return make.client(jo, called_name="Rose")


def raised(travel, **values) -> int:
    with unit_of_work():
        return raise_task("ring_her", now=travel.now, due_at=travel.now + timedelta(hours=1), **values).id


def send_up(travel) -> int:
    with unit_of_work():
        return escalation.send_up(travel.now)


def second_of(task_id: int) -> int | None:
    session.rollback()
    return session.get_one(Task, task_id).second_id


def away(person, travel, cover=None, **until) -> None:
    with unit_of_work():
        begins, ends = travel.now - timedelta(hours=1), travel.now + timedelta(**(until or {"days": 3}))
        session.add(Absence(staff_id=person.id, starts_at=begins, ends_at=ends, covered_by=cover.id if cover else None))


def must_not_know(person, client, travel) -> None:
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=person.id, since_at=travel.now))


def test_an_overdue_task_goes_to_a_colleague_at_her_centre_once(either_database, jo, ana, rose, travel):  # R25
    task_id = raised(travel, client_id=rose.id, owner_id=jo.id)
    travel.forward(minutes=59)
    assert send_up(travel) == 0
    travel.forward(minutes=2)
    assert send_up(travel) == 1
    assert second_of(task_id) == ana.id
    assert session.get_one(Task, task_id).escalated_at == travel.now
    assert [task.id for task in open_tasks(ana.actor)] == [task_id]
    assert [task.id for task in open_tasks(jo.actor)] == [task_id], "it stays hers too"
    travel.forward(days=1)
    assert send_up(travel) == 0
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "task_sent_up")).all()
    assert [(entry.client_id, entry.subject) for entry in entries] == [(rose.id, f"task:{task_id}")]


def test_who_covers_comes_first_wherever_she_works(jo, ana, rose, travel):
    bea = make.staff("keyworker", make.centre(), first_name="Bea")
    away(jo, travel, cover=bea)
    task_id = raised(travel, client_id=rose.id, owner_id=jo.id)
    assert [task.id for task in open_tasks(bea.actor)] == [task_id], "who covers sees it before it is overdue"
    travel.forward(hours=2)
    send_up(travel)
    assert second_of(task_id) == bea.id
    travel.forward(days=4)
    assert [task.id for task in open_tasks(bea.actor)] == [task_id]


def test_never_to_who_must_not_know_even_if_she_covers(jo, ana, rose, travel):  # R29
    away(jo, travel, cover=ana)
    must_not_know(ana, rose, travel)
    frances = make.staff("manager", make.centre(), first_name="Frances")
    task_id = raised(travel, client_id=rose.id, owner_id=jo.id)
    assert open_tasks(ana.actor) == []
    travel.forward(hours=2)
    send_up(travel)
    assert second_of(task_id) == frances.id, "no one else at the centre: any manager"
    assert [task.id for task in open_tasks(frances.actor)] == [task_id]
    must_not_know(frances, rose, travel)
    assert open_tasks(frances.actor) == []


def test_women_that_only_a_room_above_knows_of_are_kept_too(jo, ana, rose, travel):  # R29
    task_id = raised(travel, centre_id=rose.centre_id)
    must_not_know(jo, rose, travel)
    travel.forward(hours=2)
    with unit_of_work():
        escalation.send_up(travel.now, lambda task: [rose.id])
    assert second_of(task_id) == ana.id


def test_with_nobody_there_it_waits_until_there_is_somebody(jo, rose, travel):
    task_id = raised(travel, client_id=rose.id, owner_id=jo.id)
    travel.forward(hours=2)
    assert (send_up(travel), second_of(task_id)) == (0, None)
    ana = make.staff("keyworker", session.get(make.Centre, rose.centre_id), first_name="Ana")
    away(ana, travel, hours=1)
    assert (send_up(travel), second_of(task_id)) == (0, None), "who is away sees to nothing"
    travel.forward(hours=2)
    assert (send_up(travel), second_of(task_id)) == (1, ana.id)


def test_the_one_with_the_fewest_gets_the_next(jo, ana, rose, travel):
    bea = make.staff("keyworker", session.get(make.Centre, rose.centre_id), first_name="Bea")
    ids = [raised(travel, client_id=rose.id, owner_id=jo.id, subject=f"text:{number}") for number in range(4)]
    travel.forward(hours=2)
    assert send_up(travel) == 4
    assert sorted(second_of(task_id) for task_id in ids) == [ana.id, ana.id, bea.id, bea.id]


def test_nothing_is_lost_when_the_second_person_or_who_took_it_leaves(either_database, jo, ana, rose, travel):  # R25
    bea = make.staff("keyworker", session.get(make.Centre, rose.centre_id), first_name="Bea")
    task_id = raised(travel, client_id=rose.id, owner_id=jo.id)
    travel.forward(hours=2)
    send_up(travel)
    with unit_of_work():
        take_task(ana.actor, task_id, now=travel.now)
    with unit_of_work():
        session.merge(ana).active = False
        assert hand_over(ana.id, centre_id=None) == 1
    task = session.get_one(Task, task_id)
    assert (task.owner_id, task.taken_by, task.taken_at, task.second_id) == (jo.id, None, None, None)
    assert (send_up(travel), second_of(task_id)) == (1, bea.id)
    with unit_of_work():
        hand_over(jo.id, centre_id=None)
    assert session.get_one(Task, task_id).centre_id == rose.centre_id


def test_what_was_due_when_it_was_raised_is_left_to_its_owner_for_five_minutes(jo, ana, rose, travel):
    with unit_of_work():
        raise_task("ring_her", now=travel.now, client_id=rose.id, owner_id=jo.id, due_at=travel.now)
    travel.forward(minutes=4, seconds=59)
    assert send_up(travel) == 0
    travel.forward(seconds=1)
    assert send_up(travel) == 1
