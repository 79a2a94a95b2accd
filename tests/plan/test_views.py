"""Her plan as she meets it."""

import re

from sqlalchemy import event, select

from portal.audit.models import AuditEntry
from portal.core import database
from portal.core.database import session, unit_of_work
from portal.plan import service
from portal.plan.models import Action, OwnWords
from tests.plan import plans
from tests.support import make, sign_in
from tests.support.first_visit import MOST_BYTES, first_visit


def opened(page_client, client):
    sign_in.as_client(page_client, client)
    return page_client.get("/plan")


def test_she_reads_goals_under_their_pathway_with_who_and_by_when(page_client, travel):
    client = make.client(shows_worker_name=True)
    home = plans.goal(client, worker_words="Find a flat.")
    plans.action(client, home, "Find your number", days=3)
    plans.action(client, home, "Ring the council", "worker", days=8)
    plans.action(client, home, "Send the letter", "partner", days=None)
    plans.goal(client, "money", "Stop the letters.")
    plans.state(client)
    page = opened(page_client, client)
    assert page.title == "My plan"
    assert "You and Jo agreed this on Tuesday 1 December. You will look at it again on Tuesday 12 January." in page.text
    assert re.search(r"A place to live.*I want my own front door.*Find a flat.*Money.*Stop the letters", page.text)
    assert re.search(r"Find your number ?You, by Friday 4 December", page.text)
    assert re.search(r"Ring the council ?Jo, by Wednesday 9 December", page.text)
    assert re.search(r"Send the letter ?Someone who works with us", page.text)
    assert [node.get("aria-label") for node in page.find_all("div", role="img")] == ["0 of 3 done"]
    assert len(page.find_all("button", class_="tick")) == 1


def test_a_worker_is_not_named_unless_she_chose_so(page_client, travel):  # R16
    client = make.client()
    plans.action(client, plans.goal(client), "Ring the council", "worker")
    plans.state(client)
    page = opened(page_client, client)
    assert "You and your worker agreed this" in page.text
    assert "Your worker, by" in page.text
    assert "Jo" not in page.text


def test_she_ticks_an_action_of_hers_off_and_undoes_it(page_client, travel):
    client = make.client()
    action = plans.action(client, plans.goal(client))
    plans.state(client)
    assert opened(page_client, client).find_all("button", aria_label="Mark as done: Fill in the form")
    page = page_client.submit(f"/plan/actions/{action.id}")
    assert page.address.startswith("/plan")
    assert "1 of 1 done" in page.text
    assert "You did this on Tuesday 1 December" in page.text
    assert page.find_all("button", aria_label="Done: Fill in the form. Press to undo")
    page = page_client.submit(f"/plan/actions/{action.id}")
    assert "0 of 1 done" in page.text


def test_pressing_twice_is_harmless(page_client, travel):  # R38
    client = make.client()
    action = plans.action(client, plans.goal(client))
    plans.state(client)
    opened(page_client, client)
    for _ in range(2):
        assert page_client.post(f"/plan/actions/{action.id}", {"done": "1"}).status == 303
        travel.forward(minutes=1)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "action_status")).all()
    assert [(entry.actor_kind, entry.client_id, entry.reason) for entry in entries] == [("client", client.id, "done")]


def test_another_womans_action_goal_and_words_are_not_there(page_client, travel):
    client, other = make.client(), make.client()
    hers = plans.goal(other)
    action = plans.action(other, hers)
    plans.state(other)
    said = plans.words(other, "Thistledown", hers)
    plans.goal(client)
    plans.state(client)
    opened(page_client, client)
    assert page_client.post(f"/plan/actions/{action.id}", {"done": "1"}).status == 404
    assert page_client.get(f"/plan/words?goal={hers.id}").status == 404
    assert page_client.get(f"/plan/words/{said.id}").status == 404
    assert page_client.post(f"/plan/words/{said.id}").status == 404
    page_client.get("/plan/words")
    assert page_client.post("/plan/words", {"goal": hers.id, "words": "Mine", "request_key": "k"}).status == 404
    with unit_of_work():
        assert session.get_one(Action, action.id).status == "to_do"
        assert session.scalars(select(OwnWords.client_id)).all() == [other.id]


