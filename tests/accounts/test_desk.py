"""A desk that an admin named locks instead of signing out; unlocking and changing person are one step each (R17)."""

import json
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from portal.accounts import service as accounts
from portal.accounts.device_models import Device, KeptStaffForm
from portal.accounts.models import SignedIn
from portal.accounts.rules import ACCOUNT_LIMIT
from portal.audit.models import AuditEntry
from portal.core.database import session, unit_of_work
from portal.messaging.models import Text
from portal.privacy import service as privacy
from portal.staff.models import Staff
from tests.backoffice import booked
from tests.support import make, sign_in

NAME = "Zubeida"


@pytest.fixture
def house(app, travel):
    """A centre with two who share its desk, and a woman who is booked there today."""
    centre = make.centre("Camden House")
    sam, kim = make.staff("receptionist", centre, first_name="Sam"), make.staff("manager", centre, first_name="Kim")
    woman = make.client(make.staff("keyworker", centre), called_name=NAME)
    booked.appointment(woman, travel.now + timedelta(hours=1))
    admin = make.staff("admin")
    with unit_of_work():
        session.add(
            Device(kind="desk", name="Camden front desk", centre_id=centre.id, made_by=admin.id, made_at=travel.now)
        )
    return {"sam": sam.id, "kim": kim.id, "woman": woman.id, "admin": admin.id}


def person(house, name) -> Staff:
    session.rollback()
    return session.get_one(Staff, house[name])


def again(browser, staff: Staff):
    """Sign in; the code of this half minute may be used already, so the authenticator is set anew."""
    email, secret, now = staff.email, pyotp.random_base32(), staff.joined_at
    with unit_of_work():
        accounts.put_staff_credential(session.get_one(Staff, staff.id), make.PASSWORD, secret, now=now)
    browser.get("/staff/sign-in")
    browser.submit("/staff/sign-in", email=email, password=make.PASSWORD)
    page = browser.submit("/staff/sign-in/second", code=pyotp.TOTP(secret).now())
    assert page.status == 200, page.text
    return page


@pytest.fixture
def desk(page_client, house):
    """The desk's browser, set up by one press, with Sam signed in."""
    sign_in.as_staff(page_client, person(house, "sam"))
    page_client.get("/staff/devices")
    page = page_client.submit(f"/staff/devices/{device().id}/here")
    assert "This browser is now Camden front desk" in page.html
    assert NAME in page_client.get("/staff/today").html
    return page_client


def device() -> Device:
    session.rollback()
    return session.scalars(select(Device)).one()


def audited(action: str) -> list[AuditEntry]:
    session.rollback()
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_after_fifteen_idle_minutes_the_desk_locks_and_one_field_opens_it(desk, travel):  # R17
    travel.forward(minutes=15)
    page = desk.get("/staff/today?hide=1", follow=True)
    assert (page.address, page.h1) == ("/staff/locked", "Locked")
    assert "Sam is signed in here" in page.text and "Camden front desk" in page.text
    assert [field.get("type") for field in page.find_all("input") if field.get("type") != "hidden"] == ["password"]
    page = desk.submit("/staff/locked", password=make.PASSWORD)
    assert page.address == "/staff/today?hide=1", "she is back where she was"
    assert desk.get("/staff/today").status == 200
    assert [entry.actor_id for entry in audited("desk_unlocked")]


def test_the_lock_is_one_press_and_shows_nothing_of_any_woman(desk, house):  # R17, R28
    desk.get("/staff/today")
    page = desk.submit("/staff/lock")
    assert page.address == "/staff/locked"
    for hidden in (NAME, "/staff/clients", "/staff/today", "Camden House"):
        assert hidden not in page.html
    assert audited("desk_locked")


@pytest.mark.parametrize(
    "path", ["/staff/today", "/staff/clients", "/staff/find", "/staff/devices", "/staff/worklist", "/staff/kept"]
)
def test_locked_every_address_answers_with_the_lock(desk, path):  # R17
    desk.get("/staff/today")
    desk.submit("/staff/lock", follow=False)
    assert (desk.get(path).status, desk.page.location) == (303, "/staff/locked")
    assert NAME not in desk.page.body.decode()


def test_locked_an_open_board_that_asks_by_itself_is_told_to_close(desk):  # R17
    desk.get("/staff/today")
    desk.submit("/staff/lock", follow=False)
    page = desk.get("/staff/today/news?seen=")
    assert (page.status, page.body) == (401, b"")


def test_the_boards_own_asking_is_no_sign_of_life(desk, travel):  # R17
    for _ in range(3):
        travel.forward(minutes=5)
        desk.client.get("/staff/today/news?seen=")
    assert desk.get("/staff/today").location == "/staff/locked"


