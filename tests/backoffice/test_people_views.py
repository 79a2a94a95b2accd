"""An admin's pages about staff."""

import pyotp
import pytest
from sqlalchemy import select

from portal.clients.models import Client, Restriction
from portal.core.database import unit_of_work
from portal.staff.models import Absence, Staff
from portal.worklist.models import Task
from portal.worklist.queries import open_tasks
from portal.worklist.service import raise_task
from tests.backoffice.booked import appointment
from tests.backoffice.test_clients_views import audited, summary_target
from tests.support import make, sign_in


@pytest.fixture
def centre(travel):
    return make.centre("Example House")


@pytest.fixture
def admin(page_client, centre):
    person = make.staff("admin", first_name="Alex")
    sign_in.staff_at(page_client, person, "/staff/people")
    return page_client


def named(name: str) -> Staff:
    with make.session() as reading:
        return next(person for person in reading.scalars(select(Staff)) if person.name == name)


def add(admin, **values):
    admin.get("/staff/people/new")
    fields = {"name": "Priya Sample", "first_name": "Priya", "email": "Priya@Example.org", "role": "keyworker"}
    return admin.submit("/staff/people/new", **fields | values)


def test_the_admin_adds_somebody_and_gives_her_the_link_that_is_shown_once(admin, centre, new_page_client):
    page = add(admin, centre_ids=centre.id)
    link = page.find_all("code")[0].text
    assert link.startswith("http://127.0.0.1:8000/staff/set-up/")
    assert admin.get(page.address).status == 410
    hers = new_page_client()
    path = link.removeprefix("http://127.0.0.1:8000")
    secret = hers.get(path).find_all("code")[0].text
    hers.submit(path, password="green kettle sings", code=pyotp.TOTP(secret).now())
    assert hers.page.address == "/staff/set-up/codes"
    assert "/staff/sign-in" in hers.page.links().values()
    rows = admin.get("/staff/people").text
    assert "Priya Sample" in rows
    assert hers.get(path).status == 404


def test_pressed_twice_it_adds_one(admin, centre):  # R38
    admin.get("/staff/people/new")
    fields = {"name": "Priya Sample", "first_name": "Priya", "email": "priya@example.org", "role": "manager"}
    fields |= {"centre_ids": centre.id, "request_key": admin.page.field("request_key")}
    locations = [admin.post("/staff/people/new", fields).location for _ in range(2)]
    assert locations[0] == locations[1]
    assert named("Priya Sample")
    assert len(audited("staff_added")) == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": "no address"}, "That is not an e-mail address."),
        ({"email": "x" * 10000}, "That is too long."),
        ({"name": "🙂" * 10000}, "That is too long."),
        ({"name": " "}, "Fill this in."),
        ({"role": "queen"}, "Not a valid choice"),
        ({}, "Tick at least one centre for this role."),
    ],
)
def test_what_is_wrong_is_said(admin, typed, words):
    page = add(admin, **typed)
    assert page.status == 422
    assert words in page.text
    summary_target(page)


def test_one_e_mail_address_is_one_person(admin, centre):
    add(admin, centre_ids=centre.id)
    page = add(admin, centre_ids=centre.id, email=" PRIYA@example.org ")
    assert "Somebody else has this e-mail address." in page.text


def test_a_new_role_ends_her_sessions_and_a_new_telephone_voice_does_not(admin, centre, new_page_client):  # R17
    jo = make.staff("keyworker", centre)
    hers = new_page_client()
    sign_in.staff_at(hers, jo, "/staff/clients")
    change = f"/staff/people/{jo.id}/change"
    admin.get(change)
    admin.submit(change, first_name="Joan")
    assert hers.get("/staff/clients").status == 200
    admin.get(change)
    admin.submit(change, role="receptionist")
    assert hers.get("/staff/clients").location == "/staff/sign-in"
    assert named("Jo Example").role == "receptionist"


