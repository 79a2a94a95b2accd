"""Her goals and what she does, in her own hands, on her pages."""

import re

import pytest
from sqlalchemy import select

from portal.clients.models import Client
from portal.core.database import session, unit_of_work
from portal.plan import actions, goals
from portal.plan.models import Action, Goal, OwnWords
from tests.plan import plans
from tests.support import make, sign_in


@pytest.fixture
def client(app, travel):
    """A woman with an agreed plan."""
    client = make.client()
    plans.goal(client, worker_words="Find a flat.")
    plans.state(client)
    return client


@pytest.fixture
def hers(page_client, client):
    """Her browser, signed in."""
    sign_in.as_client(page_client, client)
    return page_client


def the(model):
    session.expire_all()
    return session.scalars(select(model).order_by(model.id)).first()


def by_worker(client: Client, **said) -> None:
    """Her worker words the goal while her page is open."""
    goal = the(Goal)
    with unit_of_work():
        goals.reword(plans.keyworker(client), goal.id, said, made_from=goal.revision, now=plans.clock.now())


def test_she_adds_a_goal_one_question_at_a_time(hers):  # R36
    page = hers.get("/plan/goals")
    page = hers.get(page.links()["Add a goal"])
    assert not page.find_all("textarea"), "first what it is about"
    hers.get(page.links()["Money"])
    page = hers.submit("/plan/goals", her_words="Pay it off", why_matters="To sleep at night")
    assert page.title == "My goal"
    page = hers.get("/plan")
    assert "Pay it off" in page.text
    assert "Why it matters: To sleep at night" in page.text


def test_she_words_her_side_and_the_workers_stays(hers):
    goal = the(Goal)
    hers.get(f"/plan/goals/{goal.id}")
    page = hers.submit(f"/plan/goals/{goal.id}", her_words="Near my sister")
    assert page.address.startswith("/plan")
    assert "Near my sister" in page.text and "Find a flat." in page.text
    assert "my own front door" not in page.text


def test_both_at_once_she_sees_both_and_keeps_both(hers, client):
    goal = the(Goal)
    hers.get(f"/plan/goals/{goal.id}")
    by_worker(client, her_words="Near the <school>")
    page = hers.submit(f"/plan/goals/{goal.id}", her_words="Near my sister\nwith a door", why_matters="Peace")
    assert page.status == 409
    assert "Your worker changed this while you wrote. Nothing is lost." in page.text
    assert "Near the <school>" in page.text and "Near my sister with a door" in page.text
    page = hers.submit(f"/plan/goals/{goal.id}", keep_her_words="both")
    assert page.address.startswith("/plan")
    row = the(Goal)
    assert row.her_words == "Near the <school>\nNear my sister\nwith a door"
    assert row.why_matters == "Peace", "what did not clash was not lost on the way"