def test_a_post_of_a_locked_desk_does_nothing_and_its_words_come_back_to_her_alone(desk, house, travel):  # R17, R38
    desk.get("/staff/today")
    words = "Rang about Thursday, please ring back."
    travel.forward(minutes=16)
    worker = session.scalars(select(Staff.id).where(Staff.role == "keyworker")).one()
    page = desk.submit("/staff/messages-taken", worker_id=str(worker), words=words)
    assert page.address == "/staff/locked" and words not in page.html
    assert audited("task_raised") == [] and session.scalars(select(KeptStaffForm)).one()
    page = desk.submit("/staff/locked", password=make.PASSWORD)
    assert page.address == "/staff/kept" and words in page.html
    page = desk.submit("/staff/messages-taken")
    assert "Passed on." in page.html
    assert session.scalars(select(KeptStaffForm)).all() == [], "sent, it does not come back"
    assert desk.get("/staff/kept").location == "/staff/today"


def test_what_was_kept_can_be_thrown_away(desk, travel):  # R38
    desk.get("/staff/today")
    travel.forward(minutes=16)
    desk.submit("/staff/find", q="Rose of Camden")
    desk.submit("/staff/locked", password=make.PASSWORD)
    assert desk.submit("/staff/kept").address == "/staff/today"
    assert session.scalars(select(KeptStaffForm)).all() == []


def test_what_is_sent_when_it_locks_once_more_is_kept_once_more(desk, travel):  # R38
    desk.get("/staff/today")
    travel.forward(minutes=16)
    desk.submit("/staff/find", q="Rose of Camden")
    desk.submit("/staff/locked", password=make.PASSWORD)
    travel.forward(minutes=16)
    assert desk.submit("/staff/find").address == "/staff/locked"
    assert "Rose of Camden" in desk.submit("/staff/locked", password=make.PASSWORD).html


def test_what_was_being_typed_when_she_pressed_lock_comes_back_too(desk):  # R38
    desk.get("/staff/today")
    typed = '{"path": "/staff/find", "fields": [["csrf_token", "x"], ["q", "Zubeida of Camden"]]}'
    desk.submit("/staff/lock", typed=typed)
    page = desk.submit("/staff/locked", password=make.PASSWORD)
    assert page.address == "/staff/kept" and "Zubeida of Camden" in page.html and "/staff/find" in page.html


@pytest.mark.parametrize(
    "typed", ["", "null", "[]", "{", '{"path": 1}', '{"path": "//evil.example/", "fields": [["a", "b"]]}']
)
def test_what_is_no_form_of_ours_is_not_kept(desk, typed):
    desk.get("/staff/today")
    desk.submit("/staff/lock", typed=typed)
    assert desk.submit("/staff/locked", password=make.PASSWORD).address.startswith("/staff/today")


def test_kept_words_are_sealed_and_gone_after_half_an_hour(desk, travel):  # R32, R38
    desk.get("/staff/today")
    travel.forward(minutes=16)
    desk.submit("/staff/find", q="Zubeida of Camden")
    row = session.scalars(select(KeptStaffForm)).one()
    assert b"Zubeida" not in row._typed
    travel.forward(minutes=31)
    assert desk.submit("/staff/locked", password=make.PASSWORD).address == "/staff/today"
    with unit_of_work():
        assert privacy.purge(travel.now, dry_run=False)["kept_staff_forms"] == 1


def test_changing_person_is_one_step_for_whoever_signed_in_here_today(desk, house, travel):  # R17
    desk.get("/staff/devices")
    desk.submit("/staff/lock")
    assert again(desk, person(house, "kim")).address == "/staff/today", "not where Sam was"
    assert ">Kim</a>" in desk.get("/staff/clients").html
    desk.get("/staff/clients")
    page = desk.submit("/staff/lock")
    assert {label: True for label in ("Sam", "Kim") if label in page.text} == {"Sam": True, "Kim": True}
    page = desk.submit("/staff/locked", who=str(house["sam"]), password=make.PASSWORD)
    assert page.address == "/staff/today", "not where Kim was"
    assert ">Sam</a>" in page.html
    assert desk.get("/staff/clients").status == 403
    assert [entry.actor_id for entry in audited("desk_changed_person")] == [house["sam"]]
    desk.get("/staff/today")
    desk.submit("/staff/lock")
    desk.submit("/staff/locked", who=str(house["kim"]), password=make.PASSWORD)
    assert ">Kim</a>" in desk.get("/staff/clients").html


