"""Staff's signing in: password and a second factor, both needed; one-time links; sessions that end (R17)."""

import pyotp
import pytest
from sqlalchemy import select

from portal.accounts import limits, service
from portal.accounts.models import StaffCredential
from portal.accounts.rules import ACCOUNT_LIMIT, NETWORK_LIMIT
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.staff.models import Staff
from portal.worklist.models import Task
from tests.support import make, sign_in

NEW_PASSWORD = "seven quiet lanterns"


@pytest.fixture
def keyworker(app, travel):
    return make.staff("keyworker", make.centre())


def code(secret: str = make.TOTP_SECRET) -> str:
    return pyotp.TOTP(secret).at(clock.real_now())


def test_password_and_code_lead_to_her_day(page_client, keyworker):
    assert sign_in.as_staff(page_client, keyworker).address.startswith("/staff/today")


def test_the_password_alone_opens_nothing(page_client, keyworker):  # R17
    page_client.get("/staff/sign-in")
    page_client.submit("/staff/sign-in", email=keyworker.email, password=make.PASSWORD)
    assert page_client.get("/staff/today").location == "/staff/sign-in"


def test_a_code_works_once(page_client, new_page_client, keyworker):  # R17
    used = code()
    page_client.get("/staff/sign-in")
    page_client.submit("/staff/sign-in", email=keyworker.email, password=make.PASSWORD)
    assert page_client.submit("/staff/sign-in/second", code=used).status == 200
    thief = new_page_client()
    thief.get("/staff/sign-in")
    thief.submit("/staff/sign-in", email=keyworker.email, password=make.PASSWORD)
    assert thief.submit("/staff/sign-in/second", code=used).status == 422
    assert thief.get("/staff/today").location == "/staff/sign-in"


def test_wrong_password_and_unknown_address_get_the_same_answer(new_page_client, keyworker):  # R14
    answers = []
    for email in (keyworker.email, "nobody@example.org"):
        browser = new_page_client()
        browser.get("/staff/sign-in")
        page = browser.submit("/staff/sign-in", email=email, password="not the password")
        answers.append((page.status, page.text.replace(email, "…")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422


def test_a_one_time_link_sets_password_and_second_factor_once(page_client, new_page_client, keyworker):
    admin = make.staff("admin")
    with unit_of_work():
        token = service.make_staff_link(admin.actor, session.get(Staff, keyworker.id), now=clock.now())
    page = page_client.get(f"/staff/set-up/{token}")
    assert page.find_all("svg") or "<svg" in page.html, "there is a picture to scan"
    secret = words_of_secret(page)
    page = page_client.submit(password=NEW_PASSWORD, code="000000")
    assert page.status == 422
    assert page_client.submit(password="short", code=code(secret)).status == 422
    assert page_client.submit(password=NEW_PASSWORD, code=code(secret)).address == "/staff/set-up/codes"
    assert page_client.get(f"/staff/set-up/{token}").status == 404
    page_client.get("/staff/sign-in")
    page_client.submit("/staff/sign-in", email=keyworker.email, password=NEW_PASSWORD)
    later = pyotp.TOTP(secret).at(int(clock.real_now().timestamp()) + 30)
    assert page_client.submit("/staff/sign-in/second", code=later).address.startswith("/staff/today")


def test_a_link_is_dead_after_three_days(page_client, keyworker, travel):
    admin = make.staff("admin")
    with unit_of_work():
        token = service.make_staff_link(admin.actor, session.get(Staff, keyworker.id), now=clock.now())
    travel.forward(hours=72)
    assert page_client.get(f"/staff/set-up/{token}").status == 404


def test_deactivation_works_within_one_request(page_client, keyworker):  # R17
    sign_in.as_staff(page_client, keyworker)
    assert page_client.get("/staff/today").status == 200
    with unit_of_work():
        session.get(Staff, keyworker.id).active = False
    assert page_client.get("/staff/today").location == "/staff/sign-in"


def test_after_fifteen_idle_minutes_staff_are_signed_out(page_client, keyworker, travel):  # R17
    sign_in.as_staff(page_client, keyworker)
    travel.forward(minutes=14)
    assert page_client.get("/staff/today").status == 200
    travel.forward(minutes=15)
    assert page_client.get("/staff/today").location == "/staff/sign-in"


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("receptionist", "/staff/clients"),
        ("admin", "/staff/today"),
        ("keyworker", "/staff/people"),
        ("referrer", "/staff/worklist"),
    ],
)
def test_what_a_role_may_not_open_is_403(page_client, travel, role, address):  # R28
    sign_in.as_staff(page_client, make.staff(role, make.centre()))
    assert page_client.get(address).status == 403


