"""Reviews: due after 6 weeks, then every 12, met calmly when late, and recorded on one page."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.plan import reviews
from portal.plan.models import Plan
from portal.plan.review_models import Review
from portal.worklist.models import Task
from portal.worklist.rules import KIND_WORDS
from tests.plan import plans
from tests.support import make, sign_in


@pytest.fixture
def client(app, travel):
    """A woman who agreed to her plan today."""
    client = make.client()
    plans.goal(client)
    plans.state(client)
    return client


@pytest.fixture
def at_review(page_client, client):
    sign_in.as_staff(page_client, session.get(make.Staff, client.keyworker_id))
    page_client.get(f"/staff/clients/{client.id}/review")
    return page_client


def look() -> int:
    with unit_of_work():
        reviews.begin_missing(clock.now())
        return reviews.raise_due(clock.now())


def tasks() -> list[Task]:
    session.remove()
    return list(session.scalars(select(Task).where(Task.kind == "review_due")))


def hold(browser, client, **values):
    address = f"/staff/clients/{client.id}/review"
    browser.get(address)
    typed = {"held_on": plans.today().isoformat(), "held_with": "phone", "decided": "carry_on"} | values
    return browser.submit(address, **typed)


def test_a_keyworker_gets_one_task_a_week_before_and_never_a_second(client, travel):
    assert look() == 0
    travel.forward(days=34)
    assert look() == 0
    travel.forward(days=1)
    assert look() == 1
    task = tasks()[0]
    assert (task.owner_id, task.client_id) == (client.keyworker_id, client.id)
    assert clock.london_today(task.due_at) == session.scalars(select(Review.due_on)).one()
    assert "late" not in KIND_WORDS["review_due"] and "overdue" not in KIND_WORDS["review_due"]
    assert look() == 0
    with unit_of_work():
        session.get_one(Task, task.id).closed_at = clock.now()
    travel.forward(days=30)
    assert look() == 0, "what a person closed is not raised again and again"


@pytest.mark.parametrize("how", ["closed plan", "draft again", "closed record"])
def test_nobody_is_asked_to_look_at_what_is_over(client, travel, how):
    if how == "closed record":
        with unit_of_work():
            session.get_one(Client, client.id).state = "closed"
    else:
        plans.state(client, "closed" if how == "closed plan" else "draft")
    travel.forward(days=60)
    assert look() == 0


def test_plans_from_before_get_their_review(client, travel):
    with unit_of_work():
        session.query(Review).delete()
        session.scalars(select(Plan)).one().review_on = None
    look()
    assert session.scalars(select(Review.due_on)).one() == plans.today() + timedelta(weeks=6)
    look()
    assert len(session.scalars(select(Review)).all()) == 1


def test_a_review_that_was_held_closes_its_task_and_plans_the_next(page_client, client, travel):
    travel.forward(days=50)
    look()
    at_review = page_client
    sign_in.as_staff(at_review, session.get(make.Staff, client.keyworker_id))
    page = at_review.get(f"/staff/clients/{client.id}/review")
    assert "Nobody is late" in page.text
    page = hold(at_review, client, her_words="The mornings are better.")
    assert page.address == f"/staff/clients/{client.id}/plan"
    assert [task.closed_at is not None for task in tasks()] == [True]
    held, coming = session.scalars(select(Review).order_by(Review.id)).all()
    assert (held.kind, held.held_with, held.decided, held.her_words) == (
        "first", "phone", "carry_on", "The mornings are better.",
    )  # fmt: skip
    assert (coming.kind, coming.due_on) == ("next", plans.today() + timedelta(weeks=12))
    assert session.scalars(select(Plan.review_on)).one() == coming.due_on
    assert "The mornings are better." in at_review.get(f"/staff/clients/{client.id}/review").text


@pytest.mark.parametrize(
    ("decided", "state"), [("carry_on", "agreed"), ("change", "under_review"), ("close", "closed")]
)
def test_what_comes_next_is_what_a_person_decided(at_review, client, decided, state):
    hold(at_review, client, decided=decided)
    session.remove()
    assert session.scalars(select(Plan.state)).one() == state
    kinds = [row.kind for row in session.scalars(select(Review).order_by(Review.id))]
    assert kinds == (["end"] if decided == "close" else ["first", "next"])


def test_a_wrong_review_is_refused_with_all_that_was_typed(at_review, client):
    for values, words in (
        ({"held_on": ""}, "Say on which day it was."),
        ({"held_on": (plans.today() + timedelta(days=1)).isoformat()}, "still to come"),
        ({"held_with": ""}, "Choose how it was held."),
        ({"decided": "failed"}, "Choose what comes next."),
        ({"next_on": plans.today().isoformat()}, "must lie after this review"),
    ):
        page = hold(at_review, client, her_words="Kept words", **values)
        assert page.status == 422 and words in page.text, values
        assert page.find_all("textarea")[0].text.strip() == "Kept words"
    assert [row.held_on for row in session.scalars(select(Review))] == [None]


def test_pressed_twice_is_held_once_and_a_second_person_is_told(at_review, client, new_page_client):  # R38
    address = f"/staff/clients/{client.id}/review"
    other = new_page_client()
    sign_in.as_staff(other, make.staff("manager", session.get_one(make.Centre, client.centre_id)))
    other.get(address)
    fields = {
        "held_on": plans.today().isoformat(), "held_with": "phone", "decided": "carry_on",
        "review": at_review.page.field("review"), "request_key": at_review.page.field("request_key"),
    }  # fmt: skip
    for _ in range(2):
        assert at_review.post(address, fields).status == 303
    assert len(session.scalars(select(Review).where(Review.held_on.is_not(None))).all()) == 1
    page = other.submit(address, held_with="video", decided="close", her_words="Kept words")
    assert page.status == 409 and "Somebody recorded this review" in page.text
    assert page.find_all("textarea")[0].text.strip() == "Kept words"
    session.remove()
    assert session.scalars(select(Plan.state)).one() == "agreed"


def test_there_is_nothing_to_review_in_a_draft(app, travel, page_client):
    client = make.client()
    plans.goal(client)
    sign_in.as_staff(page_client, session.get(make.Staff, client.keyworker_id))
    page = page_client.get(f"/staff/clients/{client.id}/review")
    assert "There is no plan to look at again" in page.text and not page.find_all("textarea")