def test_the_one_before_is_locked_while_another_signs_in(desk, house):  # R17
    before = desk.client.get_cookie("week").value
    again(desk, person(house, "kim"))
    desk.client.set_cookie("week", before)
    assert desk.get("/staff/today").location == "/staff/locked", "her cookie, replayed, opens nothing"


def test_her_password_opens_nobody_elses_session(desk, house, travel):  # R17
    with unit_of_work():
        accounts.put_staff_credential(
            session.get_one(Staff, house["kim"]), "seven quiet lanterns", make.TOTP_SECRET, now=travel.now
        )
    desk.get("/staff/today")
    desk.submit("/staff/lock")
    page = desk.submit("/staff/locked", password="seven quiet lanterns")
    assert page.status == 422 and page.find_all("a", href="#password")
    assert desk.get("/staff/today").location == "/staff/locked"


@pytest.mark.parametrize("who", ["0", "999", "x", ""])
def test_nobody_who_did_not_sign_in_here_today_can_be_chosen(desk, who):  # R17
    desk.get("/staff/today")
    desk.submit("/staff/lock")
    assert desk.submit("/staff/locked", who=who, password=make.PASSWORD).status == 422


def test_guessing_at_the_lock_is_counted_with_the_tries_at_signing_in(desk, house, new_page_client, travel):  # R14, R17
    desk.get("/staff/today")
    desk.submit("/staff/lock")
    for _ in range(ACCOUNT_LIMIT):
        wrong = desk.submit("/staff/locked", password="not the password")
    assert desk.submit("/staff/locked", password=make.PASSWORD).text == wrong.text, "locked answers as wrong does"
    other = new_page_client()
    other.get("/staff/sign-in")
    sam = person(house, "sam")
    assert other.submit("/staff/sign-in", email=sam.email, password=make.PASSWORD).status == 422
    assert session.query(Text).count() == 0
    travel.forward(minutes=16)
    desk.get("/staff/locked")
    assert desk.submit("/staff/locked", password=make.PASSWORD).address == "/staff/today"


def test_set_up_anew_on_the_same_browser_nobody_is_signed_out(desk):
    desk.get("/staff/devices")
    assert "This browser is it" not in desk.page.text
    assert desk.post(f"/staff/devices/{device().id}/here").location == "/staff/devices"
    assert desk.get("/staff/today").status == 200


def test_after_a_working_day_it_ends_for_good(desk, house, travel):  # R17
    for _ in range(12 * 6):
        travel.forward(minutes=10)
        desk.get("/staff/today")
    assert desk.get("/staff/today").location == "/staff/sign-in"
    assert desk.get("/staff/locked").location == "/staff/sign-in", "nobody is present any more"


@pytest.mark.parametrize("ending", ["sessions", "left"])
def test_a_new_role_or_password_and_leaving_end_a_locked_session(desk, house, travel, ending):  # R17
    desk.get("/staff/today")
    desk.submit("/staff/lock")
    with unit_of_work():
        if ending == "left":
            session.get_one(Staff, house["sam"]).active = False
            accounts.end_all_sessions("staff", house["sam"], now=travel.now)
        else:
            accounts.end_all_sessions("staff", house["sam"], now=travel.now)
    assert desk.get("/staff/locked").location == "/staff/sign-in"
    assert desk.get("/staff/today").location == "/staff/sign-in"


def test_a_device_that_an_admin_ends_is_no_desk_any_more_at_once(desk, new_page_client, house):  # R17
    admin = new_page_client()
    sign_in.staff_at(admin, person(house, "admin"), "/staff/devices")
    assert "Camden front desk" in admin.page.text and "1 Dec" in admin.page.text
    admin.submit(f"/staff/devices/{device().id}/end")
    assert "None yet" in admin.get("/staff/devices").text
    assert desk.get("/staff/today").location == "/staff/sign-in"
    again(desk, person(house, "sam"))
    assert desk.client.get_cookie("device") is None, "the browser forgets it"
    assert "Lock <kbd>" not in desk.get("/staff/today").html
    assert audited("device_ended")


def test_the_sessions_cookie_carried_off_to_another_browser_ends_there_as_anywhere(
    desk, new_page_client, travel
):  # R17
    thief = new_page_client()
    thief.client.set_cookie("week", desk.client.get_cookie("week").value)
    travel.forward(minutes=15)
    assert thief.get("/staff/today").location == "/staff/sign-in"
    assert thief.get("/staff/locked").location == "/staff/sign-in"


def test_a_browser_that_nobody_named_signs_out_as_before(page_client, house, travel):  # R17
    sign_in.as_staff(page_client, person(house, "sam"))
    assert "Lock <kbd>" not in page_client.get("/staff/today").html
    assert "Refresh" not in page_client.page.headers
    travel.forward(minutes=15)
    assert page_client.get("/staff/today").location == "/staff/sign-in"


