"""Conditions on the pages of staff: changing them with reasons, letting her off, who runs short of time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.models import AuditEntry
from portal.clients.models import Client, Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.diversion import conditions
from portal.diversion.condition_models import ConditionChange
from portal.diversion.models import Condition
from portal.diversion.queries import report_for, with_sessions_to_do
from portal.diversion.rules import Pace, pace
from portal.worklist.models import Task
from tests.diversion import house as houses
from tests.diversion import referrals
from tests.diversion.house import came, missed, open_house
from tests.support import make, sign_in
from tests.support.measures import statements
from tests.support.pages import XHTML, words


@pytest.fixture
def house(app, travel):
    return open_house(needed=3, due_on=date(2026, 12, 20))


@pytest.fixture
def jos(page_client, house):
    sign_in.as_staff(page_client, houses.person(house.jo))
    return page_client


def excuse(house, appointment_id=None, reason="health"):
    with unit_of_work():
        return conditions.excuse(
            house.jo, house.condition_id, appointment_id=appointment_id, reason=reason, now=clock.now()
        )


def vary(house, by=None, **values):
    facts = {"sessions": 2, "due_on": date(2027, 1, 31), "reason": "agreed", "was": (3, date(2026, 12, 20))}
    with unit_of_work():
        return conditions.vary(by or house.jo, house.condition_id, now=clock.now(), **facts | values)


def test_the_page_shows_how_it_stands_and_what_is_told(jos, house):
    came(house, 5)
    page = jos.get(f"/staff/clients/{house.client_id}")
    page = jos.get(page.links()["Conditions"])
    assert "3 sessions at a centre by Sun 20 Dec 2026" in page.text
    assert "Came to 1, 2 to go, 0 booked up to that day" in page.text
    assert "2026-11-26" in page.text and "under way" in page.text
    assert session.query(AuditEntry).filter_by(action="client_read", subject="conditions").count() == 1  # R30


def test_a_variation_keeps_what_was_asked_before(jos, house):
    address = f"/staff/conditions/{house.condition_id}/vary"
    jos.get(address)
    assert jos.submit(address, sessions="2").status == 422
    page = jos.submit(address, sessions="2", due_on="2027-01-31", reason="health")
    assert "2 sessions at a centre by Sun 31 Jan 2027" in page.text
    assert "3 by Sun 20 Dec became 2 by Sun 31 Jan. Her health." in page.text
    assert session.query(AuditEntry).filter_by(action="condition_varied", reason="health").count() == 1


def test_two_who_vary_at_once_never_overwrite_each_other(jos, house):
    address = f"/staff/conditions/{house.condition_id}/vary"
    jos.get(address)
    vary(house, house.fran, sessions=1)
    page = jos.submit(address, sessions="5", due_on="2027-02-01", reason="health")
    assert page.status == 409 and "You wrote: 5 by 2027-02-01" in page.text and "Asked now: 1" in page.text
    assert session.query(ConditionChange).count() == 1


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"sessions": 0}, "range"), ({"sessions": 21}, "range"), ({"due_on": date(2026, 1, 1)}, "before_start"),
        ({"reason": "x"}, "reason"), ({"sessions": 3, "due_on": date(2026, 12, 20)}, "same"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(house, values, fault):
    with pytest.raises(Invalid, match=fault):
        vary(house, **values)


def test_a_session_she_was_let_off_need_not_be_made_up(jos, house):
    one = missed(house, 4, reminded=True)
    address = f"/staff/conditions/{house.condition_id}/excuse"
    jos.get(address)
    page = jos.submit(address, appointment=str(one.id), reason="caring")
    assert "2 sessions at a centre" in page.text and "Children, or somebody she cares for" in page.text
    with pytest.raises(Invalid, match="excused"):
        excuse(house, one.id)
    came(house, 3)
    came(house, 2)
    (told,) = report_for(houses.again(house), clock.now())["reports"]
    assert (told["needed"], told["status"]) == (2, "met")
    excuse(house)
    with pytest.raises(Invalid, match="last"):
        excuse(house)
    page = jos.get(f"/staff/clients/{house.client_id}/conditions")
    jos.submit(f"/staff/conditions/excused/{1}/back")
    (told,) = report_for(houses.again(house), clock.now())["reports"]
    assert told["needed"] == 2


def test_only_a_session_that_she_could_not_come_to_can_be_named(house):
    one = came(house, 4)
    with pytest.raises(Invalid, match="not_missed"):
        excuse(house, one.id)


def test_withdrawn_nothing_is_told_of_it_any_more(jos, house):
    address = f"/staff/conditions/{house.condition_id}/withdraw"
    jos.get(address)
    page = jos.submit(address, reason="sender")
    assert "Not asked any more" in page.text and "Nothing is asked of her" in page.text
    assert report_for(houses.again(house), clock.now()) == {"reports": []}
    with pytest.raises(Stale):
        vary(house)
    jos.get(f"/staff/conditions/{house.condition_id}/excuse")
    assert jos.submit(f"/staff/conditions/{house.condition_id}/excuse", reason="health").status == 409


def test_first_in_a_waiting_list_only_while_sessions_are_still_to_do(house):
    ids = [house.client_id]
    assert with_sessions_to_do(ids, clock.now()) == set(ids)
    came(house, 5)
    came(house, 4)
    assert with_sessions_to_do(ids, clock.now()) == set(ids)
    excuse(house)
    assert with_sessions_to_do(ids, clock.now()) == set(), "let off the third"
    vary(house, sessions=4)
    assert with_sessions_to_do(ids, clock.now()) == set(ids), "one more was asked"
    with unit_of_work():
        conditions.withdraw(house.jo, house.condition_id, reason="sender", now=clock.now())
    assert with_sessions_to_do(ids, clock.now()) == set()


def test_only_sessions_of_its_sort_count(house):
    with unit_of_work():
        house.condition.what = "group"
    came(house, 5)
    (told,) = report_for(houses.again(house), clock.now())["reports"]
    assert (told["condition"], told["attended"]) == ("group", 0)
    with unit_of_work():
        house.condition.what = "one_to_one"
    (told,) = report_for(houses.again(house), clock.now())["reports"]
    assert (told["condition"], told["attended"]) == ("one_to_one", 1)


def test_the_list_is_of_her_own_women_and_a_managers_of_the_centre(house, jos, new_page_client):  # R29
    colleague = make.staff("keyworker", session.get_one(make.Centre, house.centre_id), first_name="Priya")
    theirs, hidden = make.client(colleague, called_name="Iris"), make.client(colleague, called_name="Fern")
    for client in (theirs, hidden):
        referrals.referral(client, due_on=date(2026, 12, 5))
    with unit_of_work():
        session.add(Restriction(client_id=hidden.id, staff_id=house.fran.id, since_at=clock.now()))
        session.get_one(Client, house.client_id).called_name = "Rose"
    page = jos.get("/staff/conditions")
    assert "Rose" in page.text and "Iris" not in page.text
    manager = new_page_client()
    sign_in.as_staff(manager, houses.person(house.fran))
    page = manager.get("/staff/conditions")
    rows = [[words(cell) for cell in row.iter(XHTML + "td")] for row in page.find_all("tr")][1:]
    assert [row[0] for row in rows] == ["Iris", "Rose"], "the nearest day first"
    assert rows[0][1:6] == ["2 of 2 sessions at a centre", "0", "Sat 5 Dec", "4 days", "time gets short"]
    assert "Fern" not in page.text


def test_the_list_costs_the_same_for_many(house, jos):
    def cost():
        with statements() as count:
            conditions.list_paced(house.fran, clock.now())
        return len(count)

    before = cost()
    centre = session.get_one(make.Centre, house.centre_id)
    for _ in range(4):
        referrals.referral(make.client(centre_=centre), due_on=date(2026, 12, 5))
    assert cost() == before


def test_a_keyworker_is_asked_once_for_each_day_asked_and_no_report_is_made(house):
    def look():
        with unit_of_work():
            return conditions.raise_tasks(clock.now())

    assert look() == 1 and look() == 0
    with unit_of_work():
        session.query(Task).one().closed_at = clock.now()
    assert look() == 0, "closed is not asked again"
    vary(house, due_on=date(2026, 12, 21), sessions=3)
    assert look() == 1, "another day is"
    from portal.diversion.report_models import PoliceReport

    assert session.query(PoliceReport).count() == 0  # R31
    task = session.query(Task).filter_by(closed_at=None).one()
    assert (task.kind, task.owner_id) == ("short_of_time", house.jo.id)


def test_beyond_her_reach_it_is_not_there(house):  # R29
    stranger = make.staff("keyworker", make.centre()).actor
    with pytest.raises(NotFound):
        vary(house, stranger)
    with pytest.raises(NotFound):
        conditions.condition_for(house.jo, 999)


ORDER = [Pace.ENOUGH, Pace.BOOKED, Pace.ON_COURSE, Pace.SOON, Pace.SHORT, Pace.OVER]
TODAY = date(2026, 12, 1)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(-30, 400), st.integers(0, 60))
def test_more_time_and_more_booked_are_never_more_pressing(left, booked, days, later):
    def order(**values):
        facts = {"left": left, "booked": booked, "due_on": TODAY + timedelta(days=days), "today": TODAY}
        return ORDER.index(pace(**facts | values))

    assert order(due_on=TODAY + timedelta(days=days + later)) <= order()
    assert order(booked=booked + 1) <= order()
    assert order(left=left + 1) >= order()
    assert (order() == 0) == (left == 0)
    if left and days < 0:
        assert order() == len(ORDER) - 1


@given(st.integers(1, 20), st.integers(0, 400))
def test_with_less_than_a_week_for_each_session_time_is_short(left, days):
    found = pace(left=left, booked=0, due_on=TODAY + timedelta(days=days), today=TODAY)
    assert (found is Pace.SHORT) == (days < 7 * left)


def test_the_condition_row_says_what_is_asked_now(house):
    vary(house)
    assert session.get_one(Condition, house.condition_id).sessions_needed == 2