def test_broken_ids_give_a_clear_page(page_client, travel):
    client = make.client()
    opened(page_client, client)
    for broken in ("0", "99999", "9" * 30):
        assert page_client.post(f"/plan/actions/{broken}", {"done": "1"}).status == 404
        assert page_client.get(f"/plan/words/{broken}").status == 404
        assert page_client.get(f"/plan/words?goal={broken}").status == 404
    for broken in ("x", "-1", "²", "🙂", "1 or 1=1"):
        assert page_client.get("/plan/words", query_string={"goal": broken}).status == 404
        page = page_client.post("/plan/words", {"goal": broken, "words": "Kept", "request_key": "k"})
        assert page.status == 404
        assert page.find_all("textarea")[0].text.strip() == "Kept"
    assert page_client.post("/plan/actions/1", {"done": "maybe"}).status == 422
    assert page_client.post("/plan/actions/1").status == 422


def test_she_ticks_only_her_own_and_not_what_has_changed_meanwhile(page_client, travel):
    client = make.client()
    home = plans.goal(client)
    workers, withdrawn = plans.action(client, home, "Ring", "worker"), plans.action(client, home, "Gone")
    closed = plans.action(client, home, "Closed")
    plans.state(client)
    opened(page_client, client)
    assert page_client.post(f"/plan/actions/{workers.id}", {"done": "1"}).status == 403
    with unit_of_work():
        service.withdraw_action(plans.keyworker(client), withdrawn.id, now=travel.now)
    assert page_client.post(f"/plan/actions/{withdrawn.id}", {"done": "1"}).status == 409
    assert "Gone" not in page_client.get("/plan").text
    plans.state(client, "closed")
    page = page_client.get("/plan")
    assert "This plan is finished" in page.text
    assert not page.find_all("button", class_="tick")
    assert page_client.post(f"/plan/actions/{closed.id}", {"done": "1"}).status == 409


def test_a_draft_looks_like_no_plan_at_all(page_client, new_page_client, travel):
    with_draft, without = make.client(), make.client()
    home = plans.goal(with_draft)
    action = plans.action(with_draft, home)
    drafted = opened(page_client, with_draft)
    assert "Your plan is not ready yet. You and your worker make it together." in drafted.text
    assert drafted.text == opened(new_page_client(), without).text
    assert page_client.post(f"/plan/actions/{action.id}", {"done": "1"}).status == 404
    assert page_client.get(f"/plan/words?goal={home.id}").status == 404


def test_she_adds_words_of_her_own_and_takes_them_back(page_client, travel):
    client = make.client(language="ar")
    plans.goal(client)
    plans.state(client)
    opened(page_client, client)
    link = next(href for href in page_client.page.links().values() if href.startswith("/plan/words?goal="))
    page_client.get(link)
    page = page_client.submit("/plan/words", words="الحافلة أفضل يوم الخميس\nشكرا")
    said = next(node for node in page.find_all("p", class_="said") if node.get("lang") == "ar")
    assert said.get("dir") == "auto"
    assert "".join(said.itertext()) == "الحافلة أفضل يوم الخميس\nشكرا"
    address = next(href for href in page.links().values() if re.fullmatch(r"/plan/words/\d+", href))
    assert "الخميس" in page_client.get(address).text
    page = page_client.submit(address)
    assert "الخميس" not in page.text
    assert page_client.get(address).status == 404
    assert page_client.post(address).status == 303
    assert session.scalars(select(OwnWords)).one().words == ""


def test_words_about_the_whole_plan_stand_apart_and_pressing_twice_keeps_one(page_client, travel):  # R38
    client = make.client()
    opened(page_client, client)
    page_client.get("/plan/words")
    fields = {"words": "Please ring <b>later</b> 🙂", "request_key": page_client.page.field("request_key")}
    for _ in range(2):
        assert page_client.post("/plan/words", fields).status == 303
    page = page_client.get("/plan")
    assert page.text.count("Please ring <b>later</b> 🙂") == 1
    assert len(session.scalars(select(OwnWords)).all()) == 1


