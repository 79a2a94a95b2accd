"""A worker asks with her: one page for all topics, hers and the worker's view apart, and she may answer meanwhile."""

import threading

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Stale
from portal.plan import asking, needs, ratings, topic_queries
from portal.plan.answer_models import NeedAnswer, Rating
from portal.plan.asking import Asked
from portal.plan.review_models import WorkerView
from portal.plan.rules import Pathway
from portal.plan.topic_queries import number_of
from tests.plan import plans
from tests.support import make, sign_in


@pytest.fixture
def client(app, travel):
    return make.client(language="ar")


@pytest.fixture
def at_needs(page_client, client):
    sign_in.as_staff(page_client, session.get(make.Staff, client.keyworker_id))
    page_client.get(f"/staff/clients/{client.id}/needs")
    return page_client


def ask(browser, client, **typed):
    return browser.submit(f"/staff/clients/{client.id}/needs", **{name.replace("__", "-"): value
                                                                   for name, value in typed.items()})  # fmt: skip


def said(client) -> dict[str, topic_queries.Topic]:
    session.remove()
    return topic_queries.topics(client.id)


def test_one_page_takes_all_that_she_says_and_the_workers_view_apart(at_needs, client, new_page_client):
    page = ask(
        at_needs, client,
        position__5="1", need__5="high", strength__5="أعرف الميزانية", score__5="2", view__5="some",
        view_words__5="Lanternwick",
        need__3="rather_not_say", position__1="2",
    )  # fmt: skip
    assert page.address == f"/staff/clients/{client.id}/plan"
    assert "أعرف الميزانية" in page.text and "Lanternwick" in page.text and "Would rather not say" in page.text
    found = said(client)
    assert topic_queries.order_of(found) == ["money", "accommodation"]
    money = found["money"].answer
    assert (money.need, money.strength, money.language, money.moment) == ("high", "أعرف الميزانية", "ar", "start")
    assert money.answered_by_kind == "staff"
    assert session.scalars(select(Rating)).one().with_worker
    hers = new_page_client()
    sign_in.as_client(hers, client)
    for address in ("/plan", "/plan/topics", "/plan/order", "/plan/topics/5", "/plan/topics/5/good", "/plan/print"):
        assert "Lanternwick" not in hers.get(address).html, "the worker's view is never on her pages"


def test_what_stays_empty_changes_nothing(at_needs, client):
    ask(at_needs, client, position__5="1", need__5="high")
    before = session.scalars(select(NeedAnswer)).all()
    at_needs.get(f"/staff/clients/{client.id}/needs")
    ask(at_needs, client)
    assert len(session.scalars(select(NeedAnswer)).all()) == len(before)
    at_needs.get(f"/staff/clients/{client.id}/needs")
    ask(at_needs, client, moment="end", need__5="some", score__5="4")
    found = said(client)["money"]
    assert (found.answer.need, found.answer.moment, found.answer.position) == ("some", "end", 1)
    assert found.scores == {"end": 4}


@pytest.mark.parametrize(
    "typed",
    [
        {"need__5": "prison"}, {"score__5": "6"}, {"score__5": "x"}, {"view__5": "not_for_me"},
        {"view_words__5": "without a view"}, {"strength__5": "é" * 2001}, {"moment": "failed"}, {"language": "xx"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_answer_is_refused_with_all_that_was_typed(at_needs, client, typed):
    page = ask(at_needs, client, strength__1="Kept words", **typed)
    assert page.status == 422
    assert page.find_all("textarea", name="strength-1")[0].text.strip() == "Kept words"
    assert not session.scalars(select(NeedAnswer)).all()


def test_what_she_answers_meanwhile_is_shown_beside_it_and_nothing_is_lost(at_needs, client):
    with unit_of_work():
        needs.answer(plans.herself(client), client.id, pathway="money", need="none", request_key="k", now=clock.now())
    page = ask(at_needs, client, need__5="high", position__5="1", strength__1="Kept words")
    assert page.status == 409 and "Answered meanwhile" in page.text
    assert page.find_all("textarea", name="strength-1")[0].text.strip() == "Kept words"
    assert said(client)["money"].answer.need == "none"
    page = ask(at_needs, client)
    assert page.address.endswith("/plan"), "having seen it, the worker decides with her"
    rows = session.scalars(select(NeedAnswer.need).where(NeedAnswer.pathway == "money").order_by(NeedAnswer.id)).all()
    assert rows[0] == "none" and rows[-1] == "high", "both are kept"


def test_another_topic_answered_meanwhile_is_no_conflict(at_needs, client):
    with unit_of_work():
        ratings.rate(plans.herself(client), client.id, pathway="work", score=5, request_key="k", now=clock.now())
    assert ask(at_needs, client, need__5="high").address.endswith("/plan")
    assert said(client)["work"].scores == {"start": 5}


def test_she_and_her_worker_at_once_both_stay(either_database, app, travel):
    client = make.client()
    worker, herself, faults = plans.keyworker(client), plans.herself(client), []
    line = Asked("money", None, "high", "", 1, "", "", "0.0")

    def at_once(step) -> None:
        try:
            with unit_of_work():
                step()
        except Stale:
            faults.append("stale")
        finally:
            session.remove()

    steps = [
        lambda: asking.record(worker, client.id, [line], moment="start", language="en", request_key="w",
                              now=clock.now()),
        *(
            lambda key=key: needs.answer(herself, client.id, pathway="money", need="some", request_key=key,
                                         now=clock.now())
            for key in ("a", "a", "b")
        ),
    ]  # fmt: skip
    threads = [threading.Thread(target=at_once, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.remove()
    rows = [row.need for row in session.scalars(select(NeedAnswer))]
    assert rows.count("some") in (2, 3), "each of her two forms once; her worker's row may carry it on"
    assert ("high" in rows) is not ("stale" in faults), "the worker's answer was kept, or she was told"


def test_pressed_twice_is_kept_once(at_needs, client):  # R38
    fields = {
        "need-5": "high", "view-5": "some", "seen-5": "0.0", "moment": "start", "language": "en",
        "request_key": at_needs.page.field("request_key"),
        **{f"seen-{number_of(one)}": "0.0" for one in Pathway},
    }  # fmt: skip
    for _ in range(2):
        assert at_needs.post(f"/staff/clients/{client.id}/needs", fields).status == 303
    assert len(session.scalars(select(NeedAnswer)).all()) == len(session.scalars(select(WorkerView)).all()) == 1
