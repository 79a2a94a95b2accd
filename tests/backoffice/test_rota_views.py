"""The duty rota as staff meet it: everybody reads it, managers and admins change it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.core.database import session, unit_of_work
from portal.core.week import LAST_MINUTE
from portal.staff.models import Absence, Staff
from portal.staff.rota import on_duty
from portal.staff.rota_models import DutyShift
from tests.support import make, sign_in

ADDRESS = "/staff/rota"
WEEKDAYS = [0, 1, 2, 3, 4]


@pytest.fixture
def house(app, travel):
    return make.centre()


@pytest.fixture
def jo(house):
    return make.staff("keyworker", house)


@pytest.fixture
def ana(house):
    return make.staff("keyworker", house, first_name="Ana")


@pytest.fixture
def browser(page_client, house, jo, ana):
    sign_in.staff_at(page_client, make.staff("manager", house, first_name="Frances"), ADDRESS)
    return page_client


def put_on(browser, person, days=WEEKDAYS, begins=9, until=17, position=1):
    fields = {"staff_id": person.id, "days": days, "from_hour": begins, "until_hour": until, "position": position}
    fields["request_key"] = browser.page.field("request_key")
    return browser.post(ADDRESS, fields, follow=True)


def stored() -> list[tuple]:
    session.rollback()
    return [
        (shift.weekday, shift.local_from.hour, shift.local_until, shift.position, shift.staff_id)
        for shift in session.scalars(select(DutyShift).order_by(DutyShift.id))
    ]


def number_of(person) -> str | None:
    session.rollback()
    return session.get_one(Staff, person.id).duty_number


def test_the_empty_rota_is_all_gap_and_says_so(browser):
    assert "168 of 168 hours without anybody" in browser.page.text
    assert browser.page.text.count("Gap: nobody is called") == 7
    assert "Now: nobody" in browser.page.text


def test_a_shift_on_several_days_closes_its_hours(browser, jo, ana):  # R25
    page = put_on(browser, jo)
    assert "128 of 168 hours without anybody" in page.text
    page = put_on(browser, ana, days=[1], position=2, until=24)
    assert "121 of 168 hours without anybody" in page.text
    assert "Now: Jo, then Ana" in page.text
    assert stored()[-1] == (1, 9, LAST_MINUTE, 2, ana.id)
    assert "On the rota without a duty phone, so not called: Ana, Jo." in page.text
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("duty_"))).all()
    assert actions == ["duty_shift_added"] * 6


def test_pressed_twice_it_is_put_on_once(browser, jo):  # R38
    fields = {"staff_id": jo.id, "days": [0], "from_hour": 9, "until_hour": 17, "position": 1}
    fields["request_key"] = browser.page.field("request_key")
    for _ in range(2):
        assert browser.post(ADDRESS, fields).status == 303
    assert len(stored()) == 1


def test_what_cannot_be_is_said_at_the_field(browser, jo, ana):
    put_on(browser, jo, days=[1])
    for values, words in (
        ({"days": []}, "Tick at least one day."),
        ({"begins": 17, "until": 9}, "It must end later than it begins."),
        ({"begins": 16, "until": 18, "days": [1]}, "Somebody else stands there"),
    ):
        page = put_on(browser, ana, **values)
        assert (page.status, words in page.text) == (422, True)
    page = put_on(browser, jo, days=[1], position=2, begins=12, until=13)
    assert (page.status, "She is on duty already" in page.text) == (422, True)
    assert len(stored()) == 1
    assert put_on(browser, ana, days=[1], begins=17, until=18).status == 200


def test_only_those_who_may_read_texts_can_be_on_duty(browser, house):
    for role in ("receptionist", "admin"):
        assert put_on(browser, make.staff(role, house, first_name="Sam")).status == 422
    assert stored() == []


def test_a_shift_is_taken_off(browser, jo):
    put_on(browser, jo, days=[1])
    [shift_id] = session.scalars(select(DutyShift.id))
    browser.submit(f"{ADDRESS}/{shift_id}/remove")
    assert stored() == []
    for odd in (shift_id, 0, 2**31):
        assert browser.post(f"{ADDRESS}/{odd}/remove").status == 404


def test_on_duty_is_in_order_and_leaves_out_who_is_away_or_left(browser, jo, ana, house, travel):
    jo, ana, bea = (SimpleNamespace(id=each.id) for each in (jo, ana, make.staff("keyworker", house, first_name="Bea")))
    for position, person in enumerate((ana, jo, bea), 1):
        put_on(browser, person, position=position)
    assert [person.id for person in on_duty(travel.now)] == [ana.id, jo.id, bea.id]
    with unit_of_work():
        ends_at = travel.now + timedelta(hours=1)
        session.add(Absence(staff_id=ana.id, starts_at=travel.now, ends_at=ends_at))
        session.get_one(Staff, bea.id).active = False
    assert [person.id for person in on_duty(travel.now)] == [jo.id]
    assert [person.id for person in on_duty(travel.to("2026-12-01 17:00"))] == []
    page = browser.get(ADDRESS)
    assert "Bea" not in page.text


def test_a_duty_phone_is_set_and_taken_away(browser, jo, ana):
    page = browser.submit(f"{ADDRESS}/number", person=str(jo.id), number="07700 900 701")
    assert "Jo: 07700 900701" in page.text
    assert number_of(jo) == "+447700900701"
    page = browser.submit(f"{ADDRESS}/number", person=str(ana.id), number="+447700900701")
    assert (page.status, "Somebody else has this number." in page.text) == (422, True)
    browser.submit(f"{ADDRESS}/number", person=str(jo.id), number="")
    assert number_of(jo) is None
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("duty_number"))).all()
    assert actions == ["duty_number_set", "duty_number_removed"]


@pytest.mark.parametrize("number", ["020 7946 0000", "hello", "07911 123456"])
def test_only_made_up_mobiles_in_the_demo(browser, jo, number):  # R40
    assert browser.submit(f"{ADDRESS}/number", person=str(jo.id), number=number).status == 422
    assert number_of(jo) is None


def test_never_a_number_that_a_woman_has_or_had(browser, jo):
    jo = session.merge(jo)
    client = make.client(jo, called_name="Rose")
    make.safe_contact(client, number="+447700900001")
    make.safe_contact(client, number="+447700900002")
    for number in ("07700 900001", "07700 900002"):
        page = browser.submit(f"{ADDRESS}/number", number=number)
        assert (page.status, "This number cannot be used for duty." in page.text) == (422, True)
        assert "Rose" not in page.html


@pytest.mark.parametrize(("role", "edits"), [("keyworker", False), ("receptionist", False), ("admin", True)])
def test_all_staff_read_it_and_only_managers_and_admins_change_it(page_client, house, jo, role, edits):
    with unit_of_work():
        session.get_one(Staff, jo.id).duty_number = "+447700900701"
    page = sign_in.staff_at(page_client, make.staff(role, house, first_name="Pat"), ADDRESS)
    assert page.status == 200
    assert ("Put somebody on" in page.text) is edits
    assert ("07700 900701" in page.text) is edits
    if not edits:
        assert put_on(page_client, jo).status == 403
        assert page_client.post(f"{ADDRESS}/number", {"person": jo.id, "number": ""}).status == 403


def test_a_referrer_does_not_read_it(page_client, travel):
    assert sign_in.staff_at(page_client, make.staff("referrer"), ADDRESS).status == 403
