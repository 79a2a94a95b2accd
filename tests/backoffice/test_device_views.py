"""Devices: named by an admin, set up in a minute by whoever works there, known before anybody signs in (R15, R17)."""

import pytest
from sqlalchemy import select

from portal.accounts.device_models import Device
from portal.accounts.rules import ACCOUNT_LIMIT
from portal.audit.models import AuditEntry
from portal.core.database import session
from portal.jobs.backup import aftermath
from tests.support import make, sign_in
from tests.support.measures import statements


@pytest.fixture
def centre(app, travel):
    return make.centre("Lambeth House")


@pytest.fixture
def desk(page_client, centre):
    """An admin names a kiosk, then the receptionist of the centre has the page of devices before her."""
    admin = type(page_client)(page_client.app)
    sign_in.staff_at(admin, make.staff("admin"), "/staff/devices")
    admin.submit("/staff/devices", name="Lambeth waiting room", kind="kiosk", centre_id=str(centre.id))
    assert "Lambeth waiting room" in admin.page.text and "not yet" in admin.page.text
    sign_in.staff_at(page_client, make.staff("receptionist", centre), "/staff/devices")
    return page_client


def device() -> Device:
    session.rollback()
    return session.scalars(select(Device)).one()


def code_of(browser) -> tuple[str, str]:
    page = browser.submit(f"/staff/devices/{device().id}/code")
    address, code = ("".join(node.itertext()) for node in page.find_all("dd"))
    return address, code


@pytest.fixture
def kiosk(desk, new_page_client):
    """A browser in the waiting room, set up with a code."""
    browser = new_page_client()
    browser.get("/staff/device")
    page = browser.submit("/staff/device", code=code_of(desk)[1])
    assert page.address == "/"
    return browser


def kind_of(browser, path: str, **post) -> str | None:
    """What a page of hers is told about the browser that asks for it."""
    from flask import g

    seen = []
    browser.app.after_request_funcs.setdefault(None, []).append(
        lambda answer: seen.append(g.get("device_kind")) or answer
    )
    try:
        browser.client.post(path, data=post) if post else browser.client.get(path)
    finally:
        browser.app.after_request_funcs[None].pop()
    return seen[0]


def test_a_code_makes_a_browser_the_kiosk_once_and_for_ten_minutes(desk, new_page_client, travel):
    address, code = code_of(desk)
    assert address.endswith("/staff/device")
    assert desk.get(f"/staff/devices/{device().id}/code").status == 410, "shown once"
    first, second, late = new_page_client(), new_page_client(), new_page_client()
    first.get("/staff/device")
    assert first.submit("/staff/device", code=code).address == "/"
    second.get("/staff/device")
    assert second.submit("/staff/device", code=code).status == 422
    code = code_of(desk)[1] if desk.get("/staff/devices") else ""
    travel.forward(minutes=10)
    late.get("/staff/device")
    assert late.submit("/staff/device", code=code).status == 422


def test_the_kiosk_is_known_before_she_signs_in_and_costs_other_women_nothing(kiosk, new_page_client):  # R15
    assert [kind_of(kiosk, path) for path in ("/sign-in", "/", "/now")] == ["kiosk"] * 3
    phone = new_page_client()
    phone.get("/sign-in")
    assert kind_of(phone, "/sign-in") is None
    with statements() as asked:
        phone.get("/sign-in")
    assert asked == []
    with statements() as asked:
        kiosk.get("/now")
        kiosk.get("/about-leaving")
    assert asked == [], "the signed cookie says so without the database"
    with statements() as asked:
        kiosk.get("/sign-in")
    assert len(asked) == 1


def test_the_kiosks_cookie_holds_nothing_of_a_woman_and_leaving_keeps_it(kiosk, app):  # R2, R3, R9
    cookie = kiosk.client.get_cookie("device")
    assert (cookie.http_only, cookie.same_site, cookie.path, cookie.expires, cookie.max_age) == (
        True, "Lax", "/", None, None,
    )  # fmt: skip
    kiosk.get("/sign-in")
    sign_in.as_client(kiosk, make.client())
    kiosk.get("/today")
    assert kiosk.client.get_cookie("device").value == cookie.value
    page = kiosk.get("/leave")
    assert page.location == app.extensions["portal_settings"].leave_url
    assert kiosk.client.get_cookie("device").value == cookie.value
    assert kiosk.client.get_cookie("week") is None and kiosk.client.get_cookie("left") is not None
    assert kiosk.get("/today").location == page.location, "quiet as anywhere"
    assert kind_of(kiosk, "/") == "kiosk"