def test_hours_at_a_centre_that_she_covers_no_more_go(admin, centre):
    other = make.centre("Sample Yard")
    jo_id = make.staff("keyworker", centre).id
    admin.get(f"/staff/people/{jo_id}/change")
    admin.submit(f"/staff/people/{jo_id}/change", centre_ids=other.id)
    with make.session() as reading:
        jo = reading.get(Staff, jo_id)
        assert (jo.centre_ids, list(jo.hours)) == ([other.id], [])


def test_a_new_link_ends_older_links_and_her_sessions(admin, centre, new_page_client):
    jo = make.staff("keyworker", centre)
    hers = new_page_client()
    sign_in.staff_at(hers, jo, "/staff/clients")
    links = []
    for _ in range(2):
        admin.get(f"/staff/people/{jo.id}")
        admin.submit(f"/staff/people/{jo.id}/link")
        links.append(admin.page.find_all("code")[0].text.removeprefix("http://127.0.0.1:8000"))
    assert [hers.get(link).status for link in links] == [404, 200]
    assert hers.get("/staff/clients").location == "/staff/sign-in"


def test_who_leaves_is_signed_out_and_her_tasks_and_clients_wait_at_the_centre(admin, centre, new_page_client, travel):
    jo, ana = make.staff("keyworker", centre), make.staff("keyworker", centre, first_name="Ana")
    client = make.client(jo)
    appointment(client, make.london(make.monday(), "10:00"))
    with unit_of_work():
        raise_task("ring_her", now=travel.now, client_id=client.id, owner_id=jo.id)
    hers = new_page_client()
    sign_in.staff_at(hers, jo, "/staff/clients")
    page = admin.get(f"/staff/people/{jo.id}")
    for words in ("Clients: 1", "Open tasks: 1", "Coming appointments: 1"):
        assert words in page.text
    assert client.called_name not in page.text  # R28
    admin.submit(f"/staff/people/{jo.id}/active", press=("to", "no"))
    assert hers.get("/staff/clients").location == "/staff/sign-in"
    kinds = {task.kind for task in open_tasks(ana.actor)}
    assert kinds == {"ring_her", "choose_keyworker"}
    make.session.remove()
    with make.session() as reading:
        assert reading.get(Client, client.id).keyworker_id == jo.id
    admin.submit(f"/staff/people/{jo.id}/active", press=("to", "yes"))
    assert named("Jo Example").active


def test_the_last_admin_stays(admin):
    alex = named("Alex Example")
    page = admin.get(f"/staff/people/{alex.id}")
    assert admin.submit(f"/staff/people/{alex.id}/active", press=("to", "no")).status == 422
    admin.get(f"/staff/people/{alex.id}/change")
    page = admin.submit(f"/staff/people/{alex.id}/change", role="referrer")
    assert "This is the last admin." in page.text
    assert named("Alex Example").active


def test_weekly_hours_are_kept_for_each_centre(admin, centre):
    jo_id = make.staff("keyworker", centre, works=False).id
    address = f"/staff/people/{jo_id}/hours/{centre.id}"
    admin.get(address)
    page = admin.submit(address, monday="14:00-09:00")
    assert (page.status, "Each time must end later" in page.text) == (422, True)
    assert page.field("monday") == "14:00-09:00"
    page = admin.submit(address, monday="09:00-12:00, 13:00-17:00")
    assert "09:00-12:00, 13:00-17:00" in page.text
    assert admin.get(f"/staff/people/{jo_id}/hours/999").status == 404


def test_she_cannot_be_at_two_centres_at_once(admin, centre):
    other = make.centre("Sample Yard")
    jo_id = make.staff("keyworker", centre, other, works=False).id
    admin.get(f"/staff/people/{jo_id}/hours/{centre.id}")
    admin.submit(f"/staff/people/{jo_id}/hours/{centre.id}", monday="09:00-12:00")
    address = f"/staff/people/{jo_id}/hours/{other.id}"
    admin.get(address)
    assert "This overlaps the hours at another centre." in admin.submit(address, monday="11:00-13:00").text
    assert admin.submit(address, monday="12:00-13:00").status == 200


