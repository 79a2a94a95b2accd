"""Agreement: what was shared is kept as it was, and nobody but she says that she agreed."""

import re
import threading

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Client
from portal.core import clock
from portal.core.banned import banned_in
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound, Stale
from portal.core.settings import BANNED_WORDS
from portal.plan import agreement, answer_queries, service
from portal.plan.answer_models import PlanVersion
from portal.plan.models import Goal, Plan
from portal.plan.review_models import Review
from portal.plan.rules import Pathway
from portal.worklist.models import Task
from tests.plan import plans
from tests.support import make, sign_in
from tests.support.pages import words


@pytest.fixture
def client(app, travel):
    """A woman with a goal that was not shared yet."""
    client = make.client(called_name="Marigold")
    plans.action(client, plans.goal(client))
    return client


@pytest.fixture
def hers(page_client, client):
    sign_in.as_client(page_client, client)
    return page_client


@pytest.fixture
def at_plan(new_page_client, client):
    """Her keyworker's browser, open at her plan."""
    browser = new_page_client()
    sign_in.as_staff(browser, session.get(make.Staff, client.keyworker_id))
    browser.get(f"/staff/clients/{client.id}/plan")
    return browser


def share(client) -> PlanVersion:
    with unit_of_work():
        return agreement.share(plans.keyworker(client), client.id, now=clock.now())


def state(client) -> str:
    session.remove()
    return session.scalars(select(Plan.state).where(Plan.client_id == client.id)).one()


def test_a_draft_is_shared_and_she_agrees_partly_with_her_words(hers, client, at_plan):
    assert "not ready yet" in hers.get("/plan").text
    page = at_plan.submit(f"/staff/clients/{client.id}/plan/share")
    assert "She has not answered yet" in page.text and "Share the changes" not in page.text
    page = hers.get("/plan")
    assert page.links()["Say if you agree"] == "/plan/answer"
    page = hers.get("/plan/answer")
    assert "I want my own front door." in page.text and "Fill in the form" in page.text
    page = hers.submit("/plan/answer", answer="partly", words="The council part is too soon.")
    assert page.address == "/plan"
    assert "I agree with part of it" in page.text and "The council part is too soon." in page.text
    assert state(client) == "agreed"
    page = at_plan.get(f"/staff/clients/{client.id}/plan")
    assert re.search(r"She says: ?Partly", page.text) and "The council part is too soon." in page.text
    assert [task.kind for task in session.scalars(select(Task).where(Task.client_id == client.id))] == ["plan_answered"]
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.client_id == client.id)).all()
    assert {"plan_shared", "plan_answered"} <= set(actions)


def test_not_yet_is_no_agreement_and_can_become_one(hers, client):
    share(client)
    hers.get("/plan/answer")
    hers.submit("/plan/answer", answer="not_yet", words="")
    assert state(client) == "shared" and not session.scalars(select(Review)).all()
    hers.get("/plan/answer")
    hers.submit("/plan/answer", answer="yes", words="")
    assert state(client) == "agreed"
    review = session.scalars(select(Review)).one()
    assert (review.kind, review.due_on.isoformat()) == ("first", "2027-01-12"), "6 weeks after she agreed"


def test_what_changed_since_she_agreed_is_said_and_shared_anew(hers, client, at_plan, travel):
    share(client)
    hers.get("/plan/answer")
    hers.submit("/plan/answer", answer="yes", words="")
    assert "Something changed" not in hers.page.text
    travel.forward(minutes=2)
    plans.goal(client, "money", "Stop the letters.")
    assert "Something changed since you agreed. Your worker will ask you again." in hers.get("/plan").text
    assert "Changed since it was shared" in at_plan.get(f"/staff/clients/{client.id}/plan").text
    at_plan.submit(f"/staff/clients/{client.id}/plan/share")
    page = hers.get("/plan")
    assert "Something changed" not in page.text and "Say if you agree" in page.links()
    page = hers.get("/plan/earlier")
    earlier = [link for link in page.links().values() if link.startswith("/plan/earlier/")]
    assert len(earlier) == 2
    assert "Stop the letters." in hers.get(earlier[0]).text
    old = hers.get(earlier[1])
    assert "Stop the letters." not in old.text and "Yes, I agree" in old.text, "kept as it was"


def test_ticking_off_an_action_is_no_change_of_the_plan(hers, client):
    share(client)
    hers.get("/plan/answer")
    hers.submit("/plan/answer", answer="yes", words="")
    number = re.search(r"/plan/actions/(\d+)", hers.page.html)[0]
    assert "Something changed" not in hers.submit(number).text


def test_an_answer_to_a_plan_shared_anew_meanwhile_is_asked_again_and_nothing_is_lost(hers, client):
    share(client)
    hers.get("/plan/answer")
    plans.goal(client, "money", "Stop the letters.")
    share(client)
    page = hers.submit("/plan/answer", answer="partly", words="Thistledown")
    assert page.status == 409 and "Your plan changed just now" in page.text and "Stop the letters." in page.text
    assert page.find_all("textarea")[0].text.strip() == "Thistledown"
    assert {row.answer for row in session.scalars(select(PlanVersion))} == {None}
    page = hers.submit("/plan/answer")
    assert page.address == "/plan" and "Thistledown" in page.text


