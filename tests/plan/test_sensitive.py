"""What is sensitive is not there unless she wants it there, and then only behind her passcode (R16, R41)."""

import re

from sqlalchemy import select

from portal.clients.models import Client
from portal.core.database import session, unit_of_work
from portal.plan import queries, service
from portal.plan.models import Action, OwnWords
from tests.plan import plans
from tests.support import make, sign_in


def with_hidden(**values):
    """A woman with one open goal and one sensitive goal; gives her and the sensitive goal with its action."""
    client = make.client(**values)
    plans.action(client, plans.goal(client), "Fill in the form")
    hidden = plans.goal(client, "abuse", "I want quiet evenings.")
    action = plans.action(client, hidden, "Talk it through", days=1)
    plans.state(client)
    return client, hidden, action


def bare(page) -> str:
    """A page without what differs from woman to woman by chance: tokens, request keys and ids."""
    html = re.sub(r'name="(csrf_token|request_key)" value="[^"]+"', r'name="\1"', page.html)
    return re.sub(r'(/plan/actions/|/plan/goals/|/plan/words/|goal=|id="g|name="goal" value=")\d+', r"\1N", html)


def test_with_the_switch_off_her_pages_are_those_of_a_woman_without_such_goals(page_client, new_page_client, travel):
    client, hidden, action = with_hidden(sensitive_goals_online=True)
    plans.words(client, "Lanternwick", hidden)
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = False
    plain = make.client()
    plans.action(plain, plans.goal(plain), "Fill in the form")
    plans.state(plain)
    other = new_page_client()
    sign_in.as_client(page_client, client)
    sign_in.as_client(other, plain)
    for address in ("/plan", "/plan?more=1", "/plan/words", "/today"):
        one, two = page_client.get(address), other.get(address)
        assert one.status == two.status == 200
        assert bare(one) == bare(two), address
        assert not re.search("quiet evenings|Talk it|Lanternwick|More goals|People close", one.html)
    said = session.scalars(select(OwnWords.id)).one()
    for browser in (page_client, other):
        browser.get("/plan")
        answers = [
            browser.post(f"/plan/actions/{action.id}", {"done": "1"}),
            browser.get(f"/plan/words?goal={hidden.id}"),
            browser.get(f"/plan/words/{said}"),
            browser.post(f"/plan/words/{said}"),
        ]
        assert [page.status for page in answers] == [404] * 4
    words = {"goal": hidden.id, "words": "x", "request_key": "k"}
    one, two = page_client.post("/plan/words", words), other.post("/plan/words", words)
    assert bare(one) == bare(two)


def test_with_the_switch_on_one_neutral_link_leads_through_her_passcode(page_client, travel):
    client, hidden, _ = with_hidden(sensitive_goals_online=True)
    sign_in.as_client(page_client, client)
    page = page_client.get("/plan")
    assert "More goals" in page.text
    assert not re.search("quiet evenings|Talk it|People close", page.html)
    page = page_client.get(page.links()["More goals"], follow=True)
    assert page.address == "/step-up"
    page = sign_in.step_up(page_client)
    assert page.address == "/plan?more=1"
    assert "People close to you" in page.text
    assert "I want quiet evenings." in page.text
    assert "More goals" not in page.text
    travel.forward(minutes=5)
    assert "quiet evenings" not in page_client.get("/plan").text
    assert page_client.get(f"/plan/words?goal={hidden.id}").location == "/step-up"


def test_a_tick_after_the_five_minutes_asks_for_the_passcode_first(page_client, travel):
    client, _, action = with_hidden(sensitive_goals_online=True)
    sign_in.as_client(page_client, client)
    page_client.get("/plan")
    assert page_client.post(f"/plan/actions/{action.id}", {"done": "1"}, follow=True).address == "/step-up"
    assert session.get_one(Action, action.id).status == "to_do"
    assert sign_in.step_up(page_client).address == "/plan?more=1"
    page = page_client.submit(f"/plan/actions/{action.id}")
    assert "You did this on" in page.text


def test_words_written_longer_than_five_minutes_are_not_lost_and_show_nothing(page_client, travel):
    client, hidden, _ = with_hidden(sensitive_goals_online=True)
    sign_in.as_client(page_client, client)
    page_client.get(f"/plan/words?goal={hidden.id}")
    page_client.get("/step-up")
    page = sign_in.step_up(page_client)
    assert "quiet evenings" in page.text
    travel.forward(minutes=6)
    page = page_client.submit("/plan/words", words="Thistledown " * 500)
    assert page.status == 422
    assert "quiet evenings" not in page.html
    page = page_client.submit("/plan/words", words="Thistledown")
    assert "Thistledown" not in page.html
    assert session.scalars(select(OwnWords)).one().goal_id == hidden.id


def test_the_next_step_is_never_sensitive_hers_and_the_soonest(app, travel):  # R16
    client, _, _ = with_hidden(sensitive_goals_online=True)
    money = plans.goal(client, "money", "Stop the letters.")
    plans.action(client, money, "Ring them", "worker", days=0)
    soonest = plans.action(client, money, "Bring the letters", days=2)
    undated = plans.action(client, money, "Some day", days=None)

    def step() -> str:
        return queries.next_step(client.id, plans.today()).what

    assert step() == "Bring the letters"
    with unit_of_work():
        service.tick(plans.herself(client), soonest.id, done=True, now=travel.now)
    assert step() == "Fill in the form"
    travel.forward(days=30)
    assert step() == "Some day"
    with unit_of_work():
        service.set_action_status(plans.keyworker(client), undated.id, status="changed_mind", now=travel.now)
    assert step() == "Fill in the form"
    for state in ("draft", "closed"):
        plans.state(client, state)
        assert queries.next_step(client.id, plans.today()) is None