def test_an_absence_is_noted_in_london_time_across_the_clock_change(admin, centre):
    jo_id = make.staff("keyworker", centre).id
    address = f"/staff/people/{jo_id}/absences"
    admin.get(f"/staff/people/{jo_id}")
    admin.submit(address, local_from="2027-03-27T09:00", local_until="2027-03-29T09:00")
    with make.session() as reading:
        absence = reading.scalars(select(Absence)).one()
    assert absence.starts_at.isoformat() == "2027-03-27T09:00:00+00:00"
    assert absence.ends_at.isoformat() == "2027-03-29T08:00:00+00:00"
    admin.submit(f"{address}/{absence.id}/remove")
    assert "Nothing planned." in admin.page.text


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2027-03-01T08:00", "She must be back later than she leaves."),
        ("2029-03-01T08:00", "An absence is at most a year long."),
        ("whenever", "Not a valid datetime"),
        ("", "Give a day and a time."),
        ("0001-01-01T00:00", "She must be back later than she leaves."),
    ],
)
def test_an_absence_that_cannot_be_is_refused(admin, centre, until, words):
    jo_id = make.staff("keyworker", centre).id
    admin.get(f"/staff/people/{jo_id}")
    page = admin.submit(f"/staff/people/{jo_id}/absences", local_from="2027-03-01T09:00", local_until=until)
    assert page.status == 422
    assert words in page.text


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "manager", "referrer"])
def test_nobody_else_opens_these_pages(page_client, centre, role):
    make.staff("admin", first_name="Alex")
    person = make.staff(role, centre)
    sign_in.staff_at(page_client, person, "/staff/people")
    assert page_client.page.status == 403
    for page in ("new", str(person.id), f"{person.id}/change", f"{person.id}/link"):
        assert page_client.get(f"/staff/people/{page}").status == 403


def test_ids_that_are_not_there_are_not_found(admin):
    for staff_id in (0, 999, 2**40):
        for page in ("", "/change", "/hours/1", "/link"):
            assert admin.get(f"/staff/people/{staff_id}{page}").status in (404, 405)
        assert admin.post(f"/staff/people/{staff_id}/absences/{2**40}/remove").status in (404, 405)
    with make.session() as reading:
        assert reading.scalars(select(Task)).all() == []


def test_the_admin_says_who_leads_on_safeguarding(admin, centre):  # R47
    add(admin, centre_ids=centre.id)
    assert not named("Priya Sample").safeguarding_lead
    address = f"/staff/people/{named('Priya Sample').id}/change"
    admin.get(address)
    page = admin.submit(address, safeguarding_lead="y")
    assert named("Priya Sample").safeguarding_lead
    assert "safeguarding lead" in page.text
    admin.get(address)
    admin.submit(address, safeguarding_lead=None)
    assert named("Priya Sample").safeguarding_lead, "the tick shows what holds, so that a change of name keeps it"
    admin.get(address)
    fields = admin.page.find_all("input", name="safeguarding_lead")
    assert fields[0].get("checked") is not None
    assert [entry.reason for entry in audited("safeguarding_lead_set")] == ["yes"]


def test_whoever_begins_or_comes_back_is_kept_from_women_who_named_somebody_not_found_out_yet(admin, centre):  # R29
    sam = make.staff("receptionist", centre, first_name="Sam")
    sam_id = sam.id
    with unit_of_work():
        make.session.get_one(Staff, sam_id).active = False
    woman = make.client(None, centre, managers_only=True)
    add(admin, centre_ids=centre.id)
    add(admin, centre_ids=centre.id, name="Mo Sample", first_name="Mo", email="mo@example.org", role="manager")
    admin.get(f"/staff/people/{sam_id}")
    admin.post(f"/staff/people/{sam_id}/active", {"to": "yes"})
    with make.session() as reading:
        rows = reading.scalars(select(Restriction).where(Restriction.client_id == woman.id)).all()
    assert {(row.staff_id, row.until_settled) for row in rows} == {(named("Priya Sample").id, True), (sam_id, True)}