def test_a_woman_s_session_opens_no_staff_page(page_client, travel):
    sign_in.as_client(page_client, make.client())
    assert page_client.get("/staff/today").location == "/staff/sign-in"


def words_of_secret(page) -> str:
    return "".join(page.find_all("code")[0].itertext())


@pytest.fixture
def verifications(monkeypatch):
    """How often a password is hashed."""
    from argon2 import PasswordHasher

    counted, verify = [], PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *given: counted.append(1) or verify(*given))
    return counted


def test_unknown_wrong_locked_left_and_not_set_up_get_one_answer_for_one_verification(  # R14
    new_page_client, keyworker, verifications
):
    locked, left, new = (make.staff("keyworker", make.centre(), first_name=name) for name in ("Ana", "Bea", "Cleo"))
    with unit_of_work():
        session.get(Staff, left.id).active = False
        session.delete(session.get(StaffCredential, new.id))
        for _ in range(ACCOUNT_LIMIT):
            limits.count_try(f"staff|{locked.email}", "192.0.2.1", now=clock.now())
    answers = set()
    for email, password in (
        ("nobody@example.org", make.PASSWORD),
        (keyworker.email, "not the password"),
        (locked.email, make.PASSWORD),
        (left.email, make.PASSWORD),
        (new.email, make.PASSWORD),
    ):
        browser = new_page_client()
        browser.get("/staff/sign-in")
        verifications.clear()
        page = browser.submit("/staff/sign-in", email=email, password=password)
        answers.add((page.status, page.text.replace(email, "…"), len(verifications)))
    assert len(answers) == 1 and {answer[2] for answer in answers} == {1}


def test_limits_of_the_second_step_count_the_network_too(new_page_client, keyworker):  # R14
    browser = new_page_client()
    browser.get("/staff/sign-in")
    browser.submit("/staff/sign-in", email=keyworker.email, password=make.PASSWORD)
    with unit_of_work():
        for number in range(NETWORK_LIMIT):
            limits.count_try(f"other {number}", "127.0.0.1", now=clock.now())
    assert browser.submit("/staff/sign-in/second", code=code()).status == 422


def test_she_lands_where_she_was_going(page_client, keyworker):
    page_client.get("/staff/diary?on=2026-12-03&worker=1")
    assert sign_in.as_staff(page_client, keyworker).address == "/staff/diary?on=2026-12-03&worker=1"


def test_a_woman_s_page_is_not_where_staff_land(page_client, keyworker):
    page_client.get("/plan")
    assert sign_in.as_staff(page_client, keyworker).address.startswith("/staff/today")


def test_passkeys_may_be_asked_for_on_staff_pages_alone(page_client, app):  # R39
    on = page_client.get("/staff/sign-in").headers["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in on and "publickey-credentials-create=(self)" in on
    assert "camera=()" in on
    for address in ("/", "/now", "/sign-in", "/staffing"):
        off = page_client.get(address).headers["Permissions-Policy"]
        assert "(self)" not in off and "publickey" not in off, "no other site's frame ever stands there to ask"


def signed_in_again(browser, person: Staff):
    """As if half a minute had gone by: the authenticator shows another code."""
    with unit_of_work():
        session.get_one(StaffCredential, person.id).last_step = 0
    return sign_in.as_staff(browser, person)


def test_words_sent_when_her_time_was_over_wait_for_her_alone(page_client, new_page_client, keyworker, travel):  # R38
    centre = session.get_one(make.Centre, keyworker.centre_ids[0])
    colleague = make.staff("keyworker", centre, first_name="Kim")
    words = "She rang about Thursday. Please ring her back."
    sign_in.staff_at(page_client, keyworker, "/staff/today")
    travel.forward(minutes=16)
    page = page_client.submit("/staff/messages-taken", worker_id=str(colleague.id), words=words)
    assert (page.address, words in page.html) == ("/staff/sign-in", False)
    assert sign_in.as_staff(new_page_client(), colleague).address.startswith("/staff/today")
    page = signed_in_again(page_client, keyworker)
    assert (page.address, words in page.html) == ("/staff/kept", True)
    page_client.submit("/staff/messages-taken")
    assert [task.note for task in session.scalars(select(Task)) if words in (task.note or "")] == [words]
    assert page_client.get("/staff/kept").status == 303, "sent once, it does not come back"


def test_words_kept_for_her_are_gone_after_half_an_hour(page_client, keyworker, travel):  # R38
    sign_in.staff_at(page_client, keyworker, "/staff/today")
    travel.forward(minutes=16)
    page_client.submit("/staff/messages-taken", worker_id=str(keyworker.id), words="Ring her back")
    travel.forward(minutes=31)
    page_client.get("/staff/sign-in")
    assert signed_in_again(page_client, keyworker).address.startswith("/staff/today")
