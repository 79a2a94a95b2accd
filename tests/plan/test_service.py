"""What the service itself guards, on either database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from portal.core import database
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound
from portal.plan import risk, service
from portal.plan.models import Goal, OwnWords, Plan
from portal.worklist.models import Task
from tests.plan import plans
from tests.support import make


def test_one_form_sent_by_many_at_once_makes_one_goal_and_one_plan(either_database, app, travel):  # R38
    client = make.client()
    keyworker, key, client_id = plans.keyworker(client), plans.key(), client.id

    def add(_: int) -> int:
        try:
            with unit_of_work():
                return service.add_goal(
                    keyworker, client_id, pathway="money", her_words="Once", worker_words="", request_key=key,
                    now=travel.now,
                ).id  # fmt: skip
        finally:
            database.session.remove()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(add, range(8)))) == 1
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Goal)) == 1
    assert session.scalar(select(func.count()).select_from(Plan)) == 1


def test_first_goals_made_at_once_begin_one_plan(either_database, app, travel):
    client = make.client()
    keyworker, client_id = plans.keyworker(client), client.id

    def add(number: int) -> None:
        try:
            with unit_of_work():
                service.add_goal(
                    keyworker, client_id, pathway="money", her_words=f"Goal {number}", worker_words="",
                    request_key=f"key-{number}", now=travel.now,
                )  # fmt: skip
        finally:
            database.session.remove()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(6)))
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Plan)) == 1
    assert sorted(session.scalars(select(Goal.position))) == [1, 2, 3, 4, 5, 6]


def test_only_she_writes_and_takes_back_her_words(app, travel):
    client, other = make.client(), make.client()
    said = plans.words(client, "Thistledown")
    for actor in (plans.keyworker(client), plans.herself(other), Actor("client", 99)):
        with pytest.raises(NotFound), unit_of_work():
            service.take_back_words(actor, said.id, now=travel.now)
    with pytest.raises(NotFound), unit_of_work():
        service.write_own_words(
            plans.keyworker(client), goal_id=None, words="x", language="en", request_key="k", now=travel.now
        )
    assert session.scalars(select(OwnWords)).one().words == "Thistledown"


def test_when_her_risk_rises_she_is_asked_again_within_7_days(app, travel):  # R18
    client = make.client()
    make.safe_contact(client)
    with unit_of_work():
        risk.add_note(plans.keyworker(client), client.id, note="Harrowmere", request_key="k", now=travel.now)
    session.rollback()
    assert session.scalars(select(make.SafeContact.check_again_on)).one() == make.date(2026, 12, 8)
    task = session.scalars(select(Task).where(Task.kind == "recheck_safe_contact")).one()
    assert (task.client_id, task.owner_id) == (client.id, client.keyworker_id)
    assert task.due_at == make.london(make.date(2026, 12, 8), "10:00")
