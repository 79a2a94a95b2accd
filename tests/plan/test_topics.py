"""Her topics: she picks, orders and answers them on her own pages, one question a page, all of it optional."""

import re

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Client
from portal.core.database import session, unit_of_work
from portal.plan import topic_queries
from portal.plan.answer_models import NeedAnswer, Rating
from portal.plan.rules import Pathway
from tests.plan import plans
from tests.support import make, sign_in


@pytest.fixture
def client(app, travel):
    return make.client()


@pytest.fixture
def hers(page_client, client):
    """Her browser, signed in."""
    sign_in.as_client(page_client, client)
    return page_client


def pick(browser, *numbers: int):
    browser.get("/plan/topics")
    return browser.submit("/plan/topics", picked=[str(number) for number in numbers])


def order(client) -> list[str]:
    session.remove()
    return topic_queries.order_of(topic_queries.topics(client.id))


def test_she_picks_three_puts_one_first_and_answers_one_question_a_page(hers, client):
    page = pick(hers, 1, 2, 5)
    assert page.address == "/plan/order" and page.h1 == "What matters most?"
    page = hers.submit("/plan/order/5")
    assert order(client) == ["accommodation", "money", "work"]
    begin = page.links()["Go on"]
    assert begin == "/plan/topics/1"
    page = hers.get(begin)
    assert page.h1 == "Do you want help with this?" and "A place to live" in page.text
    page = hers.submit(begin, need="high")
    assert page.address == "/plan/topics/1/good"
    page = hers.submit(page.address, words="I keep my room tidy.")
    assert page.address == "/plan/topics/1/now" and page.h1 == "How is this now?"
    page = hers.submit(page.address, score="2")
    assert page.address == "/plan/topics/5", "on to the next that she has not answered"
    page = hers.get("/plan")
    assert re.search(r"A place to live ?I need a lot of help\. ?I keep my room tidy\. ?Now: Hard\.", page.text)
    assert [node.get("aria-label") for node in page.find_all("div", role="img")] == ["Now: Hard."]
    assert not re.search(r"\b2 (of|out)|score", page.text), "words and a picture, never a mark"


def test_more_than_three_to_begin_is_refused_kindly_and_later_she_may_add(hers, client):
    page = pick(hers, 1, 2, 3, 5)
    assert page.status == 422 and "Pick 3 or fewer to begin" in page.text
    assert len([box for box in page.find_all("input", name="picked") if box.get("checked") is not None]) == 4
    assert order(client) == []
    assert pick(hers, 1, 2, 3).status == 200
    assert pick(hers, 1, 2, 3, 5).status == 200
    assert order(client) == ["accommodation", "work", "health", "money"]
    pick(hers, 5)
    assert order(client) == ["money"]
    assert pick(hers).status == 200 and "You have not picked anything. That is OK." in hers.page.text


def test_what_she_said_stays_when_she_puts_a_topic_away_and_takes_it_up_again(hers, client):
    pick(hers, 5)
    hers.get("/plan/topics/5")
    hers.submit("/plan/topics/5", need="some")
    pick(hers)
    assert "I need some help" not in hers.get("/plan").text
    pick(hers, 5)
    assert "I need some help" in hers.get("/plan").text


def test_not_to_say_is_an_answer_and_a_question_can_be_skipped(hers, client):
    pick(hers, 5)
    page = hers.get("/plan/topics/5")
    assert page.links()["Skip this question"] == "/plan/topics/5/good"
    hers.submit("/plan/topics/5", need="rather_not_say")
    assert "I would rather not say." in hers.get("/plan").text
    hers.get("/plan/topics/5")
    page = hers.submit("/plan/topics/5", need="not_asked")
    assert page.status == 422 and "Choose one, or skip this question." in page.text


def test_pressed_twice_is_said_once(hers, client):  # R38
    pick(hers, 5)
    hers.get("/plan/topics/5/now")
    fields = {"score": "4", "request_key": hers.page.field("request_key")}
    for _ in range(2):
        assert hers.post("/plan/topics/5/now", fields).status == 303
    assert [row.score for row in session.scalars(select(Rating))] == [4]
    assert not session.scalars(select(Rating)).one().with_worker


