"""She and her worker at one plan at once: never overwritten in silence, on either database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Client
from portal.core import database
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.plan import actions, goals, kept, own_words
from portal.plan.models import Action, Goal, KeptWording, OwnWords
from portal.plan.together import BothChanged
from tests.plan import plans
from tests.support import make


@pytest.fixture
def client(app, travel):
    """A woman with a shared plan."""
    client = make.client()
    plans.goal(client, worker_words="Find a flat.")
    plans.state(client)
    return client


def goal_of(client: Client) -> Goal:
    session.rollback()
    return session.scalars(select(Goal).where(Goal.client_id == client.id).order_by(Goal.id)).first()


def reword(actor, goal_id: int, said, *, made_from: int, now, **values) -> Goal:
    with unit_of_work():
        return goals.reword(actor, goal_id, said, made_from=made_from, now=now, **values)


def at_once(*works):
    """Run works in threads that begin together; gives what each returned or raised."""
    barrier = Barrier(len(works))

    def run(work):
        try:
            barrier.wait(10)
            with unit_of_work():
                work()
            return "done"
        except BothChanged as both:
            return both
        finally:
            database.session.remove()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def shared_plan():
    client = make.client()
    goal = plans.goal(client, worker_words="Find a flat.")
    plans.state(client)
    return client, goal.id, plans.herself(client), plans.keyworker(client)


def test_different_fields_at_once_both_stand(either_database, app, travel):
    client, goal_id, her, worker = shared_plan()
    found = at_once(
        lambda: goals.reword(her, goal_id, {"her_words": "A flat near my sister"}, made_from=1, now=travel.now),
        lambda: goals.reword(worker, goal_id, {"her_words": "I want my own front door.", "worker_words": "Bid weekly"},
                             made_from=1, now=travel.now),
    )  # fmt: skip
    assert found == ["done", "done"]
    goal = goal_of(client)
    assert (goal.her_words, goal.worker_words, goal.revision) == ("A flat near my sister", "Bid weekly", 3)


def test_the_same_field_at_once_is_said_to_one_of_them_and_both_texts_are_there(either_database, app, travel):
    client, goal_id, her, worker = shared_plan()
    found = at_once(
        lambda: goals.reword(her, goal_id, {"her_words": "Near my sister"}, made_from=1, now=travel.now),
        lambda: goals.reword(worker, goal_id, {"her_words": "Near the school"}, made_from=1, now=travel.now),
    )
    [both] = [one for one in found if isinstance(one, BothChanged)]
    goal = goal_of(client)
    assert {goal.her_words, both.clashes[0].mine} == {"Near my sister", "Near the school"}
    assert (both.clashes[0].theirs, both.revision) == (goal.her_words, goal.revision)
    assert [one.text for one in kept.earlier(goal)] == ["I want my own front door."]


def test_many_at_once_lose_no_wording(either_database, app, travel):
    client, goal_id, her, _ = shared_plan()
    works = [
        lambda number=number: goals.reword(her, goal_id, {"why_matters": f"Why {number}"}, made_from=1, now=travel.now)
        for number in range(5)
    ]
    found = at_once(*works)
    goal = goal_of(client)
    written = {goal.why_matters, *(one.text for one in kept.earlier(goal))}
    refused = {one.clashes[0].mine for one in found if isinstance(one, BothChanged)}
    assert {f"Why {number}" for number in range(5)} <= written | refused
    assert len(refused) == 4


def test_an_action_changed_at_once_by_both(either_database, app, travel):
    client, goal_id, her, worker = shared_plan()
    action = plans.action(client, session.get_one(Goal, goal_id))
    day = (plans.today() + timedelta(days=5)).isoformat()
    found = at_once(
        lambda: actions.reword_action(her, action.id, {"note": "By bus"}, made_from=1, now=travel.now),
        lambda: actions.reword_action(worker, action.id, {"due_on": day}, made_from=1, now=travel.now),
    )
    session.expire_all()
    row = session.get_one(Action, action.id)
    assert found == ["done", "done"]
    assert (row.note, row.due_on.isoformat(), row.revision) == ("By bus", day, 3)


def test_her_words_corrected_in_two_places_at_once(either_database, app, travel):
    client, _, her, _ = shared_plan()
    said = plans.words(client, "Thursdays")
    found = at_once(*[
        lambda text=text: own_words.correct_words(her, said.id, words=text, language="en", now=travel.now)
        for text in ("Fridays", "Mondays")
    ])  # fmt: skip
    [both] = [one for one in found if isinstance(one, BothChanged)]
    session.rollback()
    standing = session.scalars(select(OwnWords).where(OwnWords.corrected_at.is_(None))).one()
    assert {standing.words, both.clashes[0].mine} == {"Fridays", "Mondays"}
    assert standing.replaces_id == said.id


def test_after_choosing_the_words_chosen_stand_and_the_others_are_kept(client, travel):
    her, worker, goal = plans.herself(client), plans.keyworker(client), goal_of(client)
    reword(worker, goal.id, {"her_words": "Near the school"}, made_from=1, now=travel.now)
    with pytest.raises(BothChanged) as caught:
        reword(her, goal.id, {"her_words": "Near my sister"}, made_from=1, now=travel.now)
    assert caught.value.by_kind == "staff"
    reword(her, goal.id, {"her_words": "Near my sister"}, made_from=caught.value.revision, now=travel.now,
           choices={"her_words": "both"})  # fmt: skip
    goal = goal_of(client)
    assert goal.her_words == "Near the school\nNear my sister"
    assert [one.text for one in kept.earlier(goal)] == ["Near the school", "I want my own front door."]


def test_a_choice_that_is_stale_itself_is_asked_again(client, travel):
    her, worker, goal = plans.herself(client), plans.keyworker(client), goal_of(client)
    reword(worker, goal.id, {"her_words": "One"}, made_from=1, now=travel.now)
    reword(worker, goal.id, {"her_words": "Two"}, made_from=2, now=travel.now)
    with pytest.raises(BothChanged) as caught:
        reword(her, goal.id, {"her_words": "Mine"}, made_from=2, now=travel.now, choices={"her_words": "mine"})
    assert caught.value.clashes[0].theirs == "Two"


def test_she_words_her_own_side_alone_and_an_unknown_revision_is_refused(client, travel):
    her, goal = plans.herself(client), goal_of(client)
    with pytest.raises(NotAllowed):
        reword(her, goal.id, {"worker_words": "Mine"}, made_from=1, now=travel.now)
    for revision in (0, 2, -1, 10**9):
        with pytest.raises(Stale):
            reword(her, goal.id, {"her_words": "x"}, made_from=revision, now=travel.now)


def test_pressed_twice_a_wording_is_kept_once(client, travel):  # R38
    her, goal = plans.herself(client), goal_of(client)
    for _ in range(2):
        reword(her, goal.id, {"her_words": "Near my sister"}, made_from=1, now=travel.now)
    assert len(session.scalars(select(KeptWording)).all()) == 1
    done = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "goal_reworded")).all()
    assert len(done) == 1


def test_a_form_that_is_behind_does_not_change_the_language_of_her_new_words(client, travel):
    her, worker, goal = plans.herself(client), plans.keyworker(client), goal_of(client)
    reword(her, goal.id, {"her_words": "قرب أختي"}, made_from=1, language="ar", now=travel.now)
    said = {"her_words": "I want my own front door.", "worker_words": "Bid weekly"}
    reword(worker, goal.id, said, made_from=1, language="en", now=travel.now)
    goal = goal_of(client)
    assert (goal.her_words, goal.worker_words, goal.language) == ("قرب أختي", "Bid weekly", "ar")


def test_she_adds_a_goal_and_what_she_will_do_and_staff_see_whose_they_are(client, travel):
    her = plans.herself(client)
    with unit_of_work():
        goal = goals.add_goal(her, client.id, pathway="money", her_words="Pay it off", why_matters="To sleep",
                              worker_words="ignored", language="fr", request_key="g", now=travel.now)  # fmt: skip
    with unit_of_work():
        action = actions.add_action(her, goal.id, what="Open the letters", doer="worker", due_on=None,
                                    request_key="a", now=travel.now)  # fmt: skip
    assert (goal.added_by_kind, goal.added_by, goal.worker_words, goal.language) == ("client", None, None, "fr")
    assert (action.doer, action.added_by_kind, action.added_by) == ("her", "client", None)
    assert goal.position == 2


def test_before_her_plan_is_shared_she_adds_nothing_and_a_sensitive_goal_needs_her_switch(app, travel):  # R41
    client = make.client()
    values = {"her_words": "x", "now": travel.now}
    with pytest.raises(NotFound), unit_of_work():
        goals.add_goal(plans.herself(client), client.id, pathway="money", request_key="k1", **values)
    plans.goal(client)
    plans.state(client)
    with pytest.raises(Invalid), unit_of_work():
        goals.add_goal(plans.herself(client), client.id, pathway="abuse", request_key="k2", **values)
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = True
    with unit_of_work():
        goals.add_goal(plans.herself(client), client.id, pathway="abuse", request_key="k3", **values)


def test_she_orders_what_she_sees_past_what_she_does_not(client, travel):  # R41
    plans.goal(client, "abuse", "Hidden")
    plans.goal(client, "money", "Debts")
    debts = session.scalars(select(Goal).order_by(Goal.position)).all()[-1]
    with unit_of_work():
        goals.move_goal(plans.herself(client), debts.id, up=True, now=travel.now)
    assert [goal.her_words for goal in session.scalars(select(Goal).order_by(Goal.position))] == [
        "Debts", "I want my own front door.", "Hidden",
    ]  # fmt: skip
    with unit_of_work():
        goals.move_goal(plans.herself(client), debts.id, up=True, now=travel.now)
    assert session.get_one(Goal, debts.id).position == 1


def test_she_changes_her_mind_and_takes_it_up_again_but_not_what_staff_took_off(client, travel):
    her, goal = plans.herself(client), goal_of(client)
    with unit_of_work():
        goals.withdraw_goal(her, goal.id, now=travel.now)
    assert goal_of(client).withdrawn_by_kind == "client"
    with unit_of_work():
        goals.take_up_again(her, goal.id, now=travel.now)
    assert goal_of(client).withdrawn_at is None
    with unit_of_work():
        goals.withdraw_goal(plans.keyworker(client), goal.id, now=travel.now)
    with pytest.raises(NotAllowed), unit_of_work():
        goals.take_up_again(her, goal.id, now=travel.now)


def test_she_sets_every_status_of_her_own_and_of_nobody_elses(client, travel):
    her, goal = plans.herself(client), goal_of(client)
    hers, workers = plans.action(client, goal), plans.action(client, goal, "Ring", "worker")
    for status in ("doing", "paused", "changed_mind", "to_do", "done"):
        with unit_of_work():
            assert actions.set_action_status(her, hers.id, status=status, now=travel.now).status == status
    with pytest.raises(NotAllowed), unit_of_work():
        actions.set_action_status(her, workers.id, status="done", now=travel.now)
    with pytest.raises(Invalid), unit_of_work():
        actions.set_action_status(her, hers.id, status="failed", now=travel.now)


def test_a_status_that_somebody_set_meanwhile_is_shown_first(client, travel):
    goal = goal_of(client)
    action = plans.action(client, goal)
    with unit_of_work():
        actions.set_action_status(plans.keyworker(client), action.id, status="paused", was="to_do", now=travel.now)
    with pytest.raises(BothChanged), unit_of_work():
        actions.set_action_status(plans.herself(client), action.id, status="done", was="to_do", now=travel.now)
    assert session.get_one(Action, action.id).status == "paused"


def test_in_a_closed_plan_nothing_is_worded(client, travel):
    goal = goal_of(client)
    action = plans.action(client, goal)
    plans.state(client, "closed")
    her = plans.herself(client)
    for change in (
        lambda: goals.reword(her, goal.id, {"her_words": "x"}, made_from=1, now=travel.now),
        lambda: goals.move_goal(her, goal.id, up=True, now=travel.now),
        lambda: goals.withdraw_goal(her, goal.id, now=travel.now),
        lambda: goals.add_goal(her, client.id, pathway="money", her_words="x", request_key="k", now=travel.now),
        lambda: actions.add_action(her, goal.id, what="x", due_on=None, request_key="l", now=travel.now),
        lambda: actions.set_action_status(her, action.id, status="done", now=travel.now),
        lambda: actions.reword_action(her, action.id, {"note": "x"}, made_from=1, now=travel.now),
    ):
        with pytest.raises(Stale) as caught, unit_of_work():
            change()
        assert caught.value.args == ("plan",)


def test_words_taken_back_are_gone_with_every_earlier_wording(client, travel):
    her = plans.herself(client)
    said = plans.words(client, "Thistledown")
    with unit_of_work():
        better = own_words.correct_words(her, said.id, words="Lanternwick", language="en", now=travel.now)
    with unit_of_work():
        own_words.take_back_words(her, better.id, now=travel.now)
    assert {row.words for row in session.scalars(select(OwnWords))} == {""}
    with pytest.raises(Stale), unit_of_work():
        own_words.correct_words(her, better.id, words="Again", language="en", now=travel.now)