def test_without_script_a_page_of_a_desk_goes_to_the_lock_when_its_time_is_over(desk):  # R17
    assert desk.get("/staff/today").headers["Refresh"] == "900; url=/staff/locked"


def test_a_page_whose_time_is_over_locks_nothing_while_another_is_in_use(desk, travel):  # R17
    page = desk.get("/staff/today")
    travel.forward(minutes=10)
    desk.get("/staff/devices")
    travel.forward(minutes=5)
    desk.page = page
    page = desk.submit("/staff/lock", by="time")
    assert page.h1 == "This page has closed" and NAME not in page.html
    assert desk.get("/staff/locked").h1 == "This page has closed"
    travel.forward(minutes=10)
    assert desk.get("/staff/today").location == "/staff/locked", "and that was no sign of life"


def test_a_page_locks_the_desk_when_nobody_was_there(desk, travel):  # R17
    desk.get("/staff/today")
    travel.forward(minutes=14, seconds=50)
    assert desk.submit("/staff/lock", by="time").h1 == "Locked"


def test_at_a_desk_a_woman_s_pages_are_not_the_locks(desk):
    desk.get("/staff/today")
    desk.submit("/staff/lock")
    assert desk.get("/today").location == "/sign-in"


def test_signing_out_takes_her_off_the_desk(desk):
    desk.get("/staff/today")
    desk.submit("/staff/sign-out")
    assert desk.get("/staff/locked").location == "/staff/sign-in"


def test_the_desks_cookie_is_strictly_limited_and_only_its_hash_is_stored(desk):  # R9, R32
    cookie = desk.client.get_cookie("device")
    assert (cookie.http_only, cookie.same_site, cookie.path, cookie.expires, cookie.max_age) == (
        True, "Lax", "/", None, None,
    )  # fmt: skip
    token = cookie.decoded_value.split(".")[1]
    assert token not in (device().token_index or "") and len(device().token_index or "") == 32
    assert session.scalars(select(SignedIn.device_id).where(SignedIn.ended_at.is_(None))).all() == [device().id]


def test_no_password_or_code_is_kept_for_later(desk, travel):  # R17, R32
    desk.get("/staff/me/password")
    travel.forward(minutes=16)
    old, new = make.PASSWORD, "nine slow barges pass"
    desk.post("/staff/me/password", {"old_password": old, "new_password": new})
    desk.post("/staff/step-up", {"proof_code": "123456", "proof_passkey": "{}"})
    assert session.scalars(select(KeptStaffForm)).all() == []
    desk.get("/staff/locked")
    assert desk.submit("/staff/locked", password=old).address == "/staff/today"
    fields = [["name", "Priya"], ["proof_code", "123456"], ["old_password", old]]
    typed = {"path": "/staff/people/new", "fields": fields}
    desk.get("/staff/today")
    desk.submit("/staff/lock", typed=json.dumps(typed), follow=False)
    assert session.scalars(select(KeptStaffForm)).one().typed["fields"] == [["name", "Priya"]]


def test_unlocking_with_a_password_is_no_second_step(desk):  # R17
    assert desk.get("/staff/me/password").status == 200, "she has just signed in"
    desk.get("/staff/today")
    desk.submit("/staff/lock")
    desk.submit("/staff/locked", password=make.PASSWORD)
    assert desk.get("/staff/me/password").location == "/staff/step-up"
    desk.get("/staff/step-up")
    assert desk.submit("/staff/step-up", proof_code="000000").status == 422


def test_words_that_the_second_step_holds_are_not_cleared_from_the_screen(desk, house, travel):  # R38
    again(desk, person(house, "kim"))
    travel.forward(minutes=11)
    words = {"typed": "Purple Kettle 9", "reason": "danger", "words": "She rang and her worker is away"}
    page = desk.post("/staff/clients/open", words)
    assert page.status == 403 and words["words"] in page.html
    assert "Refresh" not in page.headers
    assert page.find_all("form", action="/staff/clients/open")[0].get("data-typed") is not None
    assert desk.get("/staff/step-up").headers["Refresh"], "nothing is held there"


@pytest.mark.parametrize(
    "back", ["/staff/..//evil.example", "//evil.example/staff/", "/staff/%2e%2e/now", "/staff/a b"]
)
def test_unlocking_leads_nowhere_else(desk, back):
    desk.get("/staff/today")
    desk.submit("/staff/lock", back=back)
    assert desk.submit("/staff/locked", password=make.PASSWORD).address == "/staff/today"