def test_too_long_and_empty_words_are_refused_with_all_that_she_typed(page_client, travel):
    opened(page_client, make.client())
    page_client.get("/plan/words")
    page = page_client.submit("/plan/words", words="é" * 10_000)
    assert page.status == 422
    assert page.find_all("textarea")[0].text.strip() == "é" * 10_000
    assert page.find_all("a", href="#words")
    assert "at most 2000 letters" in page.text
    page_client.get("/plan/words")
    assert page_client.submit("/plan/words", words=" \n ").status == 422
    page_client.get("/plan/words")
    assert page_client.submit("/plan/words", words="a" * 1990 + "\r\n" * 4).status == 200
    assert len(session.scalars(select(OwnWords)).all()) == 1


def test_words_under_a_goal_withdrawn_meanwhile_are_kept_and_can_be_sent_again(page_client, travel):
    client = make.client()
    home = plans.goal(client)
    plans.state(client)
    opened(page_client, client)
    page_client.get(f"/plan/words?goal={home.id}")
    with unit_of_work():
        service.withdraw_goal(plans.keyworker(client), home.id, now=travel.now)
    page = page_client.submit("/plan/words", words="Thistledown")
    assert page.status == 409
    assert page.find_all("textarea")[0].text.strip() == "Thistledown"
    assert "Thistledown" in page_client.submit("/plan/words").text


def test_a_made_up_request_key_is_refused_and_nothing_is_made(page_client, travel):
    opened(page_client, make.client())
    assert page_client.post("/plan/words", {"words": "Hello", "request_key": "no spaces!"}).status == 422
    assert page_client.post("/plan/words", {"words": "Hello", "request_key": "k" * 65}).status == 422
    assert not session.scalars(select(OwnWords)).all()


def test_a_day_past_is_met_kindly(page_client, travel):  # R36
    client = make.client()
    plans.action(client, plans.goal(client), days=1)
    plans.state(client)
    travel.forward(days=3)
    page = opened(page_client, client)
    assert "It is OK that the day is past" in page.text
    assert "Wednesday 2 December" not in page.text


def test_a_full_plan_is_light_and_takes_few_queries(page_client, travel):
    client = make.client(shows_worker_name=True, sensitive_goals_online=True)
    plans.goal(client, "abuse", "Hidden")
    plans.state(client)
    for pathway in ("accommodation", "work", "health", "money", "family", "thinking"):
        part = plans.goal(client, pathway, f"I want this: {pathway}. " + "Some words more. " * 5)
        for number in range(6):
            plans.action(client, part, f"Do {pathway} number {number} with the paper from the office", "her", number)
        plans.words(client, "And this too. " * 10, part)
    opened(page_client, client)
    queries: list[str] = []

    def note(_connection, _cursor, statement, *_):
        queries.append(statement)

    event.listen(database.engine(), "before_cursor_execute", note)
    page = page_client.get("/plan")
    event.remove(database.engine(), "before_cursor_execute", note)
    assert len(page.find_all("button", class_="tick")) == 30, "the sixth topic is a step away"
    assert len(page_client.get("/plan?part=2").find_all("button", class_="tick")) == 6
    assert 3 < len(queries) <= 6, "\n".join(q[:150] for q in queries)
    assert first_visit(page_client.client, "/plan") <= MOST_BYTES


def test_words_typed_when_her_session_ended_are_sent_after_signing_in_again(page_client, travel):  # R38
    client = make.client()
    home = plans.goal(client)
    plans.state(client)
    opened(page_client, client)
    page_client.get(f"/plan/words?goal={home.id}")
    travel.forward(minutes=11)
    page = page_client.submit("/plan/words", words="The bus is better on Thursdays.")
    assert page.address == "/sign-in"
    assert sign_in.as_client(page_client, client).address == "/step-up"
    assert sign_in.step_up(page_client).address == "/kept"
    page = page_client.submit("/plan/words")
    assert "The bus is better on Thursdays." in page.text
    assert session.scalars(select(OwnWords)).one().goal_id == home.id
