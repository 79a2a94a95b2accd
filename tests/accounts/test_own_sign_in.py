"""A member of staff's own page and her recovery codes: what she changes herself, and what ends with it (R17)."""

import re

import pyotp
import pytest
from sqlalchemy import select

from portal.accounts import recovery
from portal.accounts.staff_models import RecoveryCode
from portal.audit.models import AuditEntry
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.staff.models import Staff
from tests.support import make, sign_in
from tests.support.together import at_once

NEW_PASSWORD = "nine slow barges pass"


@pytest.fixture
def person(app, travel):
    return make.staff("keyworker", make.centre())


@pytest.fixture
def mine(page_client, person):
    sign_in.as_staff(page_client, person)
    page_client.get("/staff/me")
    return page_client


@pytest.fixture
def elsewhere(new_page_client, person, monkeypatch):
    """Another browser of hers, signed in half a minute later, because a code works once."""
    browser = new_page_client()
    real = clock.real_now()
    with monkeypatch.context() as later:
        later.setattr(clock, "real_now", lambda: real.fromtimestamp(real.timestamp() + 30, real.tzinfo))
        sign_in.as_staff(browser, person)
    return browser


def is_in(browser) -> bool:
    return browser.get("/staff/today").status == 200


def audited(action: str) -> list[str]:
    session.remove()
    return list(session.scalars(select(AuditEntry.reason).where(AuditEntry.action == action)))


def new_codes(browser) -> list[str]:
    browser.get("/staff/me")
    page = browser.submit("/staff/me/codes")
    return ["".join(node.itertext()) for node in page.find_all("code")]


def with_password(browser, person, password: str = make.PASSWORD):
    browser.get("/staff/sign-in")
    return browser.submit("/staff/sign-in", email=person.email, password=password)


def recover(browser, person, code: str):
    with_password(browser, person)
    browser.get("/staff/sign-in/recovery")
    return browser.submit("/staff/sign-in/recovery", recovery_code=code)


def test_ten_codes_are_shown_once_and_each_works_once(mine, new_page_client, person):
    assert "None left" in mine.page.text
    codes = new_codes(mine)
    assert len(set(codes)) == 10 and all(re.fullmatch(r"(?:[a-z2-9]{4}-){2}[a-z2-9]{4}", code) for code in codes)
    assert mine.get("/staff/me/codes").status == 410 and codes[0] not in mine.page.html
    assert "10 left" in mine.get("/staff/me").text
    browser = new_page_client()
    page = recover(browser, person, codes[0].upper().replace("-", " "))
    assert page.address.startswith("/staff/today") and "You used a recovery code" in page.html
    assert "9 codes are left" in page.html and audited("recovery_code_used") == ["9 left"]
    assert recover(new_page_client(), person, codes[0]).status == 422
    assert "9 left" in mine.get("/staff/me").text


def test_a_new_set_voids_the_old_one(mine, new_page_client, person):
    old = new_codes(mine)
    new = new_codes(mine)
    assert recover(new_page_client(), person, old[3]).status == 422
    assert recover(new_page_client(), person, new[3]).status == 200


def test_no_code_of_a_colleague_works(mine, new_page_client):
    codes = new_codes(mine)
    colleague = make.staff("keyworker", make.centre(), first_name="Ana")
    browser = new_page_client()
    assert recover(browser, colleague, codes[0]).status == 422
    assert not is_in(browser)


def test_without_the_password_no_code_is_asked_for(page_client, person):
    assert page_client.get("/staff/sign-in/recovery").location == "/staff/sign-in"
    assert page_client.post("/staff/sign-in/recovery", {"recovery_code": "x"}).location == "/staff/sign-in"


def test_recovery_codes_lie_in_the_database_as_keyed_hashes(mine, person):
    codes = new_codes(mine)
    rows = session.scalars(select(RecoveryCode)).all()
    assert len(rows) == 10
    assert not {row.code_index for row in rows} & {*codes, *(code.replace("-", "") for code in codes)}


def test_an_admin_sees_in_the_log_that_a_code_was_used(mine, new_page_client, person):
    recover(new_page_client(), person, new_codes(mine)[0])
    manager = new_page_client()
    sign_in.as_staff(manager, make.staff("admin", first_name="Alex"))
    assert "recovery code used 9 left" in manager.get("/staff/audit").text


def test_of_two_who_use_the_same_code_at_once_one_gets_in(either_database, app, travel):
    person = make.staff("keyworker", make.centre())
    with unit_of_work():
        [code, *_] = recovery.make_codes(person.actor, now=clock.now())
    actor = person.actor
    session.remove()

    def use() -> bool:
        with unit_of_work():
            return recovery.use_code(actor, code, now=travel.now)

    assert sorted(at_once(use, 4)) == [False, False, False, True]