def test_no_code_by_text_on_a_kiosk(kiosk, new_page_client):  # R13
    assert (kiosk.get("/sign-in/text").status, kiosk.page.location) == (303, "/sign-in")
    assert new_page_client().get("/sign-in/text").location != "/sign-in"


def test_an_untouched_screen_of_a_kiosk_goes_back_to_its_start(kiosk, new_page_client):
    assert kiosk.get("/sign-in").headers["Refresh"] == "300; url=/?over=1"
    assert "Refresh" in kiosk.get("/help").headers and "Refresh" not in kiosk.get("/").headers
    kiosk.get("/language")
    kiosk.submit("/language", press=("language", "ar"))
    assert kiosk.get("/").find_all("html")[0].get("lang") == "ar"
    page = kiosk.get("/?over=1", follow=True)
    assert (page.address, page.find_all("html")[0].get("lang")) == ("/", "en"), "nothing is left of who was there"
    phone = new_page_client()
    assert "Refresh" not in phone.get("/help").headers
    assert phone.get("/?over=1").status == 200


def test_set_up_elsewhere_or_ended_it_is_a_browser_like_any_other(kiosk, desk, new_page_client, centre):
    desk.get("/staff/devices")
    other = new_page_client()
    other.get("/staff/device")
    other.submit("/staff/device", code=code_of(desk)[1])
    assert kind_of(kiosk, "/sign-in") is None and kiosk.client.get_cookie("device") is None
    assert kind_of(other, "/sign-in") == "kiosk"
    admin = new_page_client()
    sign_in.staff_at(admin, make.staff("admin"), "/staff/devices")
    admin.submit(f"/staff/devices/{device().id}/end")
    assert kind_of(other, "/sign-in") is None


def test_what_is_no_cookie_of_ours_makes_no_device(kiosk, new_page_client, monkeypatch):
    value = kiosk.client.get_cookie("device").value
    for forged in (value[:-1] + "x", value.replace("kiosk", "desk", 1), "kiosk.x", "", "x" * 5000):
        browser = new_page_client()
        browser.client.set_cookie("device", forged)
        assert kind_of(browser, "/sign-in") is None


def test_after_ninety_days_it_is_set_up_anew(kiosk, monkeypatch):
    import time

    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 90 * 86400 + 5)
    assert kind_of(kiosk, "/sign-in") is None


def test_a_kiosk_is_no_desk(desk):
    assert desk.post(f"/staff/devices/{device().id}/here").status == 404
    assert desk.client.get_cookie("device") is None


def test_only_an_admin_names_and_ends_devices(desk, centre):
    fields = {"name": "Mine", "kind": "desk", "centre_id": str(centre.id), "request_key": "k"}
    assert desk.post("/staff/devices", fields).status == 403
    assert desk.post(f"/staff/devices/{device().id}/end").status == 403
    assert len(session.scalars(select(Device)).all()) == 1


def test_staff_of_another_centre_find_no_device_of_this_one(desk, new_page_client):
    other = new_page_client()
    sign_in.staff_at(other, make.staff("receptionist", make.centre()), "/staff/devices")
    assert "Lambeth waiting room" not in other.page.text
    assert other.post(f"/staff/devices/{device().id}/code").status == 404


def test_codes_are_guessed_ten_times_and_no_more(desk, new_page_client):  # R14
    code = code_of(desk)[1]
    thief = new_page_client()
    thief.get("/staff/device")
    for _ in range(ACCOUNT_LIMIT):
        wrong = thief.submit("/staff/device", code="00000000")
    assert thief.submit("/staff/device", code=code).text == wrong.text


def test_a_device_without_a_name_or_a_kind_is_not_named(desk, new_page_client):
    admin = new_page_client()
    sign_in.staff_at(admin, make.staff("admin"), "/staff/devices")
    page = admin.submit("/staff/devices", name="")
    assert page.status == 422 and page.find_all("a", href="#name") and page.find_all("a", href="#kind")


def test_what_is_done_with_devices_stands_in_the_log(kiosk, desk):
    session.rollback()
    about = select(AuditEntry.action).where(AuditEntry.subject == f"device:{device().id}").order_by(AuditEntry.id)
    assert session.scalars(about).all() == ["device_named", "device_code_made", "device_set_up"]


def test_a_restored_portal_knows_no_device_until_it_is_set_up_again(kiosk, travel):
    from portal.core.database import unit_of_work

    with unit_of_work():
        aftermath._end_what_lets_in(travel.now)
    assert kind_of(kiosk, "/sign-in") is None