def test_answers_are_added_and_never_written_over(hers, client):
    pick(hers, 5)
    for need in ("high", "some"):
        hers.get("/plan/topics/5")
        hers.submit("/plan/topics/5", need=need)
    rows = session.scalars(select(NeedAnswer).order_by(NeedAnswer.id)).all()
    assert [row.need for row in rows] == ["not_asked", "high", "some"]
    assert {(row.answered_by_kind, row.answered_by_id) for row in rows} == {("client", client.id)}


def test_words_taken_back_are_gone_from_every_row(hers, client):
    pick(hers, 5)
    for words in ("Thistledown", "Lanternwick"):
        hers.get("/plan/topics/5/good")
        hers.submit("/plan/topics/5/good", words=words)
    assert "Lanternwick" in hers.get("/plan").text and "Thistledown" not in hers.page.text
    hers.get("/plan/topics/5/good")
    hers.submit("/plan/topics/5/good", words=" ")
    assert "Lanternwick" not in hers.get("/plan").text
    session.remove()
    assert {row.strength for row in session.scalars(select(NeedAnswer))} == {None}


def test_her_words_keep_their_language_and_direction(page_client, travel):
    client = make.client(language="ar")
    sign_in.as_client(page_client, client)
    page_client.get("/plan/topics/5/good")
    page_client.submit("/plan/topics/5/good", words="أنا قوية")
    said = next(node for node in page_client.get("/plan").find_all("p") if node.get("lang") == "ar")
    assert said.get("dir") == "auto" and "".join(said.itertext()) == "أنا قوية"


def test_what_happens_after_she_agreed_belongs_to_the_review_not_to_the_start(hers, client):
    plans.goal(client)
    pick(hers, 1)
    hers.get("/plan/topics/1/now")
    hers.submit("/plan/topics/1/now", score="2")
    plans.state(client)
    hers.get("/plan/topics/1/now")
    hers.submit("/plan/topics/1/now", score="4")
    assert [(row.moment, row.score) for row in session.scalars(select(Rating))] == [("start", 2), ("review", 4)]
    assert "At the start: Hard. Now: Getting better." in hers.get("/plan").text


@pytest.mark.parametrize("number", ["0", "10", "99999", "x", "²"])
def test_a_topic_that_is_none_is_not_there(hers, number):
    for address in (f"/plan/topics/{number}", f"/plan/topics/{number}/now", f"/plan/topics/{number}/good"):
        assert hers.get(address).status == 404
    assert hers.post(f"/plan/order/{number}").status == 404


def test_broken_answers_are_refused_with_a_clear_page(hers, client):
    hers.get("/plan/topics/5/now")
    for score in ("0", "6", "x", "²", ""):
        page = hers.post("/plan/topics/5/now", {"score": score, "request_key": f"k{score and ord(score)}"})
        assert page.status == 422, score
    page = hers.post("/plan/topics", {"picked": ["77"], "asked": "77 1 x", "request_key": "k2"})
    assert page.status == 422
    assert hers.post("/plan/topics", {"picked": ["x"], "asked": "1", "request_key": "k3"}).status == 422
    hers.get("/plan/topics/5/good")
    page = hers.submit("/plan/topics/5/good", words="é" * 5000)
    assert page.status == 422 and page.find_all("textarea")[0].text.strip() == "é" * 5000
    assert not session.scalars(select(Rating)).all() and not session.scalars(select(NeedAnswer)).all()


def bare(page) -> str:
    return re.sub(r'name="(csrf_token|request_key)" value="[^"]+"', r'name="\1"', page.html)


PAGES = ("/plan", "/plan?more=1", "/plan/topics", "/plan/topics?more=1", "/plan/order", "/plan/print",
         "/plan/print?all=1", "/today")  # fmt: skip