def test_all_second_steps_share_one_count_of_tries(mine, new_page_client, person):  # R14
    [code, *_] = new_codes(mine)
    browser = new_page_client()
    with_password(browser, person)
    for number in range(10):
        if number % 2:
            browser.get("/staff/sign-in/recovery")
            assert browser.submit("/staff/sign-in/recovery", recovery_code="abcd").status == 422
        else:
            browser.get("/staff/sign-in/second")
            assert browser.submit("/staff/sign-in/second", code="000000").status == 422
    browser.get("/staff/sign-in/recovery")
    assert browser.submit("/staff/sign-in/recovery", recovery_code=code).status == 422
    assert recovery.codes_left(person.id) == 10, "a code that was not looked at is not used up"


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(mine, elsewhere, new_page_client, person):
    assert is_in(elsewhere)
    mine.get("/staff/me/password")
    page = mine.submit(old_password="not it at all", new_password=NEW_PASSWORD)
    assert page.status == 422 and "That is not your password." in page.text
    page = mine.submit(old_password=make.PASSWORD, new_password="short")
    assert page.status == 422 and "12 letters or more" in page.text
    assert is_in(elsewhere)
    mine.get("/staff/me/password")
    assert "Password changed." in mine.submit(old_password=make.PASSWORD, new_password=NEW_PASSWORD).html
    assert is_in(mine) and not is_in(elsewhere)
    browser = new_page_client()
    assert with_password(browser, person).status == 422
    assert with_password(browser, person, NEW_PASSWORD).h1 == "Second step"
    assert audited("password_changed") == [""]


def test_a_new_app_counts_when_its_code_has_proved_it(mine, elsewhere, new_page_client, person):
    page = mine.get("/staff/me/app")
    secret = "".join(page.find_all("code")[0].itertext())
    assert mine.submit(code="000000").status == 422
    assert "".join(mine.page.find_all("code")[0].itertext()) == secret, "the picture stays the same"
    assert is_in(elsewhere)
    page = mine.submit(code=pyotp.TOTP(secret).at(clock.real_now()))
    assert "The new app works." in page.html
    assert is_in(mine) and not is_in(elsewhere)
    browser = new_page_client()
    with_password(browser, person)
    later = int(clock.real_now().timestamp()) + 30
    assert browser.submit("/staff/sign-in/second", code=pyotp.TOTP(make.TOTP_SECRET).at(later)).status == 422
    assert browser.submit("/staff/sign-in/second", code=pyotp.TOTP(secret).at(clock.real_now())).status == 422, "used"
    assert browser.submit("/staff/sign-in/second", code=pyotp.TOTP(secret).at(later)).status == 200


def test_the_app_stays_while_it_is_the_only_second_step(mine):
    page = mine.post("/staff/me/app/remove")
    assert page.status == 422 and "only second step" in page.text


def test_she_sees_her_sessions_and_ends_one_or_all_others(mine, elsewhere, new_page_client, person):  # R17
    elsewhere.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0)"
    page = mine.get("/staff/me")
    assert page.text.count("Since ") == 2 and page.text.count("this one") == 1
    [end] = [form.get("action") for form in page.forms() if (form.get("action") or "").endswith("/end")]
    mine.submit(end)
    assert is_in(mine) and not is_in(elsewhere)
    colleague = new_page_client()
    sign_in.as_staff(colleague, make.staff("keyworker", make.centre(), first_name="Ana"))
    number = re.search(r"/sessions/(\d+)/", end).group(1)
    assert colleague.post(f"/staff/me/sessions/{number}/end").status == 404


def test_she_ends_all_other_sessions(mine, elsewhere):
    mine.get("/staff/me")
    mine.submit("/staff/me/sessions/end-others")
    assert is_in(mine) and not is_in(elsewhere)


def test_a_session_says_what_device_it_is_on(new_page_client, person):
    browser = new_page_client()
    browser.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"
    sign_in.as_staff(browser, person)
    assert "iPhone" in browser.get("/staff/me").text


def test_a_new_role_or_centre_works_with_the_next_request(mine, new_page_client, person, travel):  # R17
    admin = new_page_client()
    sign_in.as_staff(admin, make.staff("admin", first_name="Alex"))
    other = make.centre("Sample Yard")
    admin.get(f"/staff/people/{person.id}/change")
    admin.submit(f"/staff/people/{person.id}/change", centre_ids=[other.id])
    assert mine.get("/staff/today").location == "/staff/sign-in"


def test_who_left_is_out_with_her_next_request_and_half_way_in(mine, new_page_client, person):  # R17
    half = new_page_client()
    with_password(half, person)
    codes = new_codes(mine)
    with unit_of_work():
        session.get(Staff, person.id).active = False
    assert mine.get("/staff/me").location == "/staff/sign-in"
    half.get("/staff/sign-in/recovery")
    assert half.submit("/staff/sign-in/recovery", recovery_code=codes[0]).status == 422
    assert not is_in(half)
