"""Break-glass: exact words, a reason, an hour, the managers told, everything written down; R29 beats it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.backoffice import break_glass, must_not_know, transferring
from portal.clients.models import Client
from portal.clients.queries import caseload, visible_client, visible_client_ids
from portal.clients.reach_models import BrokenGlass
from portal.core import clock
from portal.core.access import Permission, Role, can
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.diversion import conditions, reporting
from portal.diversion.models import Condition
from portal.partners import service as partners
from portal.staff.models import Absence
from portal.worklist import escalation
from portal.worklist import service as worklist
from portal.worklist.models import Task
from portal.worklist.queries import open_tasks
from tests.backoffice import two_records
from tests.diversion import referrals
from tests.support import make, sign_in

OPEN = "/staff/clients/open"
WHY = {"reason": "danger", "words": "She rang and her worker is away"}


@pytest.fixture
def house(app, travel):
    """Jo works at one centre, the woman and her manager are at another."""
    return two_records.open_house()


def open_it(person, client, **given):
    with unit_of_work():
        asked = {"now": clock.now(), **WHY, **given}
        return break_glass.open_beyond_reach(person.actor, client.code_name, **asked)


def tasks(kind: str = "break_glass") -> list[Task]:
    session.expire_all()
    return list(session.scalars(select(Task).where(Task.kind == kind, Task.closed_at.is_(None))))


def test_the_whole_journey(house, page_client, new_page_client, travel):  # R28, R30
    sign_in.staff_at(page_client, house.jo, "/staff/clients")
    assert page_client.get(f"/staff/clients/{house.merged.id}").status == 404
    page_client.get(page_client.get("/staff/clients").links()["Beyond your reach"])
    page = page_client.submit(OPEN, typed=f" {house.merged.code_name.upper()} ", **WHY)
    assert "It is open to you until 11:00" in page.text
    assert "Rosie" in page_client.get(f"/staff/clients/{house.merged.id}/plan").html
    reasons = session.execute(
        select(AuditEntry.action, AuditEntry.reason).where(
            AuditEntry.client_id == house.merged.id, AuditEntry.actor_id == house.jo.id
        )
    ).all()
    assert {action for action, _ in reasons} >= {"break_glass", "client_read", "plan_read"}
    assert {reason for _, reason in reasons} == {"break_glass:danger"}, "every look after it says why"
    [task] = tasks()
    assert (task.owner_id, task.client_id) == (house.frances.id, house.merged.id)

    managers = new_page_client()
    page = sign_in.staff_at(managers, house.frances, f"/staff/worklist/{task.id}")
    page = managers.get(page.links()["Look at it, and say whether it was right"])
    assert "Jo opened the record of Rosie" in page.text and WHY["words"] in page.text
    address = page.forms()[-1].get("action")
    page = managers.submit(address, right="no", follow=False)
    assert page.status == 422 and "Say what you found." in page.text
    page = managers.submit(address, right="no", words="Nobody asked her to")
    assert "not right" in page.text and "Nobody asked her to" in page.text
    assert tasks() == []

    travel.forward(minutes=61)
    with pytest.raises(NotFound):
        visible_client(house.jo.actor, house.merged.id)


def test_it_ends_after_an_hour_and_can_be_had_again(house, travel):
    open_it(house.jo, house.merged)
    travel.forward(minutes=59)
    assert visible_client(house.jo.actor, house.merged.id).id == house.merged.id
    open_it(house.jo, house.merged)
    travel.forward(minutes=30)
    assert visible_client(house.jo.actor, house.merged.id)
    travel.forward(minutes=31)
    with pytest.raises(NotFound):
        visible_client(house.jo.actor, house.merged.id)
    assert session.query(BrokenGlass).count() == 2


def test_who_must_not_know_gets_the_answer_for_a_name_that_nobody_has(house, page_client):  # R29
    two_records.must_not_know(house.merged, house.jo)
    make.safe_contact(house.merged, number="+447700900555")
    sign_in.staff_at(page_client, house.jo, OPEN)
    answers = set()
    for typed in (house.merged.code_name, "07700 900555", "Purple Kettle 99"):
        page = page_client.submit(OPEN, typed=typed, follow=False, **WHY)
        assert page.status == 422
        answers.add(re.sub(r'value="[^"]*"', "", page.html))
    assert len(answers) == 1
    assert session.query(BrokenGlass).count() == 0 and tasks() == []
    assert not session.query(AuditEntry).filter_by(client_id=house.merged.id, actor_id=house.jo.id).count()


def test_a_restriction_ends_what_was_open(house):  # R29 beats break-glass
    open_it(house.jo, house.merged)
    two_records.must_not_know(house.merged, house.jo)
    with pytest.raises(NotFound):
        visible_client(house.jo.actor, house.merged.id)


def test_a_record_is_found_by_exact_words_alone(house):
    make.safe_contact(house.merged, number="+447700900555")
    for typed in ("Rosie", house.merged.code_name[:-1], "0555", "", "%"):
        with pytest.raises(Invalid) as refusal, unit_of_work():
            break_glass.open_beyond_reach(house.jo.actor, typed, now=clock.now(), **WHY)
        assert (refusal.value.field, refusal.value.reason) == ("typed", "not_there")
    with unit_of_work():
        found = break_glass.open_beyond_reach(house.jo.actor, "07700 900 555", now=clock.now(), **WHY)
    assert found == house.merged.id


def test_guessing_is_stopped(house, page_client):
    sign_in.staff_at(page_client, house.jo, OPEN)
    for number in range(10):
        page_client.submit(OPEN, typed=f"Purple Kettle {number}", follow=False, **WHY)
    page = page_client.submit(OPEN, typed=house.merged.code_name, follow=False, **WHY)
    assert page.status == 422 and "That is too often" in page.text
    assert session.query(BrokenGlass).count() == 0


@pytest.mark.parametrize("missing", ["reason", "words"])
def test_it_needs_a_reason_and_words(house, missing):
    with pytest.raises(Invalid) as refusal:
        open_it(house.jo, house.merged, **{missing: " "})
    assert refusal.value.field == missing


def test_reception_admins_and_referrers_never_may(house):
    assert {role for role in Role if can(make.staff(role).actor, Permission.BREAK_GLASS)} == {"keyworker", "manager"}
    for role in ("receptionist", "admin", "referrer"):
        with pytest.raises(NotAllowed):
            open_it(make.staff(role, house.centre), house.merged)


def test_what_is_hers_anyway_is_not_opened(house):
    assert open_it(house.jo, house.kept) == house.kept.id
    assert session.query(BrokenGlass).count() == 0 and tasks() == []


def test_nobody_stands_in_a_list_because_her_record_was_opened(house):
    open_it(house.jo, house.merged)
    assert [client.id for client in caseload(house.jo.actor)] == [house.kept.id]
    assert house.merged.id not in set(session.scalars(visible_client_ids(house.jo.actor)))


def test_what_outlasts_the_hour_is_not_to_be_had(house, page_client):
    sign_in.staff_at(page_client, house.jo, "/staff/clients")
    open_it(house.jo, house.merged)
    one = f"/staff/clients/{house.merged.id}"
    page = page_client.get(one)
    assert "New set-up code" not in page.links() and "Who must not know" not in page.links()
    assert page_client.get(f"{one}/must-not-know").status == 404
    page_client.get(one)
    for at, fields in (
        ("switches", {"on": "messages_online"}),
        ("keyworker", {"to_id": str(house.jo.id), "from_id": str(house.ana.id), "request_key": "k1"}),
        ("setup-code", {"in_person": "y", "request_key": "k2"}),
        ("must-not-know", {"staff_id": str(house.ana.id), "request_key": "k3"}),
        ("must-not-meet", {"typed": house.kept.code_name, "request_key": "k4"}),
    ):
        assert page_client.post(f"{one}/{at}", fields).status == 404, at
    session.expire_all()
    client = session.get_one(Client, house.merged.id)
    assert (client.keyworker_id, client.messages_online) == (house.ana.id, False)


def test_nor_does_it_reach_what_partners_and_the_police_are_told(house, travel):
    referrals.referral(house.merged)
    condition = session.scalars(select(Condition).where(Condition.client_id == house.merged.id)).one()
    open_it(house.jo, house.merged)
    actor = house.jo.actor
    assert conditions.condition_for(actor, condition.id).client_id == house.merged.id
    for change in (
        lambda: reporting.draft(actor, condition.id, not_met_because="", corrects=False, now=travel.now),
        lambda: conditions.withdraw(actor, condition.id, reason="mistake", now=travel.now),
        lambda: partners.draft(
            actor, house.merged.id, kind="work", service_id=None, name="A firm", what_for="", different=False,
            now=travel.now,
        ),
    ):  # fmt: skip
        with pytest.raises(NotFound), unit_of_work():
            change()


def test_a_manager_does_not_judge_herself_and_none_beyond_her_reach(house):
    far = make.staff("manager", make.centre(), first_name="Mo")
    open_it(house.jo, house.merged)
    open_it(far, house.merged)
    of_jo, of_far = session.scalars(select(BrokenGlass.id).order_by(BrokenGlass.id)).all()
    with pytest.raises(NotFound), unit_of_work():
        break_glass.judge(far.actor, of_jo, right=True, words="", now=clock.now())
    with unit_of_work():
        break_glass.judge(house.frances.actor, of_far, right=True, words="", now=clock.now())
    here = make.staff("manager", make.centre(), first_name="Ada")
    open_it(here, house.merged)
    with unit_of_work():
        own = session.scalars(select(BrokenGlass.id).where(BrokenGlass.staff_id == here.id)).one()
    with unit_of_work():
        session.merge(here).covers.append(make.CentreCover(centre_id=house.other.id))
    session.expire_all()
    with pytest.raises(NotAllowed), unit_of_work():
        break_glass.judge(session.get(make.Staff, here.id).actor, own, right=True, words="", now=clock.now())


def test_a_manager_who_must_not_know_hears_nothing_and_another_one_is_told(house):  # R29
    two_records.must_not_know(house.merged, house.frances)
    other = make.staff("manager", house.other, first_name="Mo")
    open_it(house.jo, house.merged)
    assert [task.owner_id for task in tasks()] == [other.id]
    assert break_glass.uses(house.frances.actor, clock.now()) == []
    assert len(break_glass.uses(other.actor, clock.now())) == 1


def test_where_no_manager_may_know_any_is_told_without_whom_it_is_about(house):
    two_records.must_not_know(house.merged, house.frances)
    open_it(house.jo, house.merged)
    [task] = tasks()
    assert (task.owner_id, task.client_id) == (None, None)
    assert task.note == f"At {house.other.name}."


def away_for(person, cover) -> None:
    with unit_of_work():
        begins, ends = clock.now() - timedelta(hours=1), clock.now() + timedelta(days=9)
        session.add(Absence(staff_id=person.id, starts_at=begins, ends_at=ends, covered_by=cover.id))


def test_who_opened_a_record_never_gets_the_task_of_judging_it(house, travel):
    make.staff("keyworker", house.other, first_name="Priya")
    two_records.must_not_know(house.merged, house.frances)
    far = make.staff("manager", make.centre(), first_name="Mo")
    open_it(far, house.merged)
    [task] = tasks()
    assert open_tasks(house.frances.actor) == [task], "nobody's: before every manager"
    assert open_tasks(far.actor) == []
    with pytest.raises(NotFound), unit_of_work():
        worklist.close_task(far.actor, task.id, done="dealt_with", now=clock.now())
    travel.forward(days=4)
    with unit_of_work():
        escalation.send_up(clock.now())
    assert [task.second_id for task in tasks()] == [house.frances.id]


def test_nor_while_she_covers_for_the_manager_and_it_goes_up_to_a_manager(house, travel):
    ada = make.staff("manager", make.centre(), first_name="Ada")
    away_for(house.frances, house.jo)
    open_it(house.jo, house.merged)
    travel.forward(days=4)
    with unit_of_work():
        escalation.send_up(clock.now())
    [task] = tasks()
    assert task.second_id == ada.id, "neither to the cover, who opened it, nor to a worker, who cannot judge it"
    assert open_tasks(house.jo.actor) == []


def test_a_manager_who_must_not_know_from_now_on_leaves_it_to_the_others(house):  # R29
    open_it(house.jo, house.merged)
    ada = make.staff("manager", house.other, first_name="Ada")
    with unit_of_work():
        must_not_know.restrict_staff(house.ana.actor, house.merged.id, house.frances.id, now=clock.now())
    [task] = tasks()
    assert task.owner_id is None
    assert (open_tasks(ada.actor), open_tasks(house.frances.actor)) == ([task], [])
    assert open_tasks(house.ana.actor) == [], "who works with her cannot judge it"
    priya = make.staff("keyworker", house.other, first_name="Priya")
    with unit_of_work():
        transferring.give_keyworker(
            ada.actor, house.merged.id, from_id=house.ana.id, to_id=priya.id, now=clock.now()
        )  # fmt: skip
    assert [task.owner_id for task in tasks()] == [None], "nor does it go to her next worker"


def test_she_sees_that_her_record_was_opened_as_a_role(house, page_client):  # R30
    with unit_of_work():
        session.get_one(Client, house.merged.id).seen_by_online = True
    open_it(house.jo, house.merged)
    sign_in.as_client(page_client, house.merged)
    page_client.get("/me/seen-by", follow=True)
    page = sign_in.step_up(page_client)
    assert "a worker" in page.text and "Jo" not in page.text
