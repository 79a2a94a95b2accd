"""Staff at the plan: making it, changing it, and who may."""

import pytest
from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core.database import session, unit_of_work
from portal.plan.models import Action, Goal, Plan
from tests.plan import plans
from tests.support import make, sign_in


@pytest.fixture
def client(app, travel):
    """A woman without a plan."""
    return make.client(called_name="Marigold")


@pytest.fixture
def at_plan(page_client, client):
    """Her keyworker's browser, open at her plan."""
    sign_in.as_staff(page_client, session.get(make.Staff, client.keyworker_id))
    page_client.get(f"/staff/clients/{client.id}/plan")
    return page_client


def count(model) -> int:
    return session.scalar(select(func.count()).select_from(model))


def actions_in_audit() -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_keyworker_makes_a_plan_with_goal_and_action_and_shares_it(at_plan, client, new_page_client):
    page = at_plan.page
    assert "No goals yet" in page.text
    assert "Marigold" in page.text
    assert "Marigold" not in page.title  # R28
    page = at_plan.submit(
        f"/staff/clients/{client.id}/goals", pathway="money", her_words="Stop the letters.", worker_words="Debt advice."
    )
    assert page.address == f"/staff/clients/{client.id}/plan"
    goal = session.scalars(select(Goal)).one()
    page = at_plan.submit(f"/staff/goals/{goal.id}/actions", what="Bring the letters", doer="her", due_on="2026-12-08")
    assert "Bring the letters" in page.text
    page = at_plan.submit(f"/staff/clients/{client.id}/plan", state="agreed", agreed_on="2026-11-30")
    plan = session.scalars(select(Plan)).one()
    assert (plan.state, plan.review_on.isoformat()) == ("agreed", "2027-01-11")
    hers = new_page_client()
    sign_in.as_client(hers, client)
    page = hers.get("/plan")
    assert "Stop the letters." in page.text
    assert "by Tuesday 8 December" in page.text
    made = [action for action in actions_in_audit() if action not in ("plan_read", "signed_in")]
    assert made == ["goal_added", "action_added", "plan_state_set", "plan_shared", "plan_answered"]


def test_opening_the_plan_is_in_the_audit_log(at_plan, client):  # R30
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "plan_read")).one()
    assert (entry.actor_id, entry.client_id) == (client.keyworker_id, client.id)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"pathway": "", "her_words": "x"}, "Choose one."),
        ({"pathway": "money"}, "Write the goal in her words, in yours, or both."),
        ({"pathway": "money", "her_words": "🙂" * 10_000}, "at most 2000 letters"),
        ({"pathway": "prison", "her_words": "x"}, "Not a valid choice"),
    ],
)
def test_a_wrong_goal_is_refused_with_all_that_was_typed(at_plan, client, typed, words):
    page = at_plan.submit(f"/staff/clients/{client.id}/goals", **typed)
    assert page.status == 422
    assert words in page.text
    assert page.find_all("a", href="#pathway-goal") or page.find_all("a", href="#her_words-goal")
    assert "".join(page.find_all("textarea", id="her_words-goal")[0].itertext()).strip() == typed.get("her_words", "")
    assert count(Goal) == count(Plan) == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"what": ""}, "Fill this in."),
        ({"what": "Ring", "due_on": "2026-11-30"}, "That day is past."),
        ({"what": "Ring", "due_on": "2026-02-30"}, "Not a valid date"),
        ({"what": "x" * 10_000}, "at most 200 letters"),
        ({"what": "Ring", "doer": "him"}, "Not a valid choice"),
    ],
)
def test_a_wrong_action_is_refused_with_all_that_was_typed(at_plan, client, typed, words):
    goal, other = plans.goal(client), plans.goal(client, "money")
    at_plan.get(f"/staff/clients/{client.id}/plan")
    page = at_plan.submit(f"/staff/goals/{goal.id}/actions", **typed)
    assert page.status == 422
    assert words in page.text
    assert page.find_all("input", id=f"what-{goal.id}")[0].get("value") == typed["what"]
    assert page.find_all("input", id=f"what-{other.id}")[0].get("value") == ""
    assert count(Action) == 0


def test_a_wrong_agreement_is_refused(at_plan, client):
    for typed, words in (
        ({"state": "agreed"}, "Say on which day she agreed."),
        ({"state": "agreed", "agreed_on": "2026-12-02"}, "That day is still to come."),
        ({"state": "shared", "review_on": "2026-11-30"}, "The review cannot lie"),
        ({"state": "failed"}, "Not a valid choice"),
    ):
        at_plan.get(f"/staff/clients/{client.id}/plan")
        page = at_plan.submit(f"/staff/clients/{client.id}/plan", **typed)
        assert page.status == 422
        assert words in page.text
    assert count(Plan) == 0


