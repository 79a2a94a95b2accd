"""The text of the day before: only if she wants it, only where her record allows it, never of what is sensitive."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.messaging import registry, wording
from portal.messaging.models import Text
from portal.plan import actions, goals, reminding
from portal.plan.models import Action, Goal
from portal.worklist.models import Task
from tests.messaging.test_wording import Chosen
from tests.plan import plans
from tests.support import make


@pytest.fixture
def client(app, travel):
    """A woman with a shared plan, and how she may be reached."""
    client = make.client()
    make.safe_contact(client)
    plans.goal(client)
    plans.state(client)
    return client


def wanted_of(client, pathway: str | None = None, days: int = 2, **values) -> Action:
    """An action of hers, due in so many days, with a reminder wanted."""
    under = plans.goal(client, pathway) if pathway else session.scalars(select(Goal)).first()
    with unit_of_work():
        return actions.add_action(
            plans.herself(client), under.id, what="Lanternwick", due_on=plans.today() + timedelta(days=days),
            reminder_wanted=True, request_key=plans.key(), now=clock.now(), **values,
        )  # fmt: skip


def plan() -> int:
    with unit_of_work():
        return reminding.plan_due(clock.now())


def texts() -> list[Text]:
    session.expire_all()
    return list(session.scalars(select(Text).where(Text.kind == "to_do_reminder").order_by(Text.id)))


def tasks() -> list[Task]:
    session.expire_all()
    return list(session.scalars(select(Task).where(Task.kind == "remind_of_to_do", Task.closed_at.is_(None))))


def is_still_wanted(action: Action) -> bool:
    return registry.kind_of("to_do_reminder").still_wanted(action.id, clock.now())


def test_it_is_wanted_once_for_ten_the_day_before(client):  # R19
    action = wanted_of(client)
    assert (plan(), plan()) == (1, 0)
    [text] = texts()
    assert text.state == "waiting"
    assert text.send_at == make.london(action.due_on - timedelta(days=1), "10:00")
    assert text.not_after_at == clock.london_midnight(action.due_on)


def test_outside_her_hours_it_goes_earlier_and_without_any_a_person_is_asked_once(client, travel):  # R19
    make.safe_contact(client, safe_hours=[{"day": 2, "from": "18:00", "to": "19:00"}])
    wanted_of(client, days=4)
    plan()
    assert texts()[0].send_at == make.london(make.date(2026, 12, 2), "18:00")
    make.safe_contact(client, safe_hours=[{"day": 0, "from": "18:00", "to": "19:00"}])
    wanted_of(client, days=3)
    for _ in range(2):
        plan()
    assert len(texts()) == 1
    assert [task.due_at for task in tasks()] == [make.london(make.date(2026, 12, 3), "10:00")]


@pytest.mark.parametrize("pathway", ["abuse", "sex_work", "drugs_alcohol"])
def test_never_of_a_sensitive_goal_even_with_everything_switched_on(client, pathway):  # R16
    with unit_of_work():
        session.get_one(make.Client, client.id).sensitive_goals_online = True
    action = wanted_of(client, pathway)
    assert plan() == 0
    assert not texts() and not tasks()
    assert not is_still_wanted(action)


def test_nothing_without_her_wish_without_a_day_and_of_what_others_do(client):
    goal = session.scalars(select(Goal)).first()
    plans.action(client, goal, days=2)
    with unit_of_work():
        actions.add_action(plans.herself(client), goal.id, what="x", due_on=None, reminder_wanted=True,
                           request_key="k", now=clock.now())  # fmt: skip
        actions.add_action(plans.keyworker(client), goal.id, what="x", doer="worker", reminder_wanted=True,
                           due_on=plans.today() + timedelta(days=2), request_key="l", now=clock.now())  # fmt: skip
    assert plan() == 0
    assert not texts() and not tasks()


def test_where_no_text_may_go_nothing_goes_and_a_person_is_asked(app, travel):  # R18
    for values in (None, {"may_text": False}, {"check_again_on": make.date(2026, 12, 1)}):
        client = make.client()
        if values is not None:
            make.safe_contact(client, **values)
        plans.goal(client)
        plans.state(client)
        under = session.scalars(select(Goal).where(Goal.client_id == client.id)).one()
        with unit_of_work():
            actions.add_action(plans.herself(client), under.id, what="x", due_on=plans.today() + timedelta(days=3),
                               reminder_wanted=True, request_key="k", now=clock.now())  # fmt: skip
    assert plan() == 0
    assert not texts()
    assert len(tasks()) == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda her, worker, one, now: actions.set_action_status(her, one.id, status="done", now=now),
        lambda her, worker, one, now: actions.set_action_status(her, one.id, status="changed_mind", now=now),
        lambda her, worker, one, now: actions.withdraw_action(worker, one.id, now=now),
        lambda her, worker, one, now: goals.withdraw_goal(her, one.goal_id, now=now),
        lambda her, worker, one, now: actions.reword_action(her, one.id, {"reminder_wanted": ""}, made_from=1, now=now),
        lambda her, worker, one, now: actions.reword_action(her, one.id, {"due_on": ""}, made_from=1, now=now),
    ],
)
def test_it_is_taken_back_when_nothing_is_left_to_remind_of(client, travel, change):
    action = wanted_of(client)
    plan()
    with unit_of_work():
        change(plans.herself(client), plans.keyworker(client), action, travel.now)
    assert [(text.state, text.reason) for text in texts()] == [("skipped", "not_wanted")]
    assert not is_still_wanted(action)
    assert plan() == 0


def test_moved_to_another_day_it_goes_the_day_before_that_one(client, travel):
    action = wanted_of(client)
    plan()
    day = plans.today() + timedelta(days=4)
    with unit_of_work():
        actions.reword_action(plans.herself(client), action.id, {"due_on": day.isoformat()}, made_from=1,
                              now=travel.now)  # fmt: skip
    assert plan() == 1
    assert [text.state for text in texts()] == ["skipped", "waiting"]
    assert texts()[1].send_at == make.london(day - timedelta(days=1), "10:00")


def test_a_tick_pressed_by_mistake_costs_no_reminder(client, travel):
    action = wanted_of(client)
    plan()
    for done in (True, False):
        with unit_of_work():
            actions.tick(plans.herself(client), action.id, done=done, now=travel.now)
    assert plan() == 1
    assert [text.state for text in texts()] == ["skipped", "waiting"]


def test_a_goal_that_she_set_aside_and_took_up_again_is_reminded_of_anew(client):
    action = wanted_of(client)
    assert plan() == 1
    her = plans.herself(client)
    with unit_of_work():
        goals.withdraw_goal(her, action.goal_id, now=clock.now())
    with unit_of_work():
        goals.take_up_again(her, action.goal_id, now=clock.now())
    assert plan() == 1
    assert [text.state for text in texts()] == ["skipped", "waiting"]


def test_closed_or_drafted_plans_remind_of_nothing(client):
    action = wanted_of(client)
    for state in ("draft", "closed"):
        plans.state(client, state)
        assert plan() == 0
        assert not is_still_wanted(action)


@pytest.mark.parametrize("day", [make.date(2026, 3, 29), make.date(2026, 10, 25)])
def test_on_the_two_days_on_which_clocks_change(app, travel, day):  # R19
    travel.to(f"{day - timedelta(days=2)}T09:00:00+00:00")
    client = make.client()
    make.safe_contact(client)
    plans.goal(client)
    plans.state(client)
    wanted_of(client, days=3)
    plan()
    assert texts()[0].send_at == make.london(day, "10:00")


def test_it_says_the_day_and_nothing_of_what_or_why():  # R20, R21
    facts = {"on": make.date(2026, 12, 4)}
    said = {
        style: wording.render("to_do_reminder", facts, Chosen(style, "Nails"), "en").body
        for style in ("plain", "short", "cover")
    }
    assert said == {
        "plain": "You have something to do by Fri 4 Dec.", "short": "Reminder: Fri 4 Dec.", "cover": "Nails Fri 4 Dec.",
    }  # fmt: skip