def test_with_the_switch_off_her_pages_are_those_of_a_woman_without_such_topics(hers, client, new_page_client):  # R41
    other, plain = new_page_client(), make.client()
    sign_in.as_client(other, plain)
    worker = plans.keyworker(client)
    from portal.plan import asking

    hidden = [asking.Asked(str(one), place, "high", "Lanternwick", 1, "high", "", "0.0")
              for place, one in enumerate(("abuse", "sex_work", "drugs_alcohol"), 1)]  # fmt: skip
    with unit_of_work():
        asking.record(worker, client.id, hidden, moment="start", language="en", request_key="k", now=plans.clock.now())
    for address in PAGES:
        one, two = hers.get(address), other.get(address)
        assert one.status == two.status == 200
        assert bare(one) == bare(two), address
    for number in (4, 8, 9):
        assert list(Pathway)[number - 1] in ("drugs_alcohol", "abuse", "sex_work")
        for browser in (hers, other):
            assert browser.get(f"/plan/topics/{number}").status == 404
            assert browser.post(f"/plan/topics/{number}/now", {"score": "1", "request_key": "k"}).status == 404
            assert browser.post(f"/plan/order/{number}").status == 404
    for numbers in ((1, 2, 3, 5), (1, 2, 3), (1, 2, 3, 5)):
        assert bare(pick(hers, *numbers)) == bare(pick(other, *numbers)), "also how many she may begin with"
    session.remove()
    assert order(client)[:3] == ["abuse", "sex_work", "drugs_alcohol"], "and nothing that is hidden is lost"


def test_with_the_switch_on_sensitive_topics_stand_behind_her_passcode(hers, client):  # R16
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = True
    page = hers.get("/plan/topics")
    assert "People close to you" not in page.text
    assert hers.get("/plan/topics/8").location == "/step-up"
    hers.get("/plan/topics?more=1", follow=True)
    page = sign_in.step_up(hers)
    assert page.address == "/plan/topics?more=1" and "People close to you" in page.text
    hers.submit("/plan/topics", picked=["8"])
    assert order(client) == ["abuse"]
    assert "People close to you" in hers.get("/plan").text


def test_after_five_minutes_they_are_closed_again_and_what_she_typed_is_kept(hers, client, travel):  # R16, R38
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = True
    hers.get("/plan/topics/8/good", follow=True)
    sign_in.step_up(hers)
    travel.forward(minutes=6)
    page = hers.submit("/plan/topics/8/good", words="Lanternwick")
    assert page.address == "/step-up" or page.address.startswith("/plan/topics/8/now")
    assert session.scalars(select(NeedAnswer)).one().strength == "Lanternwick"
    page = hers.get("/plan")
    assert "Lanternwick" not in page.html and "More goals" in page.text


def test_every_change_is_in_the_audit_log_without_what_she_said(hers, client):
    pick(hers, 5)
    hers.get("/plan/topics/5")
    hers.submit("/plan/topics/5", need="high")
    hers.get("/plan/topics/5/now")
    hers.submit("/plan/topics/5/now", score="1")
    entries = session.scalars(select(AuditEntry).where(AuditEntry.client_id == client.id)).all()
    made = [(one.action, one.reason) for one in entries if one.action != "signed_in"]
    assert ("topics_ordered", "") in made and ("need_answered", "start") in made and ("rated", "start") in made
    assert not {"high", "money"} & {one.reason for one in entries}


def test_a_form_sent_after_five_minutes_never_shows_what_she_said_before(hers, client, travel):  # R16
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = True
    hers.get("/step-up")
    sign_in.step_up(hers)
    hers.get("/plan/topics/8")
    hers.submit("/plan/topics/8", need="high")
    hers.submit("/plan/topics/8/good", words="Harrowmere")
    travel.forward(minutes=6)
    for address in ("/plan/topics/8", "/plan/topics/8/good"):
        page = hers.post(address, {"request_key": "not a key"})
        assert page.status == 422
        assert "Harrowmere" not in page.html and "checked" not in page.html and "People close" not in page.html
