"""One-off hours: who may say them for whom, what cannot be, and the page where they stand."""

from datetime import date, time

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.staff import one_offs, service
from portal.staff.models import WorkingHours
from portal.staff.queries import person
from tests.support import make, sign_in

SATURDAY = date(2026, 12, 5)
MORNING = [(time(9), time(12))]


@pytest.fixture
def centre(app, travel):
    return make.centre("Example House")


@pytest.fixture
def jo(centre):
    return make.staff("keyworker", centre, first_name="Jo")


def set_on(actor, staff_id, centre_id, now, on=SATURDAY, spans=MORNING) -> None:
    with unit_of_work():
        one_offs.set_on(actor, staff_id, centre_id, on, spans, now=now)
    session.rollback()


def coming(staff_id, now) -> dict:
    session.rollback()
    return one_offs.coming([staff_id], now).get(staff_id, {})


def test_a_keyworker_says_her_own_a_manager_those_of_her_people_an_admin_everybodys(centre, jo, travel):
    other = make.centre()
    staff = {
        "herself": jo,
        "her manager": make.staff("manager", centre, first_name="Frances"),
        "an admin": make.staff("admin", first_name="Alex"),
    }
    strangers = [
        make.staff("keyworker", centre, first_name="Ana"),
        make.staff("receptionist", centre, first_name="Sam"),
        make.staff("manager", other, first_name="Elsewhere"),
        make.staff("referrer", first_name="Dana"),
    ]
    jo_id, centre_id = jo.id, centre.id
    actors = {name: each.actor for name, each in staff.items()}
    for name, actor in actors.items():
        set_on(actor, jo_id, centre_id, travel.now)
        assert coming(jo_id, travel.now) == {(SATURDAY, centre_id): MORNING}, name
        with unit_of_work():
            one_offs.remove_on(actor, jo_id, centre_id, SATURDAY, now=travel.now)
        assert coming(jo_id, travel.now) == {}, name
    for actor in [each.actor for each in map(session.merge, strangers)]:
        with pytest.raises(NotAllowed):
            set_on(actor, jo_id, centre_id, travel.now)
    reasons = session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "one_off_hours_set")).all()
    assert set(reasons) == {f"2026-12-05 at {centre_id}"}


def test_reception_does_not_make_itself_bookable(centre, travel):
    sam = make.staff("receptionist", centre, first_name="Sam")
    with pytest.raises(NotAllowed):
        set_on(sam.actor, sam.id, centre.id, travel.now)


@pytest.mark.parametrize(
    ("on", "spans", "field", "reason"),
    [
        (date(2026, 11, 30), MORNING, "on", "past"),
        (date(2029, 1, 1), MORNING, "on", "too_far"),
        (SATURDAY, [], "windows", "missing"),
        (SATURDAY, [(time(12), time(9))], "windows", "reversed"),
        (SATURDAY, [(time(9), time(12)), (time(11), time(13))], "windows", "overlap"),
    ],
)
def test_what_cannot_be_is_refused(centre, jo, travel, on, spans, field, reason):
    with pytest.raises(Invalid) as refusal:
        set_on(jo.actor, jo.id, centre.id, travel.now, on, spans)
    assert (refusal.value.field, refusal.value.reason) == (field, reason)


def test_nobody_is_at_two_centres_at_once(centre, travel):
    other = make.centre()
    jo = make.staff("keyworker", centre, other)
    actor, jo_id, one, two = jo.actor, jo.id, centre.id, other.id
    set_on(actor, jo_id, one, travel.now)
    with pytest.raises(Invalid, match="elsewhere"):
        set_on(actor, jo_id, two, travel.now, spans=[(time(11), time(13))])
    set_on(actor, jo_id, two, travel.now, spans=[(time(12), time(13))])
    assert set(coming(jo_id, travel.now)) == {(SATURDAY, one), (SATURDAY, two)}
    with pytest.raises(NotFound):
        set_on(actor, jo_id, make.centre().id, travel.now)


def test_new_weekly_hours_leave_one_off_hours_alone_and_leaving_a_centre_takes_them(centre, jo, travel):
    alex = make.staff("admin", first_name="Alex").actor
    jo_id, centre_id = jo.id, centre.id
    set_on(alex, jo_id, centre_id, travel.now)
    with unit_of_work():
        service.set_hours(alex, jo_id, centre_id, [(5, time(10), time(11))], now=travel.now)
    session.rollback()
    assert person(jo_id).weekly_at(centre_id) == [(5, time(10), time(11))]
    assert coming(jo_id, travel.now) == {(SATURDAY, centre_id): MORNING}
    other_id = make.centre().id
    with unit_of_work():
        service.change_person(
            alex, jo_id, name="Jo Example", first_name="Jo", email="jo@example.org", role="keyworker",
            centre_ids=[other_id], languages=[], now=travel.now,
        )  # fmt: skip
    session.rollback()
    assert session.scalars(select(WorkingHours)).all() == []


def test_her_page_says_them_and_takes_them_away(page_client, centre, jo, travel):
    jo_id, centre_id = jo.id, centre.id
    address = f"/staff/away/{jo_id}/hours"
    sign_in.staff_at(page_client, jo, "/staff/away")
    assert address in page_client.page.links().values()
    page_client.get(address)
    fields = {"on": "2026-12-05", "windows": "9-12, 13:30-17", "centre": str(centre_id)}
    key = page_client.page.field("request_key")
    for _ in range(2):
        assert page_client.post(address, {**fields, "request_key": key}).location == address  # R38
    page = page_client.get(address)
    assert "Saturday 5 December" in page.text and "09:00-12:00, 13:30-17:00" in page.text
    outside = f"/staff/centres/{centre_id}/dates/2026-12-05"
    assert outside in page.links().values() and page_client.get(outside).status == 200
    page_client.get(address)
    page = page_client.submit(address, on="2026-12-05", windows="midday", centre=str(centre_id))
    assert (page.status, "Write times like 09:30-14:30" in page.text) == (422, True)
    page_client.get(address)
    page_client.submit(f"{address}/{centre_id}/2026-12-05/remove")
    assert coming(jo_id, travel.now) == {}
    assert page_client.post(f"{address}/{centre_id}/2026-12-05/remove").status == 404


def test_a_colleagues_page_is_not_there_and_an_admin_sees_it_from_the_person(page_client, centre, jo, travel):
    ana = make.staff("keyworker", centre, first_name="Ana")
    jo_id, centre_id = jo.id, centre.id
    set_on(jo.actor, jo_id, centre_id, travel.now)
    sign_in.staff_at(page_client, session.merge(ana), "/staff/away")
    assert page_client.get(f"/staff/away/{jo_id}/hours").status == 404
    assert page_client.post(f"/staff/away/{jo_id}/hours/{centre_id}/2026-12-05/remove").status == 404
    page_client.post("/staff/sign-out")
    sign_in.staff_at(page_client, make.staff("admin", first_name="Alex"), f"/staff/people/{jo_id}")
    assert "Sat 5 Dec: 09:00-12:00, Example House" in page_client.page.text
    assert f"/staff/away/{jo_id}/hours" in page_client.page.links().values()