def test_her_words_to_it_can_be_taken_back_and_her_answer_stays(hers, client):
    share(client)
    hers.get("/plan/answer")
    hers.submit("/plan/answer", answer="partly", words="Thistledown")
    hers.get("/plan/answer")
    page = hers.submit("/plan/answer/words")
    assert "Thistledown" not in page.html and "I agree with part of it" in page.text
    session.remove()
    assert session.scalars(select(PlanVersion)).one().answer_words is None


def test_her_words_show_their_language(page_client, travel):
    client = make.client(language="ar")
    plans.goal(client)
    share(client)
    sign_in.as_client(page_client, client)
    page_client.get("/plan/answer")
    page = page_client.submit("/plan/answer", answer="yes", words="نعم، مع تغيير")
    assert [node.get("dir") for node in page.find_all("p") if node.get("lang") == "ar"] == ["auto"]


def test_no_answer_and_too_many_letters_are_refused_with_all_that_she_typed(hers, client):
    share(client)
    hers.get("/plan/answer")
    page = hers.submit("/plan/answer", words="Kept")
    assert page.status == 422 and "Choose one." in page.text
    assert page.find_all("textarea")[0].text.strip() == "Kept"
    page = hers.submit("/plan/answer", answer="maybe", words="Kept")
    assert page.status == 422
    page = hers.submit("/plan/answer", answer="yes", words="é" * 2001)
    assert page.status == 422 and "at most 2000" in page.text


def test_there_is_nothing_to_answer_in_a_draft_nor_a_finished_plan_nor_another_womans(hers, client):
    assert hers.get("/plan/answer").status == 404
    version = share(client)
    plans.state(client, "closed")
    assert hers.get("/plan/answer").status == 404
    assert hers.get(f"/plan/earlier/{version.id}").status == 200
    other = make.client()
    plans.goal(other)
    theirs = share(other)
    for address in (f"/plan/earlier/{theirs.id}", "/plan/earlier/0", "/plan/earlier/99999"):
        assert hers.get(address).status == 404
    with pytest.raises(NotFound), unit_of_work():
        agreement.answer(
            plans.herself(client), client.id, version_id=theirs.id, answer="yes", words="", language="en",
            now=clock.now(),
        )  # fmt: skip
    with pytest.raises(Stale), unit_of_work():
        agreement.answer(
            plans.herself(client), client.id, version_id=version.id, answer="yes", words="", language="en",
            now=clock.now(),
        )  # fmt: skip


def test_staff_write_down_what_she_said_and_are_told_when_it_was_about_another_plan(client, at_plan):
    share(client)
    at_plan.get(f"/staff/clients/{client.id}/plan/answer")
    page = at_plan.submit(f"/staff/clients/{client.id}/plan/answer")
    assert page.status == 422 and "Choose one." in page.text
    plans.goal(client, "money", "Stop the letters.")
    share(client)
    page = at_plan.submit(f"/staff/clients/{client.id}/plan/answer", answer="yes", words="Good")
    assert page.status == 409 and "shared anew meanwhile" in page.text and "Good" in page.html
    page = at_plan.submit(f"/staff/clients/{client.id}/plan/answer")
    assert re.search("She says: ?Yes.*to staff", page.text)
    assert not session.scalars(select(Task)).all(), "she was there: nobody has to be told"


def test_where_staff_say_that_it_is_agreed_her_yes_is_written_down_once(hers, client):
    worker = session.get(make.Staff, client.keyworker_id).actor
    asked = {"state": "agreed", "agreed_on": clock.london_today(clock.now()), "review_on": None, "now": clock.now()}
    with unit_of_work():
        agreement.set_state(worker, client.id, **asked)
    version = answer_queries.newest_version(client.id)
    assert (version.answer, version.answered_by_kind, version.answered_by_id) == ("yes", "staff", worker.id)
    hers.get("/plan/answer")
    hers.submit("/plan/answer", answer="not_yet", words="")
    with unit_of_work():
        agreement.set_state(worker, client.id, **asked)
    session.expire_all()
    assert answer_queries.newest_version(client.id).answer == "not_yet", "what she said herself stays"


def test_a_plan_without_goals_is_not_shared_and_an_unchanged_one_is_kept_once(app, travel, new_page_client):
    client = make.client()
    browser = new_page_client()
    sign_in.as_staff(browser, session.get(make.Staff, client.keyworker_id))
    browser.get(f"/staff/clients/{client.id}/plan")
    page = browser.post(f"/staff/clients/{client.id}/plan/share")
    assert page.status == 303 and "add a goal first" in browser.get(f"/staff/clients/{client.id}/plan").html
    plans.goal(client)
    assert share(client).number == share(client).number == 1