@pytest.mark.parametrize(("choice", "stands"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_both_at_once_she_keeps_one(hers, client, choice, stands):
    goal = the(Goal)
    hers.get(f"/plan/goals/{goal.id}")
    by_worker(client, her_words="Theirs")
    assert hers.submit(f"/plan/goals/{goal.id}", her_words="Mine").status == 409
    assert hers.submit(f"/plan/goals/{goal.id}", keep_her_words=choice).status == 200
    assert the(Goal).her_words == stands


def test_a_choice_that_nobody_offers_is_asked_again(hers, client):
    goal = the(Goal)
    hers.get(f"/plan/goals/{goal.id}")
    by_worker(client, her_words="Theirs")
    fields = {"her_words": "Mine", "revision": "1", "keep_her_words": "neither"}
    assert hers.post(f"/plan/goals/{goal.id}", fields).status == 409
    assert the(Goal).her_words == "Theirs"


def test_different_fields_at_once_ask_nothing(hers, client):
    goal = the(Goal)
    hers.get(f"/plan/goals/{goal.id}")
    by_worker(client, worker_words="Bid every week.")
    page = hers.submit(f"/plan/goals/{goal.id}", her_words="Near my sister")
    assert page.status == 200
    assert "Bid every week." in page.text and "Near my sister" in page.text


def test_not_this_any_more_and_back_again(hers):  # R36
    goal = the(Goal)
    hers.get(f"/plan/goals/{goal.id}")
    page = hers.submit(f"/plan/goals/{goal.id}/stop")
    assert "You changed your mind about these. That is OK." in page.text
    assert "my own front door" not in hers.get("/plan").text
    hers.get("/plan/goals")
    hers.submit(f"/plan/goals/{goal.id}/again")
    assert "my own front door" in hers.get("/plan").text


def test_she_puts_first_what_matters_most(hers, client):
    second = plans.goal(client, "money", "Debts")
    hers.get("/plan/goals")
    page = hers.submit(f"/plan/goals/{second.id}/move")
    assert page.text.index("Debts") < page.text.index("my own front door")
    assert hers.post(f"/plan/goals/{second.id}/move", {"up": "x"}).status == 422


def test_every_status_of_hers_is_one_press_on_the_page_of_the_action(hers, client):
    action = plans.action(client, the(Goal))
    for status in ("doing", "paused", "changed_mind", "done", "to_do"):
        hers.get(f"/plan/actions/{action.id}")
        page = hers.submit(f"/plan/actions/{action.id}", press=("status", status))
        assert page.address.startswith("/plan")
        assert the(Action).status == status
    assert hers.post(f"/plan/actions/{action.id}", {"status": "failed"}).status == 422


def test_she_adds_what_she_will_do_with_a_day_and_a_reminder(hers):
    goal = the(Goal)
    hers.get(f"/plan/goals/{goal.id}/actions")
    page = hers.submit(f"/plan/goals/{goal.id}/actions", what="Ring the council", due_on="2026-12-04",
                       reminder_wanted=True)  # fmt: skip
    assert "You, by Friday 4 December" in page.text
    row = the(Action)
    assert (row.what, row.doer, row.reminder_wanted, row.added_by_kind) == ("Ring the council", "her", True, "client")


def test_a_day_past_and_a_day_that_is_none_keep_what_she_typed(hers):
    address = f"/plan/goals/{the(Goal).id}/actions"
    for day, words in (("2026-11-30", "That day is over"), ("soon", "31/12/2026")):
        hers.get(address)
        page = hers.submit(address, what="Ring the council", due_on=day)
        assert page.status == 422
        assert words in page.text
        assert page.field("what") == "Ring the council"
    assert the(Action) is None
    hers.get(address)
    assert hers.submit(address, what="Ring", due_on="24/12/2026").status == 200
    assert the(Action).due_on.isoformat() == "2026-12-24"


def test_she_changes_note_day_and_reminder_of_hers_but_not_what_her_worker_wrote(hers, client):
    action = plans.action(client, the(Goal))
    page = hers.get(f"/plan/actions/{action.id}")
    assert not page.find_all("input", name="what")
    hers.submit(f"/plan/actions/{action.id}/words", note="By bus", due_on="", reminder_wanted=True)
    row = the(Action)
    assert (row.note, row.due_on, row.reminder_wanted, row.what) == ("By bus", None, True, "Fill in the form")


def test_somebody_elses_action_is_read_and_not_changed(hers, client):
    action = plans.action(client, the(Goal), "Ring", "worker")
    page = hers.get(f"/plan/actions/{action.id}")
    assert "Someone else does this one." in page.text
    assert not [form for form in page.forms() if form.get("action", "").startswith("/plan/actions")]
    assert hers.post(f"/plan/actions/{action.id}/words", {"note": "x", "revision": "1"}).status in (200, 303)
    assert the(Action).note is None


def test_an_action_withdrawn_meanwhile_has_its_own_page(hers, client, travel):
    action = plans.action(client, the(Goal))
    hers.get(f"/plan/actions/{action.id}")
    with unit_of_work():
        actions.withdraw_action(plans.keyworker(client), action.id, now=travel.now)
    page = hers.submit(f"/plan/actions/{action.id}/words", note="Lanternwick")
    assert page.status == 409
    assert "This is not on your plan now." in page.text
    assert "Lanternwick" in page.text, "nothing that she typed is lost"
    assert hers.get(f"/plan/actions/{action.id}").status == 404


def test_a_closed_plan_has_its_own_page_and_keeps_what_she_typed(hers, client):
    goal = the(Goal)
    hers.get(f"/plan/goals/{goal.id}")
    plans.state(client, "closed")
    page = hers.submit(f"/plan/goals/{goal.id}", her_words="Lanternwick")
    assert page.status == 409
    assert "This plan is finished." in page.text and "Lanternwick" in page.text
    assert not hers.get(f"/plan/goals/{goal.id}").find_all("textarea")


def test_a_status_set_meanwhile_is_shown_before_hers_counts(hers, client, travel):
    action = plans.action(client, the(Goal))
    hers.get(f"/plan/actions/{action.id}")
    with unit_of_work():
        actions.set_action_status(plans.keyworker(client), action.id, status="paused", now=travel.now)
    page = hers.submit(f"/plan/actions/{action.id}", press=("status", "done"))
    assert page.status == 409
    assert "It says now: It waits for now" in page.text
    hers.submit(f"/plan/actions/{action.id}", press=("status", "done"))
    assert the(Action).status == "done"


def test_another_womans_goals_and_actions_are_not_there(hers):
    other = make.client()
    goal = plans.goal(other)
    action = plans.action(other, goal)
    plans.state(other)
    for address in (f"/plan/goals/{goal.id}", f"/plan/goals/{goal.id}/actions", f"/plan/actions/{action.id}"):
        assert hers.get(address).status == 404
    hers.get("/plan/goals")
    for address in (f"/plan/goals/{goal.id}", f"/plan/goals/{goal.id}/move", f"/plan/goals/{goal.id}/stop",
                    f"/plan/goals/{goal.id}/again", f"/plan/goals/{goal.id}/actions",
                    f"/plan/actions/{action.id}/words"):  # fmt: skip
        fields = {"up": "1", "her_words": "x", "what": "x", "revision": "1", "request_key": "k"}
        assert hers.post(address, fields).status == 404
    assert session.get(Goal, goal.id).withdrawn_at is None


def test_before_it_is_shared_nothing_is_there_to_change(page_client, new_page_client, travel):  # R41
    draft, without = make.client(), make.client()
    plans.goal(draft)
    other = new_page_client()
    sign_in.as_client(page_client, draft)
    sign_in.as_client(other, without)
    for address in ("/plan/goals", "/plan/goals/new"):
        assert page_client.get(address).text == other.get(address).text
    fields = {"about": "5", "her_words": "x", "request_key": "k"}
    assert page_client.post("/plan/goals", fields).status == other.post("/plan/goals", fields).status == 404


def test_what_a_goal_is_about_stands_in_no_address(page_client, client):  # R7
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = True
    sign_in.as_client(page_client, client)
    page_client.get("/step-up")
    sign_in.step_up(page_client)
    page = page_client.get("/plan/goals/new")
    for name, address in page.links().items():
        assert not re.search("abuse|drugs|sex", address), name
    page = page_client.get(page.links()["People close to you"])
    assert page.field("about") == "8" and "abuse" not in page.html
    for wrong in ("abuse", "0", "10", "1000"):
        assert page_client.get(f"/plan/goals/new?about={wrong}").status == 404


def test_sensitive_subjects_are_offered_only_behind_switch_and_passcode(page_client, client):  # R16, R41
    sign_in.as_client(page_client, client)
    assert "People close to you" not in page_client.get("/plan/goals/new").text
    assert page_client.get("/plan/goals/new?about=8").status == 404
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = True
    assert "People close to you" not in page_client.get("/plan/goals/new").text
    page_client.get("/step-up")
    sign_in.step_up(page_client)
    page_client.get("/plan/goals/new?about=8")
    page = page_client.submit("/plan/goals", her_words="Quiet evenings")
    assert page.status == 200
    assert "reminder" not in page_client.get(page.links()["Add something I will do"]).html, "never in a text"


def test_words_typed_into_a_sensitive_goal_after_five_minutes_come_back_after_the_passcode(
    page_client, client, travel
):  # R16, R38
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = True
    hidden = plans.goal(client, "abuse", "Quiet evenings")
    sign_in.as_client(page_client, client)
    page_client.get("/step-up")
    sign_in.step_up(page_client)
    page_client.get(f"/plan/goals/{hidden.id}")
    travel.forward(minutes=6)
    page = page_client.submit(f"/plan/goals/{hidden.id}", her_words="Lanternwick in the evening and long words")
    assert page.address == "/step-up"
    assert "Lanternwick" not in page.html and "Quiet" not in page.html
    assert sign_in.step_up(page_client).address == "/kept"
    page_client.submit(f"/plan/goals/{hidden.id}")
    assert session.scalars(select(Goal).where(Goal.id == hidden.id)).one().her_words.startswith("Lanternwick")


def test_she_corrects_her_words_and_nobody_sees_the_earlier_ones(hers, client):
    said = plans.words(client, "Thistledown")
    page = hers.get(f"/plan/words/{said.id}")
    hers.get(page.links()["Change my words"])
    page = hers.submit(f"/plan/words/{said.id}/correct", words="Lanternwick")
    assert "Lanternwick" in page.text and "Thistledown" not in page.text
    assert hers.get(f"/plan/words/{said.id}").status == 404
    assert len(session.scalars(select(OwnWords)).all()) == 2


def test_words_corrected_on_another_phone_are_shown_beside_hers(hers, client, new_page_client):
    said = plans.words(client, "Thistledown")
    other = new_page_client()
    sign_in.as_client(other, client)
    for browser in (hers, other):
        browser.get(f"/plan/words/{said.id}/correct")
    other.submit(f"/plan/words/{said.id}/correct", words="Elsewhere")
    page = hers.submit(f"/plan/words/{said.id}/correct", words="Here")
    assert page.status == 409
    assert "This was changed in another place while you wrote." in page.text
    form = next(form for form in page.forms() if form.get("action", "").endswith("/correct"))
    page = hers.submit(form.get("action"), keep_words="both")
    assert "Elsewhere\nHere" in session.scalars(select(OwnWords).where(OwnWords.corrected_at.is_(None))).one().words