def test_a_form_pressed_twice_makes_one(at_plan, client):  # R38
    goal = plans.goal(client)
    page = at_plan.get(f"/staff/clients/{client.id}/plan")
    key = page.field("request_key")
    for _ in range(2):
        fields = {"pathway": "money", "her_words": "Once", "request_key": key}
        assert at_plan.post(f"/staff/clients/{client.id}/goals", fields).status == 303
    fields = {"what": "Other form, same key", "doer": "her", "request_key": key}
    assert at_plan.post(f"/staff/goals/{goal.id}/actions", fields).status == 422
    assert (count(Goal), count(Action)) == (2, 0)


def test_staff_record_how_far_an_action_is_hers_too(at_plan, client):  # R48
    goal = plans.goal(client)
    action = plans.action(client, goal)
    at_plan.get(f"/staff/clients/{client.id}/plan")
    page = at_plan.submit(f"/staff/actions/{action.id}", status="done")
    assert "1 of 1 done" in page.text
    assert at_plan.submit(f"/staff/actions/{action.id}", status="failed").status == 422
    page = at_plan.submit(f"/staff/actions/{action.id}", status="withdraw")
    assert "Fill in the form" not in page.text
    assert at_plan.post(f"/staff/actions/{action.id}", {"status": "to_do"}).status == 409
    assert at_plan.post(f"/staff/actions/{action.id}", {"status": "withdraw"}).status == 303
    at_plan.get(f"/staff/clients/{client.id}/plan")
    page = at_plan.submit(f"/staff/goals/{goal.id}/withdraw")
    assert "No goals yet" in page.text
    assert (
        at_plan.post(f"/staff/goals/{goal.id}/actions", {"what": "Late", "doer": "her", "request_key": "k"}).status
        == 409
    )


def test_staff_see_her_own_words_and_sensitive_goals_and_whether_her_pages_show_them(at_plan, client):
    home, hidden = plans.goal(client), plans.goal(client, "abuse", "Calm evenings.")
    plans.state(client)
    plans.words(client, "The bus is better on Thursdays.", home)
    plans.words(client, "All of it is fine.")
    page = at_plan.get(f"/staff/clients/{client.id}/plan")
    for words in (
        "Calm evenings.",
        "Abuse and violence",
        "Sensitive: not on her pages",
        "Thursdays",
        "All of it is fine.",
    ):
        assert words in page.text
    assert hidden.id


ADDRESSES = (
    ("get", "/staff/clients/{client}/plan", {}),
    ("post", "/staff/clients/{client}/plan", {"state": "closed"}),
    ("post", "/staff/clients/{client}/goals", {"pathway": "money", "her_words": "x", "request_key": "k"}),
    ("get", "/staff/goals/{goal}", {}),
    ("post", "/staff/goals/{goal}", {"her_words": "x", "revision": "1"}),
    ("post", "/staff/goals/{goal}/move", {"up": "1"}),
    ("post", "/staff/goals/{goal}/again", {}),
    ("get", "/staff/actions/{action}", {}),
    ("post", "/staff/actions/{action}/change", {"what": "x", "doer": "her", "revision": "1"}),
    ("post", "/staff/goals/{goal}/actions", {"what": "x", "doer": "her", "request_key": "k"}),
    ("post", "/staff/goals/{goal}/withdraw", {}),
    ("post", "/staff/actions/{action}", {"status": "done"}),
)


def statuses(browser, client: int, goal: int, action: int) -> set[int]:
    found = set()
    for method, address, fields in ADDRESSES:
        address = address.format(client=client, goal=goal, action=action)
        page = browser.get(address) if method == "get" else browser.post(address, fields)
        found.add(page.status)
    return found


def test_who_may_not_see_her_finds_nothing_and_changes_nothing(page_client, new_page_client, client):  # R28, R29
    goal = plans.goal(client)
    centre_id = client.centre_id
    ids = client.id, goal.id, plans.action(client, goal).id
    elsewhere = make.staff("keyworker", make.centre())
    beside = make.staff("keyworker", session.get(make.Centre, client.centre_id))
    reception = make.staff("receptionist", session.get(make.Centre, client.centre_id))
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=beside.id, since_at=plans.clock.now()))
    before = len(actions_in_audit())
    for person_id, status in ((elsewhere.id, 404), (beside.id, 404), (reception.id, 403)):
        browser = new_page_client()
        sign_in.as_staff(browser, session.get(make.Staff, person_id))
        assert statuses(browser, *ids) == {status}
    sign_in.as_staff(page_client, make.staff("manager", session.get(make.Centre, centre_id)))
    assert statuses(page_client, 10**30, 10**30, 10**30) == {404}
    assert session.scalars(select(Plan.state)).one() == "draft"
    assert session.scalars(select(Action.status)).one() == "to_do"
    assert (count(Goal), count(Action)) == (1, 1)
    assert not [action for action in actions_in_audit()[before:] if action.startswith(("plan", "goal", "action"))]