def test_sensitive_parts_of_kept_plans_are_for_staff_alone_while_her_switch_is_off(hers, client, at_plan):  # R16, R41
    plans.goal(client, "abuse", "I want quiet evenings.")
    version = share(client)
    for address in ("/plan/answer", "/plan/earlier", f"/plan/earlier/{version.id}", "/plan/print", "/plan/print?all=1"):
        assert "quiet evenings" not in hers.get(address).html, address
    hers.get("/plan/answer")
    hers.submit("/plan/answer", answer="yes", words="")
    session.remove()
    hidden = session.scalars(select(Goal).where(Goal.pathway == "abuse")).one()
    with unit_of_work():
        service.withdraw_goal(plans.keyworker(client), hidden.id, now=clock.now())
    assert "Something changed" not in hers.get("/plan").text, "what she does not see is not said to have changed"
    assert "Changed since it was shared" in at_plan.get(f"/staff/clients/{client.id}/plan").text
    assert "quiet evenings" in at_plan.get(f"/staff/clients/{client.id}/plan/versions/{version.id}").text
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = True
    assert "quiet evenings" not in hers.get(f"/plan/earlier/{version.id}").html
    assert hers.get("/plan/print?all=1").location == "/step-up"
    hers.get("/plan/print?all=1", follow=True)
    sign_in.step_up(hers)
    assert "quiet evenings" in hers.get(f"/plan/earlier/{version.id}").text
    assert "quiet evenings" not in hers.get("/plan/print").text, "on paper only where she asks for it"


def test_paper_names_nobody_and_leaves_sensitive_parts_out(client, at_plan):  # R7
    plans.goal(client, "abuse", "I want quiet evenings.")
    share(client)
    page = at_plan.get(f"/staff/clients/{client.id}/plan/print?large=1")
    assert "I want my own front door." in page.text and "quiet evenings" not in page.html
    assert "Marigold" not in page.html and client.code_name not in page.html
    assert "quiet evenings" in at_plan.get(f"/staff/clients/{client.id}/plan/print/all").text
    read = session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "plan_read")).all()
    assert {"print", "print_all"} <= set(read)  # R30


def test_no_heading_on_her_paper_says_what_it_is_about(client, at_plan):  # R7
    for pathway in Pathway:
        plans.goal(client, pathway, "Quiet evenings")
    for address in ("print", "print/all"):
        page = at_plan.get(f"/staff/clients/{client.id}/plan/{address}")
        headings = [words(one) for one in page.find_all("h2")]
        assert len(headings) > 6 and banned_in(" / ".join(headings), BANNED_WORDS) == []


def test_two_who_share_at_once_keep_two_numbers_and_lose_nothing(either_database, app, travel):
    client = make.client()
    plans.goal(client)
    worker, faults = plans.keyworker(client), []

    def at_once(step) -> None:
        try:
            with unit_of_work():
                step()
        except Exception as fault:  # noqa: BLE001  # whatever it is, the test is about it
            faults.append(fault)
        finally:
            session.remove()

    threads = [
        threading.Thread(target=at_once, args=(lambda: agreement.share(worker, client.id, now=clock.now()),))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    session.remove()
    assert [row.number for row in session.scalars(select(PlanVersion))] == [1]
    version = answer_queries.newest_version(client.id)
    number = version.id
    session.remove()

    def share_anew() -> None:
        service.add_goal(worker, client.id, pathway="money", her_words="x", worker_words="", request_key=plans.key(),
                         now=clock.now())  # fmt: skip
        agreement.share(worker, client.id, now=clock.now())

    def say_yes() -> None:
        agreement.answer(plans.herself(client), client.id, version_id=number, answer="yes", words="", language="en",
                         now=clock.now())  # fmt: skip

    threads = [threading.Thread(target=at_once, args=(step,)) for step in (share_anew, say_yes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.remove()
    rows = session.scalars(select(PlanVersion).order_by(PlanVersion.number)).all()
    assert [row.number for row in rows] == [1, 2] and rows[1].answer is None
    if faults:
        assert [type(fault) for fault in faults] == [Stale] and rows[0].answer is None
    else:
        assert rows[0].answer == "yes", "she said it before the plan was shared anew"
    assert session.scalars(select(Plan.state)).one() == "shared"


def test_with_the_switch_off_no_plan_is_listed_that_differs_only_in_what_is_hidden(hers, client, travel):  # R41
    share(client)
    travel.forward(minutes=2)
    plans.goal(client, "abuse", "Harrowmere")
    share(client)
    first, second = session.scalars(select(PlanVersion.id).order_by(PlanVersion.id)).all()

    def listed() -> list[str]:
        return [link for link in hers.get("/plan/earlier").links().values() if link.startswith("/plan/earlier/")]

    assert listed() == [f"/plan/earlier/{second}"]
    assert hers.get(f"/plan/earlier/{first}").status == 404
    with unit_of_work():
        session.get_one(Client, client.id).sensitive_goals_online = True
    assert listed() == [f"/plan/earlier/{second}", f"/plan/earlier/{first}"]
